"""When does a period end? Months are counted from the anchor, so that the 31st comes back after February."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta

from licet.testing.stripe.books import Json


def after(anchor_s: int, interval: str, count: int) -> int:
    """The moment `count` intervals after the anchor, the day of the month clamped."""
    at = datetime.fromtimestamp(anchor_s, UTC)
    if interval in ("day", "week"):
        return int((at + timedelta(days=count * (7 if interval == "week" else 1))).timestamp())
    months = at.year * 12 + at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = divmod(months, 12)
    day = min(at.day, monthrange(year, month + 1)[1])
    return int(at.replace(year=year, month=month + 1, day=day).timestamp())


def period_end(anchor_s: int, start_s: int, recurring: Json) -> int:
    """The first end of a period of this price that lies after `start_s`."""
    count = 1
    while (end := after(anchor_s, recurring["interval"], count * recurring["interval_count"])) <= start_s:
        count += 1
    return end
