"""Which known license is a text nearest to, and which of its words are not in that license?

The nearest license is the one that shares the most runs of four words, less those of its own that are missing. A text
counts as *known* when more than half of a license's runs stand in it: that survives one word in twenty lost, and where
two licenses of one family share as much, the nearer one still wins. What the text says beyond the license are
*strangers*: words in no run of that license.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from licet.licenses.fingerprint import RUN, Prints, runs, single, word_hashes

Flags = NDArray[np.bool_]
LONGEST_HEADER: Final = 400  # words; in a longer text a header is only a part


@dataclass(frozen=True, slots=True)
class Match:
    """The nearest license. `recall` is how much of it stands in the text, `cover` how much of the text is in it.

    Both are shares of words, 1 is all. `strangers` are stretches of words `[from, to)` that are not in the license;
    `fresh` is the share of its runs that are not, which stand in `breaks`: damage is breaks all over.
    `missing` counts the license's runs that are not in the text: some four for a word that was lost.
    """

    id: str
    known: bool
    header: bool
    recall: float
    cover: float
    fresh: float
    breaks: tuple[tuple[int, int], ...]
    missing: int
    strangers: tuple[tuple[int, int], ...]
    new_words: tuple[int, ...]


def nearest(words: Sequence[str], prints: Prints) -> Match | None:
    """The nearest license of a text; None when nothing of it is known at all."""
    hashes = word_hashes(words)
    sequence = runs(hashes)
    if not len(sequence):
        return None
    groups = prints.runs.find(sequence)
    asked = prints.runs.find(np.unique(sequence))
    shared = prints.runs.count(asked, len(prints.ids))
    if not shared.any():
        return None
    gain = 2 * shared - prints.sizes
    if len(words) > LONGEST_HEADER:
        gain[prints.header] = -prints.sizes[prints.header]
    best = int(np.argmax(gain))
    known = bool(gain[best] > 0)
    if not known:  # the closest is told all the same: by the share of what the two have in common
        best = int(np.argmax(2 * shared / (prints.sizes + len(asked))))
    id = prints.ids[best]
    editions = np.array([n for n in prints.texts_of[id] if prints.sizes[n] < 1 << 40])
    inside = prints.runs.holding(editions)[groups]
    covered = _spread(inside, len(words))
    vocabulary = prints.words.holding(editions)[prints.words.find(single(hashes))]
    return Match(
        id,
        known,
        bool(prints.header[best]),
        float(shared[best] / prints.sizes[best]) ** (1 / RUN),
        float(covered.mean()),
        float(1 - inside.mean()),
        _stretches(~inside),
        int(prints.sizes[best] - shared[best]),
        _stretches(~covered),
        tuple(int(n) for n in np.flatnonzero(~vocabulary)),
    )


def _spread(inside: Flags, words: int) -> Flags:
    """A word is covered when any run that it stands in is."""
    covered = np.zeros(words, np.bool_)
    for place in range(RUN):
        covered[place : place + len(inside)] |= inside
    return covered


def _stretches(away: Flags) -> tuple[tuple[int, int], ...]:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], away.astype(np.int8), [0]))))
    return tuple((int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True))
