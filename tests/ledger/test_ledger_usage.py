"""What the usage page and `licet why` read."""

from __future__ import annotations

from pathlib import Path

import pytest

from licet.errors import LicetError
from licet.ledger.ports import Call, Counter, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.usage import DayUse, Made, Usage

DAY = 86_400
MONDAY = 1_000 * DAY


def use(ledger: SqliteLedger, call_id: str, at_s: int, feature: str = "chat", tokens: int | None = 10) -> None:
    """A call that settles with `tokens`, or is voided."""
    takes = [
        Take("ann", "sana", "calls/day", at_s - at_s % DAY, at_s - at_s % DAY + DAY, 1, None),
        Take("ann", "sana", "tokens/month", 0, 5_000 * DAY, 100, None),
    ]
    ledger.hold(Call(call_id, "ann", "sana", feature, "key_1", at_s), takes, at_s, 60)
    if tokens is None:
        ledger.void(call_id, at_s + 1, status=502, took_ms=7)
    else:
        ledger.settle(call_id, {"tokens/month": tokens}, at_s + 1, status=200, took_ms=42)


def test_a_holders_days_are_summed_by_feature(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", MONDAY + 5)
    use(sqlite, "c2", MONDAY + 6, tokens=120)
    use(sqlite, "c3", MONDAY + 7, tokens=None)
    use(sqlite, "c4", MONDAY + 8, "embeddings")
    use(sqlite, "c5", MONDAY + DAY)
    usage = Usage(sqlite.path)
    one = {"calls/day": 1, "tokens/month": 10}
    assert usage.days("ann", "sana", MONDAY + 9) == (
        DayUse(MONDAY, "chat", 2, 1, 0, {"calls/day": 2, "tokens/month": 130}),
        DayUse(MONDAY, "embeddings", 1, 0, 0, one),
        DayUse(MONDAY + DAY, "chat", 1, 0, 0, one),
    )
    assert [day.day_s for day in usage.days("ann", "sana", MONDAY + DAY)] == [MONDAY + DAY]
    assert usage.days("bob", "sana", 0) == usage.days("ann", "other", 0) == ()


def test_the_last_calls_come_newest_first(sqlite: SqliteLedger) -> None:
    for i in range(5):
        use(sqlite, f"c{i}", MONDAY + i)
    assert [made.call_id for made in Usage(sqlite.path).last("ann", "sana", 3)] == ["c4", "c3", "c2"]


def test_one_call_is_told_as_it_was(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", MONDAY, tokens=120)
    use(sqlite, "c2", MONDAY, tokens=None)
    usage = Usage(sqlite.path)
    counted = {"calls/day": 1, "tokens/month": 120}
    named = "ann", "sana", "chat", "key_1", MONDAY
    assert usage.call("c1") == Made("c1", *named, "settled", MONDAY + 1, 200, 42, True, False, counted)
    assert usage.call("c2") == Made("c2", *named, "voided", MONDAY + 1, 502, 7, False, False, {})
    assert usage.call("never") is None


def test_a_call_that_is_open_has_counted_nothing_yet(sqlite: SqliteLedger) -> None:
    sqlite.hold(Call("c1", "ann", "sana", "chat", "key_1", MONDAY), [], MONDAY, 60)
    made = Usage(sqlite.path).call("c1")
    assert made is not None
    assert (made.state, made.closed_s, made.amounts) == ("open", None, {})


def test_the_counters_of_now_are_those_the_gate_would_refuse_by(sqlite: SqliteLedger) -> None:
    use(sqlite, "c1", MONDAY)
    usage = Usage(sqlite.path)
    month = Counter("tokens/month", 0, 5_000 * DAY, 10, 0)
    assert usage.counters("ann", "sana", MONDAY) == (Counter("calls/day", MONDAY, MONDAY + DAY, 1, 0), month)
    assert usage.counters("ann", "sana", MONDAY + DAY) == (month,)


def test_a_ledger_that_is_not_there_is_an_error_and_stays_away(tmp_path: Path) -> None:
    with pytest.raises(LicetError, match="there is no ledger here"):
        Usage(tmp_path / "ledger.sqlite3").last("ann", "sana")
    assert not list(tmp_path.iterdir())
