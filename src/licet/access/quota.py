"""Which window of a quota is it now, and when does it reset? A pure function of time: no job ever resets a counter.

`/ minute`, `/ hour` and `/ day` are fixed cells of the epoch, in UTC. `/ month` begins at the holder's anchor and at
the same day and time of each later month; a month that is too short turns on its last day, and the month after returns
to the original day (31 January, 28 February, 31 March).
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from licet.errors import LicetError, closest
from licet.terms.clause import METER

CELLS_S: Mapping[str, int] = {"minute": 60, "hour": 3_600, "day": 86_400}
PERIODS: tuple[str, ...] = (*CELLS_S, "month")

_DAY_S = CELLS_S["day"]
_EPOCH = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time in epoch seconds: `start_s` belongs to it, `end_s` (the reset) to the next one."""

    start_s: int
    end_s: int


def fact(meter: str, period: str, scope: str = "") -> str:
    """The meter fact of a quota: `used:calls/month`, or `used:calls/month@scope` for one limited to some features."""
    return f"{METER}{meter}/{period}" + (f"@{scope}" if scope else "")


def period(name: str) -> str:
    """The period in a meter's name: `used:calls/month@chat` (or without `used:`) -> `month`. LicetError without one."""
    _, slash, rest = name.partition("/")
    found = rest.partition("@")[0]
    if not slash or found not in PERIODS:
        raise LicetError(f"`{name}` names no period of a quota", mend=closest(found, PERIODS))
    return found


def window(period: str, now_s: int, anchor_s: int | None = None) -> Window:
    """The window around `now_s`. Only months look at the anchor; without one it is the calendar month, in UTC."""
    if cell_s := CELLS_S.get(period):
        start_s = now_s - now_s % cell_s
        return Window(start_s, start_s + cell_s)
    if period != "month":
        raise LicetError(f"`{period}` is no period of a quota", mend=closest(period, PERIODS))
    anchor_s = anchor_s or 0
    months = _month(now_s) - _month(anchor_s)
    if now_s < _turn(anchor_s, months):
        months -= 1
    return Window(_turn(anchor_s, months), _turn(anchor_s, months + 1))


def months_after(at_s: int, months: int) -> int:
    """The moment so many months later: the same day and time, or the last day of a month that is too short."""
    return _turn(at_s, months)


def _month(at_s: int) -> int:
    """Months since year 0."""
    day = date.fromordinal(_EPOCH + at_s // _DAY_S)
    return day.year * 12 + day.month - 1


def _turn(anchor_s: int, months: int) -> int:
    """The moment `months` months after the anchor. Counted from the original day each time, so a clamp never sticks."""
    year, month0 = divmod(_month(anchor_s) + months, 12)
    day = min(date.fromordinal(_EPOCH + anchor_s // _DAY_S).day, monthrange(year, month0 + 1)[1])
    return (date(year, month0 + 1, day).toordinal() - _EPOCH) * _DAY_S + anchor_s % _DAY_S
