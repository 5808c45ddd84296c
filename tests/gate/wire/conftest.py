from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gate_world import World
from scripted import Scripted
from wire_world import wire_document


@pytest.fixture
async def upstream() -> AsyncIterator[Scripted]:
    made = await Scripted().start()
    yield made
    await made.stop()


@pytest.fixture
async def world(tmp_path: Path, upstream: Scripted) -> AsyncIterator[World]:
    keys = {"CHAT_KEY": "sk-canary-upstream"}
    made = World(tmp_path, wire_document(upstream.url), key_of=keys.get)
    await made.gate.start()
    yield made
    await made.gate.stop()
    made.close()
