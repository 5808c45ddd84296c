"""How does a license become a LICENSE file with a holder and a year, and which lines go into each source file?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from licet.errors import LicetError
from licet.licenses.identify_words import words

_BRACKET: Final = r"[\[<{(]"
_LINE: Final = re.compile(r"^[^\w\n]*(?:copyright\b(?! holder)|\(c\)|©)[^\n]*$\n?", re.IGNORECASE | re.MULTILINE)
_PLACEHOLDER: Final = re.compile(
    rf"{_BRACKET}\s*(?:yyyy|year|years?|20xx|date|fullname|full name|name of (?:copyright )?(?:owner|author|holder)|owner"
    rf"|copyright holders?|holder|author|organization|licensor(?:'s name)?|name)\s*[\]>}})]",
    re.IGNORECASE,
)
_SHORT: Final = 450  # words: the licenses that begin with the holder's own copyright line
_FSF: Final = re.compile(r"free software foundation|sam hocevar|licensing steward", re.IGNORECASE)

HASH: Final = "# {}"
SLASHES: Final = "// {}"
_MARKS: Final = {
    HASH: "py pyi sh bash rb pl r jl toml yaml yml cmake tf ex nix mk",
    SLASHES: "c h cc cpp hpp cu cuh java js mjs jsx ts tsx kt go rs swift scala cs m mm php proto dart zig",
    "/* {} */": "css scss",
    "<!-- {} -->": "html xml svg vue md",
    "-- {}": "sql lua hs",
    "% {}": "tex",
    ";; {}": "el lisp clj",
}
COMMENT: Final = {f".{suffix}": mark for mark, suffixes in _MARKS.items() for suffix in suffixes.split()}


@dataclass(frozen=True, slots=True)
class Written:
    """A LICENSE file's `text`; `left` are placeholders in it that only its reader can fill."""

    text: str
    left: tuple[str, ...]


def filled(text: str, holder: str, year: str) -> Written:
    """The text with the holder's own line where such a license has one; of long texts nothing is touched.

    The copyright line of a steward (the GPL's, a model license's) names the author of the license and is kept.
    """
    if len(words(text)) < _SHORT and not _FSF.search(text[:600]):
        text = _with_holder(text, f"Copyright (c) {year} {holder}")
    return Written(text, tuple(dict.fromkeys(_PLACEHOLDER.findall(text))))


def needs_holder(text: str) -> bool:
    return len(words(text)) < _SHORT and not _FSF.search(text[:600]) and not _dedicates(text)


def _with_holder(text: str, line: str) -> str:
    if _dedicates(text):
        return text
    opening = re.search(r"\b(?:permission|redistribution|this software|licensed under|usage of)\b", text, re.IGNORECASE)
    head, body = (text[: opening.start()], text[opening.start() :]) if opening else ("", text)
    start = head.rfind("\n") + 1
    head, body = head[:start], head[start:] + body
    title = re.sub(r"^\W*all rights reserved\W*$", "", _LINE.sub("", head), flags=re.IGNORECASE | re.MULTILINE).strip()
    return "\n\n".join(part for part in (title, line, body.lstrip("\n")) if part)


def _dedicates(text: str) -> bool:
    """A text that gives the copyright up has no holder to name."""
    return "public domain" in text[:400].lower() or "do what the fuck" in text[:1200].lower()


def header(id: str, holder: str, year: str) -> tuple[str, ...]:
    """The two lines that the REUSE specification asks for."""
    return f"SPDX-FileCopyrightText: {year} {holder}", f"SPDX-License-Identifier: {id}"


def with_header(text: str, path: str, lines: tuple[str, ...]) -> str:
    """A source file with these lines at its head, behind a `#!`, an encoding or an XML declaration.

    The text itself where it has an SPDX tag already. LicetError for a kind of file that has no comments we know.
    """
    if "SPDX-License-Identifier:" in text[:4000]:
        return text
    name = PurePath(path)
    mark = COMMENT.get(name.suffix.lower()) or (HASH if name.name in ("Makefile", "Dockerfile", "justfile") else None)
    if mark is None:
        raise LicetError(f"no comments are known for `{name.suffix or name.name}`", where=path, mend="leave it out")
    newline = "\r\n" if "\r\n" in text else "\n"
    first = re.match(
        r"(?:#![^\n]*\n)?(?:[ \t]*#[^\n]*coding[:=][^\n]*\n)?(?:<\?(?:xml|php)[^\n]*\n)?(?:<!DOCTYPE[^\n]*\n)?", text
    )
    cut = first.end() if first else 0
    if name.suffix.lower() == ".md" and text.startswith("---"):
        raise LicetError("a front matter has to stay first", where=path, mend="set `license:` in it")
    return text[:cut] + newline.join((*(mark.format(line) for line in lines), "", "")) + text[cut:]
