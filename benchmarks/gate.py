"""What does the gate add to a call? One command, ratios inside one interleaved run: `python benchmarks/gate.py`.

Servers, one process each, on uvicorn (httptools, uvloop): `bare` answers the same JSON and decides nothing; `gate` does
key, standing, slot, type hints, an exact hold, settle and a usage row on SQLite (WAL, synchronous=NORMAL: exact through
kill -9, the last moments may be lost in a power cut); `worker` is the same gate with a plain function in its one worker
process, whose time counts too; `fastapi` looks a key up in a dictionary and decides nothing.
The figure to trust is CPU time a request (of the server's process, by /proc); wall-clock rates depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import secrets
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

KEY = "lic_bench_0000000000000000000000_000000000000000000000000000000000000000"
BODY = json.dumps({"text": "x" * 200}).encode()
PATH = "/v1/features/echo"
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
name = "echo"
call = "gate:echo"
serves = ["code"]
[[feature]]
name = "echo_in_worker"
call = "gate:echo_in_worker"
serves = ["code"]
[[tier]]
name = "premium"
features = ["*"]
quota = ["1000000000 calls / month"]
"""


async def echo(text: str) -> dict[str, str]:
    return {"text": text}


def echo_in_worker(text: str) -> dict[str, str]:
    return {"text": text}


# --- the servers


async def bare(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    message = await receive()
    while message.get("more_body"):
        message = await receive()
    length = str(len(BODY)).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", length)]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def fastapi_app(keys: int) -> Any:
    from fastapi import FastAPI, Header, HTTPException
    from pydantic import BaseModel

    class Input(BaseModel):
        text: str

    app = FastAPI()
    known = {hashlib.sha256(key_of(n).encode()).digest() for n in range(keys)}

    async def feature(given: Input, authorization: str = Header()) -> dict[str, str]:
        if hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest() not in known:
            raise HTTPException(401)
        return {"text": given.text}

    feature.__annotations__["given"] = Input
    app.post(PATH)(feature)
    return app


class Rights:
    """A directory with many keys of equal standing; `version` asks a real SQLite file, as the portal's does."""

    def __init__(self, folder: Path, keys: int) -> None:
        from licet.access.standing import Credential, Standing

        self.file = sqlite3.connect(folder / "rights.sqlite3", isolation_level=None)
        self.sha256 = hashlib.sha256(DOCUMENT.encode()).hexdigest()
        self._credential, self._standing = Credential, Standing
        self.digests = {hashlib.sha256(key_of(n).encode()).digest(): n for n in range(keys)}

    def credential(self, digest: bytes) -> Any:
        n = self.digests.get(digest)
        return None if n is None else self._credential(f"key_{n}", f"hol_{n}")

    def key(self, key_id: str) -> Any:
        return None

    def standing(self, holder_id: str, release: str) -> Any:
        claims = frozenset({"account", "tier:premium"})
        return self._standing(holder_id, release, "premium", self.sha256, claims, anchor_s=1)

    def document(self, sha256: str) -> bytes:
        return DOCUMENT.encode()

    def newest(self, release: str, now_s: int) -> str:
        return self.sha256

    def version(self) -> int:
        return int(self.file.execute("PRAGMA data_version").fetchone()[0])

    def changes(self, after: int) -> Sequence[Any]:
        return ()

    def last_change(self) -> int:
        return 0


def key_of(n: int) -> str:
    return f"{KEY}{n}"


def gate_app(folder: Path, keys: int) -> Any:
    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns

    ledger = SqliteLedger(folder / "ledger.sqlite3", process_id="bench")
    ledger.start()
    config = GateConfig(url_key=b"k" * 32, folder=Path(__file__).parent)
    return Gate(
        Rights(folder, keys), Turns(ledger), ["bench"], clock=time.time_ns, dice=secrets.token_bytes, config=config
    )


def serve(name: str, port: int, folder: Path, keys: int, profile: str) -> None:
    import uvicorn

    app = bare if name == "bare" else fastapi_app(keys) if name == "fastapi" else gate_app(folder, keys)

    def run() -> None:
        config = uvicorn.Config(
            app, port=port, log_level="warning", access_log=False, loop="uvloop", http="httptools",
            proxy_headers=False, server_header=False, ws="none",
        )  # fmt: skip
        uvicorn.Server(config).run()

    if profile:
        import cProfile

        measured = cProfile.Profile()
        try:
            measured.runcall(run)
        except KeyboardInterrupt:
            measured.dump_stats(profile)
    else:
        run()


# --- the client


class Client(asyncio.Protocol):
    """One connection that sends its next request as soon as the answer is whole."""

    def __init__(self, request: bytes, until: float, times: list[float], done: asyncio.Future[None]) -> None:
        self.request, self.until, self.times, self.done = request, until, times, done
        self.answer = b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.ask()

    def ask(self) -> None:
        self.begun = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.answer += data
        head, found, body = self.answer.partition(b"\r\n\r\n")
        if not found:
            return
        at = head.lower().find(b"content-length: ")
        if len(body) < int(head[at + 16 :].split(b"\r\n", 1)[0]):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.transport.close()
            self.done.set_exception(SystemExit(f"not a 200: {self.answer!r}"))
            return
        self.answer = b""
        now = time.perf_counter()
        self.times.append(now - self.begun)
        if now < self.until:
            self.ask()
        else:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def load(port: int, path: str, connections: int, seconds: float, keys: int) -> list[float]:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    until = time.perf_counter() + seconds
    ends = []
    for n in range(connections):
        request = (
            f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {key_of(n % keys)}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(BODY)}\r\n\r\n"
        ).encode() + BODY
        done = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda r=request, d=done: Client(r, until, times, d), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return times


