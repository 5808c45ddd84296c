"""What is a subscription worth to its holder, and from which moment on? Pure: no clock, no database, no provider.

A subscription's life is a row of **stages, each with the moment it begins**; the last one lasts. Nothing has to lapse
anything: the stages are worked out as far ahead as they are known, and the gate looks up the one of the moment.

| stage      | may call? | why                                                                                      |
| ---------- | --------- | ---------------------------------------------------------------------------------------- |
| trial      | yes       | the provider says so                                                                     |
| active     | yes       | paid                                                                                     |
| grace      | yes       | a charge failed (or a payment is disputed) less than the tier's `grace_days` ago         |
| restricted | no        | the same, and the days are over: 402 `payment_past_due`, the tier is still there         |
| paused     | no        | on hold at the provider                                                                  |
| ended      | first tier| over                                                                                     |

Three promises, each a law in the tests. **Paid time is kept**: before `paid_until_s` only money that went back takes
access (a lost dispute; a refund in full with the end). **Grace is whole**: it begins at the first failed attempt on
what is still owed, no retry moves it, and it lasts the tier's days. **Deafness is survived, and ends**: when we hear
nothing of a renewal, access goes on for `UNHEARD_S` and the grace days, then no longer.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from licet.portal.payments.port import Payment, Snapshot

Name = Literal["trial", "active", "grace", "restricted", "paused", "ended"]
Why = Literal["trial", "paid", "failed", "disputed", "unheard", "paused", "over"]

DAY_S = 86_400
UNHEARD_S = 3 * DAY_S  # providers charge some hours after a period's end; three nightly reconciles may go wrong
OPEN: frozenset[str] = frozenset({"trial", "active", "grace"})  # the stages in which the tier is paid
_FAILING = ("past_due", "unpaid")
_NEVER_BEGUN = ("incomplete", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Stage:
    """`from_s` is when it begins; it lasts until the next one does."""

    name: Name
    from_s: int
    why: Why

    @property
    def paid(self) -> bool:
        return self.name in OPEN


def stages(seen: Snapshot, grace_days: int, noted_s: int | None = None) -> tuple[Stage, ...]:
    """The life of a subscription as it was fetched: each stage begins later than the one before, and is another.

    Empty for one that was never begun (the first charge did not pass). `noted_s` is the first failure as we saw it, for
    a provider that does not tell. The moments follow from what was fetched, never from when it is looked at.
    """
    if seen.status in _NEVER_BEGUN:
        return ()
    case = _read(seen, grace_days * DAY_S, noted_s)
    life: list[Stage] = []
    for from_s in sorted({seen.started_s, *(s for s in case.moments() if s > seen.started_s)}):
        name, why = case.of(from_s)
        if not life or (life[-1].name, life[-1].why) != (name, why):
            life.append(Stage(name, from_s, why))
        if name == "ended":
            break
    return tuple(life)


def at(life: Iterable[Stage], now_s: int) -> Stage | None:
    """The stage of a moment; before the first, the first: a clock that was put back shuts nobody out. None: no life."""
    found: Stage | None = None
    for stage in life:
        if found is None or stage.from_s <= now_s:
            found = stage
    return found


def end_s(life: Iterable[Stage]) -> int | None:
    """When it ends, as far as that is known."""
    return next((stage.from_s for stage in life if stage.name == "ended"), None)


def owed_since(seen: Snapshot, noted_s: int | None = None) -> int | None:
    """The first failure of what is still owed: as the provider tells it; else as we noted it; else the period's start.

    None where nothing is owed.
    """
    if seen.status not in _FAILING:
        return seen.failed_s if seen.status == "canceled" else None
    return next((s for s in (seen.failed_s, noted_s, seen.period_from_s) if s is not None), seen.started_s)


@dataclass(frozen=True, slots=True)
class _Late:
    """Something is not paid from `from_s` on; borne until `borne_s`."""

    why: Why
    from_s: int
    borne_s: int


@dataclass(frozen=True, slots=True)
class _Case:
    """The moments that a life turns on; None: it does not come to that."""

    trial_until_s: int | None
    late: tuple[_Late, ...]
    paused_s: int | None
    resumes_s: int | None
    ends_s: int | None

    def moments(self) -> tuple[int, ...]:
        late = (s for one in self.late for s in (one.from_s, one.borne_s))
        return tuple(
            s for s in (self.trial_until_s, *late, self.paused_s, self.resumes_s, self.ends_s) if s is not None
        )

    def of(self, at_s: int) -> tuple[Name, Why]:
        """The stage of a moment: the worst that holds."""
        if self.ends_s is not None and at_s >= self.ends_s:
            return "ended", "over"
        if self.paused_s is not None and self.paused_s <= at_s and (self.resumes_s is None or at_s < self.resumes_s):
            return "paused", "paused"
        for one in self.late:
            if at_s >= one.borne_s:
                return "restricted", one.why
        for one in self.late:
            if at_s >= one.from_s:
                return "grace", one.why
        if self.trial_until_s is not None and at_s < self.trial_until_s:
            return "trial", "trial"
        return "active", "paid"


def _read(seen: Snapshot, grace_s: int, noted_s: int | None) -> _Case:
    running = _running(seen)
    paid_s, ends_s = seen.paid_until_s, _ends(seen, running, grace_s)
    late: list[_Late] = []
    if (owed_s := owed_since(seen, noted_s)) is not None:
        late.append(_Late("failed", owed_s, max(owed_s + grace_s, paid_s or 0)))
    if (taken_s := min((p.disputed_s or p.at_s for p in running if p.dispute == "open"), default=None)) is not None:
        late.append(_Late("disputed", taken_s, taken_s + grace_s))
    pauses = seen.paused_s is not None or seen.status == "paused"
    paused_s = max(seen.paused_s or seen.started_s, paid_s or 0) if pauses else None
    if not late and ends_s is None and paid_s is not None and (not pauses or seen.resumes_s is not None):
        unheard_s = max(paid_s, seen.resumes_s or 0) + UNHEARD_S
        late.append(_Late("unheard", unheard_s, unheard_s + grace_s))
    return _Case(seen.trial_until_s, tuple(late), paused_s, seen.resumes_s if pauses else None, ends_s)


def _ends(seen: Snapshot, running: Iterable[Payment], grace_s: int) -> int | None:
    """When it is over: at once when the money was taken back for good; else by wish, and never before what was paid."""
    running = tuple(running)
    lost = [p.judged_s or p.disputed_s or p.at_s for p in running if p.dispute == "lost"]
    if lost:
        return min(lost)
    if seen.status != "canceled":
        return seen.cancel_at_s
    ended_s = next((s for s in (seen.ended_s, seen.cancel_at_s) if s is not None), seen.started_s)
    paid = [p for p in running if p.state == "paid" and p.amount_minor]
    if paid and all(p.refunded for p in paid):
        return ended_s
    owed_s = owed_since(seen)
    return max(ended_s, seen.paid_until_s or 0, owed_s + grace_s if owed_s is not None else 0)


def _running(seen: Snapshot) -> tuple[Payment, ...]:
    """The payments that the running period rests on; all, of a one-off purchase."""
    since_s = seen.period_from_s
    return tuple(p for p in seen.payments if since_s is None or p.until_s is None or p.until_s > since_s)
