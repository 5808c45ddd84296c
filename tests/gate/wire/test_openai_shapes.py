"""Streams as real servers write them, byte by byte through the gate: handed on unchanged, counted by what they tell."""

from __future__ import annotations

import asyncio
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from gate_world import World
from scripted import STREAM, Asked, Scripted, chunk
from wire_world import CHAT, Client, call, talk

SHAPES = json.loads((Path(__file__).parent / "stream_shapes.json").read_text())


def streaming(lines: list[str], end: bytes, cut: int) -> Any:
    """The lines as events, each ended this way, in pieces of so many bytes."""

    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        text = b"".join(line.encode() + end + end for line in lines)
        writer.write(STREAM)
        for at in range(0, len(text), cut):
            writer.write(chunk(text[at : at + cut]))
            await asyncio.sleep(0)
        writer.write(b"0\r\n\r\n")

    return then


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("cut", [7, 100_000])
@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s["name"])
async def test_a_real_stream_goes_through_as_it_is_and_is_counted(
    world: World, upstream: Scripted, shape: dict[str, Any], cut: int, end: bytes
) -> None:
    upstream.then = streaming(shape["lines"], end, cut)
    key = world.rights.give("premium")
    answer = await call(world.gate, CHAT, talk("a question", stream=True), key)
    assert answer.status == 200
    kept = [line for n, line in enumerate(shape["lines"]) if n not in shape["hidden"]]
    done = b"data: [DONE]\n\n" if shape.get("undone") else b""
    assert answer.body == b"".join(line.encode() + end + end for line in kept) + done
    assert answer.whole
    world.turns.flush()
    with closing(sqlite3.connect(world.path)) as db:
        assert db.execute("select status from call").fetchone() == (shape["status"],)
    counted = [world.used(key, meter)[0] for meter in ("tokens_in/month", "tokens_out/month")]
    assert counted == (shape["usage"] or counted)
    assert all(counted)


@pytest.mark.parametrize("shape", [s for s in SHAPES if s["hidden"]], ids=lambda s: s["name"])
async def test_who_asks_for_the_usage_gets_every_byte(world: World, upstream: Scripted, shape: dict[str, Any]) -> None:
    upstream.then = streaming(shape["lines"], b"\n", 100_000)
    asked = talk("a question", stream=True, stream_options={"include_usage": True})
    answer = await call(world.gate, CHAT, asked, world.rights.give("premium"))
    assert answer.body == b"".join(line.encode() + b"\n\n" for line in shape["lines"])


async def test_a_stream_that_nobody_reads_is_not_read_either_and_holds_nothing_back(
    world: World, upstream: Scripted
) -> None:
    written = 0
    data = b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": "w" * 50_000}}]}).encode() + b"\n\n"

    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        nonlocal written
        writer.write(STREAM)
        for _ in range(4000):
            writer.write(chunk(data))
            written += len(data)
            await writer.drain()

    upstream.then = then
    client = Client(world.gate, CHAT, talk(stream=True), world.rights.give("premium"), reads=False).start()
    before = -1
    while written != before:  # until the sockets' own buffers are full
        before = written
        await asyncio.sleep(0.3)
    assert written < 50_000_000
    client.leaves.set()
    await client.answer()
    assert upstream.asked[0].gone.is_set() or not world.gate.calling.alive
