"""Whose is a file of the release: which component covers its path, and may that component go out?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final

from licet.release.check.kinds import kind_of
from licet.release.release import Component, Release

# What stands at the top and speaks of the whole release, an earlier build's papers too. Goes out unless a component with
# a path covers it.
_PAPER: Final = re.compile(
    r"(?:(?:licet\.toml|REUSE\.toml|CITATION\.cff|licet-terms\.json|odrl\.jsonld|sbom\.(?:spdx|cdx)\.json|SHA256SUMS)"
    r"(?:\.license)?|(?:readme|licen[cs]e|copying|notice|contributing|changelog|changes|authors"
    r"|security|code_of_conduct|use_policy|acceptable_use_policy)(?:[-_.][\w.-]*)?)",
    re.IGNORECASE,
)
TEXTS: Final = "LICENSES"  # REUSE's folder of texts


class Owners:
    """The components of a release by their paths. Where one lies in another the nearest says."""

    def __init__(self, components: Iterable[Component]) -> None:
        told = tuple(components)
        self.by_path = {PurePosixPath(c.path): c for c in told if c.path}
        self.without = tuple(c for c in told if not c.path and c.kind != "service")

    def of(self, path: str) -> Component | None:
        """The component of a file, by its path from the release's folder; None where nobody says."""
        here = PurePosixPath(path)
        for place in (here, *here.parents):
            if found := self.by_path.get(place):
                return found
        return self._unplaced(path)

    def _unplaced(self, path: str) -> Component | None:
        """A component without a path has what no other has: all of it if it is the only such one, else by kind of file."""
        if is_paper(path) or len(self.without) <= 1:
            return None if is_paper(path) or not self.without else self.without[0]
        kind = kind_of(path)
        same = [c for c in self.without if c.kind == kind or (c.kind == "adapter" and kind == "weights")]
        return same[0] if len(same) == 1 else None


def is_paper(path: str) -> bool:
    """Does it speak of the whole release (README, LICENSE ...), or is it one of its license texts?"""
    top, slash, _ = path.partition("/")
    return top == TEXTS if slash else bool(_PAPER.fullmatch(path))


def goes_out(component: Component, now_s: int) -> bool:
    """May it be given to others at this moment? A closed component opens on its change date."""
    return component.license_at(now_s) is not None


def opened(release: Release, now_s: int) -> tuple[Component, ...]:
    """The components that go out at this moment."""
    return tuple(c for c in release.components if goes_out(c, now_s))
