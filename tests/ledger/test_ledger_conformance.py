"""What every engine promises (`licet/ledger/ports.py`), case by case."""

from __future__ import annotations

import pytest

from licet.errors import LicetError
from licet.ledger.ports import Call, Close, Closed, Counter, Held, Hold, Ledger, Renew, Short, Take

NOW, LEASE, MONTH = 1_000_000, 60, 2_000_000


def take(amount: int = 1, most: int | None = 10, meter: str = "calls/month", holder: str = "ann") -> Take:
    return Take(holder, "sana", meter, 0, MONTH, amount, most)


def call(call_id: str, holder: str = "ann") -> Call:
    return Call(call_id, holder, "sana", "chat", "key_1", NOW)


def units(ledger: Ledger, meter: str = "calls/month") -> tuple[int, int]:
    (counter,) = ledger.counters([take(meter=meter)])
    return counter.used, counter.held


def test_a_hold_holds_and_a_settle_counts(ledger: Ledger) -> None:
    assert ledger.hold(call("c1"), [take(3)], NOW, LEASE) == Held("c1")
    assert units(ledger) == (0, 3)
    assert ledger.settle("c1", None, NOW) == Closed("c1", "settled")
    assert units(ledger) == (3, 0)


def test_a_void_releases_in_full(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(3), take(5, meter="tokens/day")], NOW, LEASE)
    assert ledger.void("c1", NOW) == Closed("c1", "voided")
    assert units(ledger) == units(ledger, "tokens/day") == (0, 0)


def test_the_last_unit_is_given_and_not_one_more(ledger: Ledger) -> None:
    assert ledger.hold(call("c1"), [take(6)], NOW, LEASE) == Held("c1")
    assert ledger.hold(call("c2"), [take(4)], NOW, LEASE) == Held("c2")
    assert ledger.hold(call("c3"), [take(1)], NOW, LEASE) == Short("calls/month", 0, 10, 10, MONTH)
    ledger.settle("c1", None, NOW)
    assert ledger.hold(call("c3"), [take(1)], NOW, LEASE) == Short("calls/month", 6, 4, 10, MONTH)


def test_a_hold_takes_all_or_none_and_names_the_first_that_is_short(ledger: Ledger) -> None:
    takes = [take(2), take(7, 6, "tokens/day"), take(9, 1, "bytes/day")]
    assert ledger.hold(call("c1"), takes, NOW, LEASE) == Short("tokens/day", 0, 0, 6, MONTH)
    assert units(ledger) == (0, 0)
    assert ledger.hold(call("c1"), takes[:1], NOW, LEASE) == Held("c1"), "a refused id may try its next way"


def test_takes_of_one_counter_in_one_call_add_up(ledger: Ledger) -> None:
    assert ledger.hold(call("c1"), [take(6), take(5)], NOW, LEASE) == Short("calls/month", 0, 0, 10, MONTH)
    assert ledger.hold(call("c1"), [take(6), take(4)], NOW, LEASE) == Held("c1")


def test_without_a_most_everything_is_counted_and_nobody_refused(ledger: Ledger) -> None:
    assert ledger.hold(call("c1"), [take(10**12, None)], NOW, LEASE) == Held("c1")
    ledger.settle("c1", None, NOW)
    assert units(ledger) == (10**12, 0)


def test_a_call_without_takes_is_still_a_call(ledger: Ledger) -> None:
    assert ledger.hold(call("c1"), [], NOW, LEASE) == Held("c1")
    assert ledger.settle("c1", None, NOW) == Closed("c1", "settled")


def test_a_repeat_of_anything_gets_the_first_answer_and_counts_once(ledger: Ledger) -> None:
    for state in ("open", "settled", "settled"):
        again = "" if state == "open" and not units(ledger)[1] else state
        assert ledger.hold(call("c1"), [take(3)], NOW, LEASE) == Held("c1", again)  # type: ignore[arg-type]
        assert ledger.settle("c1", {"calls/month": 4}, NOW) == Closed("c1", "settled", over=True)
        assert ledger.settle("c1", {"calls/month": 9}, NOW) == Closed("c1", "settled", over=True)
        assert ledger.void("c1", NOW) == Closed("c1", "settled", over=True)
    assert units(ledger) == (4, 0)


def test_a_repeat_is_held_even_when_the_quota_is_gone_by_now(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    assert ledger.hold(call("c1"), [take(10)], NOW, LEASE) == Held("c1", "open")
    assert units(ledger) == (0, 10)


def test_a_voided_call_cannot_be_settled_afterwards(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(3)], NOW, LEASE)
    ledger.void("c1", NOW)
    assert ledger.settle("c1", None, NOW) == Closed("c1", "voided")
    assert units(ledger) == (0, 0)
    assert ledger.hold(call("c1"), [take(3)], NOW, LEASE) == Held("c1", "voided")


