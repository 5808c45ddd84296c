"""How is a change told on a page? In words that can be translated, with the line of what changed and when."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.portal import clock
from licet.portal.changes.history import Step
from licet.portal.pages import words
from licet.portal.pages.drawings.timeline import MOST, Mark, timeline
from licet.portal.pages.source import Shown
from licet.portal.pages.spoken import deed
from licet.release.diff import Change
from licet.release.level import ANONYMOUS
from licet.release.notice import moves
from licet.release.release import Release


@dataclass(frozen=True, slots=True)
class Cited:
    cite: str
    url: str


@dataclass(frozen=True, slots=True)
class Row:
    """One change: what it is about, what it says, whom it touches, its lines in both documents."""

    subject: str
    says: str
    whom: str
    cites: tuple[Cited, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """`way` is stricter, looser or other."""

    way: str
    heading: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Whose answers move alike: `moves` are (what, answer before, answer now)."""

    component: str
    people: str
    moves: tuple[tuple[str, str, str], ...]


def says(step: Step) -> str:
    """What a publication did, in a few words."""
    if step.void:
        return _("withdrawn before its day came")
    match step.way:
        case "first":
            return _("first published")
        case "same":
            return _("nothing in the terms changed")
    told = []
    for way, found in step.by_way.items():
        n = len(found)
        told.append(
            {
                "stricter": ngettext("%(n)s term stricter", "%(n)s terms stricter", n),
                "looser": ngettext("%(n)s term looser", "%(n)s terms looser", n),
                "other": ngettext("%(n)s term different", "%(n)s terms different", n),
            }[way]
            % {"n": n}
        )
    return ", ".join(told)


def groups(found: Iterable[Change], old: Shown, new: Shown | None) -> tuple[Group, ...]:
    """The changes, stricter ones first. `new` None: a proposal, whose lines stand on the page itself (`#P41`)."""
    headings = {"stricter": _("Stricter"), "looser": _("Looser"), "other": _("Different")}
    rows: dict[str, list[Row]] = {way: [] for way in headings}
    for one in found:
        after = Cited(one.after, f"#P{one.after.rpartition(':')[2]}" if new is None else new.cite_url(one.after))
        cites = (Cited(one.before, old.cite_url(one.before)), after)
        rows[one.way].append(Row(one.subject, one.says, whom(one.tiers), tuple(c for c in cites if c.cite)))
    return tuple(Group(way, headings[way], tuple(told)) for way, told in rows.items() if told)


def whom(tiers: frozenset[str]) -> str:
    held = sorted(tiers - {ANONYMOUS})
    named = [f"`{name}`" for name in held[:8]]
    if len(held) > 8:
        named.append(_("%s more tiers") % (len(held) - 8))
    if ANONYMOUS in tiers:
        named.append(_("callers without an account"))
    return _("For %s.") % ", ".join(named) if named else _("For whoever gets the component.")


def people(old: Release, new: Release) -> tuple[People, ...]:
    """Who can do more and who less with a component whose license changes."""
    return tuple(
        People(
            one.component,
            ", ".join(one.people),
            tuple((_called(action), was.name.lower(), now.name.lower()) for action, was, now in one.steps),
        )
        for one in moves(old, new)
    )


def _called(action: str) -> str:
    return _("use what a feature makes of it") if action == "call" else deed(action)


def drawn(steps: Sequence[Step], now_s: int) -> SafeString:
    """The line of what changed and when; "" where nothing did."""
    told = [s for s in steps if not s.void]
    marks = [Mark(words.day(s.from_s), _with_version(s), s.way, s.from_s > now_s) for s in told[:MOST]]
    said = "; ".join(f"{m.day}: {m.says}" for m in marks)
    return mark_safe(  # noqa: S308  (the pen escapes every word)
        timeline(
            marks,
            title=_("What changed and when"),
            words=said,
            more=_("and {n} earlier"),
            earlier=len(told) - len(marks),
        )
    )


def _with_version(step: Step) -> str:
    return f"{step.new.version}: {says(step)}"


def standing(step: Step, after: Step | None) -> str:
    """In which state a publication is: `coming`, `void`, `in-force` or `past`."""
    if step.void:
        return "void"
    if step.from_s > clock.now_s():
        return "coming"
    return "past" if after is not None and after.from_s <= clock.now_s() else "in-force"
