"""Where in somebody's own text does each pinned clause of a license stand?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from licet.licenses import shelf
from licet.licenses.identify_words import placed, words
from licet.licenses.shelf import Sheet

NEAR: Final = 0.72  # of a pin's words, in order, for a place in a damaged text


@dataclass(frozen=True, slots=True)
class Highlight:
    """A clause in the text: `text[start:end]` on `line` (from 1) are the words that `cite` is known by."""

    kind: str
    value: str
    cite: str
    start: int
    end: int
    line: int


def highlight(text: str, id: str) -> tuple[Highlight, ...]:
    """Every pinned clause of this license that is found in the text, in the order of the text."""
    sheet = shelf.sheet(id)
    if sheet is None:
        return ()
    at = placed(text)
    told = [word.word for word in at]
    found = []
    for kind, pin in _pins(sheet):
        if place := find(told, pin) or find_near(told, pin):
            start, end = at[place[0]].start, at[place[1] - 1].end
            cite = sheet.cite(sheet[kind].section)
            found.append(Highlight(kind, sheet[kind].value, cite, start, end, text.count("\n", 0, start) + 1))
    return tuple(sorted(found, key=lambda one: (one.start, one.kind)))


def missing(told: Sequence[str], id: str, *, near: bool) -> tuple[str, ...]:
    """The kinds of clause whose pinned words are not in these words; `near` forgives a few words lost.

    Disclaimers are always forgiven that: holders write their own names into them.
    """
    sheet = shelf.sheet(id)
    if sheet is None:
        return ()
    return tuple(
        kind
        for kind, pin in _pins(sheet)
        if not find(told, pin) and not ((near or kind in _DISCLAIMERS) and find_near(told, pin))
    )


def whereabouts(told: Sequence[str], id: str, kind: str) -> tuple[int, int] | None:
    """Where most of the pinned words of this clause stand, though not all of them."""
    sheet = shelf.sheet(id)
    return next((find_near(told, pin) for name, pin in _pins(sheet) if name == kind), None) if sheet else None


_DISCLAIMERS: Final = ("warranty", "liability")


def _pins(sheet: Sheet) -> Iterable[tuple[str, list[str]]]:
    for kind, reading in sheet.readings.items():
        if reading.pin and (pin := words(reading.pin + " ")):
            yield kind, pin


def find(told: Sequence[str], pin: Sequence[str]) -> tuple[int, int] | None:
    """Where these words stand one after the other."""
    rarest = min(range(len(pin)), key=lambda n: (told.count(pin[n]), n)) if len(told) < 400 else 0
    at = -1
    while True:
        try:
            at = told.index(pin[rarest], at + 1)
        except ValueError:
            return None
        start = at - rarest
        if start >= 0 and list(told[start : start + len(pin)]) == pin:
            return start, start + len(pin)


def find_near(told: Sequence[str], pin: Sequence[str]) -> tuple[int, int] | None:
    """Where most of these words stand in order: the text has lost some, or uses another name."""
    if len(pin) < 3:
        return None
    wanted = set(pin)
    best, place = 0.0, None
    hits = [n for n, word in enumerate(told) if word in wanted]
    for n, start in enumerate(hits):
        close = sum(1 for at in hits[n : n + len(pin)] if at < start + len(pin) + 2)
        if close < NEAR * len(pin):
            continue
        window = list(told[start : start + len(pin) + 1])
        blocks = [b for b in SequenceMatcher(None, window, pin, autojunk=False).get_matching_blocks() if b.size]
        share = sum(b.size for b in blocks) / len(pin)
        if share > best:
            best, place = share, (start + blocks[0].a, start + blocks[-1].a + blocks[-1].size)
    return place if best >= NEAR else None
