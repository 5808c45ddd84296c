"""What does an event of a stream cost? `python benchmarks/stream.py`; ratios inside one interleaved run.

The server behind sends 200 events 5 ms apart, each a write of its own; so many streams are open at once, and every event
is a read and a write of the gate (or of nginx, `proxy_buffering off`, where it is installed). The gate reads each event,
holds and settles the call in tokens and writes a usage row. CPU time of the server's process by /proc, per event; how
late the first event comes, against asking the server behind directly: one stream after the other on connections that are
kept, as `gate.py` asks for its p50 at one connection; the same after a pause of 20 ms, when nothing is warm; on new
connections; and while so many streams run. And the memory of 1,000 open streams, and of streams whose clients do not read.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _harness import Server, cpu_s, key_of, rss_mib
from proxy import ASKED, EVENTS, started

STREAM = {**ASKED, "stream": True, "stream_options": {"include_usage": True}}
BODY = json.dumps(STREAM).encode()
BRIEF = json.dumps({**STREAM, "user": "brief"}).encode()  # three events: its connections can be used again
SLOW = json.dumps({**STREAM, "user": "slow"}).encode()  # twenty times as slow: all of them are open at once
EVENTS_TOLD = EVENTS + 1  # and [DONE]
TURNS = 3  # so many a round, one after the other: rounds of a second differ by what else the machine does


class Stream(asyncio.Protocol):
    """Asks for one stream; `first_s` after the request, `events` when it is over."""

    def __init__(self, request: bytes, done: asyncio.Future[None], reads: bool) -> None:
        self.request, self.done, self.reads = request, done, reads
        self.first_s, self.events = 0.0, 0

    def connection_made(self, transport: Any) -> None:
        self.transport, self.begun = transport, time.perf_counter()
        transport.write(self.request)
        if not self.reads:
            transport.pause_reading()

    def data_received(self, data: bytes) -> None:
        if not self.first_s and b"data: " in data:
            self.first_s = time.perf_counter() - self.begun
        self.events += data.count(b"data: ")
        if b"[DONE]" in data:
            self.transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


class Brief(asyncio.Protocol):
    """Asks for brief streams on one connection, one after the other; `first_s` of the last."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    async def ask(self, request: bytes) -> float:
        self.done = asyncio.get_running_loop().create_future()
        self.first_s, self.end, self.begun = 0.0, b"", time.perf_counter()
        self.transport.write(request)
        await self.done
        return self.first_s

    def data_received(self, data: bytes) -> None:
        if not self.first_s and b"data: " in data:
            self.first_s = time.perf_counter() - self.begun
        self.end = (self.end + data)[-5:]
        if self.end == b"0\r\n\r\n":
            self.done.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_exception(SystemExit("a brief stream broke off"))


