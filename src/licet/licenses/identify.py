"""Which license is a text?

A text is given the id of a license only where it *is* that license: names, years, line breaks and marks apart. With a
paragraph added, a clause changed or a part left out it has no id, is called `altered`, and the license that it was made
from is named as the closest. What is near to nothing that we know stays unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from licet.licenses import identify_clues as clues
from licet.licenses.identify_exact import exact
from licet.licenses.identify_words import placed, words

if TYPE_CHECKING:
    from licet.licenses.fingerprint import Prints

How = Literal["text", "header", "tag", "front matter", "name", "nothing"]
SHORT_TEXT: Final = 120  # words; so few may only name a license
_MOST: Final = 400_000  # characters that are read of one file


@dataclass(frozen=True, slots=True)
class Closest:
    """The nearest license. `differing_clauses` are kinds of clause that are gone from it, or that additions speak of."""

    id: str
    differing_clauses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Words that are not in the license: `text[start:end]`, on these lines (from 1)."""

    start: int
    end: int
    first_line: int
    last_line: int


@dataclass(frozen=True, slots=True)
class Identification:
    """What a text was found to be.

    `id`: an SPDX id, a `LicenseRef-` or an expression; None for an unknown text and for an altered one. `score`: which
    share of text and license agree, 1 being all; for a tag or name it says how much such a clue is worth. `altered`:
    made from `closest`, and not the same. `how`: what it was known by. `added`: what stands beside the license.
    """

    id: str | None
    score: float
    altered: bool = False
    closest: Closest | None = None
    how: How = "nothing"
    added: tuple[Passage, ...] = ()


def identify(text: str, path: str = "", *, among: Prints | None = None) -> Identification:
    """Which license a text is; `path` tells a README or a source file from a license. `among` is for tests.

    Never raises for a text, and never guesses: an id is only given to a text that is that license, or that says so.
    """
    text = text[:_MOST]
    if clues.is_code(path):
        return _of_code(text, among)
    card = clues.front_matter(text)
    if card is not None:
        return _of_card(card)
    if clues.is_prose(path):
        return _of_prose(text, among)
    return _of_license(text, among)


def _of_code(text: str, among: Prints | None) -> Identification:
    comment = clues.opening_comment(text)
    opening = "\n".join((comment, *text.splitlines()[:5]))  # further down a tag may stand in a string
    if tag := clues.tag(opening):
        return _unless_narrowed(comment, tag, "tag", 1.0)
    if gnu := clues.gnu_header(comment):
        return _unless_narrowed(comment, gnu, "header", 0.95)
    found = _by_text(comment, among, part=True)
    if found and (found.id or found.altered):
        return found
    if name := clues.named(comment):
        return _unless_narrowed(comment, name, "name", 0.8)
    return Identification(None, 0.0)


def _of_card(ids: tuple[str, ...]) -> Identification:
    if len(ids) == 1:
        return Identification(ids[0], 1.0, closest=Closest(ids[0]), how="front matter")
    return Identification(None, 0.0, closest=Closest(ids[0]) if ids else None, how="front matter")


def _of_prose(text: str, among: Prints | None) -> Identification:
    if tag := clues.tag(text):
        return _unless_narrowed(clues.license_section(text), tag, "tag", 1.0)
    section = clues.license_section(text)
    if section and (found := _by_text(section, among, part=True)) and (found.id or found.altered):
        return found
    if name := clues.named(text):
        return _unless_narrowed(section, name, "name", 0.8)
    return _of_license(text, among)


def _of_license(text: str, among: Prints | None) -> Identification:
    found = _by_text(text, among)
    if found and (found.id or found.altered):
        return found
    if len(words(text)) <= SHORT_TEXT:
        if tag := clues.tag(text):
            return _unless_narrowed(text, tag, "tag", 1.0)
        if name := clues.named(text):
            return _unless_narrowed(text, name, "name", 0.8)
    return found or Identification(None, 0.0)


def _unless_narrowed(beside: str, id: str, how: How, score: float) -> Identification:
    """A tag is not the whole truth where the words around it take something back."""
    from licet.licenses import shelf
    from licet.licenses.identify_riders import narrowed

    sheet = shelf.sheet(id)
    says_so = {kind for kind, told in sheet.readings.items() if told.value != "yes"} if sheet else set()
    if "-NC" in id:
        says_so.add("commercial_use")
    if kinds := tuple(kind for kind in narrowed(words(beside)) if kind not in says_so):
        return Identification(None, score, True, Closest(id, kinds), how)
    return Identification(id, score, closest=Closest(id), how=how)


def _by_text(text: str, among: Prints | None, *, part: bool = False) -> Identification | None:
    told = words(text)
    if among is None and (id := exact(told)):
        return Identification(id, 1.0, closest=Closest(id), how="text")
    from licet.licenses.fingerprint import prints
    from licet.licenses.identify_judge import judged

    judgement = judged(told, among or prints(), part=part)
    if judgement is None:
        return None
    return Identification(
        judgement.id,
        judgement.score,
        judgement.altered,
        Closest(judgement.closest, judgement.differing),
        judgement.how,
        _passages(text, judgement.added) if judgement.added else (),
    )


def _passages(text: str, stretches: Sequence[tuple[int, int]]) -> tuple[Passage, ...]:
    at = placed(text)
    found = []
    for first, after in stretches:
        start, end = at[first].start, at[after - 1].end
        found.append(Passage(start, end, text.count("\n", 0, start) + 1, text.count("\n", 0, end) + 1))
    return tuple(found)
