"""Where do two licenses differ, which way, and for whom?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.ask import may_license
from licet.licenses.expression import license_id
from licet.licenses.kinds import KINDS, RIGHTS, UNSAID
from licet.licenses.personas import PERSONAS
from licet.licenses.shelf import Limit, Reading, Sheet

Direction = Literal["looser", "stricter", "other"]


@dataclass(frozen=True, slots=True)
class Change:
    """One kind of clause that differs. `direction` is seen by who takes the license: `looser` leaves more freedom.

    `before` and `after` are the values (`from` and `to` in JSON); `cites` the places in both texts; `words` what each
    text says beyond its value that the other does not.
    """

    kind: str
    before: str
    after: str
    direction: Direction
    cites: tuple[str, ...]
    words: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Shift:
    """What changes for one of seven people: the action whose answer moves, from what to what, and why."""

    who: str
    action: str
    before: str
    after: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both ids, the clauses that differ, who gains and who loses, and the answers that say so."""

    before: str
    after: str
    changes: tuple[Change, ...]
    who_gains: tuple[str, ...]
    who_loses: tuple[str, ...]
    shifts: tuple[Shift, ...]


def compare(before: str, after: str) -> Comparison:
    """What changes for those who had `before` and get `after`. Empty for a license with itself.

    LicetError for a name that nobody knows or whose text nobody has read.
    """
    return _compared(license_id(before), license_id(after))


@lru_cache(4096)
def _compared(before: str, after: str) -> Comparison:
    old, new = _read(before), _read(after)
    shifts = tuple(_shifts(before, after)) if before != after else ()
    return Comparison(
        before,
        after,
        tuple(change for kind in KINDS if (change := _change(old, new, kind))),
        tuple(dict.fromkeys(s.who for s in shifts if _rank(s.after) > _rank(s.before))),
        tuple(dict.fromkeys(s.who for s in shifts if _rank(s.after) < _rank(s.before))),
        shifts,
    )


def _read(id: str) -> Sheet:
    sheet = shelf.sheet(id)
    if sheet is None:
        raise LicetError(f"nobody has read the text of `{id}` yet", mend="only licenses on the shelf can be compared")
    return sheet


def _change(old: Sheet, new: Sheet, kind: str) -> Change | None:
    a, b = old[kind], new[kind]
    if a.value == b.value and (a.value in UNSAID or _content(old, kind) == _content(new, kind)):
        return None
    words = (_words(a, b), _words(b, a))
    cites = (old.cite(a.section), new.cite(b.section))
    return Change(kind, a.value, b.value, _direction(old, new, kind), cites, words)


def _content(sheet: Sheet, kind: str) -> tuple[frozenset[str], tuple[Limit, ...]]:
    """What a reading says beyond its value: its list and its limits. Notes are the reader's words, not the text's."""
    return frozenset(sheet[kind].items), _limits(sheet, kind)


def _limits(sheet: Sheet, kind: str) -> tuple[Limit, ...]:
    found = (limit for limit in sheet.limits if limit.clause == kind)
    return tuple(Limit(m.clause, m.acts, m.when, m.says, m.duty, "", m.unsettled) for m in found)


def _words(reading: Reading, other: Reading) -> str:
    """What this one says that the other does not; where it is a yes or no, the reader's remark."""
    apart = "; ".join(item for item in reading.items if item not in other.items)
    return apart or ("" if reading.items or reading.value == other.value else reading.note)


