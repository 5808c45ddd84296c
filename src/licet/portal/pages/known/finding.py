"""Which known licenses are meant by the words, the boxes and the person in the URL? One search, one list."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.http import QueryDict

from licet.licenses import shelf
from licet.licenses.explain import explain
from licet.licenses.openness import CLASSES
from licet.licenses.personas import PERSONAS
from licet.portal.pages.known.filters import FILTERS, asked, fits
from licet.terms.action import ACTIONS, SUGAR

WORDS = 80  # so much of a search is read
MADE_FOR: Final = ("model", "software", "data", "content", "hardware designs")


@dataclass(frozen=True, slots=True)
class Search:
    """What the URL asks for. A value that makes no sense is dropped: `dropped` names its field."""

    words: str = ""
    filters: tuple[str, ...] = ()
    openness: str = ""
    made_for: str = ""
    who: str = ""
    do: str = ""
    dropped: tuple[str, ...] = ()

    @property
    def narrows(self) -> bool:
        return bool(self.words or self.filters or self.openness or self.made_for or self.do)


@dataclass(frozen=True, slots=True)
class Row:
    """A license in the list: `alarms` how many clauses drew complaints elsewhere, `answer` to the question asked."""

    id: str
    name: str
    openness: str
    alarms: int
    answer: str = ""


def read(query: QueryDict) -> Search:
    """The search of a query string; nothing in it can fail."""
    dropped: list[str] = []

    def one(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
        value = query.get(name, "").strip()
        if value and value not in known:
            dropped.append(name)
            return ""
        return value

    wanted = dict.fromkeys(query.getlist("only"))
    if any(name not in FILTERS for name in wanted):
        dropped.append("only")
    who, do = one("who", PERSONAS), one("do", deeds())
    return Search(
        " ".join(query.get("q", "").split())[:WORDS],
        tuple(name for name in FILTERS if name in wanted),
        one("class", CLASSES),
        one("for", MADE_FOR),
        who,
        do,
        tuple(dropped),
    )


def deeds() -> tuple[str, ...]:
    """Everything that can be asked of a license, what people ask first standing first."""
    return (*SUGAR, *ACTIONS)


def found(search: Search) -> tuple[Row, ...]:
    """The licenses that fit, by name. With a question only those that answer it with a yes."""
    parts = _folded(search.words).split()
    rows = []
    for id in shelf.known():
        known = _known(id)
        if not all(part in known.words for part in parts) or not fits(search.filters, id):
            continue
        if search.openness not in ("", known.openness) or (search.made_for and search.made_for not in known.made_for):
            continue
        answer = asked(search.do, id, search.who).answer.name.lower() if search.do else ""
        if answer in ("", "yes"):
            rows.append(Row(id, known.name, known.openness, known.alarms, answer))
    return tuple(sorted(rows, key=lambda row: (row.name.casefold(), row.id)))


@dataclass(frozen=True, slots=True)
class _Known:
    name: str
    words: str
    openness: str
    made_for: tuple[str, ...]
    alarms: int


@lru_cache(maxsize=512)
def _known(id: str) -> _Known:
    sheet, told = shelf.sheet(id), explain(id)
    assert sheet is not None
    words = (id, sheet.name, *sheet.names, sheet.steward, sheet.version, *sheet.hub, *sheet.seen_on, sheet.family)
    return _Known(told.name, _folded(" ".join(words)), told.openness, sheet.made_for, len(told.alarms))


def _folded(text: str) -> str:
    """Look-alikes of width and case fall together; a hyphen is a space: `cc by` finds `CC-BY-4.0`."""
    return unicodedata.normalize("NFKC", text).casefold().replace("-", " ").replace("_", " ")
