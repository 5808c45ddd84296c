"""One release with models and other servers behind it, and a client that sees every message in its order."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from gate_world import DOCUMENT

from licet.access.key import Secret
from licet.gate.app import Gate


def wire_document(url: str) -> str:
    def feature(name: str, more: str) -> str:
        return f'\n[[feature]]\nname = "{name}"\nserves = ["code"]\n{more}\n'

    def model(name: str, more: str = "") -> str:
        return feature(name, f'openai = "{url}/v1"\nmodel = "small"\nkey_env = "CHAT_KEY"\ntimeout_s = 1\n{more}')

    return (
        DOCUMENT
        + model("chat", "max_bytes = 100000")
        + model("chat-big", "max_bytes = 10000000")
        + feature("keyless", f'openai = "{url}/v1"\nkey_env = "NOT_SET"')
        + feature("nowhere", 'openai = "http://127.0.0.1:1/v1"')
        + feature("echo", f'http = "{url}/echo"\ntimeout_s = 1\nmax_bytes = 200000\nkey_env = "CHAT_KEY"')
        + feature("mean", 'call = "gate_sample:mean"')
        + """
[anonymous]
features = ["echo"]
quota = ["3 calls / day"]

[[tier]]
name = "free"
features = ["chat", "echo", "mean", "nowhere", "keyless"]
quota = ["100 tokens / month", "50 calls / month"]

[[tier]]
name = "split"
features = ["chat"]
quota = ["60 tokens_in / month", "40 tokens_out / day"]

[[tier]]
name = "brisk"
features = ["chat", "echo"]
rate = "2 / minute"
concurrency = 1

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""
    )


@dataclass
class Client:
    """One request straight into the ASGI app; what it sends is seen as it is sent."""

    gate: Gate
    path: str
    given: Any = None
    key: Secret | None = None
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    method: str = "POST"
    reads: bool = True
    query: bytes = b""
    messages: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.leaves, self.news = asyncio.Event(), asyncio.Event()
        self.incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        if self.raw is not None or self.given is not None:
            self.send_body(self.raw if self.raw is not None else json.dumps(self.given).encode())
        elif self.method != "POST":
            self.send_body(b"")

    def send_body(self, part: bytes, more: bool = False) -> None:
        self.incoming.put_nowait({"type": "http.request", "body": part, "more_body": more})

    def start(self) -> Client:
        told = [(k.lower().replace("_", "-").encode(), v.encode("latin-1")) for k, v in self.headers.items()]
        if self.key is not None:
            told.append((b"authorization", b"Bearer " + self.key.reveal().encode()))
        scope = {
            "type": "http", "method": self.method, "path": self.path, "query_string": self.query,
            "headers": told, "client": ("127.0.0.1", 1),
        }  # fmt: skip
        self.task = asyncio.create_task(self.gate(scope, self._receive, self._send))
        return self

    async def _receive(self) -> dict[str, Any]:
        getting, leaving = asyncio.ensure_future(self.incoming.get()), asyncio.ensure_future(self.leaves.wait())
        try:
            await asyncio.wait((getting, leaving), return_when=asyncio.FIRST_COMPLETED)
            return getting.result() if getting.done() else {"type": "http.disconnect"}
        finally:
            getting.cancel()
            leaving.cancel()

    async def _send(self, message: Any) -> None:
        if not self.reads:
            await asyncio.Event().wait()
        self.messages.append(message)
        self.news.set()

    async def until(self, text: bytes) -> None:
        """Wait until these bytes have come."""
        async with asyncio.timeout(5):
            while text not in self.body:
                self.news.clear()
                await self.news.wait()

    async def answer(self) -> Client:
        async with asyncio.timeout(15):
            await self.task
        return self

    @property
    def status(self) -> int:
        return int(self.messages[0]["status"])

    @property
    def told(self) -> dict[str, str]:
        return {k.decode(): v.decode("latin-1") for k, v in self.messages[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(m.get("body", b"") for m in self.messages[1:])

    @property
    def whole(self) -> bool:
        return bool(self.messages) and self.messages[-1].get("more_body", False) is False

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def events(self) -> list[Any]:
        datas = [line[6:] for line in self.body.split(b"\n") if line.startswith(b"data: ")]
        return [d.decode() if d == b"[DONE]" else json.loads(d) for d in datas]


async def call(gate: Gate, path: str, given: Any = None, key: Secret | None = None, **more: Any) -> Client:
    return await Client(gate, path, given, key, **more).start().answer()


CHAT = "/v1/chat/completions"


def talk(text: str = "hi", model: str = "chat", **more: Any) -> dict[str, Any]:
    return {"model": model, "messages": [{"role": "user", "content": text}], **more}
