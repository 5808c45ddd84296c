"""A repository with an open part, a gated part, a closed part and traps in it; and a request that takes a whole body."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from gate_world import Answer, World

from licet.access.key import Secret
from licet.gate.app import Gate

REPOSITORY = "lab/sana"
DOCUMENT = """
[release]
name = "sample"
version = "1.2.0"
licensor = "Example Lab"
contact = "licenses@example.org"
repository = "lab/sana"
why = "Because tests need a repository."

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "CC-BY-NC-4.0"
accept = true
change_date = 2030-01-01
change_license = "Apache-2.0"

[[component]]
name = "extra"
kind = "weights"
path = "extra/"
license = "MIT"

[[component]]
name = "unsent"
kind = "docs"
path = "unsent/"
license = "MIT"

[[component]]
name = "closed"
kind = "code"
path = "src/closed/"
proprietary = true

[[feature]]
name = "get_code"
download = "code"

[[feature]]
name = "get_weights"
download = "weights"

[[feature]]
name = "get_extra"
download = "extra"
cost = 3

[[feature]]
name = "get_closed"
download = "closed"

[anonymous]
features = ["get_code", "get_closed"]
quota = ["5 downloads / day"]

[[tier]]
name = "free"
features = ["get_code", "get_weights", "get_closed"]
quota = ["3 downloads / month", "4000 bytes / month"]

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""
WEIGHTS = bytes(range(256)) * 4
FILES: dict[str, bytes] = {
    "README.md": b"# Sana\n\nOur own words.\n",
    "LICENSES/CC-BY-NC-4.0.txt": b"the text that is to be accepted\n",
    "src/model.py": b"print('open')\n",
    "src/empty.py": b"",
    "src/.env": b"PASSWORD=canary",
    "src/closed/secret.py": b"canary",
    "src/__pycache__/x.pyc": b"canary",
    "weights/model.safetensors": WEIGHTS,
    "weights/LICENSE": b"read me first\n",
    "weights/deep/er/config.json": b"{}",
    "extra/more.bin": b"m" * 3000,
    "unsent/draft.txt": b"canary",
    "stray.txt": b"canary",
    "data/secrets/url.key": b"canary",
    "src/data/portal.sqlite3": b"canary",
    "dist/bundle.zip": b"canary",
}
OPEN = ["LICENSES/CC-BY-NC-4.0.txt", "NOTICE", "README.md", "licet.toml", "src/empty.py", "src/model.py", "terms.json",
        "weights/LICENSE"]  # fmt: skip
GATED = ["extra/more.bin", "weights/deep/er/config.json", "weights/model.safetensors"]


def laid_out(folder: Path, document: str = DOCUMENT) -> Path:
    """The release's folder; its data folder lies inside a component that goes out."""
    home = folder / "release"
    for path, content in FILES.items():
        target = home / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    (home / "licet.toml").write_text(document)
    (folder / "outside.txt").write_bytes(b"canary")
    (home / "src/link.py").symlink_to(folder / "outside.txt")
    (home / "src/linked").symlink_to(folder, target_is_directory=True)
    return home


class HubWorld(World):
    """A gate that serves the folder."""

    def __init__(self, folder: Path, text: str = DOCUMENT, **config: Any) -> None:
        self.home = laid_out(folder, text)
        super().__init__(folder, text, **{"folder": self.home, "data": self.home / "src/data", **config})

    def accepting(self, tier: str = "free", **more: Any) -> Secret:
        """A key of a holder who has accepted the license of the weights."""
        key = self.rights.give(tier, **more)
        holder = self.rights.credentials[key.digest].holder_id
        standing = self.rights.standings[holder, "sample"]
        self.rights.standings[holder, "sample"] = replace(
            standing, facts={**standing.facts, "accepted:CC-BY-NC-4.0": True}
        )
        return key


class Told(Answer):
    """An answer with a body that may have come in parts."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        body = b"".join(m["body"] for m in messages[1:])
        super().__init__(messages[0]["status"], messages[0]["headers"], body)
        self.parts = len(messages) - 1
        self.all = [(k.decode(), v.decode("latin-1")) for k, v in messages[0]["headers"]]

    @property
    def why(self) -> str:
        return self.headers.get("x-error-message", "")

    @property
    def error(self) -> str:
        return self.headers.get("x-error-code", "")


async def fetch(
    gate: Gate,
    path: str,
    key: Secret | None = None,
    *,
    method: str = "GET",
    raw: bytes = b"",
    query: str = "",
    leaves_after: int | None = None,
    **headers: str,
) -> Told:
    """One request; the client may leave after so many bytes."""
    sent: list[dict[str, Any]] = []
    bodies = [{"type": "http.request", "body": raw, "more_body": False}]
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if bodies:
            return bodies.pop()
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)
        if leaves_after is not None and sum(len(m.get("body", b"")) for m in sent) >= leaves_after:
            gone.set()
        await asyncio.sleep(0)

    told = [(k.replace("_", "-").lower().encode(), v.encode("latin-1")) for k, v in headers.items()]
    if key is not None:
        told.append((b"authorization", b"Bearer " + key.reveal().encode()))
    scope = {
        "type": "http", "method": method, "path": unquote(path), "raw_path": path.encode(), "headers": told,
        "query_string": query.encode(), "client": ("127.0.0.1", 1),
    }  # fmt: skip
    await gate(scope, receive, send)
    return Told(sent)


def at(path: str, revision: str = "main") -> str:
    return f"/{REPOSITORY}/resolve/{revision}/{path}"


def api(rest: str = "") -> str:
    return f"/api/models/{REPOSITORY}{rest}"
