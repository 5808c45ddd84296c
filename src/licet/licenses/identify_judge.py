"""Is a text the license that it is nearest to, an altered copy of it, several licenses in one file, or none of these?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from licet.licenses.fingerprint import Prints
from licet.licenses.highlight import missing, whereabouts
from licet.licenses.identify_match import Match, nearest
from licet.licenses.identify_riders import CLEAN, added, cuts, shortened, spoken_of, swapped

Stretch = tuple[int, int]
LEAST: Final = (
    0.8  # short texts of one family share half of their runs; one word in twenty lost leaves 0.85 at the worst
)


@dataclass(frozen=True, slots=True)
class Judgement:
    """`id` only where the text is that license; `added` are stretches of its words."""

    id: str | None
    score: float
    altered: bool
    closest: str
    differing: tuple[str, ...]
    how: Literal["text", "header"]
    added: tuple[Stretch, ...]


def judged(words: Sequence[str], prints: Prints, *, part: bool = False) -> Judgement | None:
    """What these words are; None when nothing of them is known. `part`: they are part of another text (a comment)."""
    match = nearest(words, prints)
    if match is None:
        return None
    how: Literal["text", "header"] = "header" if match.header else "text"
    score = round(min(match.recall, match.cover), 4)
    if not match.known:
        return Judgement(None, score, False, match.id, missing(words, match.id, near=True), how, ())
    strange = added(words, match, part=part and match.header)
    if strange and (rest := _beside(words, match, strange, prints)):
        return Judgement(rest, score, False, match.id, (), how, ())
    far = score < LEAST and not part  # in a comment other things may stand beside the license
    changed = bool(strange) or far or swapped(words, match) or shortened(words, match)
    clean = match.fresh < CLEAN
    gone = missing(words, match.id, near=not clean) if how == "text" and (changed or clean) else ()
    if not changed and not gone:
        return Judgement(match.id, score, False, match.id, (), how, ())
    new = [(n, n + 1) for n in match.new_words] if clean else []
    spoken = (*spoken_of(words, (*(strange or match.strangers), *new)), *cuts(words, match))
    told = [kind for kind in gone if not _of_others(words, match, kind, spoken)]
    return Judgement(None, score, True, match.id, tuple(dict.fromkeys((*told, *spoken))), how, strange)


def _of_others(words: Sequence[str], match: Match, kind: str, spoken: Sequence[str]) -> bool:
    """Is the sentence of this clause still there, and is the word that was put into it another clause's?

    One sentence often carries several: who writes `revocable` for `irrevocable` says nothing of commerce.
    """
    if kind in spoken or not (place := whereabouts(words, match.id, kind)):
        return False
    put_in = [(n, n + 1) for n in match.new_words if place[0] - 1 <= n <= place[1]]
    return bool(spoken_of(words, put_in))


def _beside(words: Sequence[str], match: Match, strange: Sequence[Stretch], prints: Prints) -> str | None:
    """Another whole license that stands in the same file: then both are named. Never more than one after the other."""
    left = [word for start, end in strange for word in words[start:end]]
    if len(left) < 60:
        return None
    other = nearest(left, prints)
    if other is None or not other.known or other.header or other.id == match.id or added(left, other):
        return None
    if swapped(words, match) and swapped(left, other):
        return None
    return f"{match.id} AND {other.id}"
