"""What can a set of terms say? Clauses (can, must, cannot) on actions, components, parties and facts, each with its place.

A clause without a place (`cite`) cannot be shown, so the readers refuse to make one.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum


class Says(Enum):
    """The three lists that lawyers, choosealicense.com and its readers already use."""

    CAN = "can"
    MUST = "must"
    CANNOT = "cannot"


type Scalar = bool | int | str
type Value = Scalar | frozenset[Scalar]

METER, CLOCK = "used:", "now_s"

TESTS: Mapping[str, Callable[..., bool]] = {  # in pairs: the opposite of a test is a test
    "is": operator.eq,
    "is not": operator.ne,
    "<=": operator.le,
    ">": operator.gt,
    "in": lambda known, some: known in some,
    "not in": lambda known, some: known not in some,
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One test on one named fact. "Or" is a second clause; "not" is the opposite test.

    `value` is a scalar or a frozenset of scalars; its type is checked against `fact.py` where it is read.
    """

    name: str
    test: str
    value: Value

    def holds(self, facts: Mapping[str, Scalar]) -> bool | None:
        """True, False, or None when the fact is not known."""
        known = facts.get(self.name)
        return None if known is None else TESTS[self.test](known, self.value)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question: may somebody with these claims and facts do this action with this component?

    `claims` are what Licet itself vouches for ("tier:premium", "role:owner"): absent means no. `facts` absent means
    unknown, so whoever asks binds what Licet itself knows first (`fact.bind`).
    """

    action: str
    component: str
    claims: frozenset[str]
    facts: Mapping[str, Scalar]


@dataclass(frozen=True, slots=True)
class Clause:
    """One sentence of some terms. A field left `None` does not narrow it.

    `duty` is what a *must* asks for, in words. `code` is the stable reason code of a refusal by this clause (`code.py`).
    `cite` is the place where it is written: `CC-BY-NC-4.0 §2(a)(1)`, `licet.toml:41`.
    """

    says: Says
    actions: frozenset[str] | None = None
    components: frozenset[str] | None = None
    claims: frozenset[str] | None = None
    when: tuple[Fact, ...] = ()
    duty: str = ""
    code: str = ""
    cite: str = ""

    def covers(self, ask: Ask) -> bool:
        here = self.components is None or ask.component in self.components
        return here and (self.actions is None or ask.action in self.actions)

    def concerns(self, ask: Ask) -> bool:
        """Is it about this party at all, whatever the facts?"""
        return self.claims is None or not self.claims.isdisjoint(ask.claims)

    def holds(self, ask: Ask, apart_from: str = "\0") -> bool | None:
        """Do party and facts hold? None: a fact is missing. Facts named `apart_from…` are left out of the question."""
        if not self.concerns(ask):
            return False
        tests = [f.holds(ask.facts) for f in self.when if not f.name.startswith(apart_from)]
        return False if False in tests else None if None in tests else True


@dataclass(frozen=True, slots=True)
class Terms:
    """Clauses that speak with one voice: a license, a tier, a role, a quota, a grant."""

    name: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part applies (SPDX `AND`). Never empty."""

    of: tuple[Policy, ...]

    def __post_init__(self) -> None:
        if not self.of:
            raise ValueError("AllOf of nothing would allow everything")


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The asker may choose (SPDX `OR`). Never empty."""

    of: tuple[Policy, ...]

    def __post_init__(self) -> None:
        if not self.of:
            raise ValueError("AnyOf of nothing has nothing to choose from")


type Policy = Terms | AllOf | AnyOf


def clauses_of(policy: Policy) -> Iterator[Clause]:
    """Every clause of the tree, in the order written."""
    if isinstance(policy, Terms):
        yield from policy.clauses
    else:
        for part in policy.of:
            yield from clauses_of(part)


def lend(policy: Policy, wide: str, narrow: str) -> Policy:
    """The same clauses, same cites, saying of `narrow` what they say of `wide`.

    A license speaks of `use-outputs`, never of `basic_analysis`: lent, it speaks of both.
    """
    match policy:
        case AllOf(of):
            return AllOf(tuple(lend(p, wide, narrow) for p in of))
        case AnyOf(of):
            return AnyOf(tuple(lend(p, wide, narrow) for p in of))
        case Terms(name, clauses):
            return Terms(name, tuple(_lent(c, wide, narrow) for c in clauses))


def _lent(clause: Clause, wide: str, narrow: str) -> Clause:
    if clause.actions is None or wide not in clause.actions:
        return clause
    return replace(clause, actions=clause.actions | {narrow})
