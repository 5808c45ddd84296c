"""May WHO do WHAT with WHICH COMPONENT, and why? The specification: slow, obvious, pure.

Inside one set of terms a *cannot* that holds beats every *can*, and silence is no. Over `AllOf` the least answer stands
and duties add up; over `AnyOf` the greatest. `access/table.py` is the same function worked out ahead of time.
"""

from __future__ import annotations

import operator
from functools import reduce

from licet.terms.clause import AllOf, AnyOf, Ask, Clause, Policy, Says, Terms
from licet.terms.verdict import Answer, Verdict


def may(policy: Policy, ask: Ask) -> Verdict:
    """The verdict on one ask. Total: it never raises for values that the readers let through."""
    match policy:
        case AllOf(of):
            return reduce(operator.and_, (may(part, ask) for part in of))
        case AnyOf(of):
            return reduce(operator.or_, (may(part, ask) for part in of))
        case Terms():
            return _weigh(policy, ask)


def _weigh(terms: Terms, ask: Ask) -> Verdict:
    # Repeats are dropped: a clause said twice must not owe its duty twice (`&` would no longer be idempotent).
    clauses = dict.fromkeys(c for c in terms.clauses if c.covers(ask))

    def pick(says: Says, holds: bool | None) -> tuple[Clause, ...]:
        return tuple(c for c in clauses if c.says is says and c.holds(ask) is holds)

    if forbidden := pick(Says.CANNOT, True):
        return Verdict(Answer.NO, forbidden)
    granted, unsure = pick(Says.CAN, True), pick(Says.CAN, None)
    if not granted and not unsure:
        return Verdict(Answer.NO, _nearest(pick(Says.CAN, False), ask) or (_silence(terms, ask),))
    duties = pick(Says.MUST, True) + pick(Says.MUST, None)
    doubts = pick(Says.CANNOT, None) + (() if granted else unsure)
    needs = {f.name for c in doubts for f in c.when if f.holds(ask.facts) is None}
    answer = Answer.DEPENDS if doubts else Answer.YES
    return Verdict(answer, granted + doubts, duties, frozenset(needs))


def _nearest(misses: tuple[Clause, ...], ask: Ask) -> tuple[Clause, ...]:
    """The *can* clauses that came nearest: about this party with a fact against it, else about other parties."""
    return tuple(c for c in misses if c.concerns(ask)) or misses


def _silence(terms: Terms, ask: Ask) -> Clause:
    return Clause(Says.CANNOT, frozenset({ask.action}), cite=f"{terms.name} is silent")
