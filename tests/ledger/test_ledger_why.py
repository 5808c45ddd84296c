"""A refusal is noted and forgotten; it takes nothing, and a ledger of an older Licet learns to keep it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from licet.ledger import book
from licet.ledger.ports import Call, Hold, Refusal, Take
from licet.ledger.schema import MIGRATIONS
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.why import why

NOW_S = 1_795_000_000


def refusal(n: int, at_s: int = NOW_S) -> Refusal:
    return Refusal(f"call_{n}", "hol_1", "sana", "chat", "key_1", at_s, 403, '{"answer":"no"}')


def test_a_refusal_takes_nothing_and_is_told(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    ledger = SqliteLedger(path, process_id="one")
    take = Take("hol_1", "sana", "calls/month", NOW_S, NOW_S + 60, 1, 5)
    call = Call("call_yes", "hol_1", "sana", "chat", "key_1", NOW_S, '{"answer":"yes"}')
    ledger.turn([refusal(1), Hold(call, (take,), NOW_S, 60), refusal(2)])
    ledger.settle("call_yes", None, NOW_S, status=200)
    assert [(c.used, c.held) for c in ledger.used("hol_1", "sana")] == [(1, 0)]
    assert ledger.verify() == ()
    told = why(path, "call_2")
    assert told is not None
    assert (told["state"], told["status"], told["verdict"]) == ("refused", 403, {"answer": "no"})
    assert why(path, "call_yes") == {
        "call_id": "call_yes", "holder": "hol_1", "release": "sana", "feature": "chat", "key_id": "key_1",
        "at_s": NOW_S, "state": "settled", "status": 200, "took_ms": 0, "amounts": {"calls/month": 1},
        "verdict": {"answer": "yes"},
    }  # fmt: skip
    assert why(path, "call_3") is None
    ledger.close()


@pytest.mark.parametrize("broken", [False, True])
def test_each_refusal_of_a_turn_is_noted_once_and_a_broken_one_harms_no_other(tmp_path: Path, broken: bool) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.sqlite3", process_id="one")
    bad = refusal(9)._replace(feature=object()) if broken else refusal(9)  # type: ignore[arg-type]
    answers = ledger.turn([refusal(1), bad, refusal(2), refusal(3)])
    assert [answer is True for answer in answers] == [True, not broken, True, True]
    noted = ledger._db.execute("select id from refusal order by id").fetchall()
    assert noted == [("call_1",), ("call_2",), ("call_3",)] + [("call_9",)] * (not broken)
    ledger.close()


def test_the_newest_refusals_are_kept_and_old_ones_forgotten(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "REFUSALS_KEPT", 10)
    monkeypatch.setattr(book, "FORGETS_EVERY", 5)
    path = tmp_path / "ledger.sqlite3"
    ledger = SqliteLedger(path, process_id="one")
    for n in range(40):
        ledger.turn([refusal(n)])
    assert why(path, "call_0") is None
    assert why(path, "call_39") is not None
    ledger.turn([refusal(n, NOW_S + 31 * 86_400) for n in range(100, 105)])
    assert why(path, "call_39") is None
    assert why(path, "call_104") is not None
    ledger.close()


def test_a_ledger_from_before_verdicts_is_moved_and_keeps_its_calls(tmp_path: Path) -> None:
    path = tmp_path / "ledger.sqlite3"
    with sqlite3.connect(path) as db:
        for statement in MIGRATIONS[0]:
            db.execute(statement)
        db.execute("insert into process values (1, 'old')")
        db.execute("insert into holder values (1, 'hol_1', 'sana')")
        db.execute(
            "insert into call (id, holder, feature, key_id, at_s, process, lease_s, lapses_s, state, takes, closed_s)"
            " values ('call_1', 1, 'chat', 'key_1', 1, 1, 60, 61, 'settled', '[]', 2)"
        )
        db.execute("pragma user_version = 1")
    db.close()
    ledger = SqliteLedger(path, process_id="one")
    ledger.turn([refusal(2)])
    told = why(path, "call_1")
    assert told is not None
    assert (told["state"], told["verdict"]) == ("settled", None)
    assert ledger.verify() == ()
    ledger.close()
