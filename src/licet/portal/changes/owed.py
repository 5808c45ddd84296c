"""Is notice owed for a change, and from when may it be in force at the earliest? Pure."""

from __future__ import annotations

from collections.abc import Iterable

from licet.release.diff import Change
from licet.release.notice import DAY_S
from licet.release.release import Release


def stricter(found: Iterable[Change]) -> tuple[Change, ...]:
    """The changes that somebody must be told of before: what is stricter, and what a holder might lose by."""
    return tuple(c for c in found if c.way == "stricter" or c.loses)


def earliest_s(old: Release, found: Iterable[Change], *, holders: int, now_s: int) -> int:
    """The first second on which the change may be in force: 0 where nothing is owed, so that any day will do.

    What the terms in force promise (`notice_days`) is owed as soon as there is somebody to whom it was promised.
    """
    return now_s + old.notice_days * DAY_S if old.notice_days and holders and stricter(found) else 0
