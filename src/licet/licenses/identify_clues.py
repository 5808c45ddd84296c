"""What does a file say of its own license without its text: a tag, a model card's front matter, a name in prose?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import PurePath
from typing import Final

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.expression import normalized
from licet.licenses.identify_words import words

_SUFFIXES: Final = """
    py pyi js mjs jsx ts tsx c h cc cpp hpp cu cuh java kt go rs rb php swift scala sh bash pl lua r jl m mm cs css scss
    sql vue toml yaml yml cmake tf proto asm s f90 el hs ml
"""
CODE: Final = frozenset("." + suffix for suffix in _SUFFIXES.split())
# Texts come from strangers: each pattern looks at a line once, however long the line is, and gives back nothing.
_TAG: Final = re.compile(r"SPDX-License-Identifier:([^\n]*)")
_TAG_ENDS: Final = re.compile(r"\*+/|-->|\*\)|#\}|%>|\"\"\"")
_DECLARED: Final = re.compile(r"^License-Expression:([^\n]*)", re.MULTILINE)
_FIELD: Final = re.compile(r"^(license|license_name)[ \t]*:([^\n]*)", re.MULTILINE)
_HEADING: Final = re.compile(
    r"^(?:#{1,6}[^\n]*\blicen[cs](?:e|es|ing)\b[^\n]*"
    r"|(?=[^\n]*+\n[=\-~^]{3,}[ \t]*$)[^\n#]*\blicen[cs](?:e|es|ing)\b[^\n]*\n[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_ANY_HEADING: Final = re.compile(r"^(?:#{1,6}[ \t]*+\S[^\n]*|[^\S\n]*+\S[^\n]*+\n[=\-~^]{3,}[ \t]*)$", re.MULTILINE)
_SENTENCE: Final = re.compile(
    r"(\b(?:licen[cs]ed|released|distributed|available|published|provided)\s+under\b)(?:[^\n]|\n(?!\s*\n)){0,240}"
    r"|^[^\w\n]*licen[cs]e\W{1,6}\w[^\n]{1,120}$",
    re.IGNORECASE | re.MULTILINE,
)
_COMMENT: Final = re.compile(r"\s*(?:#|//|/\*|\*|;|--|%|!|\"\"\"|'''|<!--|<\?php|@rem\b|rem\b|dnl\b|$)", re.IGNORECASE)
_OPEN: Final[Mapping[str, str]] = {"/*": "*/", '"""': '"""', "'''": "'''", "<!--": "-->", "{-": "-}"}
# What people write for the best known licenses: words as `words` gives them, without `version`, `v` and `the`.
_SPOKEN: Final[Mapping[str, str]] = {
    "apache license 2": "Apache-2.0",
    "apache 2": "Apache-2.0",
    "mit": "MIT",
    "x11 mit": "MIT",
    "isc": "ISC",
    "gplv2": "GPL-2.0-only",
    "gplv3": "GPL-3.0-only",
    "gpl 2": "GPL-2.0-only",
    "gpl 3": "GPL-3.0-only",
    "lgplv3": "LGPL-3.0-only",
    "agplv3": "AGPL-3.0-only",
    "gnu general public license 2": "GPL-2.0-only",
    "gnu general public license 3": "GPL-3.0-only",
    "gnu lesser general public license 2.1": "LGPL-2.1-only",
    "gnu lesser general public license 3": "LGPL-3.0-only",
    "gnu affero general public license 3": "AGPL-3.0-only",
    "mozilla public license 2": "MPL-2.0",
    "3 clause bsd": "BSD-3-Clause",
    "2 clause bsd": "BSD-2-Clause",
    "new bsd": "BSD-3-Clause",
    "cc0": "CC0-1.0",
    "unlicense": "Unlicense",
}


def tag(text: str) -> str | None:
    """The expression behind `SPDX-License-Identifier:`, or behind `License-Expression:` in a package's metadata.

    Tags that differ from each other stand joined by AND. None where there is no tag that can be read.
    """
    tagged = [_TAG_ENDS.split(one, maxsplit=1)[0] for one in _TAG.findall(text[:65536])]
    told = [one.strip(" \t") for one in (*tagged, *_DECLARED.findall(text[:16384]))]
    found = dict.fromkeys(id for one in told if one and (id := _known(one)))
    return _joined(tuple(found))


def front_matter(text: str) -> tuple[str, ...] | None:
    """The ids that a model card's front matter can mean: one, several for a name that texts share, none for `other`.

    None where there is no front matter with a license.
    """
    if not text.startswith("---"):
        return None
    block, end, _ = text[3:].partition("\n---")
    fields = {name: value for name, said in _FIELD.findall(block) if (value := _value(said)) is not None}
    listed = re.search(r"^license[ \t]*:[ \t]*\n((?:[ \t]*-[ \t]*\S+[ \t]*\n?)+)", block, re.MULTILINE)
    names = re.findall(r"-[ \t]*[\"']?([^\s\"']+)", listed.group(1)) if listed else [fields.get("license", "")]
    if not end or not any(names):
        return None
    if names == ["other"] or names == ["unknown"]:
        names = [fields.get("license_name", "")]
    found = [_meant(name) for name in names if name]
    if len(found) > 1 and all(len(one) == 1 for one in found):
        return (_joined(tuple(one[0] for one in found)) or "",)
    return found[0] if found else ()


def named(text: str) -> str | None:
    """The license that a README's own section or sentence names; several stand joined by AND, as all may apply."""
    section = license_section(text)
    spoken = [section] if section else list(_sentences(text))
    return _joined(tuple(dict.fromkeys(id for one in spoken for id in _names_in(one))))


