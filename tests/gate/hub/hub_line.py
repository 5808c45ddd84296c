"""A gate on a real socket, and a line to it that breaks once, after so many bytes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import uvicorn

from licet.gate.app import Gate


@asynccontextmanager
async def served(gate: Gate) -> AsyncIterator[int]:
    """The port of the gate, in this loop."""
    server = uvicorn.Server(uvicorn.Config(gate, port=0, log_config=None, access_log=False, lifespan="on"))
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        await task


@dataclass
class Line:
    """Passes bytes on; `asked` are the requests that went over it, `ranges` what they asked for."""

    port: int
    cut_after: int
    breaks: int = 1
    asked: list[str] = field(default_factory=list)
    ranges: list[int] = field(default_factory=list)
    with_key: list[str] = field(default_factory=list)  # those of them that brought one
    _open: set[asyncio.StreamWriter] = field(default_factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            for writer in self._open:
                writer.close()
            await asyncio.sleep(0)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        inner, outer = await asyncio.open_connection("127.0.0.1", self.port)

        async def up() -> None:
            while data := await reader.read(1 << 16):
                for request in re.split(r"(?m)^(?=(?:GET|HEAD|POST) /)", data.decode("latin-1"))[1:]:
                    line = " ".join(request.split(" ", 2)[:2])
                    self.asked.append(line)
                    self.with_key += [line] if "\nauthorization:" in request.lower() else []
                self.ranges += [int(n) for n in re.findall(r"(?im)^range: bytes=(\d+)-", data.decode("latin-1"))]
                outer.write(data)
                await outer.drain()

        task = asyncio.create_task(up())
        passed = 0
        try:
            while data := await inner.read(1 << 16):
                passed += len(data)
                if self.breaks and passed >= self.cut_after:
                    self.breaks -= 1
                    writer.transport.abort()
                    return
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            task.cancel()
            outer.close()
            self._open.discard(writer)
            writer.close()
