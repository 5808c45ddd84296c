"""Which branch of the tree opened, and which stayed shut? Account, level, key, role, tier, each grant, acceptance, license.

The tree of a served call is an AllOf of doors, one of them with alternatives (the tier, or any grant): every door must
open, of alternatives one. Each branch has the verdict that `may` gives on it alone, so together they are the whole one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from licet.terms import AllOf, AnyOf, Ask, Policy, Terms, Verdict, may
from licet.terms.english import ENGLISH
from licet.terms.plain import Words, say

_EXACTLY = {  # what a set of terms is called, or begins to be: `release/policy.py` and its neighbours name them
    "account": "account", "levels": "level", "key": "key", "role": "role",
    "tiers": "tier", "approval": "tier", "payment": "tier", "cap": "tier",
}  # fmt: skip
_BEGINS = {
    "budget ": "budget", "declaration of ": "declaration", "acceptance of ": "acceptance",
    "quota of grant ": "grant", "grant ": "grant", "quota ": "tier",
}  # fmt: skip


class Branch(NamedTuple):
    """One door. `of` is more than 0 for alternatives: of those with the same number one is enough."""

    kind: str
    name: str  # which grant, which license; "" where there is only one of the kind
    verdict: Verdict
    of: int = 0


def branches(policy: Policy, ask: Ask) -> tuple[Branch, ...]:
    """The doors in the order they stand. What a license joins of its own stays one door, and so does an alternative."""
    return tuple(_doors(policy, ask))


def _doors(policy: Policy, ask: Ask) -> Iterator[Branch]:
    if isinstance(policy, Terms) or len({_kind(terms) for terms in _leaves(policy)}) == 1:
        yield _door(policy, ask)
    elif isinstance(policy, AnyOf):  # there is one in a tree: what the tier opens, or any grant
        yield from (_door(part, ask, of=1) for part in policy.of)
    else:
        for part in policy.of:
            yield from _doors(part, ask)


def _door(policy: Policy, ask: Ask, of: int = 0) -> Branch:
    return Branch(_kind(next(_leaves(policy))), _name(policy), may(policy, ask), of)


def _leaves(policy: Policy) -> Iterator[Terms]:
    match policy:
        case Terms():
            yield policy
        case AllOf(of) | AnyOf(of):
            for part in of:
                yield from _leaves(part)


def _kind(terms: Terms) -> str:
    begun = (kind for begins, kind in _BEGINS.items() if terms.name.startswith(begins))
    return _EXACTLY.get(terms.name) or next(begun, "license")


def _name(policy: Policy) -> str:
    """What tells a branch from others of its kind."""
    first = next(_leaves(policy))
    match _kind(first):
        case "license":
            return ", ".join(dict.fromkeys(t.name for t in _leaves(policy) if not t.name.startswith("change date")))
        case "grant" | "acceptance" | "declaration":
            return first.name.rpartition(" ")[2]
    return ""


def as_json(
    found: tuple[Branch, ...], *, action: str, component: str = "", tier: str | None = None, words: Words = ENGLISH
) -> list[dict[str, Any]]:
    """Each branch with its answer and its reasons; `one_of` numbers alternatives, null where the door must open."""
    return [
        {
            "branch": one.kind,
            "name": one.name,
            "answer": one.verdict.answer.name.lower(),
            "one_of": one.of or None,
            "because": [
                s._asdict()
                for s in say(one.verdict, action=action, component=component, tier=tier, words=words).because
            ],
        }
        for one in found
    ]
