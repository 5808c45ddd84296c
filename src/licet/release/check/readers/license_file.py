"""Which license is the text in this LICENSE file, and was it altered?"""

from __future__ import annotations

import re
from typing import Final

from licet.licenses.expression import ids
from licet.licenses.identify import Identification, identify
from licet.release.check.kinds import license_about
from licet.release.check.meaning import meaning
from licet.release.check.statement import Meaning, Statement, folder_of

# Where packages keep the texts of their licenses: what stands there speaks of the folder above, or of the whole package.
_KEPT: Final = re.compile(r"(?:^|/)(?:[^/]+\.dist-info(?:/licenses)?|licen[cs]es?)$", re.IGNORECASE)
# One sign for each family of texts: with two of them in one file, it is a collection, and no altered copy of either.
_SIGNS: Final = tuple(
    re.compile(words, re.IGNORECASE)
    for words in (
        r"permission is hereby granted,?\s+(?:without|free)",
        r"redistribution\s+and\s+use\s+in\s+source",
        r"apache\s+license",
        r"gnu\s+(?:lesser\s+|library\s+|affero\s+)?general\s+public",
        r"python\s+software\s+foundation\s+license|cnri|beopen",
        r"mozilla\s+public\s+license",
        r"permission\s+to\s+use,\s+copy,\s+modify",
        r"creative\s+commons",
        r"\bzlib\b|altered\s+source\s+versions",
        r"open\s+font\s+license",
    )
)
_NAME: Final = 200  # characters; the shortest license text has more
_STORE: Final = re.compile(r"(?:^|/)(?:LICENSES|licenses|license_files)/(?P<id>[^/]+?)(?:\.(?:txt|md|rst))?$")


def license_statement(path: str, text: str, known: dict[str, Identification]) -> Statement:
    """What a license file says. `known` keeps what was found for equal texts: many trees hold one text many times."""
    found = known.get(text)
    if found is None:
        found = known[text] = identify(text, "LICENSE")
    expression = found.id or ""
    said = Meaning(frozenset(ids(expression)), expression) if expression else Meaning()
    line = found.added[0].first_line if found.altered and found.added else 1
    closest, differing = "", tuple[str, ...]()
    one_text = sum(bool(sign.search(text)) for sign in _SIGNS) < 2
    if found.altered and found.closest and one_text:
        closest, differing = found.closest.id, found.closest.differing_clauses
    unread, name = False, ""
    if not said and not closest and one_text and text.strip():
        unread, name = True, _only_named(text)
    return Statement(
        path, line, "license file", home(path), license_about(path), name, said,
        closest=closest, differing=differing, unread=unread,
    )  # fmt: skip


def _only_named(text: str) -> str:
    """The license that a few words name instead of being it; "" for a text of its own."""
    words = " ".join(text.split())
    named = meaning(words) if len(words) <= _NAME else Meaning()
    return named.shown if named and not named.vague else ""


def home(path: str) -> str:
    """The folder that a license file speaks of: `x.dist-info/licenses/LICENSE` speaks of the package, not of itself."""
    folder = folder_of(path)
    while _KEPT.search(folder):
        folder = folder_of(folder)
    return folder


def stored_id(path: str) -> str:
    """`LICENSES/MIT.txt` is a text kept by its id (REUSE); it speaks of no folder. "" for other files."""
    found = _STORE.search(path)
    if not found:
        return ""
    named = meaning(found["id"])
    return named.expression if named and named.expression.casefold() == found["id"].casefold() else ""
