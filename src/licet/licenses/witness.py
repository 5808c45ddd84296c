"""For whom would a clause bite, and what is the kindest answer that anybody gets? Facts found, never guessed.

A *witness* of a clause is a set of facts under which it holds. The *best* answer is the one for the plainest asker: no
commerce, no size, no rivalry, and each purpose tried in turn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import product
from typing import Final

from licet.terms.clause import Ask, Clause, Fact, Scalar, Terms
from licet.terms.fact import FACTS, bind
from licet.terms.may import may
from licet.terms.verdict import Verdict

PURPOSES: Final = FACTS["purpose"].choices
_PLAINEST: Final[Mapping[str, Scalar]] = {
    "commercial": False,
    "hardware": "nvidia",
    "country": "US",
    "monthly_active_users": 0,
    "annual_revenue_usd": 0,
    "employees": 1,
    "modified": False,
    "multimodal": False,
    "registered": True,
    "competing": False,
    "trained_model": "other",
}


def best(terms: Terms, action: str, facts: Mapping[str, Scalar]) -> Verdict:
    """The kindest verdict over all purposes for the plainest asker of whom `facts` hold."""
    return _best(terms, action, tuple(sorted(facts.items())))


@lru_cache(65536)
def _best(terms: Terms, action: str, facts: tuple[tuple[str, Scalar], ...]) -> Verdict:
    known = {**_PLAINEST, **dict(facts)}
    purposes = (known["purpose"],) if "purpose" in known else PURPOSES
    asks = (Ask(action, "", frozenset(), {**known, "purpose": purpose}) for purpose in purposes)
    return max((may(terms, bind(terms, ask)) for ask in asks), key=lambda v: (v.answer, -len(v.duties)))


def witnesses(clause: Clause) -> Iterator[dict[str, Scalar]]:
    """Every plain way in which the facts of a clause can hold; what only the text knows is left out."""
    tests = [f for f in clause.when if f.name in FACTS]
    for values in product(*(_values(f) for f in tests)):
        yield {f.name: value for f, value in zip(tests, values, strict=True)}


def _values(fact: Fact) -> tuple[Scalar, ...]:
    choices = FACTS[fact.name].choices
    match fact.test, fact.value:
        case "is", value if not isinstance(value, frozenset):
            return (value,)
        case "is not", value:
            return tuple(c for c in choices if c != value) or (not value if isinstance(value, bool) else "other",)
        case "in", frozenset() as values:
            return tuple(sorted(values, key=str)[:1])
        case "not in", frozenset() as values:
            return tuple(c for c in choices if c not in values) or ("ZZ",)
        case ">", int() as value:
            return (value + 1,)
        case "<=", int() as value:
            return (value,)
    raise ValueError(f"no test of ours: {fact}")