def cpu_s(pid: int) -> float:
    """CPU time of a process and of those it started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_s, map(int, children)))


# --- the run


class Server:
    def __init__(self, name: str, folder: Path, keys: int, path: str = PATH, profile: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.name, self.path, self.keys = name, path, keys
        command = [sys.executable, __file__, "--serve", name, "--port", str(self.port), "--folder", str(folder)]
        self.process = subprocess.Popen([*command, "--keys", str(keys), "--profile", profile])
        self.cpu_us: list[float] = []
        self.p50_ms: list[float] = []
        self.one_ms: list[float] = []
        self.per_s: list[float] = []
        for _ in range(200):
            time.sleep(0.05)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
        raise SystemExit(f"{name} did not start")

    def round(self, seconds: float, connections: int) -> None:
        before, begun = cpu_s(self.process.pid), time.perf_counter()
        times = asyncio.run(load(self.port, self.path, connections, seconds, self.keys))
        spent = cpu_s(self.process.pid) - before
        if connections == 1:
            self.one_ms.append(statistics.median(times) * 1e3)
        else:
            self.cpu_us.append(spent / len(times) * 1e6)
            self.p50_ms.append(statistics.median(times) * 1e3)
            self.per_s.append(len(times) / (time.perf_counter() - begun))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--profile", default="", help="write a cProfile of the gate there and measure nothing else")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.serve:
        serve(said.serve, said.port, said.folder, said.keys, said.profile)
        return
    with tempfile.TemporaryDirectory() as folder:
        if said.profile:
            server = Server("gate", Path(folder), said.keys, profile=said.profile)
            server.round(said.seconds, 32)
            server.stop()
            return
        compare(Path(folder), said)


def compare(folder: Path, said: argparse.Namespace) -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    servers = [Server(name, folder, said.keys) for name in ("bare", "gate", "fastapi")]
    (folder / "worker").mkdir()
    servers.append(Server("gate", folder / "worker", said.keys, "/v1/features/echo_in_worker"))
    servers[-1].name = "worker"
    try:
        for n in range(said.rounds + 1):
            for server in servers:
                server.round(said.seconds if n else 0.5, 32)
                server.round(said.seconds / 2 if n else 0.2, 1)
                if n == 0:  # a warm-up round
                    for figures in (server.cpu_us, server.p50_ms, server.one_ms, server.per_s):
                        figures.clear()
    finally:
        for server in servers:
            server.stop()
    bare_us = statistics.median(servers[0].cpu_us)
    bare_one = statistics.median(servers[0].one_ms)
    print(f"{'':8} {'CPU us/call':>12} {'x bare':>7} {'calls/s':>8} {'p50 ms':>7} {'p50 ms, 1 conn':>15} {'added':>7}")
    for server in servers:
        cpu, one = statistics.median(server.cpu_us), statistics.median(server.one_ms)
        print(
            f"{server.name:8} {cpu:12.1f} {cpu / bare_us:7.2f} {statistics.median(server.per_s):8.0f}"
            f" {statistics.median(server.p50_ms):7.2f} {one:15.3f} {one - bare_one:7.3f}"
        )
    ratios = [g / b for g, b in zip(servers[1].cpu_us, servers[0].cpu_us, strict=True)]
    print(f"gate / bare, CPU a call, round by round: {', '.join(f'{r:.2f}' for r in ratios)} (goal: at most 3.5)")
    print("gate: exact hold, settle and usage row on SQLite, WAL, synchronous=NORMAL; 32 connections, keep-alive")


if __name__ == "__main__":
    main()
