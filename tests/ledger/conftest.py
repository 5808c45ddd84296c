"""The engines: every test that asks for `ledger` runs once for each of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ledger_model import MemoryLedger

from licet.ledger.ports import Ledger
from licet.ledger.sqlite import SqliteLedger


@pytest.fixture(params=["memory", "sqlite"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger()
        return
    engine = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="a")
    yield engine
    assert engine.verify() == ()
    engine.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[SqliteLedger]:
    engine = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="a")
    yield engine
    engine.close()
