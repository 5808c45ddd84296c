"""What is owed for a stretch of use? Pure: counted windows and the terms in force in, lines out.

Every unit has a place in its counter: the k-th unit of a window is past the quota where k is above the limit that was in
force when it was used. What a grant let in beside the tier has no place there, and costs nothing. So a tier that changes
in the middle of a month changes what comes after it and nothing before, and the lines of a counter always add up to the
counter, to the last unit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from licet.access.price import owed_minor, words
from licet.ledger.usage import Run, Window
from licet.release.policy import SPEND, past
from licet.release.release import Price, Quota, Release

Read = Callable[[str], Release | None]
"""A published document by its SHA-256; None for one that is not known."""


@dataclass(frozen=True, slots=True)
class Line:
    """One counter under one set of terms: `used` units, of which `past` are past the quota and cost `amount_minor`.

    `cite` is where price, or else quota, is written. Without a quota `limit` is None, without a price `price` is "".
    """

    counter: str
    tier: str
    document: str
    cite: str
    limit: int | None
    used: int
    past: int
    calls: int
    price: str
    currency: str
    amount_minor: int

    @property
    def included(self) -> int:
        return self.used - self.past

    @property
    def meter(self) -> str:
        return self.counter.partition("/")[0]

    @property
    def period(self) -> str:
        return self.counter.partition("/")[2].partition("@")[0]

    @property
    def features(self) -> str:
        """What a quota over some features counts; "" for one over all."""
        return self.counter.partition("@")[2].replace("+", ", ")

    def told(self) -> dict[str, Any]:
        """As plain data, to be kept."""
        return asdict(self)


@dataclass(slots=True)
class _Sum:
    used: int = 0
    past: int = 0
    calls: int = 0


@dataclass(frozen=True, slots=True)
class Written:
    """What a tier's document says of one counter."""

    quota: Quota | None
    price: Price | None
    cite: str


def lines(windows: Iterable[Window], read: Read, newest: str = "") -> tuple[Line, ...]:
    """The bill, in the order of counters and of time. Counters that no terms have a quota for are left out.

    `newest` is the document in force: lines of another are cited with its digest.
    """
    sums: dict[tuple[str, str, str], _Sum] = {}
    known: dict[tuple[str, str, str], Written] = {}
    for window in windows:
        if billed(window.counter.meter):
            at = 0
            for run in window.runs:
                key = (window.counter.meter, run.tier, run.document)
                if key not in known:
                    known[key] = written(read, *key, newest)
                one = sums.setdefault(key, _Sum())
                one.used, one.calls = one.used + run.units, one.calls + run.calls
                one.past += past_units(known[key], at, run)
                at += 0 if run.granted else run.units
    quoted = {key[0] for key in sums if known[key].quota}
    return tuple(_line(key, one, known[key]) for key, one in sums.items() if key[0] in quoted)


def owed_units(window: Window, read: Read) -> int:
    """How many units of one window are past a quota with a price."""
    owed = at = 0
    for run in window.runs:
        owed += past_units(written(read, window.counter.meter, run.tier, run.document), at, run)
        at += 0 if run.granted else run.units
    return owed


def past_units(terms: Written, at: int, run: Run) -> int:
    """Of a run that begins after `at` units those past the quota, where that has a price."""
    if terms.quota is None or terms.price is None or run.granted:
        return 0
    limit = terms.quota.limit
    return max(0, at + run.units - limit) - max(0, at - limit)


def billed(counter: str) -> bool:
    """Is it a tier's counter? Not what a key's or a grant's own quota counts, nor the sum that a cap is held against."""
    return counter != SPEND and ":" not in counter.partition("@")[2]


def written(read: Read, counter: str, tier: str, document: str, newest: str = "") -> Written:
    """The quota of this counter in this tier of this document, with the price past it."""
    release = read(document)
    level = release.tier(tier) if release else None
    quota = next((q for q in level.quotas if q.counter == counter), None) if level else None
    if release is None or level is None or quota is None:
        return Written(None, None, "")
    price = next((price for _, price in past(level, (quota,))), None)
    line = price.line if price else quota.line
    return Written(quota, price, release.cite(line, newest=newest in ("", document)))


def totals(of: Iterable[Line]) -> dict[str, int]:
    """The sum of each currency, in its smallest coin. Lines are rounded, sums are not."""
    found: dict[str, int] = {}
    for line in of:
        if line.currency:
            found[line.currency] = found.get(line.currency, 0) + line.amount_minor
    return found


def _line(key: tuple[str, str, str], one: _Sum, terms: Written) -> Line:
    price = terms.price
    return Line(
        *key, terms.cite, terms.quota.limit if terms.quota else None, one.used, one.past, one.calls,
        words(price) if price else "", price.currency if price else "", owed_minor(price, one.past) if price else 0,
    )  # fmt: skip
