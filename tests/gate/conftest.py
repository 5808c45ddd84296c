from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from gate_world import World


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path)
    await made.gate.start()
    yield made
    await made.gate.stop()
    made.close()
