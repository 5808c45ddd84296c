"""What do we keep of a license's text, and how much of it stands in another text?

Numbers, never words: for every known text the *set* of its runs of four words, each run as a hash of 22 bits, and the set
of its words likewise. Which texts a run stands in is kept once for all of them. The hashes are short on purpose: enough
to recognise a text that is at hand, too few to find out what stood in one that is not.

Made by `scripts/fingerprints.py`. `exact.json` is enough for a text that is word for word known; only what it misses
costs the import of numpy and of this module.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

FOLDER: Final = Path(__file__).parent / "fingerprints"
RUN: Final = 4  # words in a run
BITS: Final = 22
_MIX: Final = tuple(
    np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93)
)

Numbers = NDArray[np.int64]


def word_hashes(words: Sequence[str]) -> NDArray[np.uint64]:
    """A number a word, the same in every process."""
    known = {word: crc32(word.encode()) for word in set(words)}
    return np.fromiter(map(known.__getitem__, words), np.uint64, len(words))


def runs(hashes: NDArray[np.uint64]) -> Numbers:
    """The hash of the run that begins at each word: as many as words, less three."""
    count = max(len(hashes) - RUN + 1, 0)
    mixed = np.zeros(count, np.uint64)
    for place, factor in enumerate(_MIX):
        mixed = (mixed ^ hashes[place : place + count]) * factor
        mixed ^= mixed >> np.uint64(29)
    return _short(mixed)


def single(hashes: NDArray[np.uint64]) -> Numbers:
    """The hash under which one word is kept."""
    return _short(hashes * _MIX[0])


def _short(mixed: NDArray[np.uint64]) -> Numbers:
    return (mixed >> np.uint64(64 - BITS)).astype(np.int64)


@dataclass(frozen=True)
class Table:
    """Hashes in order; beside each the group of texts it stands in; `members[starts[g] : starts[g + 1]]` are group g."""

    hashes: Numbers
    group: Numbers
    starts: Numbers
    members: Numbers

    def find(self, asked: Numbers) -> Numbers:
        """The group of each hash asked for; -1 where no text has it."""
        at = np.minimum(np.searchsorted(self.hashes, asked), len(self.hashes) - 1)
        return np.where(self.hashes[at] == asked, self.group[at], -1)

    def count(self, groups: Numbers, texts: int) -> Numbers:
        """In how many of these groups does each text stand?"""
        weights = np.bincount(groups[groups >= 0], minlength=len(self.starts) - 1)
        hit = np.flatnonzero(weights)
        sizes = self.starts[hit + 1] - self.starts[hit]
        ends = np.cumsum(sizes)
        total = int(ends[-1]) if len(ends) else 0
        places = np.arange(total) + np.repeat(self.starts[hit] - (ends - sizes), sizes)
        return np.bincount(self.members[places], np.repeat(weights[hit], sizes), texts).astype(np.int64)

    def holding(self, texts: Numbers) -> NDArray[np.bool_]:
        """For each group, and for -1 at the end: is one of these texts in it?"""
        chosen = np.zeros(int(self.members.max()) + 1, np.bool_)
        chosen[texts] = True
        found = np.zeros(len(self.starts), np.bool_)
        found[self._owners[chosen[self.members]]] = True
        return found

    @cached_property
    def _owners(self) -> Numbers:
        """Whose member is each of `members`?"""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))


@dataclass(frozen=True)
class Prints:
    """All fingerprints. A *text* is one edition of a license; `ids[n]` names its license, `sizes[n]` counts its runs."""

    ids: tuple[str, ...]
    sizes: Numbers
    header: NDArray[np.bool_]
    runs: Table
    words: Table

    @cached_property
    def texts_of(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for n, id in enumerate(self.ids):
            found.setdefault(id, []).append(n)
        return found

    def without(self, ids: Iterable[str]) -> Prints:
        """The same, as if these licenses had never been seen: how tests ask about unknown texts."""
        away = set(ids)
        sizes = np.where([id in away for id in self.ids], 1 << 40, self.sizes)
        return Prints(self.ids, sizes, self.header, self.runs, self.words)


@cache
def prints() -> Prints:
    """The fingerprints that came with this installation."""
    with np.load(FOLDER / "runs.npz", allow_pickle=False) as kept:
        return unpacked({name: kept[name] for name in kept.files})


def unpacked(kept: dict[str, Any]) -> Prints:
    ids = tuple(json.loads(kept["ids"].tobytes()))
    tables = [
        Table(
            np.cumsum(kept[f"{name}_steps"].astype(np.int64)),
            kept[f"{name}_group"].astype(np.int64),
            np.concatenate(([0], np.cumsum(kept[f"{name}_sizes"].astype(np.int64)))),
            kept[f"{name}_members"].astype(np.int64),
        )
        for name in ("runs", "words")
    ]
    return Prints(ids, kept["sizes"].astype(np.int64), kept["header"].astype(np.bool_), tables[0], tables[1])


def packed(texts: Sequence[tuple[str, bool, Sequence[str]]]) -> dict[str, NDArray[Any]]:
    """The arrays to be kept of `(id, is it only a header, words)`. The inverse of `unpacked`; for the script."""
    hashes = [word_hashes(words) for _, _, words in texts]
    sets = {"runs": [np.unique(runs(h)) for h in hashes], "words": [np.unique(single(h)) for h in hashes]}
    kept: dict[str, NDArray[Any]] = {
        "ids": np.frombuffer(json.dumps([id for id, _, _ in texts]).encode(), np.uint8),
        "header": np.array([header for _, header, _ in texts], np.uint8),
        "sizes": np.array([len(s) for s in sets["runs"]], np.uint32),
    }
    for name, each in sets.items():
        owners: dict[int, list[int]] = {}
        for n, one in enumerate(each):
            for value in one.tolist():
                owners.setdefault(value, []).append(n)
        groups = {group: g for g, group in enumerate(sorted({tuple(o) for o in owners.values()}))}
        order = sorted(owners)
        kept[f"{name}_steps"] = np.diff(np.array([0, *order])).astype(np.uint16 if name == "runs" else np.uint32)
        kept[f"{name}_group"] = np.array([groups[tuple(owners[value])] for value in order], np.uint32)
        kept[f"{name}_sizes"] = np.array([len(group) for group in groups], np.uint16)
        kept[f"{name}_members"] = np.array([n for group in groups for n in group], np.uint16)
    return kept
