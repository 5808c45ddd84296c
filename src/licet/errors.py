"""What is wrong, where, and how is it mended? The two shapes in which every room says so.

A `Finding` is a value: a reader collects all of them. A `LicetError` is raised for what is broken; `Findings` is
raised at a door once every finding is known. Neither is ever used for a refusal: a no is a `Verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One thing to mend, in the user's words.

    `rule` is a stable slug (`unknown-feature`), `path` is as the user wrote it, `line` counts from 1 (0: the whole file).
    """

    path: str
    line: int
    rule: str
    message: str
    mend: str = ""
    level: Level = "error"

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else self.path
        return f"{place}: {self.message}" + (f"; {self.mend}" if self.mend else "")


class LicetError(Exception):
    """Something is broken: `what`, `where`, and how to `mend` it. Never carries a secret."""

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.mend = what, where, mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        return f"{place}{self.what}" + (f"; {self.mend}" if self.mend else "")


class Findings(LicetError):
    """Every finding of one reading, at least one of them an error."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(findings))
        super().__init__("\n".join(map(str, self.findings)))


class Refused(LicetError):
    """A feature raises it to say that the caller's input makes no sense: 422 with these words, and nothing is charged."""


def closest(word: str, known: Iterable[str]) -> str:
    """`did you mean `premium`?` for a misspelt name, or the known names, or nothing at all."""
    from difflib import get_close_matches

    names = sorted(set(known))
    folded = {name.casefold(): name for name in names}
    if near := get_close_matches(word.casefold(), folded, n=1, cutoff=0.6):
        return f"did you mean `{folded[near[0]]}`?"
    if 0 < len(names) <= 12:
        return "known: " + ", ".join(f"`{n}`" for n in names)
    return ""
