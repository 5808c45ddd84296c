"""Does a version's number own up to its change of terms? What is stricter is never called a patch."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

from licet.errors import Finding
from licet.release.diff import Change
from licet.release.release import Release

type Bump = Literal["major", "minor", "patch", "none", "back", ""]

_SEMVER: Final = re.compile(r"v?(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?")
_NEXT: Final = {"patch": "the last number", "none": "the same version", "back": "an earlier version"}


def bump(old: str, new: str) -> Bump:
    """Which part of the number went up; "" where one of the two is no semantic version (MAJOR.MINOR.PATCH)."""
    was, now = _SEMVER.fullmatch(old), _SEMVER.fullmatch(new)
    if was is None or now is None:
        return ""
    before, after = _number(was), _number(now)
    if after[:3] == before[:3]:
        return "none" if after == before else "patch" if after > before else "back"
    if after < before:
        return "back"
    part = next(n for n in range(3) if after[n] != before[n])
    return ("major", "minor", "patch")[part]


def _number(found: re.Match[str]) -> tuple[int, int, int, bool]:
    """A pre-release comes before the release of that number."""
    return int(found[1]), int(found[2]), int(found[3]), found[4] is None


def owned_up(old: Release, new: Release, found: Iterable[Change]) -> tuple[Finding, ...]:
    """A finding where terms became stricter and the version's number says that nothing much happened."""
    stricter = [c for c in found if c.way == "stricter"]
    if not stricter:
        return ()
    what = f"{stricter[0].subject} {stricter[0].says}"
    what += f", and {len(stricter) - 1} more" if len(stricter) > 1 else ""
    way = bump(old.version, new.version)
    if way in ("major", "minor"):
        return ()
    if not way:
        says = f"{old.version} and {new.version} do not tell whether terms became stricter, and they did: {what}"
        mend = "number versions MAJOR.MINOR.PATCH and raise MAJOR or MINOR"
        return (Finding(new.path, new.line, "version-unclear", says, mend, "warning"),)
    says = f"stricter terms under {_NEXT[way]} ({old.version}, now {new.version}): {what}"
    return (Finding(new.path, new.line, "stricter-patch", says, f"call it {_next(old.version)}, or later"),)


def _next(version: str) -> str:
    found = _SEMVER.fullmatch(version)
    assert found is not None
    major = int(found[1])
    return f"{major + 1}.0.0" if major else f"0.{int(found[2]) + 1}.0"
