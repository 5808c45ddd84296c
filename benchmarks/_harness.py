"""What the benchmarks of the gate share: a directory in memory, servers in processes of their own, a client, CPU time.

The figure to trust is CPU time a request (of the server's processes, by /proc): rates by the wall depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import secrets
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

KEY = "lic_bench_0000000000000000000000_000000000000000000000000000000000000000"


def key_of(n: int) -> str:
    return f"{KEY}{n}"


class Rights:
    """A directory with many keys of equal standing; `version` asks a real SQLite file, as the portal's does."""

    def __init__(self, folder: Path, keys: int, text: str) -> None:
        from licet.access.standing import Credential, Standing

        self.file = sqlite3.connect(folder / "rights.sqlite3", isolation_level=None)
        self.file.executescript("pragma journal_mode = wal; create table change (n integer primary key)")
        self.text = text.encode()
        self.sha256 = hashlib.sha256(self.text).hexdigest()
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
        return self.text

    def newest(self, release: str, now_s: int) -> str:
        return self.sha256

    def version(self) -> int:
        return int(self.file.execute("PRAGMA data_version").fetchone()[0])

    def changes(self, after: int) -> Sequence[Any]:
        return ()

    def last_change(self) -> int:
        return 0


# --- what is served


def gate_app(place: Path, keys: int, text: str, **config: Any) -> Any:
    """A gate that serves this document, with a real ledger in `place`."""
    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns

    ledger = SqliteLedger(place / "ledger.sqlite3", process_id="bench")
    ledger.start()
    told = GateConfig(url_key=b"k" * 32, **{"folder": place, **config})
    rights = Rights(place, keys, text)
    return Gate(rights, Turns(ledger), ["bench"], clock=time.time_ns, dice=secrets.token_bytes, config=told)