def _value(said: str) -> str | None:
    """A value of one line without its quotes; None where it is more than a plain one."""
    value = said.strip(" \t")
    value = value[1:] if value[:1] in ("'", '"') else value
    value = value[:-1] if value[-1:] in ("'", '"') else value
    return None if any(sign in value for sign in "\"'#") else value.strip(" \t")


def _sentences(text: str) -> Iterator[str]:
    """What says under which license something stands: from the beginning of its sentence, a few words on."""
    ended = 0
    for found in _SENTENCE.finditer(text):
        at = found.start()
        begun = max(text.rfind(sign, ended, at) + 1 for sign in "\n.") if found[1] else at
        yield text[max(begun, ended) : found.end()]
        ended = found.end()


_GNU: Final = re.compile(
    r"gnu (?:(lesser|library|affero) )?general public license (?:\w+ ){0,12}?version (\d(?:\.\d)?)"
    r"((?: [\w']+){0,8}? later version)?"
)
_GNU_IDS: Final = {"": "GPL", "lesser": "LGPL", "library": "LGPL", "affero": "AGPL"}


def gnu_header(text: str) -> str | None:
    """The GNU license that a notice names: one wording for all, in which a number and "any later version" decide."""
    found = _GNU.search(" ".join(words(text)))
    if not found:
        return None
    kind, version, later = found.groups(default="")
    number = version if "." in version else f"{version}.0"
    return _known(f"{_GNU_IDS[kind]}-{number}{'-or-later' if later else '-only'}")


def license_section(text: str) -> str:
    """What stands under a heading that speaks of the license, up to the next heading; empty without one."""
    found = _HEADING.search(text)
    if not found:
        return ""
    after = _ANY_HEADING.search(text, found.end() + 1)
    return text[found.end() : after.start() if after else len(text)]


def opening_comment(text: str) -> str:
    """The comments with which a source file begins."""
    kept: list[str] = []
    closing = ""
    for line in text.splitlines()[:200]:
        if closing:
            kept.append(line)
            closing = "" if closing in line else closing
            continue
        if not _COMMENT.match(line):
            break
        kept.append(line)
        mark = next((m for m in _OPEN if line.lstrip().startswith(m)), "")
        if mark and _OPEN[mark] not in line.lstrip()[len(mark) :]:
            closing = _OPEN[mark]
    return "\n".join(kept)


def is_code(path: str) -> bool:
    return PurePath(path).suffix.lower() in CODE


def is_prose(path: str) -> bool:
    """A README, a model card, a package's metadata: a text *about* something, of which the license is a part."""
    name = PurePath(path).name.lower()
    licensed = name.startswith(("license", "licence", "copying", "notice", "unlicense"))
    return not licensed and (name.startswith(("readme", "metadata", "pkg-info")) or name.endswith((".md", ".rst")))


def _known(expression: str) -> str | None:
    try:
        return normalized(expression)
    except LicetError:
        return None


def _meant(name: str) -> tuple[str, ...]:
    return shelf.meant_by(name) or tuple(filter(None, (_known(name),)))


def _joined(ids: tuple[str, ...]) -> str | None:
    return " AND ".join(f"({id})" if " OR " in id and len(ids) > 1 else id for id in ids) or None


def _names_in(text: str) -> Iterator[str]:
    """The longest known names, one after the other; a part of a longer name does not count."""
    told = _plain(text)
    at = 0
    while at < len(told):
        for length in range(min(9, len(told) - at), 0, -1):
            if id := _spoken().get(tuple(told[at : at + length])):
                yield id
                at += length
                break
        else:
            at += 1


@cache
def _spoken() -> Mapping[tuple[str, ...], str]:
    found = {tuple(name.split()): id for name, id in _SPOKEN.items()}
    for id in shelf.known():
        sheet = shelf.sheet(id)
        for name in (id, sheet.name, *sheet.names) if sheet else ():
            key = tuple(_plain(name))
            if len(key) > 1 and shelf.resolve(name) == id:
                found.setdefault(key, id)
    return found


def _plain(text: str) -> list[str]:
    return [
        re.sub(r"^v(?=\d)|\.0$", "", word)
        for word in words(text + " ")
        if word not in ("version", "the", "ver", "terms")
    ]
