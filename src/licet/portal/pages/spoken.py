"""How does an answer look on the page? The verdict in `plain`'s words, each reason linked to the line it stands on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from licet.portal.pages.asking import ANYONE, Answered
from licet.portal.pages.source import Shown
from licet.portal.pages.words import CATALOGUE
from licet.terms import Verdict, plain
from licet.terms.action import ACTIONS, DOWNLOAD, SUGAR, unsugared
from licet.terms.fact import FACTS, Row


@dataclass(frozen=True, slots=True)
class Reason:
    says: str
    cite: str
    url: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One way to answer a question with a click: its words and the URL of the question that has it told."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Need:
    """A fact that the asker can tell. `replies` are all its answers where there are few; else the form has a field."""

    fact: str
    question: str
    replies: tuple[Reply, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A way to a yes."""

    detail: str
    url: str
    cite: str
    cite_url: str


@dataclass(frozen=True, slots=True)
class PartAnswer:
    component: str
    answer: str
    detail: str
    url: str


@dataclass(frozen=True, slots=True)
class Said:
    """Everything the answer's card shows. `answer` is yes, no or depends."""

    answer: str
    word: str
    question: str
    detail: str
    because: tuple[Reason, ...]
    duties: tuple[Reason, ...]
    needs: tuple[Need, ...]
    doubts: tuple[str, ...]  # what nobody can tell: the text leaves it open, or nobody has read it
    offers: tuple[Offer, ...]
    parts: tuple[PartAnswer, ...]
    url: str


def spoken(shown: Shown, answered: Answered, offers: Iterable[plain.Offered]) -> Said:
    """The card of an answer."""
    asked, verdict = answered.question, answered.verdict
    word = verdict.answer.name.lower()
    said = _say(verdict, asked.do, asked.who)
    return Said(
        answer=word,
        word={"yes": _("Yes"), "no": _("No"), "depends": _("It depends")}[word],
        question=in_words(asked.who, asked.do, asked.component),
        detail=said.detail,
        because=tuple(Reason(s.says, s.cite, shown.cite_url(s.cite)) for s in said.because),
        duties=tuple(Reason(s.says, s.cite, shown.cite_url(s.cite)) for s in said.duties),
        needs=tuple(_need(answered, n) for n in said.needs if n.fact in FACTS),
        doubts=tuple(n.question for n in said.needs if n.fact not in FACTS),
        offers=tuple(Offer(o.detail, o.url, o.cite, shown.cite_url(o.cite)) for o in offers),
        parts=tuple(_part(answered, name, v) for name, v in sorted(answered.parts, key=lambda told: told[1].answer)),
        url=asked.url(),
    )


def _say(verdict: Verdict, action: str, who: str) -> plain.Spoken:
    return plain.say(verdict, action=action, tier=who or None, words=CATALOGUE)


def _part(answered: Answered, name: str, verdict: Verdict) -> PartAnswer:
    asked = answered.question
    narrower = replace(asked, component=name)
    return PartAnswer(name, verdict.answer.name.lower(), _say(verdict, asked.do, asked.who).detail, narrower.url())


def _need(answered: Answered, need: plain.Need) -> Need:
    told = choices(FACTS[need.fact])
    replies = tuple(Reply(text, answered.question.told(need.fact, value).url()) for value, text in told)
    return Need(need.fact, _(need.question), replies)


def choices(known: Row) -> tuple[tuple[bool | str, str], ...]:
    """(value, words) of a fact that has few values; nothing for a number or a free text."""
    if known.type is bool:
        return ((True, _("Yes")), (False, _("No")))
    return tuple((choice, _(choice)) for choice in known.choices)


def in_words(who: str, do: str, component: str) -> str:
    """`May somebody with tier `premium` use it commercially?`, with the component where one is meant."""
    whom = _("somebody with tier `%s`") % who if who != ANYONE else _("anyone")
    told = {"whom": whom, "do": deed(do)}
    if component:
        return _("May %(whom)s %(do)s? Asked of `%(component)s`.") % {**told, "component": component}
    return _("May %(whom)s %(do)s?") % told


def deed(do: str) -> str:
    """What is done, in words that finish "May I ...?"."""
    if do in SUGAR:
        return {
            "commercial-use": _("use it commercially"),
            "sell": _("sell copies of it"),
            "sell-outputs": _("sell what it produces"),
        }.get(do) or _(ACTIONS[unsugared(do)[0]])
    if do == DOWNLOAD:
        return _("download it")
    return _(ACTIONS[do]) if do in ACTIONS else _("call `%s`") % do
