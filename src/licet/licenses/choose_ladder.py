"""What does each Creative Commons license give up, from CC0 to BY-NC-ND? The rungs are worked out, not listed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from licet.licenses import shelf
from licet.licenses.ask import may_license
from licet.licenses.shelf import Sheet
from licet.terms.verdict import Answer

# A freedom weighs more than all that come after it, which makes the order that Creative Commons itself shows.
FREEDOMS: Final = ("without naming you", "change it", "use it commercially", "put changes under other terms")


@dataclass(frozen=True, slots=True)
class Rung:
    """One license of the ladder: what others may do (`FREEDOMS`), and the place that decides each."""

    id: str
    name: str
    may: tuple[bool, ...]
    cites: tuple[str, ...]


def ladder() -> tuple[Rung, ...]:
    """The newest Creative Commons licenses on the shelf, from the most open to the least."""
    newest: dict[str, str] = {}
    for id in shelf.known():
        if found := re.fullmatch(r"(CC0|CC-BY(?:-\w\w)*)-(\d)\.\d", id):
            name = found.group(1)
            newest[name] = max(newest.get(name, ""), id)
    rungs = (_rung(sheet) for id in newest.values() if (sheet := shelf.sheet(id)))
    return tuple(sorted(rungs, key=lambda rung: rung.may, reverse=True))


def _rung(sheet: Sheet) -> Rung:
    changed = may_license("distribute", sheet.id, facts={"modified": True, "commercial": False, "purpose": "personal"})
    sold = may_license("commercial-use", sheet.id)
    credit, same = sheet["attribution"], sheet["same_license"]
    change = changed.answer is Answer.YES
    return Rung(
        sheet.id,
        sheet.name,
        (credit.value == "none", change, sold.answer is Answer.YES, change and same.value == "none"),
        (
            sheet.cite(credit.section),
            changed.because[0].cite,
            sold.because[0].cite,
            sheet.cite(same.section) if change else changed.because[0].cite,
        ),
    )
