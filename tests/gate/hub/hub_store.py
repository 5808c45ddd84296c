"""An S3-compatible store on loopback, in a process of its own, and a repository whose weights lie in it."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hub_world import DOCUMENT, HubWorld

BUCKET = "licet"
SECRET = "canary-of-the-store"
SIGNED = "AWS4-HMAC-SHA256 Credential=AKIACANARY/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
STORED = DOCUMENT.replace('path = "weights/"', f'path = "weights/"\nstore = "s3://{BUCKET}/sana/v1"')


@dataclass
class Bucket:
    """What `moto` keeps. `variables` is the environment that leads there."""

    port: int

    @property
    def variables(self) -> Mapping[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "AKIACANARY",
            "AWS_SECRET_ACCESS_KEY": SECRET,
        }

    def put(self, key: str, content: bytes) -> None:
        self._ask("PUT", f"/{BUCKET}/{key}", content)

    def drop(self, key: str) -> None:
        self._ask("DELETE", f"/{BUCKET}/{key}")

    def _ask(self, method: str, path: str, content: bytes | None = None) -> None:
        url = f"http://127.0.0.1:{self.port}{path}"
        headers = {"Content-Type": "application/octet-stream", "Authorization": SIGNED}
        request = urllib.request.Request(url, content, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            answer.read()


@contextmanager
def bucket() -> Iterator[Bucket]:
    """A store with one empty bucket."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = Bucket(free.getsockname()[1])
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(made.port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(600):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", made.port)) == 0:
                    break
            time.sleep(0.05)
        made._ask("PUT", f"/{BUCKET}")
        yield made
    finally:
        server.kill()
        server.wait(10)


def world(folder: Path, store: Bucket, text: str = STORED, **config: Any) -> HubWorld:
    """A gate whose weights lie in the store; the files of that name in its folder are others."""
    variables = dict(store.variables)
    made = HubWorld(folder, text, key_of=variables.get, **config)
    (made.home / "src/data").mkdir(parents=True, exist_ok=True)
    return made
