"""Which licenses does somebody mean who writes `MIT`, `apache-2.0`, `BSD License`, `llama3.1`, `GPLv3+`?"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.expression import ids, normalized
from licet.licenses.identify_clues import named
from licet.release.check.statement import Meaning

_NOTHING: Final = frozenset(
    [
        *["other", "unknown", "unlicensed", "proprietary", "license", "custom", "none", "noassertion", "commercial"],
        *("", "other/proprietary license", "see license", "see license file", "dual license", "public domain"),
    ]
)
# Words that name a family. A statement by them agrees with any member.
_FAMILIES: Final[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), members)
    for pattern, members in (
        (r"bsd(?:[ -]?like|[ -]style)?(?: licen[cs]e)?", ("BSD-2-Clause", "BSD-3-Clause", "BSD-4-Clause", "0BSD")),
        (r"(?:modified|revised|new) bsd(?: licen[cs]e)?", ("BSD-3-Clause",)),
        (r"apache(?: software)?(?: licen[cs]e)?|asl", ("Apache-2.0", "Apache-1.1", "Apache-1.0")),
        (r"(?:the )?mit(?: licen[cs]e)?|expat(?: licen[cs]e)?", ("MIT",)),
        (r"isc licen[cs]e(?: \(iscl\))?", ("ISC",)),
        (r"(?:python software foundation|psf)(?: licen[cs]e)?|psfl?", ("PSF-2.0", "Python-2.0")),
        (r"(?:gnu )?(?:gpl|general public licen[cs]e(?: \(gpl\))?)", ("GPL-2.0-only", "GPL-3.0-only", "GPL-1.0-only")),
        (r"(?:gnu )?(?:lgpl|(?:lesser|library).*\(lgpl\))", ("LGPL-2.0-only", "LGPL-2.1-only", "LGPL-3.0-only")),
        (r".*\bv2(?: or later)? \(gplv2\+?\)", ("GPL-2.0-only",)),
        (r".*\bv3(?: or later)? \(gplv3\+?\)", ("GPL-3.0-only",)),
        (r".*\bv3(?: or later)? \(lgplv3\+?\)", ("LGPL-3.0-only",)),
        (r".*\bv2(?: or later)? \(lgplv2\+?\)", ("LGPL-2.0-only", "LGPL-2.1-only")),
        (r".*affero.*v3.*|agpl(?:v3)?\+?", ("AGPL-3.0-only",)),
        (r"gplv3\+?|gnu gplv?3.*", ("GPL-3.0-only",)),
        (r"gplv2\+?|gnu gplv?2.*", ("GPL-2.0-only",)),
        (r"lgplv3\+?", ("LGPL-3.0-only",)),
        (r"mozilla public licen[cs]e 2\.0 \(mpl 2\.0\)|mpl[ v-]?2(?:\.0)?", ("MPL-2.0",)),
        (r"academic free licen[cs]e(?: \(afl\))?", ("AFL-3.0", "AFL-2.1")),
        (r"cc[- ]?by[- ]?nc", ("CC-BY-NC-4.0", "CC-BY-NC-3.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0")),
        (r"cc", ("CC-BY-4.0", "CC-BY-SA-4.0", "CC0-1.0", "CC-BY-NC-4.0", "CC-BY-NC-SA-4.0", "CC-BY-NC-ND-4.0")),
        (
            r"openrail",
            ("LicenseRef-scancode-bigscience-open-rail-m", "LicenseRef-scancode-stable-diffusion-2022-08-22"),
        ),
    )
)


def meaning(written: str) -> Meaning:
    """What a short statement of a license means; an empty one for words that name none that can be told."""
    text = written.strip().strip("\"'`*_").strip()
    return Meaning() if text.casefold() in _NOTHING or len(text) > 400 else exactly(text) or spoken(text)


@lru_cache(4096)
def exactly(text: str) -> Meaning:
    """What words mean that are a license's name and nothing else."""
    plain = " " not in text or re.search(r"\b(?:AND|OR|WITH)\b", text)
    if plain and (found := _expression(text)):
        return found
    if several := shelf.meant_by(text):
        return Meaning(frozenset(several), several[0] if len(several) == 1 else "", len(several) > 1)
    for pattern, members in _FAMILIES:
        if pattern.fullmatch(text):
            return Meaning(frozenset(members), members[0] if len(members) == 1 else "", len(members) > 1)
    return _expression(text)


@lru_cache(4096)
def spoken(text: str) -> Meaning:
    """The licenses that a sentence names, all of them."""
    told = named("# License\n" + re.sub(r"\s+", " ", text))  # whoever asks knows that the sentence is about licenses
    return _expression(told) if told else Meaning()


@lru_cache(4096)
def _expression(text: str) -> Meaning:
    try:
        told = normalized(text)
        return Meaning(frozenset(ids(told)), told)
    except LicetError:
        return Meaning()


@lru_cache(4096)
def folded(id: str) -> str:
    """What two ids have in common that cannot be told apart where they stand.

    `GPL-3.0-only` and `GPL-3.0-or-later` have one text. `BSD-3-Clause-HP` is a printing of `BSD-3-Clause` that nobody
    read as another license; where a variant takes something back (`-Clear`, `-No-Military-License`), it stays apart.
    """
    short = re.sub(r"(?:-only|-or-later|\+)$", "", id)
    short = {"Python-2.0": "PSF-2.0", "X11": "MIT", "Expat": "MIT"}.get(short, short)
    if shelf.sheet(id) is None and (variant := re.fullmatch(r"((?:BSD-\d-Clause|MIT))-(?!No-)\w.*", short)):
        return variant[1]
    return short


def agree(one: Meaning, other: Meaning) -> bool:
    """Can both be true of one thing? A part of a list agrees with the list; what nobody can tell contradicts nothing."""
    if not one or not other:
        return True
    return bool({folded(i) for i in one.ids} & {folded(i) for i in other.ids})
