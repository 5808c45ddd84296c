"""How do sentences with their places look on a terminal? One shape for `explain`, `compare` and `compat`."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator

from licet.cli import streams

BOLD, DIM, END = "\033[1m", "\033[2m", "\033[0m"
COLOURS = {"yes": "\033[32m", "no": "\033[31m", "depends": "\033[33m", "looser": "\033[32m", "stricter": "\033[31m"}


class Sheet:
    """What will be printed: plain where nobody looks, bold and grey on a terminal."""

    def __init__(self) -> None:
        self.colour = streams.colour()
        self.width = min(shutil.get_terminal_size((100, 24)).columns, 110) if sys.stdout.isatty() else 100
        self.lines: list[str] = []

    def ink(self, code: str, text: str) -> str:
        return f"{code}{text}{END}" if self.colour and code else text

    def title(self, text: str) -> None:
        self.lines += ["", self.ink(BOLD, text)] if self.lines else [self.ink(BOLD, text)]

    def text(self, text: str, indent: str = "") -> None:
        self.lines += textwrap.wrap(text, self.width, initial_indent=indent, subsequent_indent=indent)

    def rows(self, title: str, rows: Iterable[tuple[str, str]]) -> None:
        """Sentences with their places; a section without rows is not shown at all."""
        told = list(rows)
        if not told:
            return
        self.title(title)
        for sentence, cite in told:
            self.lines += self._row(sentence, cite)

    def _row(self, sentence: str, cite: str) -> Iterator[str]:
        """The place follows the sentence where it fits on the line, else it stands alone below."""
        *most, last = textwrap.wrap(sentence, self.width - 2, subsequent_indent="  ") or [""]
        yield from (f"  {line}" for line in most)
        if not cite or len(last) + len(cite) + 5 <= self.width:
            yield f"  {last}" + (f"  {self.ink(DIM, '[' + cite + ']')}" if cite else "")
        else:
            yield f"  {last}"
            yield "    " + self.ink(DIM, f"[{cite}]")

    def print(self) -> None:
        print("\n".join(self.lines))


def shorter(cite: str, id: str) -> str:
    """`MIT, ¶1` -> `¶1` on the page of MIT itself."""
    return cite.removeprefix(id).lstrip(", ") if cite.startswith(id) else cite
