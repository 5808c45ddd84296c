"""Who would gain and who would lose by a change, before it is made? Asked of each standing, not of each holder.

Holders of equal standing are answered alike, and standings are few, so the work does not grow with the number of holders.
What is compared is all that the gate would do: for every feature and download the ways to yes with their limits and
duties, for every way in which the facts that keys declare may turn out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Literal

from licet.access.slot import Slot, slot
from licet.access.standing import Standing
from licet.release.policy import ANONYMOUS, download, served
from licet.release.release import Release
from licet.terms import CLOCK, METER, Ask, Policy, Verdict, clauses_of, may
from licet.terms.action import DOWNLOAD
from licet.terms.clause import Scalar
from licet.terms.fact import bind, row
from licet.terms.verdict import Answer

Way = Literal["gains", "loses", "differs"]
TRUTHS = 3  # of so many declared facts every combination is tried; a release that asks for more is rare


@dataclass(frozen=True, slots=True)
class Kin:
    """Holders who are answered alike: the standing of one of them, how many there are, and the ids of a few."""

    standing: Standing
    holders: int
    some: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Side:
    """How one standing is answered, before or after: by which document, in which role."""

    release: Release
    standing: Standing
    role: Policy | None = None
    newest: bool = True


@dataclass(frozen=True, slots=True)
class Turned:
    """One answer that would turn for one kin. `when`: the declared facts under which it does; empty: under all."""

    way: Way
    action: str
    component: str
    kin: Kin
    before: Verdict
    after: Verdict
    limits_before: tuple[str, ...]  # of the widest way: "10 calls/month"; empty: no limit, or no
    limits_after: tuple[str, ...]
    tier_after: str  # which the change may be
    when: Mapping[str, bool] = field(default_factory=dict)


def turned(kin: Kin, before: Side, after: Side, now_s: int) -> Iterator[Turned]:
    """What would turn for one kin; nothing where both sides are the same."""
    if before == after:
        return
    declared = _truths(before.release, after.release)
    for action, component in _questions(before.release, after.release):
        found = [(facts, step) for facts in declared if (step := _step(before, after, action, component, facts, now_s))]
        alike = len({step[0] for _, step in found}) == 1 and len(found) == len(declared)
        for facts, (way, was, now) in found[:1] if alike else found:
            yield Turned(
                way, action, component, kin, was.verdict, now.verdict, was.limits, now.limits,
                after.standing.tier, {} if alike else facts,
            )  # fmt: skip


def compared(
    kins: Iterable[Kin], before: Callable[[Kin], Side], after: Callable[[Kin], Side], now_s: int
) -> tuple[Turned, ...]:
    """What would turn for anybody: those who lose first, the most holders first."""
    found = [one for kin in kins for one in turned(kin, before(kin), after(kin), now_s)]
    order: Mapping[Way, int] = {"loses": 0, "differs": 1, "gains": 2}
    return tuple(sorted(found, key=lambda one: (order[one.way], -one.kin.holders, one.action, one.component)))


def touched(found: Iterable[Turned], *ways: Way) -> int:
    """How many holders something of these ways (all of them) would happen to; each counted once."""
    kins = {id(one.kin): one.kin.holders for one in found if not ways or one.way in ways}
    return sum(kins.values())


# --- one answer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Reach:
    """What one side gives: the verdict on the first call of every window, and the ways with their limits and duties."""

    verdict: Verdict
    slot: Slot

    @property
    def limits(self) -> tuple[str, ...]:
        widest = min(self.slot.ways, key=lambda way: len(way.takes), default=None)
        takes = widest.takes if widest else ()
        return tuple(f"{most:,} {meter.removeprefix(METER).partition('@')[0]}" for meter, most in takes)

    def covers(self, other: _Reach) -> bool:
        """Whatever the other lets through this lets through, and asks for nothing more."""
        return all(
            any(
                all(m in has and has[m] <= most for m, most in mine.takes)
                and {c.duty for c in mine.yes.duties} <= {c.duty for c in theirs.yes.duties}
                for mine in self.slot.ways
            )
            for theirs in other.slot.ways
            for has in [dict(theirs.takes)]
        )


def _step(
    before: Side, after: Side, action: str, component: str, facts: Mapping[str, bool], now_s: int
) -> tuple[Way, _Reach, _Reach] | None:
    was, now = (_reach(side, action, component, facts, now_s) for side in (before, after))
    kept, more = now.covers(was), was.covers(now)
    if kept and more:
        return None
    return ("gains" if kept else "loses" if more else "differs"), was, now


def _reach(side: Side, action: str, component: str, facts: Mapping[str, bool], now_s: int) -> _Reach:
    release, standing = side.release, side.standing
    known = release.component(component) if action == DOWNLOAD else release.feature(action)
    if known is None:
        return _Reach(Verdict(Answer.NO), Slot(()))
    grants = tuple(grant.policy for grant in standing.grants)
    if action == DOWNLOAD:
        policy = download(
            release, component, grants=grants, role=side.role, cap_nanos=standing.cap_nanos, newest=side.newest
        )
    else:
        policy = served(
            release, action, grants=grants, role=side.role, cap_nanos=standing.cap_nanos, newest=side.newest
        )
        feature = release.feature(action)
        component = feature.serves[0] if feature and feature.serves else component
    told: dict[str, Scalar] = {CLOCK: now_s, **standing.facts}
    if ANONYMOUS not in standing.claims:  # nobody asks a caller without an account to declare anything
        told |= {**facts, **{f"declared:{name}": True for name in release.declare}}
    ask = bind(policy, Ask(action, component, standing.claims, told))
    meters = {f.name: 1 for c in clauses_of(policy) for f in c.when if f.name.startswith(METER)}
    return _Reach(may(policy, Ask(ask.action, ask.component, ask.claims, {**meters, **ask.facts})), slot(policy, ask))


def _truths(*releases: Release) -> list[Mapping[str, bool]]:
    names = dict.fromkeys(n for r in releases for n in r.declare if (known := row(n)) and known.type is bool)
    few = list(names)[:TRUTHS]
    return [dict(zip(few, values, strict=True)) for values in product((False, True), repeat=len(few))]


def _questions(*releases: Release) -> list[tuple[str, str]]:
    """Every feature, and the download of every component that can be fetched, of either document."""
    found = {(f.name, f.serves[0] if f.serves else ""): None for r in releases for f in r.features if not f.download}
    found |= {(DOWNLOAD, f.download): None for r in releases for f in r.features if f.download}
    first = {name: component for name, component in reversed(found) if name != DOWNLOAD}
    return [*first.items(), *(q for q in found if q[0] == DOWNLOAD)]
