"""Which fields has the form "May I ...?", and what stands in each? Plain values: the template draws them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.portal.pages.asking import ANYONE, Answered, Mistake, actions, relevant
from licet.portal.pages.spoken import choices, deed
from licet.release.release import Release
from licet.terms.action import ACTIONS, SUGAR
from licet.terms.fact import FACTS


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Group:
    """Options under a heading; "" for options without one."""

    label: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Field:
    """`groups` are given for a choice; a number or a text has none. `value` is what was sent, cut to a fair length."""

    name: str
    label: str
    groups: tuple[Group, ...] = ()
    value: str = ""
    number: bool = False
    error: str = ""
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    fields: tuple[Field, ...]
    facts: tuple[Field, ...]
    open: bool


def form(release: Release, query: Mapping[str, str], answered: Answered | None, mistakes: Iterable[Mistake]) -> Form:
    """The form with what was sent standing in it. Only those facts are asked for that matter to the question."""
    sent = {name: query.get(name, "").strip()[:80] for name in ("who", "do", "with", *FACTS)}
    wrong = {m.field: m.words for m in mistakes}
    needs = answered.verdict.needs if answered else frozenset[str]()
    matter = set(relevant(answered.asks)) if answered else set()
    names = [n for n in FACTS if ":" not in n and (n in matter or n in wrong or sent[n]) and _told(n)]
    facts = tuple(_fact(n, sent[n], wrong.get(n, ""), n in needs) for n in names)
    return Form(tuple(_heads(release, sent, wrong)), facts, bool(needs) or any(f.value or f.error for f in facts))


def _told(name: str) -> bool:
    return FACTS[name].who.value == "asker"


def _heads(release: Release, sent: Mapping[str, str], wrong: Mapping[str, str]) -> Iterator[Field]:
    def field(name: str, label: str, *groups: tuple[str, list[tuple[str, str]]], default: str = "") -> Field:
        chosen = sent[name] or default
        told = tuple(Group(heading, _options(known, chosen)) for heading, known in groups if known)
        return Field(name, label, told, error=wrong.get(name, ""))

    tiers = [(t.name, _("somebody with tier %s") % t.name) for t in release.tiers]
    yield field("who", _("Who"), ("", [(ANYONE, _("anyone, without an account")), *tiers]))
    served = [a for a in actions(release) if a not in SUGAR and a not in ACTIONS]
    calls = [(f, f"{f}: {t}" if (t := _about(release, f)) else f) for f in served]
    deeds = [(a, deed(a)) for a in (*SUGAR, *ACTIONS)]
    both = ((_("Call a feature here"), calls), (_("With what is published"), deeds))
    yield field("do", _("May I …"), *both, default="commercial-use")
    components = [(c.name, c.name) for c in release.components]
    yield field("with", _("With which component"), ("", [("", _("every component")), *components]))


def _about(release: Release, name: str) -> str:
    found = release.feature(name)
    text = found.description if found else ""
    return text if len(text) <= 60 else text[:59] + "…"


def _options(known: Iterable[tuple[str, str]], chosen: str) -> tuple[Option, ...]:
    return tuple(Option(value, text, value == chosen) for value, text in known)


def _fact(name: str, value: str, error: str, needed: bool) -> Field:
    known = FACTS[name]
    told = [(str(v).lower() if isinstance(v, bool) else v, text) for v, text in choices(known)]
    groups = (Group("", _options([("", _("not said")), *told], value)),) if told else ()
    return Field(name, _(known.question), groups, value, known.type is int, error, needed)
