from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hub_world import HubWorld


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[HubWorld]:
    made = HubWorld(tmp_path)
    yield made
    made.close()
