"""Which of two licenses leaves more freedom, and to whom? Asked, not looked up: of `may`, for people easy to picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from licet.release.lent import Lender
from licet.terms import Answer, Ask, Clause, Policy, Says, Terms, Verdict, may
from licet.terms.fact import askable, bind

type Way = Literal["looser", "stricter", "other"]

_CALL = "call"  # stands for any feature of a release

FLIPPED: dict[Way, Way] = {"looser": "stricter", "stricter": "looser", "other": "other"}


@lru_cache(1024)
def weigh(old: str | None, new: str | None) -> Way:
    """How the answers move from one license expression to another; `None` is no license at all (proprietary).

    Both count: what one may do with the component itself, and what callers of a feature may do with what comes out.
    Answers come first: better for somebody and worse for nobody is looser. Where all answers stay, fewer duties are.
    "other" where it is better for some and worse for others, or where only words differ.
    """
    before, after = _answers(old), _answers(new)
    steps = {_sign(after[ask][0] - before[ask][0]) for ask in before} - {0}
    if not steps:
        kept = [(before[ask][1], after[ask][1]) for ask in before]
        steps = {-1 for b, a in kept if not a <= b} | {1 for b, a in kept if not b <= a}
    return "other" if len(steps) != 1 else "looser" if steps == {1} else "stricter"


def moved(old: str | None, new: str | None) -> tuple[tuple[str, str, Answer, Answer], ...]:
    """Whom a change from one license expression to another touches: (who, action, answer before, answer after)."""
    before, after = _answers(old), _answers(new)
    return tuple((*ask, was, after[ask][0]) for ask, (was, _) in before.items() if was is not after[ask][0])


@lru_cache(256)
def _answers(expression: str | None) -> dict[tuple[str, str], tuple[Answer, frozenset[str]]]:
    """What everybody may do with the component, and with what a feature makes of it."""
    from licet.licenses.ask import may_license
    from licet.licenses.personas import PERSONAS

    answers: dict[tuple[str, str], tuple[Answer, frozenset[str]]] = {}
    called = _called(expression)
    for person in PERSONAS.values():
        for action in person.actions:
            verdict = may_license(action, expression, facts=person.facts) if expression else Verdict(Answer.NO)
            answers[person.name, action] = _weight(verdict)
        answers[person.name, _CALL] = _weight(may(called, bind(called, Ask(_CALL, "", frozenset(), person.facts))))
    return answers


def _called(expression: str | None) -> Policy:
    """What a license lends to a feature, where every fact is declared; without a license the licensor's word alone."""
    serves = Clause(Says.CAN, frozenset({_CALL}), cite="the feature")
    if expression is None:
        return Terms("", (serves,))
    return Lender(frozenset(askable())).lent(expression, _CALL, serves, strangers=False)


def _weight(verdict: Verdict) -> tuple[Answer, frozenset[str]]:
    return verdict.answer, frozenset(c.duty for c in verdict.duties)


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