def test_a_settle_counts_what_was_used_not_what_was_held(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(1), take(500, None, "tokens/day")], NOW, LEASE)
    assert ledger.settle("c1", {"tokens/day": 123}, NOW) == Closed("c1", "settled")
    assert units(ledger) == (1, 0)
    assert units(ledger, "tokens/day") == (123, 0)


def test_above_its_hold_a_settle_is_counted_whole_and_marked_over(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(8)], NOW, LEASE)
    assert ledger.settle("c1", {"calls/month": 12}, NOW) == Closed("c1", "settled", over=True)
    assert units(ledger) == (12, 0)
    assert ledger.hold(call("c2"), [take(1)], NOW, LEASE) == Short("calls/month", 12, 0, 10, MONTH)


def test_a_lapsed_hold_is_free_at_the_next_hold_and_charges_nobody(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    assert isinstance(ledger.hold(call("c2"), [take(1)], NOW + LEASE - 1, LEASE), Short)
    assert ledger.hold(call("c2"), [take(1)], NOW + LEASE, LEASE) == Held("c2")
    assert units(ledger) == (0, 1)
    assert ledger.hold(call("c1"), [take(10)], NOW + LEASE, LEASE) == Held("c1", "lapsed")


def test_a_settle_after_its_lease_is_counted_and_marked_late(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    ledger.hold(call("c2"), [take(4)], NOW + LEASE, LEASE)
    assert ledger.settle("c1", None, NOW + LEASE + 1) == Closed("c1", "settled", late=True)
    assert units(ledger) == (10, 4)


def test_late_is_late_even_if_nobody_came_for_the_units(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    assert ledger.settle("c1", None, NOW + LEASE) == Closed("c1", "settled", late=True)
    assert units(ledger) == (10, 0)


def test_a_lapsed_call_may_be_voided_and_is_not_counted_then(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    assert ledger.sweep(NOW + LEASE) == 1
    assert ledger.void("c1", NOW + LEASE) == Closed("c1", "voided")
    assert ledger.settle("c1", None, NOW + LEASE) == Closed("c1", "voided")
    assert units(ledger) == (0, 0)


def test_a_renewed_hold_outlives_its_first_lease(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    assert ledger.renew("c1", NOW + LEASE - 1)
    assert ledger.sweep(NOW + LEASE) == 0
    assert isinstance(ledger.hold(call("c2"), [take(1)], NOW + 2 * LEASE - 2, LEASE), Short)
    assert ledger.sweep(NOW + 2 * LEASE - 1) == 1


def test_only_an_open_call_is_renewed(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take()], NOW, LEASE)
    assert not ledger.renew("c1", NOW + LEASE), "its lease ran out"
    ledger.settle("c1", None, NOW)
    assert not ledger.renew("c1", NOW)
    assert not ledger.renew("never", NOW)


def test_a_change_of_tier_changes_the_limit_and_refills_nothing(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10, 10)], NOW, LEASE)
    ledger.settle("c1", None, NOW)
    assert ledger.hold(call("c2"), [take(20, 30)], NOW, LEASE) == Held("c2")
    assert ledger.hold(call("c3"), [take(1, 10)], NOW, LEASE) == Short("calls/month", 10, 20, 10, MONTH)


def test_holders_releases_meters_and_windows_do_not_share_a_counter(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(10)], NOW, LEASE)
    for i, other in enumerate(
        (
            take(10, holder="bob"),
            Take("ann", "other", "calls/month", 0, MONTH, 10, 10),
            take(10, meter="calls/month@chat"),
            Take("ann", "sana", "calls/month", MONTH, 2 * MONTH, 10, 10),
        )
    ):
        assert ledger.hold(call(f"d{i}"), [other], NOW, LEASE) == Held(f"d{i}")


def test_used_lists_the_windows_that_are_open_now(ledger: Ledger) -> None:
    ledger.hold(call("c1"), [take(2), Take("ann", "sana", "calls/day", 0, 500, 1, 5)], NOW, LEASE)
    ledger.settle("c1", None, NOW)
    old, month = Counter("calls/day", 0, 500, 1, 0), Counter("calls/month", 0, MONTH, 2, 0)
    assert ledger.used("ann", "sana") == (old, month)
    assert ledger.used("ann", "sana", NOW) == (month,)
    assert ledger.used("ann", "sana", MONTH) == ()
    assert ledger.used("bob", "sana") == ()


@pytest.mark.parametrize("amounts", [{"tokens/day": 1}, {"calls/month": -1}])
def test_amounts_that_make_no_sense_are_an_error_and_change_nothing(ledger: Ledger, amounts: dict[str, int]) -> None:
    ledger.hold(call("c1"), [take(3)], NOW, LEASE)
    with pytest.raises(LicetError):
        ledger.settle("c1", amounts, NOW)
    assert units(ledger) == (0, 3)
    assert ledger.settle("c1", None, NOW) == Closed("c1", "settled")


def test_less_than_nothing_cannot_be_taken_nor_held_for_no_time(ledger: Ledger) -> None:
    with pytest.raises(LicetError):
        ledger.hold(call("c1"), [take(-1)], NOW, LEASE)
    with pytest.raises(LicetError):
        ledger.hold(call("c1"), [take()], NOW, 0)
    assert units(ledger) == (0, 0)


def test_an_unknown_call_cannot_be_closed(ledger: Ledger) -> None:
    with pytest.raises(LicetError, match="there is no"):
        ledger.settle("never", None, NOW)
    with pytest.raises(LicetError, match="there is no"):
        ledger.void("never", NOW)


def test_a_turn_decides_its_holds_in_order_after_everything_that_ends(ledger: Ledger) -> None:
    ledger.hold(call("c0"), [take(10)], NOW, LEASE)
    holds = [Hold(call(f"c{i}"), [take(4)], NOW, LEASE) for i in (1, 2, 3)]
    assert ledger.turn([*holds, Close("c0", None, NOW, void=True)]) == [
        Held("c1"),
        Held("c2"),
        Short("calls/month", 0, 8, 10, MONTH),
        Closed("c0", "voided"),
    ]


def test_in_a_turn_an_error_is_the_answer_of_its_own_operation_only(ledger: Ledger) -> None:
    ledger.turn([Hold(call("c1"), [take(2)], NOW, LEASE), Hold(call("c2"), [take(2)], NOW, LEASE)])
    answers = ledger.turn(
        [
            Close("never", None, NOW),
            Close("c1", {"calls/month": -5}, NOW),
            Close("c2", None, NOW),
            Close("c2", None, NOW, void=True),
            Renew("c1", NOW),
            Hold(call("c3"), [take(-1)], NOW, LEASE),
            Hold(call("c4"), [take(1)], NOW, LEASE),
        ]
    )
    assert [type(a) for a in answers[:2]] == [LicetError, LicetError]
    assert answers[2:5] == [Closed("c2", "settled"), Closed("c2", "settled"), True]
    assert isinstance(answers[5], LicetError)
    assert answers[6] == Held("c4")
    assert units(ledger) == (2, 3)


@pytest.mark.parametrize("lease_s", [0, -1])
def test_in_a_turn_too_nothing_is_held_for_no_time(ledger: Ledger, lease_s: int) -> None:
    holds = [Hold(call("c1"), [take(2)], NOW, LEASE), Hold(call("c2"), [take(2)], NOW, lease_s)]
    answers = ledger.turn(holds)
    assert answers[0] == Held("c1")
    assert isinstance(answers[1], LicetError)
    assert units(ledger) == (0, 2)


def test_a_repeat_within_one_turn_is_held_once(ledger: Ledger) -> None:
    holds = [Hold(call("c1"), [take(2)], NOW, LEASE), Hold(call("c1"), [take(2)], NOW, LEASE)]
    assert ledger.turn(holds) == [Held("c1"), Held("c1", "open")]
    assert units(ledger) == (0, 2)


def test_in_a_turn_too_a_settle_after_its_lease_is_late(ledger: Ledger) -> None:
    ledger.turn([Hold(call("c1"), [take(2)], NOW, LEASE), Hold(call("c2"), [take(2)], NOW, LEASE)])
    ends = [Close("c1", None, NOW + LEASE), Close("c2", None, NOW + LEASE - 1)]
    assert ledger.turn(ends) == [Closed("c1", "settled", late=True), Closed("c2", "settled")]
    assert units(ledger) == (4, 0)


def test_in_a_turn_too_a_lapsed_hold_is_free_at_the_next_hold(ledger: Ledger) -> None:
    ledger.turn([Hold(call("c1"), [take(5)], NOW, LEASE), Hold(call("c2"), [take(5)], NOW, LEASE)])
    later = [Hold(call(f"d{i}"), [take(1, None)], NOW + LEASE, LEASE) for i in (1, 2)]
    assert ledger.turn(later) == [Held("d1"), Held("d2")]
    assert units(ledger) == (0, 2), "freed although nobody was short"
    ends = [Close("c1", None, NOW + LEASE), Close("d1", None, NOW + LEASE)]
    assert ledger.turn(ends) == [Closed("c1", "settled", late=True), Closed("d1", "settled")]
    assert units(ledger) == (6, 1)
