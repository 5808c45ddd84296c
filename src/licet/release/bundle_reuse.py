"""Does every file that goes out say its license? In its own header, or in a `.license` file beside it (REUSE 3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from licet.errors import LicetError
from licet.licenses.expression import normalized
from licet.release.release import Component

# Written in two pieces, so that no tool takes this file's own words for a statement about it.
LICENSE_TAG: Final = "SPDX-License-" + "Identifier:"
COPYRIGHT_TAG: Final = "SPDX-File" + "CopyrightText:"
HEAD: Final = 1 << 16
_LICENSE: Final = re.compile(re.escape(LICENSE_TAG) + r"[ \t]*([^\r\n]*?)[ \t]*(?:\*/|-->|\"\"\"|$)", re.MULTILINE)
_APART: Final = re.compile(
    r"(?:^|/)(?:licen[cs]e|copying)(?:[-_.][^/]*)?$|^LICENSES/|(?:^|/)REUSE\.toml$", re.IGNORECASE
)
_BESIDE: Final = re.compile(r"\.(?:license|spdx(?:\.(?:json|rdf|xml|ya?ml))?)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself: the license in it, "" for none, and whether that is all REUSE asks for."""

    license: str = ""
    whole: bool = False


def header(content: bytes) -> Header:
    """Reads the beginning of a file."""
    text = content[:HEAD].decode("utf-8", "replace")
    told: list[str] = []
    broken = False
    for written in _LICENSE.findall(text):
        try:
            told.append(normalized(written))
        except (LicetError, RecursionError):
            broken = True
    license = " AND ".join(f"({t})" if " OR " in t and len(told) > 1 else t for t in dict.fromkeys(told))
    return Header(license, bool(license) and not broken and COPYRIGHT_TAG in text)


def needs_sidecar(path: str, size: int, present: Mapping[str, object]) -> bool:
    """License texts, empty files and what has a `.license` already need none."""
    return bool(size) and not _APART.search(path) and not _BESIDE.search(path) and f"{path}.license" not in present


def sidecar(licensor: str, license: str, component: Component | None = None) -> bytes:
    """The `.license` file of one file; whoever it was made from holds rights in it too."""
    return "\n".join([*_holders(licensor, component), "", f"{LICENSE_TAG} {license}", ""]).encode()


def _holders(licensor: str, component: Component | None) -> Iterator[str]:
    yield f"{COPYRIGHT_TAG} {licensor}"
    for upstream in component.upstream if component else ():
        yield f"{COPYRIGHT_TAG} the authors of {upstream.name}"
