"""The unmodified `openai` package, three majors of it, against a running gate with a real model behind.

Each major lies in a folder of its own, installed at first use (`LICET_TEST_CACHE`, else the system's temporary folder).
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from gate_world import DOCUMENT, World
from scripted import STREAM, Asked, Scripted, chunk, delta, event, whole

HERE = Path(__file__).parent
MAJORS = (1, 2, 3)
TIERS = """
[[tier]]
name = "free"
features = ["smollm2", "scripted", "spendable"]
quota = ["100000 tokens / month", { limit = "120 tokens / day", features = ["spendable"] }]
rate = "1000 / minute"

[[tier]]
name = "premium"
features = ["*"]
"""


def document(real: str, scripted: str) -> str:
    def model(name: str, url: str) -> str:
        return f'\n[[feature]]\nname = "{name}"\nopenai = "{url}/v1"\nmodel = "m"\nserves = ["code"]\n'

    models = model("smollm2", real), model("scripted", scripted), model("spendable", scripted)
    return DOCUMENT + "".join(models) + model("premium_only", scripted) + TIERS


async def script(asked: Asked, writer: asyncio.StreamWriter) -> None:
    """Embeddings as the client asks for them; a stream that breaks; whole answers of 40 tokens."""
    if asked.target.endswith("/embeddings"):
        assert asked.json["encoding_format"] == "base64"
        vector = base64.b64encode(struct.pack("<3f", 0.5, -1.0, 2.0)).decode()
        told = {"object": "list", "data": [{"object": "embedding", "index": 0, "embedding": vector}], "model": "m"}
        writer.write(whole(200, json.dumps({**told, "usage": {"prompt_tokens": 2, "total_tokens": 2}}).encode()))
    elif asked.json.get("stream"):
        writer.write(STREAM + chunk(event(delta("half an"))))
        await writer.drain()
        writer.close()
    else:
        choice = {"index": 0, "message": {"role": "assistant", "content": "yes"}, "finish_reason": "length"}
        told = {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}
        usage = {"prompt_tokens": 15, "completion_tokens": 40, "total_tokens": 55}
        writer.write(whole(200, json.dumps({**told, "usage": usage}).encode()))


class Served:
    """Gate and scripted server in a thread of their own."""

    def __init__(self, folder: Path, real: str) -> None:
        self.started = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve(folder, real)))
        self.thread.start()
        assert self.started.wait(20)

    async def _serve(self, folder: Path, real: str) -> None:
        self.scripted = await Scripted().start()
        self.scripted.then = script
        self.world = World(folder, document(real, self.scripted.url))
        self.world.gate.clock = self.world.gate.door.clock = time.time_ns  # type: ignore[assignment]
        config = uvicorn.Config(
            self.world.gate, port=0, log_level="warning", access_log=False, http="httptools", loop="none", ws="none",
            proxy_headers=False,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)
        self.url = f"http://127.0.0.1:{self.server.servers[0].sockets[0].getsockname()[1]}"
        self.started.set()
        await serving
        await self.scripted.stop()
        self.world.close()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture(scope="module")
def real_model() -> Iterator[str]:
    """The address of a llama.cpp server with SmolLM2-135M."""
    pytest.importorskip("xllamacpp", reason="the group `models` is not installed: no real model to talk to")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(HERE / "model_server.py"), str(port)]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert process.stdout is not None
        try:
            line = process.stdout.readline().strip()
            log.seek(0)
            assert line == "READY", log.read()[-2000:]
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)
            process.stdout.close()


@pytest.fixture
def served(tmp_path: Path, real_model: str) -> Iterator[Served]:
    made = Served(tmp_path, real_model)
    yield made
    made.stop()


@pytest.fixture(params=MAJORS)
def sdk(request: pytest.FixtureRequest) -> Path:
    """The folder with one major of the package."""
    major = int(request.param)
    python = f"py{sys.version_info[0]}{sys.version_info[1]}"  # whose compiled parts fit no other
    folder = Path(os.environ.get("LICET_TEST_CACHE") or tempfile.gettempdir()) / f"licet-openai-{python}-{major}"
    if not (folder / "openai").is_dir():
        want = f"openai>={major},<{major + 1}"
        command = ["uv", "pip", "install", "-q", "--python", sys.executable, "--target", str(folder), want]
        try:
            subprocess.run(command, check=True, capture_output=True, text=True, timeout=90)
        except (OSError, subprocess.SubprocessError) as error:
            said = str(getattr(error, "stderr", "") or error)
            pytest.skip(f"LEFT OUT: openai {major}.x could not be installed ({said.strip()[-300:]})")
    return folder


def journey(sdk: Path, served: Served, key: Any) -> Any:
    environment = {k: v for k, v in os.environ.items() if "proxy" not in k.lower() and not k.startswith("OPENAI_")}
    done = subprocess.run(
        [sys.executable, str(HERE / "sdk_journey.py"), served.url, key.reveal(), "smollm2"],
        env={**environment, "PYTHONPATH": str(sdk)}, capture_output=True, text=True, timeout=100,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_an_unmodified_client_finds_models_talks_streams_embeds_and_is_refused_in_words(
    sdk: Path, served: Served
) -> None:
    key = served.world.rights.give("free")
    told = journey(sdk, served, key)
    assert told["version"].startswith(sdk.name[-1] + ".")
    assert told["models"] == ["smollm2", "scripted", "spendable"]
    assert told["model"] == "smollm2"
    assert "Paris" in told["chat"]
    assert 20 < told["chat_usage"][0] < 100
    assert told["chat_usage"][1] <= 8
    assert told["request_id"].startswith("call_")
    assert told["stream"] == told["chat"]
    assert told["stream_usage_chunks"] == 0  # nobody asked for it
    assert told["usage_asked"] == [told["chat_usage"][1]]
    assert told["completion"]
    assert told.get("response_usage", 1) > 0
    assert told["limits"]["x-ratelimit-limit-tokens"] == "100000"
    assert told["limits"]["x-ratelimit-limit-requests"] == "1000"
    assert told["vector"] == [0.5, -1.0, 2.0]
    assert told["unknown"][:3] == ["NotFoundError", 404, "model_not_found"]
    assert told["refused"][:3] == ["PermissionDeniedError", 403, "feature_not_in_tier"]
    assert "not available in free tier" in told["refused"][3]
    assert told["images"][:2] == ["NotFoundError", 404]
    assert told["broken"][0] == "APIError"
    assert told["broken"][2] == "upstream_failed"
    assert told["spent"][:3] == ["RateLimitError", 429, "quota_exhausted"]
    assert re.search(
        r"at most 120 tokens / day with spendable\. It begins anew at \d{4}-\d\d-\d\dT00:00:00Z", told["spent"][3]
    )
    spendable = [a for a in served.scripted.asked if a.target.endswith("chat/completions") and not a.json.get("stream")]
    assert len(spendable) == 2  # 120 hold two calls of 55; what waiting cannot cure was not tried again
    used = {c.meter: c.used for c in served.world.ledger.used(holder(served, key), "sample")}
    assert used["tokens_out/month"] > 0
    assert used["tokens/month"] == used["tokens_in/month"] + used["tokens_out/month"]
    assert used["tokens/day@spendable"] == 110


def holder(served: Served, key: Any) -> str:
    return served.world.rights.credentials[key.digest].holder_id
