"""Where in the license's text does each plain sentence stand, and which sentence says each place? Anchors, both ways.

A sentence is `#c-<license>-<kind>`, its place in the text `#t-<license>-<kind>`: a cite leads to the place where the
text is at hand and the words were found in it, else to the sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.explain import explain
from licet.licenses.highlight import highlight
from licet.licenses.kinds import KINDS
from licet.portal.models import LicenseText
from licet.portal.pages.known.reading import Group, groups

_WRAPPED = (45, 100)  # a wrapped line is longer than the one and no longer than the other
_ENTRY = re.compile(r"(?:\(?(?:\d{1,2}|[a-z]|[ivx]{1,4})[.)]|[-*•])\s", re.IGNORECASE)
MOST = 400_000  # characters: in a longer text nobody looks for clauses while a reader waits


@dataclass(frozen=True, slots=True)
class Sentence:
    """One plain sentence: its number on the page, its anchor (without `c-` or `t-`), whether the text has its place."""

    number: int
    anchor: str
    says: str
    cite: str
    found: bool


@dataclass(frozen=True, slots=True)
class Told:
    """Sentences under a heading."""

    heading: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """Some of the text, and the sentences that it says; none for what no sentence is about."""

    text: str
    sentences: tuple[Sentence, ...] = ()


def told(id: str, body: str, first: int = 1) -> tuple[Told, ...]:
    """What the license says, in groups, numbered from `first`. () for one that nobody has read."""
    if shelf.sheet(id) is None:
        return ()  # each of its sentences would say that nobody has read it
    try:
        arranged = groups(explain(id))
    except LicetError:
        return ()
    places, number, found = _places(id, body), first, []
    for group in arranged:
        rows = tuple(_sentence(id, group, n, number + n, places) for n in range(len(group.clauses)))
        number += len(rows)
        found.append(Told(group.heading, rows))
    return tuple(found)


def _sentence(id: str, group: Group, n: int, number: int, places: Mapping[str, tuple[int, int]]) -> Sentence:
    clause = group.clauses[n]
    return Sentence(number, f"{id}-{clause.kind}", clause.sentence, clause.cite, clause.kind in places)


def reflowed(text: str) -> str:
    """The same words for a page of any width: lines that were only wrapped are joined, indents are gone.

    Entries of a list and what follows a short line (a heading, an end) keep a line of their own.
    """
    blocks = re.split(r"\n[ \t]*(?:\n[ \t]*)+", text.replace("\r\n", "\n").strip("\n"))
    return "\n\n".join(_joined_lines([line.strip() for line in block.split("\n")]) for block in blocks) + "\n"


def _joined_lines(lines: list[str]) -> str:
    if max(map(len, lines)) > _WRAPPED[1]:  # it was not wrapped: its lines mean something
        return "\n".join(lines)
    found = [lines[0]]
    for before, line in pairwise(lines):
        if len(before) < _WRAPPED[0] or _ENTRY.match(line):
            found.append(line)
        else:
            found[-1] += f" {line}"
    return "\n".join(found)


def pieces(body: str, sheets: Iterable[tuple[str, tuple[Told, ...]]]) -> tuple[Piece, ...]:
    """The whole text in order, cut where sentences stand. Places that overlap are one piece."""
    spans: list[tuple[int, int, Sentence]] = []
    for id, arranged in sheets:
        places = _places(id, body)
        here = (one for group in arranged for one in group.sentences if one.found)
        spans += [(*places[one.anchor.removeprefix(f"{id}-")], one) for one in here]
    found: list[Piece] = []
    at = 0
    for start, end, said in _joined(spans):
        if start > at:
            found.append(Piece(body[at:start]))
        found.append(Piece(body[start:end], said))
        at = end
    return (*found, Piece(body[at:])) if at < len(body) else tuple(found)


def _joined(spans: list[tuple[int, int, Sentence]]) -> list[tuple[int, int, tuple[Sentence, ...]]]:
    found: list[tuple[int, int, tuple[Sentence, ...]]] = []
    for start, end, one in sorted(spans, key=lambda span: (span[0], span[1], span[2].number)):
        if found and start < found[-1][1]:
            first, last, said = found.pop()
            found.append((first, max(last, end), (*said, one)))
        else:
            found.append((start, end, (one,)))
    return found


def anchor(document: str, component: str, id: str, cite: str) -> str:
    """The anchor that a cite leads to on the page of this component's license."""
    kind = _kind(id, cite)
    if not kind:
        return "reading"
    text = LicenseText.objects.filter(document=document, component=component).values_list("sha256", flat=True).first()
    return f"{'t' if text and kind in _kinds(text, id) else 'c'}-{id}-{kind}"


@lru_cache(maxsize=4096)
def _kind(id: str, cite: str) -> str:
    """The first kind of clause that stands at this place of a license."""
    sheet = shelf.sheet(id)
    if sheet is None:
        return ""
    return next((kind for kind in KINDS if sheet[kind].section and sheet.cite(sheet[kind].section) == cite), "")


@lru_cache(maxsize=256)
def _kinds(text: str, id: str) -> frozenset[str]:
    """The kinds of clause whose words are in a stored text (by its SHA-256)."""
    row = LicenseText.objects.filter(sha256=text).first()
    return frozenset(_places(id, bytes(row.body).decode("utf-8", "replace"))) if row else frozenset()


@lru_cache(maxsize=64)
def _places(id: str, body: str) -> Mapping[str, tuple[int, int]]:
    if not body or len(body) > MOST:
        return {}
    return {one.kind: (one.start, one.end) for one in highlight(body, id)}
