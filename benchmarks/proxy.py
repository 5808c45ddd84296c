"""What does the gate add to a call of another server? `python benchmarks/proxy.py`; ratios inside one interleaved run.

Servers, one process each, on uvicorn (httptools, uvloop): `bare` answers the same JSON by itself; `chat` is the gate
before a model's server (key, standing, slot, request and answer read, tokens clamped to a quota and held exactly, the call
settled by the usage told, a usage row on SQLite: WAL, synchronous=NORMAL); `http` is the gate before any server, bodies
unread; `forward` is the answer to a proxy that asks (hold, settle, row). nginx's `proxy_pass` is measured beside them
where it is installed. The server behind is a bare protocol in a process of its own, whose time is not counted.
`--litellm PATH` runs LiteLLM's proxy beside them (master key, one model, no budget, no database): its pins bear no neighbours,
so it wants an environment of its own, `uv venv x && uv pip install --python x 'litellm[proxy]'`, and PATH is `x/bin/litellm`.
`--clients` compares ways to reach the server behind, in one process: ours, and those of aiohttp, pyreqwest, httpx2.

The figure to trust is CPU time a request (of the server's process, by /proc); wall-clock rates depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _harness import Server, again, bare, free_port, gate_app, hidden, key_of, posts, ratios, serve, table

MESSAGE = "Why does a license have to be read before a model is used? " * 3
ASKED = {"model": "chat", "messages": [{"role": "user", "content": MESSAGE}], "max_tokens": 100, "temperature": 0.2}
BODY = json.dumps(ASKED).encode()
CHOICE = {"index": 0, "message": {"role": "assistant", "content": "Because it says what you may do. " * 6}}
USAGE = {"prompt_tokens": 60, "completion_tokens": 50, "total_tokens": 110}
ANSWER = json.dumps(
    {"id": "c", "object": "chat.completion", "created": 1, "model": "m", "choices": [CHOICE], "usage": USAGE}
).encode()
EVENTS, PACE_S = 200, 0.005
KEYS = 1000
PATHS = {
    "bare": "/v1/chat/completions",
    "nginx": "/v1/chat/completions",
    "litellm": "/v1/chat/completions",
    "chat": "/v1/chat/completions",
    "http": "/v1/features/plain",
    "forward": "/v1/forward/plain",
}
DOCUMENT = """
[release]
name = "bench"
version = "1.0.0"
licensor = "Bench"
contact = "bench@example.org"
why = "Because figures are needed."
[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"
[[feature]]
name = "chat"
openai = "{url}/v1"
serves = ["code"]
timeout_s = 60
[[feature]]
name = "plain"
http = "{url}/plain"
serves = ["code"]
[[tier]]
name = "premium"
features = ["*"]
quota = ["1000000000 calls / month", "100000000000 tokens / month"]
"""


# --- the servers


class Behind(asyncio.Protocol):
    """The server behind: a whole answer at once, or `EVENTS` events `PACE_S` apart where a stream is asked for."""

    answer = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%s" % (
        len(ANSWER),
        ANSWER,
    )

    def connection_made(self, transport: Any) -> None:
        self.transport, self.seen = transport, b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while True:
            head, found, rest = self.seen.partition(b"\r\n\r\n")
            if not found:
                return
            at = head.lower().find(b"content-length: ")
            length = int(head[at + 16 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
            if len(rest) < length:
                return
            body, self.seen = rest[:length], rest[length:]
            if b'"stream":true' in body.replace(b" ", b""):
                pace_s, events = (20 * PACE_S if b'"slow"' in body else PACE_S), (3 if b'"brief"' in body else EVENTS)
                self.streaming = asyncio.ensure_future(self.stream(pace_s, events))
            else:
                self.transport.write(self.answer)

    async def stream(self, pace_s: float, events: int) -> None:
        self.transport.write(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        for n in range(events):
            if self.transport.is_closing():
                return
            delta = {"index": 0, "delta": {"content": " word"}, "finish_reason": None}
            told: dict[str, Any] = {"id": "c", "object": "chat.completion.chunk", "created": 1, "choices": [delta]}
            if n == events - 1:
                told = {**told, "choices": [], "usage": USAGE}
            self.write(json.dumps(told).encode())
            await asyncio.sleep(pace_s)
        self.write(b"[DONE]")
        self.transport.write(b"0\r\n\r\n")

    def write(self, data: bytes) -> None:
        event = b"data: %s\n\n" % data
        self.transport.write(b"%x\r\n%s\r\n" % (len(event), event))


def serving(said: argparse.Namespace) -> None:
    if said.serve != "behind":
        url = f"http://127.0.0.1:{said.behind}"
        app = bare(ANSWER) if said.serve == "bare" else gate_app(said.folder, said.keys, DOCUMENT.format(url=url))
        serve(app, said.port, said.profiled)
        return
    import uvloop

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Behind, "127.0.0.1", said.port)
        await server.serve_forever()

    uvloop.run(run())


NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
    upstream behind {{ server 127.0.0.1:{behind}; keepalive 64; }}
    server {{
        listen 127.0.0.1:{port}; keepalive_requests 100000000;
        location / {{ proxy_pass http://behind; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }}
    }}
}}
"""


LITELLM = """
model_list:
  - model_name: chat
    litellm_params: {{ model: openai/chat, api_base: "http://127.0.0.1:{behind}/v1", api_key: none }}
general_settings: {{ master_key: "{key}" }}
litellm_settings: {{ telemetry: false, num_retries: 0 }}
"""


def litellm(command: str, folder: Path, behind: int) -> Server:
    """LiteLLM's proxy, in the environment that it was installed in."""
    port, folder = free_port(), folder / "litellm"
    folder.mkdir()
    conf = folder / "config.yaml"
    conf.write_text(LITELLM.format(behind=behind, key=key_of(0)))
    os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"  # it would fetch a list of prices
    words = [command, "--config", str(conf), "--host", "127.0.0.1", "--port", str(port), "--telemetry", "False"]
    return Server("litellm", words, port)


def started(name: str, folder: Path, behind: int, profiled: str = "") -> Server:
    """The server of this name, in a process of its own."""
    port, folder = free_port(), folder / name
    folder.mkdir()
    if name != "nginx":
        return Server(name, again(__file__, name, port, folder, keys=KEYS, behind=behind, profiled=profiled), port)
    conf = folder / "nginx.conf"
    conf.write_text(NGINX.format(folder=folder, port=port, behind=behind))
    return Server(name, [str(shutil.which("nginx")), "-e", str(folder / "error.log"), "-c", str(conf)], port)


# --- ways to reach the server behind


async def by_ours(url: str, turns: int) -> None:
    from licet.gate.upstream import Upstreams

    upstream, target = Upstreams().of(url + "/v1/chat/completions")
    head = upstream.head(target, [(b"content-type", b"application/json")])
    for _ in range(turns):
        assert (await upstream.ask(head, BODY, timeout_s=5, most_bytes=1 << 20)).body == ANSWER


async def by_aiohttp(url: str, turns: int) -> None:
    import aiohttp

    async with aiohttp.ClientSession(auto_decompress=False) as session:
        for _ in range(turns):
            async with session.post(url + "/v1/chat/completions", data=BODY) as answer:
                assert await answer.read() == ANSWER


async def by_pyreqwest(url: str, turns: int) -> None:
    from pyreqwest.client import ClientBuilder

    async with ClientBuilder().build() as client:
        for _ in range(turns):
            answer = await client.post(url + "/v1/chat/completions").body_bytes(BODY).build().send()
            assert bytes(await answer.bytes()) == ANSWER


async def by_httpx2(url: str, turns: int) -> None:
    import httpx2

    async with httpx2.AsyncClient(trust_env=False) as client:
        for _ in range(turns):
            assert (await client.post(url + "/v1/chat/completions", content=BODY)).content == ANSWER


def clients(said: argparse.Namespace, port: int) -> None:
    import uvloop

    ways = {"ours": by_ours, "aiohttp": by_aiohttp, "pyreqwest": by_pyreqwest, "httpx2": by_httpx2}
    spent: dict[str, list[float]] = {}
    for n in range(said.rounds + 1):
        for name, way in ways.items():
            turns = 400 if name == "httpx2" else 3000
            begun = time.process_time()
            try:
                uvloop.run(way(f"http://127.0.0.1:{port}", turns))
            except ImportError:
                continue
            if n:
                spent.setdefault(name, []).append((time.process_time() - begun) / turns * 1e6)
    ours = statistics.median(spent["ours"])
    for name in ways:
        if name in spent:
            cpu = statistics.median(spent[name])
            print(f"{name:10} {cpu:8.1f} us CPU a call {cpu / ours:6.1f} x ours")
        else:
            print(f"{name:10} is not installed")


# --- the run


def compare(folder: Path, said: argparse.Namespace, behind: int) -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    names = ["bare", "chat", "http", "forward"]
    if shutil.which("nginx"):
        names.append("nginx")
    else:
        print("nginx is not installed: left out")
    servers = [started(name, folder, behind) for name in names]
    if said.litellm:
        servers.append(litellm(said.litellm, folder, behind))
    try:
        for n in range(said.rounds + 1):
            for server in servers:
                keys = 1 if server.name == "litellm" else KEYS
                server.rounds(n, posts(PATHS[server.name], BODY, 32, keys), said.seconds)
    finally:
        for server in servers:
            server.stop()
    table(servers)
    for server, goal in zip(servers[1:4], (5, 5, 3), strict=True):
        print(ratios(server, servers[0], goal))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--clients", action="store_true", help="compare ways to reach the server behind")
    parser.add_argument("--litellm", metavar="PATH", help="the `litellm` command of an environment that has it")
    parser.add_argument("--profile", nargs=2, metavar=("SERVER", "FILE"), help="write a cProfile of one server there")
    hidden(parser, "behind", "keys")
    said = parser.parse_args()
    if said.serve:
        serving(said)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        behind = started("behind", folder, 0)
        try:
            if said.clients:
                clients(said, behind.port)
            elif said.profile:
                server = started(said.profile[0], folder, behind.port, said.profile[1])
                server.round(posts(PATHS[server.name], BODY, 32, KEYS), said.seconds)
                server.stop()
            else:
                compare(folder, said, behind.port)
        finally:
            behind.process.terminate()
            behind.process.wait(10)


if __name__ == "__main__":
    main()
