"""Rates in whole numbers: never more than was promised, never a rounding that locks anybody out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from licet.gate.limit import Limit

US = 1_000_000


@given(
    st.integers(1, 20),
    st.sampled_from([1, 7, 60, 3600]),
    st.lists(st.integers(0, 20 * US), max_size=60),
)
def test_a_rate_never_lets_more_through_than_its_burst_and_its_credit(
    rate: int, window_s: int, waits: list[int]
) -> None:
    limit, now, taken = Limit(rate, window_s * US, 0), 10**15, []
    for wait in waits:
        now += wait
        if limit.take(now) == 0:
            taken.append(now)
    for i, begin in enumerate(taken):
        for n, end in enumerate(taken[i:], 1):
            assert (n - rate) * window_s * US <= (end - begin) * rate


@given(st.integers(1, 20), st.sampled_from([1, 7, 60]), st.integers(0, 40))
def test_whoever_waits_as_long_as_told_is_let_in_and_a_moment_earlier_is_not(
    rate: int, window_s: int, calls: int
) -> None:
    limit, now = Limit(rate, window_s * US, 0), 10**15
    for _ in range(calls):
        limit.take(now)
    wait = limit.take(now)
    if wait:
        assert limit.take(now + wait - 1) > 0
        assert limit.take(now + wait) == 0


def test_a_full_burst_then_one_at_a_time() -> None:
    limit = Limit(60, 60 * US, 0)
    assert [limit.take(0) for _ in range(60)] == [0] * 60
    assert limit.take(0) == US
    assert limit.left(0) == (0, 60)
    assert limit.take(US) == 0


def test_a_refusal_is_not_counted_and_what_is_given_back_may_be_taken_again() -> None:
    limit = Limit(1, 60 * US, 0)
    assert limit.take(0) == 0
    for _ in range(100):
        assert limit.take(0) == 60 * US
    limit.give_back()
    assert limit.take(0) == 0


def test_a_clock_that_is_set_back_locks_nobody_out() -> None:
    limit = Limit(2, 60 * US, 0)
    limit.take(10**15)
    limit.take(10**15)
    assert limit.take(10**15 - 3600 * US) == 0


def test_no_rate_is_no_limit() -> None:
    limit = Limit(0, 0, 0)
    assert all(limit.take(0) == 0 for _ in range(1000))
