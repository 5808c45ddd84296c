"""What is left of a policy once all is known but the counters and the clock? A few ways to yes, in order.

`may` stays the specification, and this is the same function worked out ahead of time: for any counts, the first way
whose takes all succeed carries exactly the duties that `may` says are owed, and none succeeds exactly when `may` does
not say yes (`tests/laws/test_slot_laws.py`). It holds because of how the readers let meters be written: in a *can* only
with `<=`, in a *must* only with `>`, never in a *cannot*. More use never helps.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import product

from licet.terms import CLOCK, METER, AllOf, Answer, AnyOf, Ask, Clause, Policy, Says, Terms, Verdict, clauses_of

NEVER_S = (
    1 << 62
)  # an integer, so that all ends compare; what `is` this one need not: two big integers cost thrice a test

Take = tuple[str, int]  # (the meter's fact, the most that it may read after the call)


@dataclass(frozen=True, slots=True)
class Way:
    """One way to yes: all takes succeed, together, and this verdict stands."""

    takes: tuple[Take, ...]
    yes: Verdict

    def open_at(self, counts: Mapping[str, int]) -> bool:
        """Would all takes succeed? `counts` are the meters after the call; one that is not counted reads 1."""
        return all(counts.get(meter, 1) <= most for meter, most in self.takes)


@dataclass(frozen=True, slots=True)
class Slot:
    """The ways to yes, to be tried in this order; none means no. From `until_s` on it is stale."""

    ways: tuple[Way, ...]
    until_s: int = NEVER_S

    def taken(self, counts: Mapping[str, int]) -> Way | None:
        """The way that a call with these counts takes."""
        return next((way for way in self.ways if way.open_at(counts)), None)


def slot(policy: Policy, ask: Ask) -> Slot:
    """The policy worked out for one standing at one moment. `ask.facts` hold the clock, and no meter."""
    return Slot(tuple(_ways(policy, ask)), _until_s(policy, ask))


def _until_s(policy: Policy, ask: Ask) -> int:
    """The next second at which a test on the clock turns over."""
    now_s = ask.facts[CLOCK]
    clock = (f.value for c in clauses_of(policy) if c.covers(ask) for f in c.when if f.name == CLOCK)
    turns = (v + 1 for v in clock if isinstance(v, int))
    return min((t for t in turns if t > int(now_s)), default=NEVER_S)


def _ways(policy: Policy, ask: Ask) -> list[Way]:
    """In such an order that, for any counts, the first that succeeds is what `may` chooses."""
    match policy:
        case Terms():
            return _of_terms(policy, ask)
        case AllOf(of):
            parts = [_ways(part, ask) for part in of]
            return _reached(_joined(combination) for combination in product(*parts))
        case AnyOf(of):
            return _merged([_ways(part, ask) for part in of])


def _of_terms(terms: Terms, ask: Ask) -> list[Way]:
    here = [c for c in dict.fromkeys(terms.clauses) if c.covers(ask)]
    if any(c.says is Says.CANNOT and c.holds(ask) is not False for c in here):
        return []
    cans = [c for c in here if c.says is Says.CAN and c.holds(ask, METER)]
    musts = [c for c in here if c.says is Says.MUST and c.holds(ask, METER) is not False]
    # A duty due past a mark is not due while the meter stays at or below it: to stop there is a way of its own.
    variants = sorted(product(*map(_stops, musts)), key=lambda v: sum(stop is None for stop in v))
    return _reached(
        Way(
            _least((*((f.name, f.value) for f in can.when if _metered(f.name)), *(s for s in stops if s))),
            Verdict(Answer.YES, (can,), tuple(m for m, stop in zip(musts, stops, strict=True) if stop is None)),
        )
        for stops in variants
        for can in cans
    )


def _stops(must: Clause) -> list[Take | None]:
    """The takes that keep a duty from being due, then None for owing it."""
    marks = [(f.name, f.value) for f in must.when if _metered(f.name) and isinstance(f.value, int)]
    return [*marks, None]


def _metered(name: str) -> bool:
    return name.startswith(METER)


def _least(takes: Iterable[tuple[str, object]]) -> tuple[Take, ...]:
    """One take a meter: the strictest."""
    most: dict[str, int] = {}
    for meter, limit in takes:
        assert isinstance(limit, int), "the readers let meters be compared with whole numbers only"
        most[meter] = min(limit, most.get(meter, limit))
    return tuple(sorted(most.items()))


def _joined(ways: Sequence[Way]) -> Way:
    takes = _least(take for way in ways for take in way.takes)
    return Way(takes, reduce(operator.and_, (way.yes for way in ways)))


def _reached(ways: Iterable[Way]) -> list[Way]:
    """Without those that come too late: whenever they would succeed, an earlier one has."""
    kept: list[Way] = []
    for way in ways:
        if not any(_implied(earlier.takes, way.takes) for earlier in kept):
            kept.append(way)
    return kept


def _implied(loose: Iterable[Take], strict: Iterable[Take]) -> bool:
    """Do all of `loose` succeed wherever all of `strict` do?"""
    has = dict(strict)
    return all(meter in has and has[meter] <= most for meter, most in loose)


# --- a choice ------------------------------------------------------------------------------------------------------


def _merged(choices: list[list[Way]]) -> list[Way]:
    """Either may be chosen, and `may` chooses the fewest duties, then the first written.

    Where each choice's own ways may be put in order of their duties, that is all: the lightest that succeeds. Where
    they may not (two parts of an AllOf share a duty, so that two duties weigh no more than one), every combination of
    what the choices would do is spelt out; then a way may hold more meters than it needs, which is exact, and rare.
    """
    if all(_sortable(ways) for ways in choices):
        return _reached(sorted((way for ways in choices for way in ways), key=_weight))
    return _reached(_spelt_out(choices))


def _weight(way: Way) -> int:
    return len(way.yes.duties)


def _sortable(ways: list[Way]) -> bool:
    """Does sorting by duties leave the first that succeeds as it is, for any counts?

    It does if, whenever a heavier way stands before a lighter and both succeed, one before the heavier succeeds too.
    """
    return all(
        any(_implied(before.takes, both) for before in ways[:first])
        for second, light in enumerate(ways)
        for first, heavy in enumerate(ways[:second])
        if _weight(heavy) > _weight(light)
        for both in [_least((*heavy.takes, *light.takes))]
    )


def _spelt_out(choices: list[list[Way]]) -> Iterator[Way]:
    for combination in product(*([*ways, None] for ways in choices)):
        if open_ways := [way for way in combination if way is not None]:
            best = reduce(operator.or_, (way.yes for way in open_ways))
            yield replace(_joined(open_ways), yes=best)
