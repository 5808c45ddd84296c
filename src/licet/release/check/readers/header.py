"""What does a source file say of its own license: a tag, or the notice at its top?"""

from __future__ import annotations

import re
from typing import Final

from licet.licenses.identify import identify
from licet.licenses.identify_clues import opening_comment
from licet.release.check.meaning import meaning
from licet.release.check.statement import Meaning

HEAD: Final = 8192
_TAG: Final = re.compile(
    rb"^[ \t]*(?:#+|//+|/\*+|\*|--|;+|<!--|%+|\"\"\"|'''|\.\.|dnl|rem|@rem|\{-|\(\*)?[ \t]*SPDX-License-Identifier:[ \t]*"
    rb"([^\r\n]+?)[ \t]*(?:\*+/|-->|\*\)|-\}|\"\"\")?[ \t]*\r?$",
    re.MULTILINE | re.IGNORECASE,
)
_PERSONAL: Final = re.compile(r"copyright|\(c\)|©", re.IGNORECASE)
# What every notice has that is one: a sentence about licenses in a docstring has none of these.
_SPEAKS: Final = re.compile(
    rb"licen[cs]ed\s+under|under\s+the\s+(?:terms|\w+\s+(?:public\s+)?licen[cs]e)|permission\s+(?:is\s+hereby|to\s+use)"
    rb"|redistribution\s+and\s+use|free\s+software|subject\s+to\s+the\s+terms|all\s+rights\s+reserved|@license\s",
    re.IGNORECASE,
)
# "Licensed under the MIT license" where a sentence begins is about this file; inside one it may be about anything.
_SHORT: Final = re.compile(
    r"(?:^\W*|\.\s+(?:[#*/;-]+\s*)*)(?:(?:this|the)\s+(?:file|(?:source\s+)?code|software|program)\s+is\s+)?"
    r"licen[cs]ed\s+under\s|^\W*@license\s",
    re.IGNORECASE | re.MULTILINE,
)


class Headers:
    """Reads tops of files; what the same notice means is worked out once."""

    def __init__(self) -> None:
        self.known: dict[str, Meaning] = {}

    def read(self, path: str, head: bytes, *, code: bool) -> tuple[int, Meaning] | None:
        """The line and what is meant; None where the file says nothing of it."""
        if b"icense-Identifier" in head and (tag := _TAG.search(head)):
            said = meaning(tag[1].decode("utf-8", "replace"))
            return head.count(b"\n", 0, tag.start(1)) + 1, said
        if not code or b"icense" not in head or not (found := _SPEAKS.search(head)):
            return None
        comment = opening_comment(head.decode("utf-8", "replace"))
        if "icense" not in comment:
            return None
        key = "\n".join(row.strip() for row in comment.split("\n") if not _PERSONAL.search(row))
        if key not in self.known:
            told = identify(comment, "comment.py")
            sure = told.how in ("text", "header", "tag") or (told.how == "name" and _SHORT.search(comment))
            self.known[key] = meaning(told.id) if sure and told.id else Meaning()
        said = self.known[key]
        return (head.count(b"\n", 0, found.start()) + 1, said) if said else None
