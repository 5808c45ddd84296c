"""A holder's calls are found whether they are filed yet or not, whatever the clocks did."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from licet.ledger import filing
from licet.ledger.ports import Call, Hold, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.subject import about
from licet.ledger.usage import Usage

HOLDERS = ("ann", "bob")
MADE = st.tuples(st.sampled_from(HOLDERS), st.integers(1, 40))


def hold(n: int, holder: str, at_s: int) -> Hold:
    take = Take(holder, "sana", "calls/month", 0, 1 << 40, 1, None)
    return Hold(Call(f"c{n:04}", holder, "sana", "chat", "key_1", at_s), (take,), at_s, 60)


@settings(deadline=None, max_examples=60)
@given(st.lists(st.one_of(MADE, st.lists(MADE, min_size=1, max_size=5), st.just("file")), max_size=30))
def test_the_calls_of_a_holder_are_found_at_any_moment(acts: list[object]) -> None:
    made: list[tuple[str, int, str]] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        ledger = SqliteLedger(path, process_id="p")
        for act in acts:
            if act == "file":
                with closing(sqlite3.connect(path, isolation_level=None)) as db:
                    filing.file(db)
                continue
            group = act if isinstance(act, list) else [act]
            holds = [hold(len(made) + i, who, at_s) for i, (who, at_s) in enumerate(group)]
            made += [(op.call.holder, op.call.at_s, op.call.call_id) for op in holds]
            if isinstance(act, list):
                ledger.turn(holds)
            else:
                ledger.hold(holds[0].call, holds[0].takes, holds[0].now_s, 60)
        assert ledger.verify() == ()
        for holder in HOLDERS:
            mine = sorted(((at_s, call_id) for who, at_s, call_id in made if who == holder), reverse=True)
            told = [(one.at_s, one.call_id) for one in Usage(path).last(holder, "sana", 7)]
            assert told == mine[:7]
            assert sum(day.voided + day.settled + day.lapsed for day in Usage(path).days(holder, "sana", 0)) == 0
            assert [row["id"] for row in about(path, holder)["call"]] == [call_id for _, call_id in sorted(mine)]
        ledger.close()


def test_the_newest_second_waits_and_the_rest_is_filed_in_short_transactions(sqlite: SqliteLedger) -> None:
    for n in range(12):
        sqlite.turn([hold(n, "ann", 100 + n // 3)])
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as db:
        assert filing.file(db) == 9
        assert filing.file(db) == 0
        assert filing.filed_s(db.cursor()) == 103
        sqlite.turn([hold(90, "bob", 7)])  # a clock put back: filed at once
        assert db.execute("select count(*) from filed").fetchone() == (10,)
    assert sqlite.verify() == ()


def test_a_call_that_was_never_filed_is_a_finding(sqlite: SqliteLedger) -> None:
    for n in range(4):
        sqlite.turn([hold(n, "ann", 100 + n)])
    with closing(sqlite3.connect(sqlite.path, isolation_level=None)) as db:
        filing.file(db)
        db.execute("delete from filed where id = 'c0001'")
    (finding,) = sqlite.verify()
    assert finding.rule == "unfiled-calls"
