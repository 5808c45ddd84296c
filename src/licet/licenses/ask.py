"""May somebody do this under that license? One question to a license or expression, answered like any other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from licet.errors import LicetError, closest
from licet.licenses.expression import policy
from licet.terms.action import ACTIONS, SUGAR, unsugared
from licet.terms.clause import Ask, Policy, Scalar
from licet.terms.fact import FACTS, Who, askable, bind
from licet.terms.may import may
from licet.terms.verdict import Verdict


def may_license(
    action: str,
    expression: str,
    *,
    component: str | None = None,
    claims: Iterable[str] = (),
    facts: Mapping[str, Scalar] | None = None,
) -> Verdict:
    """The verdict of a license (any name on the shelf) or SPDX expression on one action.

    `facts` are typed (`commercial=True`, `monthly_active_users=700_000_001`, `country="DE"`); a claim that is the name
    of a yes-or-no fact (`academic`) tells that fact. LicetError, with a mend, for an unknown license, action or fact.
    """
    claimed = frozenset(claims)
    told: dict[str, Scalar] = {name: True for name in claimed if _is_question(name)}
    told |= checked(facts or {})
    plain, meant = unsugared(known_action(action))
    for name, value in meant.items():
        if told.get(name, value) != value:
            raise LicetError(
                f"`{action}` is commercial, but the fact `{name}` says otherwise", mend=f"ask for `{plain}`"
            )
    terms: Policy = policy(expression)
    return may(terms, bind(terms, Ask(plain, component or "", claimed, {**told, **meant})))


def known_action(action: str) -> str:
    """The action itself. LicetError with the nearest one for a word that is none."""
    if action not in ACTIONS and action not in SUGAR:
        raise LicetError(f"unknown action `{action}`", mend=closest(action, (*ACTIONS, *SUGAR)) or _all_actions())
    return action


def checked(facts: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The facts, each known and of its type. LicetError names the first that is not."""
    for name, value in facts.items():
        row = FACTS.get(name)
        if row is None or row.who is not Who.ASKER:
            raise LicetError(f"`{name}` is not a fact that can be told", mend=closest(name, askable()) or _all_facts())
        if type(value) is not row.type or (row.choices and value not in row.choices):
            expected = " | ".join(row.choices) or {bool: "true or false", int: "a whole number"}.get(row.type, "text")
            raise LicetError(f"`{name}` cannot be `{value}`", mend=f"it is {expected}")
    return dict(facts)


def _is_question(claim: str) -> bool:
    row = FACTS.get(claim)
    return row is not None and row.who is Who.ASKER and row.type is bool


def _all_actions() -> str:
    return "known: " + ", ".join((*ACTIONS, *SUGAR))


def _all_facts() -> str:
    return "known: " + ", ".join(askable())
