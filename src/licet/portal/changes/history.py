"""What changed and when? Every publication of a release with what it changed, and what is published and yet to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from licet.portal import documents
from licet.portal.models import Document
from licet.release.diff import Change, changes
from licet.release.release import Release
from licet.release.weigh import Way

WAYS: tuple[Way, ...] = ("stricter", "looser", "other")


@dataclass(frozen=True, slots=True)
class Step:
    """One publication: its number (for its page), the documents before ("" for the first) and after, and what changed.

    `made_s` is when it was published, `from_s` from when it is in force. `void`: another took its day before it came.
    """

    n: int
    release: str
    before: str
    sha256: str
    made_s: int
    from_s: int
    void: bool

    @property
    def changes(self) -> tuple[Change, ...]:
        return between(self.before, self.sha256) if self.before else ()

    @property
    def way(self) -> str:
        """`first`, `same` (no term changed), `stricter`, `looser`, `other` or `both`."""
        if not self.before:
            return "first"
        ways = {c.way for c in self.changes}
        return "same" if not ways else ways.pop() if len(ways) == 1 else "both"

    @property
    def by_way(self) -> Mapping[Way, tuple[Change, ...]]:
        return {way: found for way in WAYS if (found := tuple(c for c in self.changes if c.way == way))}

    @property
    def new(self) -> Release:
        return documents.read(self.sha256)

    @property
    def old(self) -> Release | None:
        return documents.read(self.before) if self.before else None


@lru_cache(maxsize=512)
def between(before: str, after: str) -> tuple[Change, ...]:
    """What changed from one published document to another. Documents never change, so neither does this."""
    return changes(documents.read(before), documents.read(after))


def steps(release: str) -> tuple[Step, ...]:
    """Every publication, the newest (by the moment it is in force) first."""
    rows = Document.objects.filter(release=release).order_by("from_s", "id").defer("body")
    found: list[Step] = []
    before = ""
    kept = list(rows)
    for row, after in zip(kept, [*kept[1:], None], strict=True):
        void = after is not None and after.from_s == row.from_s and row.from_s > after.made_s
        found.append(Step(row.pk, release, before, row.sha256, row.made_s, row.from_s, void))
        before = before if void else row.sha256
    return tuple(reversed(found))


def upcoming(release: str, now_s: int) -> tuple[Step, ...]:
    """What is published and not yet in force, the next first. One indexed look where there is nothing."""
    if not Document.objects.filter(release=release, from_s__gt=now_s).exists():
        return ()
    return tuple(one for one in reversed(steps(release)) if one.from_s > now_s and not one.void)
