"""Where is the text of a license at hand, on this machine?

Licet ships no license text. It looks where texts are installed for other reasons, without importing anything: ScanCode's
collection, templates of other tools, Debian's common licenses, and the license files of installed Python packages. A text
counts only if it is word for word one that Licet knows by that id.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.identify import identify
from licet.licenses.identify_exact import exact
from licet.licenses.identify_words import words

COMMON: Final = Path("/usr/share/common-licenses")  # Debian and its kin
_FILE: Final = re.compile(r"(?:licen[sc]e|copying|unlicense)[^/]*", re.IGNORECASE)
_LARGEST: Final = 200_000  # bytes; the longest license known has half of that


@dataclass(frozen=True, slots=True)
class Source:
    """A license text and where it was found: `sha256` is of the text as found."""

    text: str
    where: str
    sha256: str


def given(text: bytes, url: str, sha256: str, id: str) -> Source:
    """A text that the user gives, with where it is from and its hash.

    LicetError where the hash is another one, and where the text is known to be another license or an altered one.
    """
    found = hashlib.sha256(text).hexdigest()
    if sha256.lower() != found:
        raise LicetError(f"the text has another SHA-256 ({found})", where=url, mend="get it again, or compare it there")
    told = text.decode("utf-8", errors="replace").removeprefix("\ufeff")
    seen = identify(told)
    if seen.id not in (None, id):
        raise LicetError(f"this is the text of {seen.id}, not of {id}", where=url, mend=f"`licet write {seen.id}`")
    if seen.altered and seen.closest and seen.closest.id == id:
        raise LicetError(f"this is an altered copy of {id}", where=url, mend="`licet identify` shows what differs")
    return Source(told, url, found)


def at_hand(id: str, *, folders: Iterable[Path] | None = None, common: Path = COMMON) -> Source | None:
    """The text of a license where one is installed; None otherwise. `folders` are `sys.path` but in tests."""
    places = [Path(entry) for entry in sys.path if entry] if folders is None else list(folders)
    for files in (_collected(id, places), _common(common), _of_packages(places)):
        found = [(text, file) for file in files if (text := _text(file, id))]
        if found:
            text, file = min(found, key=lambda each: (_rough(each[0]), str(each[1])))
            return Source(text, _shown(file, places), hashlib.sha256(text.encode()).hexdigest())
    return None


def _rough(text: str) -> tuple[bool, bool]:
    """Of several printings the one with a title and with lines that fit a page is the nicer one."""
    lines = text.strip().splitlines()
    return not re.search(r"licen[cs]e", lines[0], re.IGNORECASE), max(map(len, lines)) > 100


def address(id: str) -> str:
    """Where the steward publishes the text, as far as the shelf knows; for ids of the SPDX list its own page."""
    sheet = shelf.sheet(id)
    if sheet is None or sheet.spdx:
        return f"https://spdx.org/licenses/{id}.html"
    web = [source for source in sheet.sources if source.startswith("https://")]
    return web[0] if web else f"{sheet.steward} (read at: {sheet.where})"


def _text(file: Path, id: str) -> str | None:
    """What stands in the file, if it is that license: a front matter of the collection is no part of it."""
    try:
        told = file.read_text(encoding="utf-8") if file.stat().st_size <= _LARGEST else ""
    except (OSError, UnicodeError):
        return None
    if file.suffix == ".LICENSE" and told.startswith("---\n"):
        told = told[4:].partition("\n---\n")[2]
    told = re.sub(r"\{\{\s*year\s*\}\}", "[year]", re.sub(r"\{\{\s*(?:organization|author)\s*\}\}", "[fullname]", told))
    return told.strip("\n") + "\n" if exact(words(told)) == id else None


def _collected(id: str, places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        scancode = place / "licensedcode" / "data" / "licenses"
        if scancode.is_dir():
            yield from _likely(scancode.glob("*.LICENSE"), id)
        templates = place / "lice2" / "templates"
        if templates.is_dir():
            yield from sorted(templates.glob("template-*.txt"))


def _likely(files: Iterable[Path], id: str) -> Iterator[Path]:
    """ScanCode names its files by keys of its own; the id stands in the first lines."""
    mark = re.compile(rf"^\s*(?:spdx_license_key:|- )\s*{re.escape(id)}$", re.MULTILINE)
    key = f"^key: {re.escape(id.removeprefix('LicenseRef-scancode-'))}$"
    for file in sorted(files):
        with file.open(encoding="utf-8", errors="replace") as opened:
            front = opened.read(2000)
        if mark.search(front) or re.search(key, front, re.MULTILINE):
            yield file


def _common(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from sorted(file for file in folder.iterdir() if file.is_file() and not file.is_symlink())


def _of_packages(places: Iterable[Path]) -> Iterator[Path]:
    for place in places:
        if place.is_dir():
            for package in sorted(place.glob("*.dist-info")):
                yield from sorted(f for f in package.rglob("*") if f.is_file() and _FILE.fullmatch(f.name))


def _shown(file: Path, places: Iterable[Path]) -> str:
    """The file, seen from the folder that packages are installed in."""
    for place in places:
        if file.is_relative_to(place):
            return f"the installed file {file.relative_to(place)}"
    return f"the installed file {file}"
