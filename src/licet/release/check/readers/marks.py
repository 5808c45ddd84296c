"""Which findings does somebody want to live with, and why? `# licet: ignore[rule] reason` in any kind of comment."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from licet.release.check.statement import Mark

SIGN: Final = b"licet: ignore["
_MARK: Final = re.compile(
    r"(?<![`\"'])(?:#|//|/\*|<!--|--|;|%)[ \t]*licet: ignore\[(?P<rule>[a-z-]+)(?:[ \t]+(?P<glob>[^\]\s]+))?\]"
    r"[ \t]*(?P<reason>[^\r\n]*?)[ \t]*(?:-->|\*/)?[ \t]*$",
    re.MULTILINE,
)


def read_marks(path: str, text: str) -> Iterator[Mark]:
    """Every mark of a file. The glob behind a rule speaks of other files than this one."""
    for found in _MARK.finditer(text):
        line = text.count("\n", 0, found.start("rule")) + 1
        yield Mark(path, line, found["rule"], found["glob"] or "", found["reason"].strip(" :-"))
