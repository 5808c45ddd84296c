"""What stands on the page of one license? Its clauses in groups, each clause once, and the answers to seven people."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from licet.licenses.alarms import BELLS
from licet.licenses.explain import Explanation, Told
from licet.licenses.kinds import ABOUT
from licet.licenses.personas import PERSONAS
from licet.portal.pages.known.filters import asked
from licet.portal.pages.known.finding import deeds
from licet.portal.pages.spoken import deed
from licet.portal.pages.words import CATALOGUE, figure
from licet.terms import plain
from licet.terms.clause import Scalar


@dataclass(frozen=True, slots=True)
class Clause:
    """One kind of clause: `cite` without the license's own id, `pin` a few words that find it in the text."""

    kind: str
    sentence: str
    cite: str
    pin: str


@dataclass(frozen=True, slots=True)
class Group:
    name: str
    heading: str
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Rung:
    """An alarm: the words for its kind, the clause it hangs on, the case it recalls, and where that can be read."""

    words: str
    kind: str
    sentence: str
    cite: str
    case: str
    source: str


@dataclass(frozen=True, slots=True)
class Line:
    """The answers to one question, a cell for each person; "" where that person would not ask it."""

    do: str
    words: str
    cells: tuple[tuple[str, str], ...]  # (who, answer)


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer in full. `told` are the facts that the person told."""

    who: str
    do: str
    question: str
    answer: str
    word: str
    said: plain.Spoken
    told: tuple[str, ...]
    doubts: tuple[str, ...]


def shorter(cite: str, id: str) -> str:
    """`MIT, ¶1` -> `¶1` on the page of MIT itself; nothing for the license as a whole."""
    return cite.removeprefix(id).lstrip(", ") if cite.startswith(id) else cite


def groups(told: Explanation) -> tuple[Group, ...]:
    """Every kind of clause in exactly one group; a group without clauses is left out."""
    placed: set[str] = set()
    found = []
    for name, heading, clauses in _arranged(told):
        new = [t for t in clauses if t.kind not in placed]
        placed.update(t.kind for t in new)
        if new:
            found.append(Group(name, heading, tuple(_clause(told, t) for t in new)))
    return tuple(found)


def _arranged(told: Explanation) -> Iterator[tuple[str, str, tuple[Told, ...]]]:
    about = tuple(t for t in told.clauses if t.kind in ABOUT and t.value not in ("silent", "unknown"))
    without = tuple(t for t in told.clauses if t.kind not in ABOUT and t.value == "none")
    yield "may", _("You may"), told.you_may
    yield "must", _("You must"), told.you_must
    yield "may-not", _("You may not, or not everywhere"), told.you_may_not
    yield "without", _("Looked for, and not in the text"), without
    yield "about", _("What it says of itself"), about
    yield "silent", _("Left open by the text"), told.not_said
    yield "unread", _("Nobody has read"), told.nobody_has_read
    yield "rest", _("Besides"), told.clauses


def _clause(told: Explanation, one: Told) -> Clause:
    return Clause(one.kind, one.sentence, shorter(one.cite, told.id), one.pin)


def alarms(told: Explanation) -> tuple[Rung, ...]:
    """The alarms with their cases, each tied to its clause."""
    sentences = {t.kind: t.sentence for t in told.clauses}
    return tuple(
        Rung(a.kind.replace("-", " ").capitalize(), kind := BELLS[a.kind].clause, sentences[kind],
             shorter(a.cite, told.id), a.case, a.source)
        for a in told.alarms
    )  # fmt: skip


def refusals(told: Explanation) -> tuple[str, ...]:
    """When the text refuses, as sentences: `When it is commercial (§1).`"""
    return tuple(
        half[:1].upper() + half[1:].replace(f"({told.id} ", "(").replace(f"({told.id}, ", "(") + "."
        for half in told.shut_out
    )


@lru_cache(maxsize=512)
def _answers(id: str) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    wanted = [do for do in deeds() if any(do in p.actions for p in PERSONAS.values())]
    return tuple(
        (do, tuple((who, asked(do, id, who).answer.name.lower() if do in person.actions else "")
                   for who, person in PERSONAS.items()))
        for do in wanted
    )  # fmt: skip


def table(id: str) -> tuple[Line, ...]:
    """What each of the seven people is told about each action they care for."""
    return tuple(Line(do, deed(do), cells) for do, cells in _answers(id))


def answer(id: str, who: str, do: str) -> Answered:
    """The answer of one license to one question; `who` "" for a person who tells nothing."""
    verdict = asked(do, id, who)
    word = verdict.answer.name.lower()
    said = plain.say(verdict, action=do, words=CATALOGUE)
    whom = {"do": deed(do), "who": who[:1].upper() + who[1:]}
    return Answered(
        who, do,
        _("%(who)s: may I %(do)s?") % whom if who else _("May anyone %(do)s?") % whom,
        word, {"yes": _("Yes"), "no": _("No"), "depends": _("It depends")}[word],
        said, facts_told(who), tuple(n.question for n in said.needs),
    )  # fmt: skip


def facts_told(who: str) -> tuple[str, ...]:
    """`commercial: yes`, `monthly active users: 50,000`."""
    facts = PERSONAS[who].facts if who else {}
    return tuple(f"{name.replace('_', ' ')}: {_value(value)}" for name, value in facts.items())


def _value(value: Scalar) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return figure(value) if isinstance(value, int) else str(value)