def bare(answer: bytes) -> Any:
    """An application that answers the same to everybody and decides nothing."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(answer))]

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        message = await receive()
        while message.get("more_body"):
            message = await receive()
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    return app


def serve(app: Any, port: int, profile: str = "", lifespan: str = "auto") -> None:
    """Until the run ends it, a gate as `licet serve` does; with `profile` a cProfile is written there."""
    import uvicorn

    from licet import server
    from licet.gate.app import Gate

    run: Callable[[], None]
    if isinstance(app, Gate):
        sock = server.listen("127.0.0.1", port)
        gate: Any = app  # it takes what is more than an App says
        run = partial(server.run, server.Served(gate, None, "gate"), sock, lambda: None)
    else:
        config = uvicorn.Config(
            app, port=port, log_level="warning", access_log=False, loop="uvloop", http="httptools",
            proxy_headers=False, server_header=False, ws="none", lifespan=lifespan,  # type: ignore[arg-type]
        )  # fmt: skip
        run = uvicorn.Server(config).run
    if not profile:
        with suppress(KeyboardInterrupt):
            run()
        return
    import cProfile

    measured = cProfile.Profile()
    try:
        measured.runcall(run)
    except KeyboardInterrupt:
        pass
    finally:
        measured.dump_stats(profile)


# --- processes


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def again(file: str, name: str, port: int, folder: Path, **more: object) -> list[str]:
    """The command that serves `name` of this benchmark in a process of its own."""
    words = [sys.executable, file, "--serve", name, "--port", str(port), "--folder", str(folder)]
    return [*words, *(word for key, value in more.items() for word in (f"--{key}", str(value)))]


def hidden(parser: argparse.ArgumentParser, *numbers: str) -> None:
    """The switches by which a benchmark starts itself anew."""
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--profiled", default="", help=argparse.SUPPRESS)
    for name in ("port", *numbers):
        parser.add_argument(f"--{name}", type=int, default=0, help=argparse.SUPPRESS)


def cpu_s(pid: int) -> float:
    """CPU time of a process and of those it started: by the scheduler's nanoseconds, where the kernel tells them, for
    clock ticks of ten milliseconds are too coarse for a second of nginx."""
    tasks = Path(f"/proc/{pid}/task")
    try:
        own = sum(int((task / "schedstat").read_text().split()[0]) for task in tasks.iterdir()) / 1e9
    except OSError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = (tasks / str(pid) / "children").read_text().split()
    return own + sum(map(cpu_s, map(int, children)))


def rss_mib(pid: int) -> float:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


class Server:
    """One process that is measured, and what it took: CPU a call, and how long callers waited."""

    def __init__(self, name: str, command: Sequence[str], port: int) -> None:
        self.name, self.port = name, port
        quiet = subprocess.DEVNULL if name == "nginx" else None
        self.process = subprocess.Popen(command, stderr=quiet)
        self.cpu_us: list[float] = []
        self.per_s: list[float] = []
        self.p50_ms: list[float] = []
        self.one_ms: list[float] = []
        for _ in range(1200):  # a minute: a peer of ours needs twenty seconds to start
            time.sleep(0.05)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    time.sleep(0.2)
                    return
        raise SystemExit(f"{name} did not start")

    def round(self, requests: Sequence[bytes], seconds: float) -> None:
        """So many connections as there are requests, each asking its own without pause."""
        before, begun = cpu_s(self.process.pid), time.perf_counter()
        times = asyncio.run(load(self.port, requests, seconds))
        spent = cpu_s(self.process.pid) - before
        if len(requests) == 1:
            self.one_ms.append(statistics.median(times) * 1e3)
        else:
            self.cpu_us.append(spent / len(times) * 1e6)
            self.p50_ms.append(statistics.median(times) * 1e3)
            self.per_s.append(len(times) / (time.perf_counter() - begun))

    def rounds(self, n: int, requests: Sequence[bytes], seconds: float) -> None:
        """The n-th round: the first only warms up."""
        self.round(requests, seconds if n else 0.5)
        self.round(requests[:1], seconds / 2 if n else 0.2)
        if n == 0:
            for figures in (self.cpu_us, self.per_s, self.p50_ms, self.one_ms):
                figures.clear()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM if self.name == "nginx" else signal.SIGINT)
        self.process.wait(10)


def table(servers: Sequence[Server]) -> None:
    """Medians, and ratios to the first server."""
    first, alone = statistics.median(servers[0].cpu_us), statistics.median(servers[0].one_ms)
    print(f"{'':8} {'CPU us/call':>12} {'x bare':>7} {'calls/s':>8} {'p50 ms':>7} {'p50 ms, 1 conn':>15} {'added':>7}")
    for server in servers:
        cpu, one = statistics.median(server.cpu_us), statistics.median(server.one_ms)
        print(
            f"{server.name:8} {cpu:12.1f} {cpu / first:7.2f} {statistics.median(server.per_s):8.0f}"
            f" {statistics.median(server.p50_ms):7.2f} {one:15.3f} {one - alone:7.3f}"
        )


def ratios(server: Server, first: Server, goal: float) -> str:
    told = ", ".join(f"{g / b:.2f}" for g, b in zip(server.cpu_us, first.cpu_us, strict=True))
    return f"{server.name} / {first.name}, CPU a call, round by round: {told} (goal: at most {goal:g})"


# --- the client


def posts(path: str, body: bytes, connections: int, keys: int) -> list[bytes]:
    """One request for each connection, with keys in turn."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    )
    return [f"{head}authorization: Bearer {key_of(n % keys)}\r\n\r\n".encode() + body for n in range(connections)]


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
        if at >= 0 and len(body) < int(head[at + 16 :].split(b"\r\n", 1)[0]):
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
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


async def load(port: int, requests: Sequence[bytes], seconds: float) -> list[float]:
    """How long each answer took, in seconds."""
    loop = asyncio.get_running_loop()
    times: list[float] = []
    until = time.perf_counter() + seconds
    ends = []
    for request in requests:
        done = loop.create_future()
        ends.append(done)
        await loop.create_connection(lambda r=request, d=done: Client(r, until, times, d), "127.0.0.1", port)
    await asyncio.gather(*ends)
    return times
