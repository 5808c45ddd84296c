"""How is told what would turn? As JSON and as lines, the same on the command line and on a page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from licet.access.whatif import Turned
from licet.portal.models import Holder
from licet.portal.whatif.changes import Outcome
from licet.terms import Answer
from licet.terms.english import ENGLISH
from licet.terms.plain import Words, say


@dataclass(frozen=True, slots=True)
class Line:
    """One answer that would turn, ready for a page: `way` is "gains", "loses" or "differs"."""

    way: str
    what: str
    who: str
    before: str
    after: str
    cites: tuple[str, ...]


def lines(outcome: Outcome, words: Words = ENGLISH) -> list[Line]:
    return [
        Line(one.way, _what(one), who(one, outcome.unit), _side(one, words, after=False), _side(one, words, after=True),
             tuple(dict.fromkeys(said.cite for said in _said(one, words, after=True).because)))
        for one in outcome.turned
    ]  # fmt: skip


def as_json(outcome: Outcome) -> dict[str, Any]:
    return {
        "asked": {f"{outcome.unit}s": outcome.asked, "standings": outcome.kins},
        "gain": outcome.gain,
        "lose": outcome.lose,
        "turned": [
            {
                "way": one.way,
                "action": one.action,
                "component": one.component,
                "tier": one.kin.standing.tier,
                f"{outcome.unit}s": one.kin.holders,
                "some": list(one.kin.some),
                "when": dict(one.when),
                "before": _as_json(one, after=False),
                "after": _as_json(one, after=True),
            }
            for one in outcome.turned
        ],
    }


def summary(outcome: Outcome) -> str:
    """`2 holders gain, 1 loses (of 40 in 3 standings).`"""
    if not outcome.turned:
        return f"Nothing turns for anybody ({_count(outcome.asked, outcome.unit)} asked)."
    gain, lose = _count(outcome.gain, outcome.unit), outcome.lose
    verbs = ("gain" if outcome.gain != 1 else "gains", "lose" if lose != 1 else "loses")
    of = f"{outcome.asked:,} in {_count(outcome.kins, 'standing')}"
    return f"{gain} {verbs[0]}, {lose:,} {verbs[1]} (of {of})."


def who(one: Turned, unit: str = "holder") -> str:
    """`3 holders of tier free`, or the one holder by its name."""
    if not one.kin.holders and not one.kin.some:
        return "callers without an account"
    tier = f" of tier {one.kin.standing.tier}" if one.kin.standing.tier else " without a tier"
    if unit == "holder" and one.kin.holders == 1:
        found = Holder.objects.select_related("account").filter(pk=one.kin.some[0]).first()
        return f"{found or one.kin.some[0]}{tier}"
    return _count(one.kin.holders, unit) + tier


def _what(one: Turned) -> str:
    when = ", ".join(f"{name} is {str(value).lower()}" for name, value in one.when.items())
    of = f" {one.component}" if one.action == "download" else ""
    return f"{one.action}{of}" + (f" (when {when})" if when else "")


def _said(one: Turned, words: Words, *, after: bool) -> Any:
    verdict, tier = (one.after, one.tier_after) if after else (one.before, one.kin.standing.tier)
    return say(verdict, action=one.action, component=one.component, tier=tier or None, words=words)


def _side(one: Turned, words: Words, *, after: bool) -> str:
    verdict, limits = (one.after, one.limits_after) if after else (one.before, one.limits_before)
    if not verdict.because:
        return "no such feature"
    if verdict.answer is not Answer.YES:
        return f"{verdict.answer.name.lower()}: {_said(one, words, after=after).detail}"
    duties = [said.says for said in _said(one, words, after=after).duties]
    return "; ".join(("yes" + (f", {' and '.join(limits)}" if limits else ""), *duties))


def _as_json(one: Turned, *, after: bool) -> dict[str, Any]:
    verdict, limits = (one.after, one.limits_after) if after else (one.before, one.limits_before)
    said = _said(one, ENGLISH, after=after) if verdict.because else None
    return {
        "answer": verdict.answer.name.lower(),
        "detail": said.detail if said else "There is no such feature.",
        "because": [s._asdict() for s in said.because] if said else [],
        "duties": [s._asdict() for s in said.duties] if said else [],
        "limits": list(limits),
    }


def _count(n: int, unit: str) -> str:
    return f"{n:,} {unit}{'' if n == 1 else 's'}"
