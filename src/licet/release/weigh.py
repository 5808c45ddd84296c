"""Which of two licenses leaves more freedom? Asked, not looked up: of `may`, for people whom everybody can picture."""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, TypeAlias

from licet.terms.verdict import Answer

Way: TypeAlias = Literal["looser", "stricter", "other"]

FLIPPED: dict[Way, Way] = {"looser": "stricter", "stricter": "looser", "other": "other"}


@lru_cache(1024)
def weigh(old: str | None, new: str | None) -> Way:
    """How the answers move from one license expression to another; `None` is no license at all (proprietary).

    Answers come first: better for somebody and worse for nobody is looser. Where all answers stay, fewer duties are.
    "other" where it is better for some and worse for others, or where only words differ.
    """
    before, after = _answers(old), _answers(new)
    steps = {_sign(after[ask][0] - before[ask][0]) for ask in before} - {0}
    if not steps:
        kept = [(before[ask][1], after[ask][1]) for ask in before]
        steps = {-1 for b, a in kept if not a <= b} | {1 for b, a in kept if not b <= a}
    return "other" if len(steps) != 1 else "looser" if steps == {1} else "stricter"


@lru_cache(256)
def _answers(expression: str | None) -> dict[tuple[str, str], tuple[Answer, frozenset[str]]]:
    from licet.licenses.ask import may_license
    from licet.licenses.personas import PERSONAS

    asks = [(person, action) for person in PERSONAS.values() for action in person.actions]
    if expression is None:
        return {(person.name, action): (Answer.NO, frozenset()) for person, action in asks}
    answers = {}
    for person, action in asks:
        verdict = may_license(action, expression, facts=person.facts)
        answers[person.name, action] = (verdict.answer, frozenset(c.duty for c in verdict.duties))
    return answers


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
