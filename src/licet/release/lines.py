"""On which line does each value of a TOML document stand?

`tomllib` gives the values and forgets the places; this scanner gives the places and leaves the values alone. Both walk
the same text, and a test holds them to each other on random documents.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_left
from collections.abc import Iterator
from itertools import count

type Path = tuple[str | int, ...]

_KEY = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')"""
_DOTTED = rf"{_KEY}(?:[ \t]*\.[ \t]*{_KEY})*"
_PART = re.compile(_KEY)
_HEAD = re.compile(rf"(\[\[?)[ \t]*({_DOTTED})[ \t]*\]\]?")
_PAIR = re.compile(rf"({_DOTTED})[ \t]*=[ \t]*")
_GAP = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_SCALAR = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'" + r"|[^,\]}#\r\n]+",
    re.DOTALL,
)


def lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every table, key and list element of a text that `tomllib` reads, by its path.

    `("tier", 0, "quota", 1)` is the second quota of the first tier. A table stands where its header stands, or else
    where it is first named. A byte-order mark in front is passed over.
    """
    return _Scan(text.removeprefix("\ufeff")).found


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.breaks = [m.start() for m in re.finditer("\n", text)]
        self.found: dict[Path, int] = {}
        self.last: dict[Path, int] = {}  # array of tables -> index of its newest table
        table: Path = ()
        at = self.past_gap(0)
        while at < len(text):
            if head := _HEAD.match(text, at):
                table, at = self.header(head), head.end()
            elif pair := _PAIR.match(text, at):
                at = self.value(pair.end(), self.named(table, pair))
            else:
                break  # not TOML: `tomllib` says why
            at = self.past_gap(at)

    def line(self, at: int) -> int:
        return bisect_left(self.breaks, at) + 1

    def past_gap(self, at: int) -> int:
        gap = _GAP.match(self.text, at)
        return gap.end() if gap else at

    def named(self, table: Path, pair: re.Match[str]) -> Path:
        """The path of a key, dotted or not, with all tables that its dots imply."""
        line = self.line(pair.start())
        for part in _parts(pair[1]):
            table = (*table, part)
            self.found.setdefault(table, line)
        return table

    def header(self, head: re.Match[str]) -> Path:
        """The path of a table's header. `[tier.x]` after `[[tier]]` speaks of the newest tier."""
        line = self.line(head.start())
        here: Path = ()
        *above, name = _parts(head[2])
        for part in above:
            here = (*here, part)
            self.found.setdefault(here, line)
            if here in self.last:
                here = (*here, self.last[here])
        here = (*here, name)
        if head[1] == "[[":
            self.found.setdefault(here, line)
            self.last[here] = self.last.get(here, -1) + 1
            here = (*here, self.last[here])
        self.found[here] = line
        return here

    def value(self, at: int, here: Path) -> int:
        """Past one value, having noted all that stands inside it. No recursion: depth is the writer's choice."""
        inside: list[tuple[Path, Iterator[int] | None]] = []  # lists count their elements, inline tables name them
        while at < len(self.text):
            if (opens := self.text[at]) in "[{":
                inside.append((here, count() if opens == "[" else None))
                at += 1
            elif scalar := _SCALAR.match(self.text, at):
                at = scalar.end()
            else:
                break
            while inside:
                at = self.past_gap(at)
                if self.text[at : at + 1] in "]}":
                    inside.pop()
                    at += 1
                    continue
                outer, index = inside[-1]
                if index is not None:
                    here = (*outer, next(index))
                    self.found[here] = self.line(at)
                elif pair := _PAIR.match(self.text, at):
                    here, at = self.named(outer, pair), pair.end()
                break
            else:
                return at
        return len(self.text)


def _parts(dotted: str) -> list[str]:
    return [tomllib.loads(f"k = {p}")["k"] if p[0] in "\"'" else p for p in _PART.findall(dotted)]
