"""How are people told that terms change? A draft of the notice: what, for whom, why, from when, and who keeps what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from licet.licenses import shelf
from licet.licenses.expression import ids
from licet.release.diff import Change
from licet.release.level import ANONYMOUS
from licet.release.release import Release
from licet.release.weigh import Way, moved
from licet.terms import Answer
from licet.terms.reason import moment

_TITLES: dict[Way, str] = {"stricter": "Stricter", "looser": "Looser", "other": "Different"}
_WORDS = {Answer.YES: "yes", Answer.NO: "no", Answer.DEPENDS: "it depends"}
DAY_S = 86_400


def first_day_s(old: Release, now_s: int) -> int:
    """The first day on which stricter terms may begin: so many days on as the old terms promised, at midnight UTC."""
    return -(-(now_s + old.notice_days * DAY_S) // DAY_S) * DAY_S


def notice(old: Release, new: Release, found: Sequence[Change], from_s: int) -> str:
    """The notice as Markdown; `from_s` is when the new terms begin for those who come then. It is a draft: `why` is the
    new document's own, and where that is empty the place says so.
    """
    return "\n".join(_rows(old, new, found, from_s)) + "\n"


def _rows(old: Release, new: Release, found: Sequence[Change], from_s: int) -> Iterator[str]:
    yield f"# {new.name}: the terms change on {moment(from_s)}"
    yield ""
    yield f"{new.licensor} changes the terms of {new.name}, from version {old.version} to {new.version}."
    yield from ("", "## What changes")
    if not found:
        yield from ("", "Nothing in the terms changes.")
    for way, title in _TITLES.items():
        changes = [c for c in found if c.way == way]
        yield from ("", f"### {title}", "") if changes else ()
        yield from (f"- {_change(c)}" for c in changes)
    people = list(_people(old, new))
    yield from ("", "## Who can do more, who can do less", "", *people) if people else ()
    yield from ("", "## Why", "")
    yield from new.why.strip().splitlines() or ["(Say why, in your own words: it is what people ask first.)"]
    yield from ("", "## From when", "")
    if any(c.way == "stricter" for c in found):
        yield f"From {moment(from_s)} on, for whoever comes then. The terms promise {old.notice_days} days of notice."
    else:
        yield f"From {moment(from_s)} on."
    yield from ("", "## Who keeps the old terms", "", *_kept(old, new, found))
    if new.contact:
        yield from ("", f"Questions: {new.contact}")


def _change(change: Change) -> str:
    cites = " \N{RIGHTWARDS ARROW} ".join(c for c in (change.before, change.after) if c)
    return f"{change.subject} {change.says}. {_touched(change.tiers)} ({cites})"


def _touched(tiers: frozenset[str]) -> str:
    held = [f"`{tier}`" for tier in sorted(tiers - {ANONYMOUS})]
    who = [f"whoever holds {' or '.join(held)}"] if held else []
    who += ["callers without an account"] if ANONYMOUS in tiers else []
    return f"It touches {' and '.join(who)}." if who else "It touches whoever gets the component."


@dataclass(frozen=True, slots=True)
class Moved:
    """Whose answers move alike on one component: `steps` are (action, before, after)."""

    component: str
    people: tuple[str, ...]
    steps: tuple[tuple[str, Answer, Answer], ...]


def moves(old: Release, new: Release) -> tuple[Moved, ...]:
    """For each component with another license: whose answers move, and how. Who moves alike stands together."""
    found: list[Moved] = []
    for before in old.components:
        after = new.component(before.name)
        if after is None or after.license == before.license:
            continue
        told: dict[str, list[tuple[str, Answer, Answer]]] = {}
        for who, action, was, now in moved(before.license, after.license):
            told.setdefault(who, []).append((action, was, now))
        alike: dict[tuple[tuple[str, Answer, Answer], ...], list[str]] = {}
        for who, steps in told.items():
            alike.setdefault(tuple(steps), []).append(who)
        found += [Moved(before.name, tuple(people), steps) for steps, people in alike.items()]
    return tuple(found)


def _people(old: Release, new: Release) -> Iterator[str]:
    for one in moves(old, new):
        told: dict[str, list[str]] = {}
        for action, was, now in one.steps:
            told.setdefault(f"{_WORDS[was]}, now {_WORDS[now]}", []).append(deed(action))
        words = "; ".join(f"{', '.join(deeds)}: {step}" for step, deeds in told.items())
        yield f"- `{one.component}`, {', '.join(one.people)}: {words}"


def deed(action: str) -> str:
    return "use what a feature makes of it" if action == "call" else action.replace("-", " ")


@dataclass(frozen=True, slots=True)
class Kept:
    """A component whose license changes. `otherwise` cites where the old license says it can be ended or changed, `safe`
    where it says that it cannot.
    """

    component: str
    license: str
    version: str
    otherwise: tuple[str, ...]
    safe: tuple[str, ...]


def kept(old: Release, new: Release) -> tuple[Kept, ...]:
    """Who accepted old terms keeps them for what he has, unless the old license itself says otherwise."""
    found: list[Kept] = []
    for component in old.components:
        after, license = new.component(component.name), component.license
        if license is None or (after is not None and after.license == license):
            continue
        otherwise, safe = [], []
        for id in ids(license):
            sheet = shelf.sheet(id)
            for kind, values in (
                ("revocability", ("revocable", "at-will")),
                ("unilateral_change_of_terms", ("present",)),
            ):
                if sheet and sheet[kind].value in values:
                    otherwise.append(sheet.cite(sheet[kind].section))
            if sheet and sheet["revocability"].value == "irrevocable":
                safe.append(sheet.cite(sheet["revocability"].section))
        found.append(Kept(component.name, license, old.version, tuple(otherwise), tuple(safe)))
    return tuple(found)


def _kept(old: Release, new: Release, found: Sequence[Change]) -> Iterator[str]:
    if any(c.tiers for c in found):
        yield "- Whoever holds a tier keeps the terms it was taken at, until they choose the new ones or are told of a move."
    if old.pledge:
        yield "- The old terms hold a pledge: nobody who holds them is moved to less."
    for one in kept(old, new):
        name = f"`{one.component}`"
        if one.otherwise:
            cites = ", ".join(one.otherwise)
            yield f"- The old license of {name} says otherwise: its licensor may end or change it ({cites})."
            yield f"  Whoever has {name} {one.version} under {one.license}: ask below what holds for you."
        else:
            safe = ", ".join(one.safe)
            because = f": that license cannot be taken back while its terms are kept ({safe})" if safe else ""
            yield f"- Whoever has {name} up to {one.version} under {one.license} keeps it under {one.license}{because}."
    if not found:
        yield "- Everybody: they are the same."
    elif all(c.way == "looser" for c in found):
        yield "- Nobody needs to: nobody loses by this change."
