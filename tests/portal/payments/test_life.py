"""A subscription's life is worked out from what was fetched, keeps what was paid, and never goes back in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.portal.payments.snapshots import DAY_S, START_S, snapshots

from licet.portal.payments import life
from licet.portal.payments.life import UNHEARD_S, Stage, at, end_s, stages
from licet.portal.payments.port import STATUSES, Payment, Snapshot

MONTH_S = 30 * DAY_S
PAID = Snapshot(
    provider="sandbox", ref="s_1", customer="c_1", holder_id="hol_1", release="sana", tier="premium",
    status="active", started_s=START_S, period_from_s=START_S, period_until_s=START_S + MONTH_S,
    paid_until_s=START_S + MONTH_S,
)  # fmt: skip
GRACE_DAYS = st.integers(0, 30)


def named(seen: Snapshot, grace_days: int = 7, noted_s: int | None = None) -> list[tuple[str, int]]:
    """(stage, days after the start)."""
    return [(s.name, (s.from_s - START_S) // DAY_S) for s in stages(seen, grace_days, noted_s)]


FAILED = replace(PAID, status="past_due", period_from_s=START_S + MONTH_S, period_until_s=START_S + 2 * MONTH_S)
TRIAL = replace(
    PAID, status="trialing", trial_until_s=START_S + 14 * DAY_S, period_until_s=START_S + 14 * DAY_S,
    paid_until_s=START_S + 14 * DAY_S,
)  # fmt: skip
CASES = [
    ("paid, and nothing heard of the renewal", PAID, [("active", 0), ("grace", 33), ("restricted", 40)]),
    ("the first charge did not pass", replace(PAID, status="incomplete"), []),
    ("the first charge never passed", replace(PAID, status="incomplete_expired"), []),
    ("on trial", TRIAL, [("trial", 0), ("active", 14), ("grace", 17), ("restricted", 24)]),
    ("on trial, cancelled", replace(TRIAL, cancel_at_s=START_S + 14 * DAY_S), [("trial", 0), ("ended", 14)]),
    ("from trial to paid", replace(PAID, trial_until_s=START_S + 14 * DAY_S),
     [("trial", 0), ("active", 14), ("grace", 33), ("restricted", 40)]),
    ("a trial without a way to pay", replace(TRIAL, status="paused", paused_s=START_S + 14 * DAY_S),
     [("trial", 0), ("paused", 14)]),
    ("a charge failed", replace(FAILED, failed_s=START_S + MONTH_S), [("active", 0), ("grace", 30), ("restricted", 37)]),
    ("retries given up", replace(FAILED, status="unpaid", failed_s=START_S + MONTH_S),
     [("active", 0), ("grace", 30), ("restricted", 37)]),
    ("a change within paid time failed", replace(PAID, status="past_due", failed_s=START_S + 10 * DAY_S),
     [("active", 0), ("grace", 10), ("restricted", 30)]),
    ("cancelled, to the period's end", replace(PAID, cancel_at_s=START_S + MONTH_S), [("active", 0), ("ended", 30)]),
    ("cancelled while it is owed", replace(FAILED, failed_s=START_S + MONTH_S, cancel_at_s=START_S + 2 * MONTH_S),
     [("active", 0), ("grace", 30), ("restricted", 37), ("ended", 60)]),
    ("ended at once, without a refund", replace(PAID, status="canceled", ended_s=START_S + 10 * DAY_S),
     [("active", 0), ("ended", 30)]),
    ("given up by the provider before the grace is over",
     replace(FAILED, status="canceled", ended_s=START_S + 33 * DAY_S, failed_s=START_S + MONTH_S),
     [("active", 0), ("grace", 30), ("ended", 37)]),
    ("on hold from the end of what was paid", replace(PAID, paused_s=START_S + 5 * DAY_S),
     [("active", 0), ("paused", 30)]),
    ("on hold until a date", replace(PAID, paused_s=START_S + 5 * DAY_S, resumes_s=START_S + 50 * DAY_S),
     [("active", 0), ("paused", 30), ("active", 50), ("grace", 53), ("restricted", 60)]),
    ("bought once", replace(PAID, interval="once", period_from_s=None, period_until_s=None, paid_until_s=None),
     [("active", 0)]),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "wanted"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_the_life_of_the_table(seen: Snapshot, wanted: list[tuple[str, int]]) -> None:
    assert named(seen) == wanted


def test_the_table_has_every_status_of_a_provider() -> None:
    assert {seen.status for _, seen, _ in CASES} == set(STATUSES)


def payment(**more: object) -> Payment:
    told = {"ref": "in_1", "state": "paid", "amount_minor": 900, "currency": "EUR", "at_s": START_S,
            "from_s": START_S, "until_s": START_S + MONTH_S}  # fmt: skip
    return Payment(**{**told, **more})  # type: ignore[arg-type]


def test_money_given_back_ends_nothing_by_itself_and_with_the_end_it_ends_at_once() -> None:
    back = payment(refunded_minor=900, refunded_s=START_S + 10 * DAY_S)
    assert named(replace(PAID, payments=(back,))) == named(PAID)
    over = replace(PAID, status="canceled", ended_s=START_S + 10 * DAY_S, payments=(back,))
    assert named(over) == [("active", 0), ("ended", 10)]
    beside = (
        back,
        payment(state="failed"),
        payment(state="open"),
        payment(amount_minor=0),
    )  # of these nothing was paid
    assert named(replace(over, payments=beside)) == named(over)
    assert named(replace(over, payments=(*beside, payment()))) == [("active", 0), ("ended", 30)]
    half = replace(over, payments=(payment(refunded_minor=450, refunded_s=START_S + 10 * DAY_S),))
    assert named(half) == [("active", 0), ("ended", 30)]


def test_a_dispute_is_borne_for_the_days_of_grace_and_decides_as_the_bank_does() -> None:
    opened = payment(dispute="open", disputed_s=START_S + 10 * DAY_S)
    assert named(replace(PAID, payments=(opened,))) == [("active", 0), ("grace", 10), ("restricted", 17)]
    won = replace(opened, dispute="won", judged_s=START_S + 20 * DAY_S)
    assert named(replace(PAID, payments=(won,))) == named(PAID)
    lost = replace(opened, dispute="lost", judged_s=START_S + 20 * DAY_S)
    assert named(replace(PAID, payments=(lost,))) == [("active", 0), ("ended", 20)]


def test_a_dispute_about_an_earlier_period_takes_nothing_from_the_one_that_was_paid_since() -> None:
    old = payment(dispute="lost", judged_s=START_S + 40 * DAY_S)
    again = replace(
        PAID, period_from_s=START_S + MONTH_S, period_until_s=START_S + 2 * MONTH_S, paid_until_s=START_S + 2 * MONTH_S,
        payments=(payment(ref="in_2", from_s=START_S + MONTH_S, until_s=START_S + 2 * MONTH_S), old),
    )  # fmt: skip
    assert end_s(stages(again, 7)) is None


def test_where_the_provider_does_not_tell_the_first_failure_the_one_that_was_noted_stands() -> None:
    assert named(FAILED, noted_s=START_S + 31 * DAY_S) == [("active", 0), ("grace", 31), ("restricted", 38)]
    told = replace(FAILED, failed_s=START_S + MONTH_S)
    assert named(told, noted_s=START_S + 31 * DAY_S) == [("active", 0), ("grace", 30), ("restricted", 37)]


# --- laws ------------------------------------------------------------------------------------------------------------


@given(snapshots(), GRACE_DAYS)
def test_each_stage_begins_later_than_the_one_before_and_is_another(seen: Snapshot, grace_days: int) -> None:
    course = stages(seen, grace_days)
    assert all(a.from_s < b.from_s for a, b in pairwise(course))
    assert all((a.name, a.why) != (b.name, b.why) for a, b in pairwise(course))
    assert all(stage.name != "ended" for stage in course[:-1])
    assert (course == ()) == seen.status.startswith("incomplete")


def test_who_never_paid_anything_is_borne_for_the_days_of_grace_and_no_longer() -> None:
    never = replace(PAID, status="past_due", paid_until_s=None, failed_s=START_S, payments=())
    assert [(s.name, (s.from_s - START_S) // DAY_S) for s in stages(never, 7)] == [("grace", 0), ("restricted", 7)]
    gone = replace(never, status="canceled", ended_s=START_S + 3 * DAY_S)
    assert end_s(stages(gone, 7)) == START_S + 7 * DAY_S
    assert end_s(stages(replace(gone, failed_s=None), 7)) == START_S + 3 * DAY_S


@given(snapshots(), GRACE_DAYS, st.integers(0, 60))
def test_nothing_of_a_life_was_before_it_began(seen: Snapshot, grace_days: int, late_days: int) -> None:
    seen = replace(
        seen, started_s=seen.started_s + late_days * DAY_S
    )  # some providers tell of a trial or a failure before
    assert {stage.from_s for stage in stages(seen, grace_days)[:1]} <= {seen.started_s}


@given(snapshots(clean=True), GRACE_DAYS, st.integers(0, 200))
def test_paid_time_is_kept_whatever_the_status(seen: Snapshot, grace_days: int, day: int) -> None:
    now_s = START_S + day * DAY_S
    course = stages(seen, grace_days)
    if course and now_s < (seen.paid_until_s or 0) and (seen.cancel_at_s is None or now_s < seen.cancel_at_s):
        found = at(course, now_s)
        assert found is not None
        if seen.status != "paused":
            assert found.paid, found


@given(snapshots(("past_due", "unpaid"), clean=True), GRACE_DAYS)
def test_grace_is_whole_and_then_over(seen: Snapshot, grace_days: int) -> None:
    since_s = life.owed_since(seen)
    assert since_s is not None
    course = stages(replace(seen, cancel_at_s=None), grace_days)
    for day in range(grace_days):
        found = at(course, since_s + day * DAY_S)
        assert found is not None and found.paid
    assert course[-1].name == "restricted"


@given(snapshots(("past_due", "unpaid"), clean=True), GRACE_DAYS, st.lists(st.integers(0, 10**9), max_size=5))
def test_no_retry_moves_the_first_failure(seen: Snapshot, grace_days: int, noted: list[int]) -> None:
    told = replace(seen, failed_s=seen.failed_s or START_S + 40 * DAY_S)
    first = stages(told, grace_days)
    assert all(stages(told, grace_days, START_S + later_s) == first for later_s in noted)


@given(snapshots(("active", "trialing"), clean=True), GRACE_DAYS)
def test_deafness_is_survived_and_ends(seen: Snapshot, grace_days: int) -> None:
    heard_s = seen.paid_until_s
    if heard_s is None or seen.cancel_at_s is not None:
        return
    course = stages(seen, grace_days)
    soon, late = at(course, heard_s + UNHEARD_S - 1), at(course, heard_s + UNHEARD_S + grace_days * DAY_S)
    assert soon is not None and soon.paid
    assert late is not None and not late.paid


@given(snapshots(), GRACE_DAYS, st.integers(-10, 10).map(lambda years: START_S + years * 366 * DAY_S))
def test_a_clock_that_jumps_there_and_back_changes_nothing(seen: Snapshot, grace_days: int, far_s: int) -> None:
    course = stages(seen, grace_days)
    before = at(course, START_S + DAY_S)
    at(course, far_s)
    assert at(course, START_S + DAY_S) == before
    assert at(course, START_S - 366 * DAY_S) == (course[0] if course else None)


@given(snapshots(), GRACE_DAYS, st.integers(-40, 40))
def test_a_life_moved_in_time_is_the_same_life(seen: Snapshot, grace_days: int, days: int) -> None:
    by_s = days * DAY_S
    moved = stages(later(seen, by_s), grace_days)
    assert moved == tuple(Stage(s.name, s.from_s + by_s, s.why) for s in stages(seen, grace_days))


def later(seen: Snapshot, by_s: int) -> Snapshot:
    moments = [name for name in Snapshot.__dataclass_fields__ if name.endswith("_s")]
    moved = {name: value + by_s for name in moments if (value := getattr(seen, name)) is not None}
    paid = []
    for one in seen.payments:
        names = [name for name in Payment.__dataclass_fields__ if name.endswith("_s")]
        paid.append(replace(one, **{n: v + by_s for n in names if (v := getattr(one, n)) is not None}))
    return replace(seen, **moved, payments=tuple(paid))
