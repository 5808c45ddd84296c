"""Windows: every moment lies in exactly one, and a month keeps its holder's day."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.access.quota import PERIODS, Window, fact, period, window
from licet.errors import LicetError

moments = st.integers(min_value=0, max_value=4_102_444_800)  # until 2100
periods = st.sampled_from(PERIODS)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def day(at_s: int) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


@given(periods, moments, moments | st.none())
def test_a_window_holds_its_moment(name: str, now_s: int, anchor_s: int | None) -> None:
    found = window(name, now_s, anchor_s)
    assert found.start_s <= now_s < found.end_s


@given(periods, moments, moments | st.none())
def test_windows_follow_each_other_without_gap_or_overlap(name: str, now_s: int, anchor_s: int | None) -> None:
    found = window(name, now_s, anchor_s)
    assert window(name, found.start_s, anchor_s) == window(name, found.end_s - 1, anchor_s) == found
    assert window(name, found.end_s, anchor_s).start_s == found.end_s
    assert window(name, found.start_s - 1, anchor_s).end_s == found.start_s


@given(moments, moments)
def test_a_month_begins_on_the_anchors_day_and_time_or_on_the_last_day(now_s: int, anchor_s: int) -> None:
    begins, anchor = day(window("month", now_s, anchor_s).start_s), day(anchor_s)
    assert begins.time() == anchor.time()
    assert begins.day == min(anchor.day, monthrange(begins.year, begins.month)[1])


@given(moments, moments)
def test_a_month_is_28_to_31_days(now_s: int, anchor_s: int) -> None:
    found = window("month", now_s, anchor_s)
    assert 28 * 86_400 <= found.end_s - found.start_s <= 31 * 86_400


@given(moments)
def test_an_anchor_begins_its_own_month(anchor_s: int) -> None:
    assert window("month", anchor_s, anchor_s).start_s == anchor_s


@given(st.sampled_from(["minute", "hour", "day"]), moments, moments)
def test_shorter_windows_do_not_look_at_the_anchor(name: str, now_s: int, anchor_s: int) -> None:
    assert window(name, now_s, anchor_s) == window(name, now_s)


@pytest.mark.parametrize(
    ("anchor", "now", "start", "end"),
    [
        ("2026-01-31T10:30:00", "2026-01-31T10:30:00", "2026-01-31T10:30:00", "2026-02-28T10:30:00"),
        ("2026-01-31T10:30:00", "2026-02-28T10:29:59", "2026-01-31T10:30:00", "2026-02-28T10:30:00"),
        ("2026-01-31T10:30:00", "2026-02-28T10:30:00", "2026-02-28T10:30:00", "2026-03-31T10:30:00"),
        ("2026-01-31T10:30:00", "2028-02-29T23:00:00", "2028-02-29T10:30:00", "2028-03-31T10:30:00"),
        ("2024-02-29T00:00:00", "2025-02-28T00:00:00", "2025-02-28T00:00:00", "2025-03-29T00:00:00"),
        ("2025-12-15T08:00:00", "2026-01-10T00:00:00", "2025-12-15T08:00:00", "2026-01-15T08:00:00"),
        ("2026-05-15T08:00:00", "2026-05-01T00:00:00", "2026-04-15T08:00:00", "2026-05-15T08:00:00"),
    ],
)
def test_a_short_month_turns_on_its_last_day_and_the_next_returns(anchor: str, now: str, start: str, end: str) -> None:
    assert window("month", at(now), at(anchor)) == Window(at(start), at(end))


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        ("minute", "2026-11-23T04:32:00", "2026-11-23T04:33:00"),
        ("hour", "2026-11-23T04:00:00", "2026-11-23T05:00:00"),
        ("day", "2026-11-23T00:00:00", "2026-11-24T00:00:00"),
        ("month", "2026-11-01T00:00:00", "2026-12-01T00:00:00"),
    ],
)
def test_without_an_anchor_windows_are_cells_of_the_calendar_in_utc(name: str, start: str, end: str) -> None:
    assert window(name, at("2026-11-23T04:32:23")) == Window(at(start), at(end))


@pytest.mark.parametrize("scope", ["", "chat"])
@pytest.mark.parametrize("name", PERIODS)
def test_a_meters_name_tells_its_period(name: str, scope: str) -> None:
    assert period(fact("calls", name, scope)) == period(fact("calls", name, scope).removeprefix("used:")) == name


@pytest.mark.parametrize("name", ["used:calls", "used:calls/week", "calls/", "", "calls/month2@chat"])
def test_a_name_without_a_period_is_an_error(name: str) -> None:
    with pytest.raises(LicetError):
        period(name)


def test_an_unknown_period_is_an_error_that_names_the_near_one() -> None:
    with pytest.raises(LicetError, match="did you mean `month`"):
        window("months", 0)
