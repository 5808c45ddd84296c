"""`licet ledger verify | seal`."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from licet.cli import main
from licet.ledger.ports import Call, Take
from licet.ledger.sqlite import SqliteLedger

Say = pytest.CaptureFixture[str]
MAY_2020 = 1_588_291_200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="a")
    take = Take("ann", "sana", "calls/month", MAY_2020, MAY_2020 + 31 * 86_400, 1, 10)
    ledger.hold(Call("c1", "ann", "sana", "chat", "key_1", MAY_2020), [take], MAY_2020, 60)
    ledger.settle("c1", None, MAY_2020)
    ledger.close()
    return tmp_path


def spoil(folder: Path) -> None:
    db = sqlite3.connect(folder / "ledger.sqlite3")
    with db:
        db.execute("update counter set used = 5")
    db.close()


def test_verify_of_a_clean_ledger_says_so(folder: Path, capsys: Say) -> None:
    assert main(["ledger", "verify", "--data", str(folder)]) == 0
    assert capsys.readouterr().out == "clean: every counter is the sum of its calls\n"


def test_verify_names_what_differs_and_exits_1(folder: Path, capsys: Say) -> None:
    spoil(folder)
    assert main(["ledger", "verify", "--data", str(folder)]) == 1
    told = capsys.readouterr().out
    assert "`calls/month` of ann in `sana` since 2020-05-01T00:00:00Z says 5 used" in told
    assert told.endswith("1 to look at\n")


def test_verify_in_json_is_a_list_of_findings(folder: Path, capsys: Say) -> None:
    assert main(["ledger", "verify", "--data", str(folder), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []
    spoil(folder)
    assert main(["ledger", "verify", "--data", str(folder), "--json"]) == 1
    (finding,) = json.loads(capsys.readouterr().out)
    assert finding.keys() == {"path", "line", "rule", "message", "mend", "level"}


def test_seal_closes_a_month_and_twice_is_as_once(folder: Path, capsys: Say) -> None:
    assert main(["ledger", "seal", "2020-05", "--data", str(folder), "--json"]) == 0
    first = json.loads(capsys.readouterr().out)
    assert (first["month"], first["calls"]) == ("2020-05", 1)
    assert main(["ledger", "seal", "2020-05", "--data", str(folder)]) == 0
    assert first["sha256"] in capsys.readouterr().out


def test_a_month_that_is_not_over_is_refused_with_a_reason(folder: Path, capsys: Say) -> None:
    assert main(["ledger", "seal", "9000-01", "--data", str(folder)]) == 1
    assert "the month 9000-01 is not over yet; seal it when it is" in capsys.readouterr().err


def test_where_there_is_no_ledger_nothing_is_made(tmp_path: Path, capsys: Say) -> None:
    assert main(["ledger", "verify", "--data", str(tmp_path)]) == 1
    assert "there is no ledger here; name the data folder with --data DIR" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())
