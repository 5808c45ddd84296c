"""Real proxies, each in a process of its own: a free port for it, and a wait until it answers there."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import uvicorn

from licet.gate.app import Gate


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def gate_on_a_port(gate: Gate) -> AsyncIterator[int]:
    """The gate behind uvicorn, in this loop."""
    config = uvicorn.Config(
        gate, port=0, log_level="warning", access_log=False, loop="none", ws="none", lifespan="off",
        proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await serving


@asynccontextmanager
async def running(command: Sequence[str], port: int, folder: Path) -> AsyncIterator[str]:
    """The address of a proxy that this command starts; what it says stands in `said.txt`."""
    said = folder / "said.txt"
    with said.open("wb") as out:
        home = {"HOME": str(folder), "XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "PATH": "/usr/bin"}
        process = subprocess.Popen(command, stdout=out, stderr=out, env=home)
        try:
            until = time.monotonic() + 20
            while time.monotonic() < until and process.poll() is None:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                await asyncio.sleep(0.05)
            else:
                raise AssertionError(said.read_text())
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)