# Freer first. A value that stands nowhere here (an owner, a law) is neither looser nor stricter.
_LADDERS: Final[Mapping[str, tuple[str, ...]]] = {
    "grant": ("yes", "conditional", "no"),
    "patent_grant": ("yes", "silent", "no"),
    "trademark": ("limited-grant", "silent", "no-grant"),
    "duty": ("none", "conditional", "required"),
    "limit": ("none", "present"),
    "acceptable_use_policy": ("none", "inline", "by-url", "inline-changeable", "by-url-changeable"),
    "same_license": ("none", "file", "library", "data", "derivatives", "work", "network", "service-stack"),
    "patent_retaliation": ("none", "patent-license", "whole-license"),
    "revocability": ("irrevocable", "silent", "revocable", "at-will"),
    "termination": ("none", "licensor-on-breach", "auto-on-breach", "at-will"),
    "unilateral_change_of_terms": ("none", "new-version-optional", "present"),
    "output_ownership": ("licensee", "licensor"),
    "warranty": ("partly-given", "disclaimed"),
    "liability": ("capped", "excluded"),
}
_MORE_IS_FREER: Final = ("research_medical_or_other_exceptions", "change_date_delayed_opening")


def _direction(old: Sheet, new: Sheet, kind: str) -> Direction:
    before, after = _taken(old, kind), _taken(new, kind)
    if before == after:
        return _by_limits(old, new, kind) if old[kind].value == new[kind].value else "other"
    ladder = _ladder(kind)
    if before not in ladder or after not in ladder:
        return "other"
    looser = ladder.index(after) < ladder.index(before)
    return "looser" if looser != (kind in _MORE_IS_FREER) else "stricter"


def _taken(sheet: Sheet, kind: str) -> str:
    """The value as `clauses.py` takes it: silence under an unlimited grant is a yes."""
    value = sheet[kind].value
    general = kind in RIGHTS and kind not in ("trademark", "patent_grant")
    return "yes" if general and value == "silent" and sheet.scope == "unrestricted" else value


def _ladder(kind: str) -> tuple[str, ...]:
    if kind in _LADDERS:
        return _LADDERS[kind]
    values = KINDS[kind].values
    return next((_LADDERS[n] for n in ("grant", "duty", "limit") if set(_LADDERS[n]) <= set(values)), ())


def _by_limits(old: Sheet, new: Sheet, kind: str) -> Direction:
    """Same value, other content: bars that come or go, or a number over the same fact that moved."""
    a, b = _limits(old, kind), _limits(new, kind)
    if set(a) != set(b) and (set(a) <= set(b) or set(b) <= set(a)):
        return "looser" if set(b) <= set(a) else "stricter"
    if len(a) != 1 or len(b) != 1 or len(a[0].when) != len(b[0].when):
        return _by_list(old[kind], new[kind])
    moved = [(x[2], y[2]) for x, y in zip(a[0].when, b[0].when, strict=True) if x[:2] == y[:2] and x != y]
    same = sum(x == y for x, y in zip(a[0].when, b[0].when, strict=True))
    if len(moved) == 1 and same == len(a[0].when) - 1 and all(type(v) is int for v in moved[0]):
        return "looser" if moved[0][1] > moved[0][0] else "stricter"
    return "other"


def _by_list(a: Reading, b: Reading) -> Direction:
    """A list of bars that only grew is stricter, one that only shrank is looser."""
    if a.kind not in ("field_of_use_restrictions", "output_restrictions", "user_geography_exclusion", "no_compete"):
        return "other"
    before, after = frozenset(a.items), frozenset(b.items)
    return "stricter" if before < after else "looser" if after < before else "other"


_ANSWERS: Final = ("no", "depends", "yes")


def _rank(answer: str) -> int:
    return _ANSWERS.index(answer)


def _shifts(before: str, after: str) -> list[Shift]:
    old, new = _answers(before), _answers(after)
    return [
        Shift(who, action, was, now, tuple(dict.fromkeys((*cites, *new[who, action][1]))))
        for (who, action), (was, cites) in old.items()
        if was != (now := new[who, action][0])
    ]


@cache
def _answers(id: str) -> Mapping[tuple[str, str], tuple[str, tuple[str, ...]]]:
    """What each of the seven people is told about each action they care for, with the cites."""
    told = {}
    for who, persona in PERSONAS.items():
        for action in persona.actions:
            verdict = may_license(action, id, facts=persona.facts)
            told[who, action] = (_ANSWERS[verdict.answer], tuple(clause.cite for clause in verdict.because))
    return told