def request_of(key: int, body: bytes) -> bytes:
    return (
        f"POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {key_of(key)}\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body


async def ask(port: int, streams: int, reads: bool = True, wait: bool = True, body: bytes = BODY) -> list[Stream]:
    loop = asyncio.get_running_loop()
    made, ends = [], []
    for n in range(streams):
        request = request_of(n % 1000, body)
        done = loop.create_future()
        ends.append(done)
        _, one = await loop.create_connection(lambda r=request, d=done: Stream(r, d, reads), "127.0.0.1", port)
        made.append(one)
        await asyncio.sleep(0.0003)  # not all in one moment: neither do people
    if wait:
        await asyncio.gather(*ends)
        if any(one.events != EVENTS_TOLD for one in made):
            raise SystemExit(f"a stream was not whole: {sorted({one.events for one in made})}")
    return made


async def memory(server: Server, streams: int) -> tuple[float, float]:
    """RSS before, and while so many streams run."""
    before = rss_mib(server.process.pid)
    made = await ask(server.port, streams, wait=False, body=SLOW)
    while not all(one.first_s for one in made):
        await asyncio.sleep(0.1)
    during = rss_mib(server.process.pid)
    for one in made:
        one.transport.abort()
    await asyncio.sleep(0.5)
    return before, during


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--streams", type=int, default=16)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        behind = started("behind", folder, 0)
        names = ["chat", *(["nginx"] if shutil.which("nginx") else [])]
        servers = [started(one, folder, behind.port) for one in names]
        try:
            run(servers, behind, said)
        finally:
            for server in servers:
                server.stop()
            behind.process.terminate()
            behind.process.wait(10)


def run(servers: list[Server], behind: Server, said: argparse.Namespace) -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    cpu: dict[str, list[float]] = {server.name: [] for server in servers}
    first: dict[str, list[float]] = {"behind": [], **{server.name: [] for server in servers}}
    kept: dict[str, list[float]] = {name: [] for name in first}
    paused: dict[str, list[float]] = {name: [] for name in first}
    busy: dict[str, list[float]] = {name: [] for name in first}
    for n in range(said.rounds + 1):
        for server in servers:
            before = cpu_s(server.process.pid)
            for _ in range(TURNS if n else 1):
                asyncio.run(ask(server.port, said.streams))
            if n:
                events = TURNS * said.streams * EVENTS_TOLD
                cpu[server.name].append((cpu_s(server.process.pid) - before) / events * 1e6)
        for server in (behind, *servers):
            for _ in range(20 if n else 3):
                asked = asyncio.run(begun(server))
                if n:
                    first[server.name].append(asked * 1e3)
            for found, beside, pause_s in ((kept, 0, 0.0), (paused, 0, 0.02), (busy, said.streams, 0.02)):
                times = asyncio.run(brief(server, 20 if n else 3, beside, pause_s))
                if n:
                    found[server.name] += [s * 1e3 for s in times]
    for server in servers:
        late = [
            statistics.median(of[server.name]) - statistics.median(of["behind"]) for of in (kept, paused, first, busy)
        ]
        us = statistics.median(cpu[server.name])
        print(
            f"{server.name:6} {us:6.1f} us CPU an event; first event against direct {late[0]:+.2f} ms, {late[1]:+.2f} after a"
            f" pause, {late[2]:+.2f} on new connections, {late[3]:+.2f} while {said.streams} streams run"
        )
    if len(servers) > 1:
        ratios = [a / b for a, b in zip(cpu["chat"], cpu["nginx"], strict=True)]
        print(f"gate / nginx, round by round: {', '.join(f'{r:.2f}' for r in ratios)} (goal: at most 2.5)")
    else:
        print("nginx is not installed: no ratio")
    before, during = asyncio.run(memory(servers[0], 1000))
    print(
        f"gate, 1,000 streams open: {before:.0f} -> {during:.0f} MiB, {(during - before) * 1024 / 1000:.0f} KiB a stream"
    )
    before = rss_mib(servers[0].process.pid)
    asyncio.run(unread(servers[0]))
    print(f"gate, 50 clients that do not read: {before:.0f} -> {rss_mib(servers[0].process.pid):.0f} MiB after 3 s")


async def begun(server: Server) -> float:
    """Seconds until the first event of one stream; then its client leaves."""
    (one,) = await ask(server.port, 1, wait=False)
    while not one.first_s:
        await asyncio.sleep(0.001)
    one.transport.abort()
    await asyncio.sleep(0.02)
    return one.first_s


async def brief(server: Server, times: int, beside: int, pause_s: float) -> list[float]:
    """Seconds until the first event of each of so many streams, on one connection, while others run beside it."""
    others = asyncio.ensure_future(ask(server.port, beside))
    await asyncio.sleep(0.1)
    _, one = await asyncio.get_running_loop().create_connection(Brief, "127.0.0.1", server.port)
    firsts = []
    for _ in range(times):
        firsts.append(await one.ask(request_of(0, BRIEF)))
        await asyncio.sleep(pause_s)
    one.done = asyncio.get_running_loop().create_future()
    one.done.set_result(None)
    one.transport.abort()
    await others
    return firsts


async def unread(server: Server) -> None:
    made = await ask(server.port, 50, reads=False, wait=False)
    await asyncio.sleep(3)
    for one in made:
        one.transport.abort()


if __name__ == "__main__":
    main()
