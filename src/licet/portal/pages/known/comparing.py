"""What changes for whoever had one license and gets another? `licenses.compare`, arranged for a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.licenses import shelf
from licet.licenses.compare import Change, Comparison, compare
from licet.portal.pages.known.reading import shorter
from licet.portal.pages.spoken import deed


@dataclass(frozen=True, slots=True)
class Side:
    value: str
    words: str
    cite: str


@dataclass(frozen=True, slots=True)
class Difference:
    kind: str
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class Direction:
    """`name` is looser, stricter or other, seen by whoever takes the license."""

    name: str
    heading: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    who: str
    do: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Compared:
    """`moved` are the answers that change, those who gain first."""

    after: str
    after_name: str
    directions: tuple[Direction, ...]
    gains: tuple[str, ...]
    loses: tuple[str, ...]
    moved: tuple[Moved, ...]


def compared(before: str, after: str) -> Compared:
    """LicetError for a name that nobody knows, that several texts share, or whose text nobody has read."""
    told = compare(before, after)
    sheet = shelf.sheet(told.after)
    return Compared(
        told.after,
        sheet.name if sheet else told.after,
        tuple(_directions(told)),
        told.who_gains,
        told.who_loses,
        tuple(Moved(s.who, deed(s.action), s.before, s.after) for s in told.shifts),
    )


def _directions(told: Comparison) -> Iterator[Direction]:
    headings = {
        "looser": _("Looser: leaves more freedom"),
        "stricter": _("Stricter: asks or forbids more"),
        "other": _("Otherwise: neither looser nor stricter"),
    }
    for name, heading in headings.items():
        found = tuple(_difference(told, change) for change in told.changes if change.direction == name)
        if found:
            yield Direction(name, heading, found)


def _difference(told: Comparison, change: Change) -> Difference:
    ids, values = (told.before, told.after), (change.before, change.after)
    before, after = (
        Side(value.replace("-", " "), words, shorter(cite, id))
        for value, words, cite, id in zip(values, change.words, change.cites, ids, strict=True)
    )
    return Difference(change.kind.replace("_", " "), before, after)
