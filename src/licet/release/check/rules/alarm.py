"""Which clauses of the license that was chosen are of a kind that drew backlash, and how could their aim be kept?"""

from __future__ import annotations

from collections.abc import Iterator

from licet.errors import Finding
from licet.licenses.alarms import BELLS, alarms
from licet.release.check.gentler import GENTLER
from licet.release.check.statement import Statement
from licet.release.check.upstreams import upstreams_of
from licet.release.check.view import DOCUMENT, View, sheets_of


def find(view: View) -> Iterator[Finding]:
    told: set[tuple[str, str]] = set()
    for part in view.open_parts():
        inherited = {id for one in upstreams_of(part) for id in one.license.ids}
        for sheet in sheets_of(part.license):
            if sheet.id in inherited:  # not the releaser's choice: its own licensor must be asked
                continue
            first = next((s for s in (*part.own, *part.shared) if sheet.id in s.meaning.ids), None)
            path, line = (
                (DOCUMENT, part.component.line) if part.component else (first.path, first.line) if first else (".", 0)
            )
            for alarm in alarms(sheet):
                if (path, alarm.cite + alarm.kind) not in told:
                    told.add((path, alarm.cite + alarm.kind))
                    yield _finding(path, line, alarm.kind, alarm.cite, alarm.case, alarm.source)
    for said in view.tree.statements:
        yield from _of_own_words(said)


def _of_own_words(said: Statement) -> Iterator[Finding]:
    """An altered license: what was added or taken away may ring as well, each clause once."""
    rung: set[str] = set()
    for kind, bell in BELLS.items():
        if not said.closest or bell.clause not in said.differing or bell.clause in rung:
            continue
        if kind not in ("filter-lock", "strong-copyleft"):
            rung.add(bell.clause)
            yield _finding(said.path, said.line, kind, f"what was changed in {said.closest}", bell.case, bell.source)


def _finding(path: str, line: int, kind: str, cite: str, case: str, source: str) -> Finding:
    aim, gentler = GENTLER[kind]
    says = f"{kind.replace('-', ' ')} ({cite}): {case} [{source}]"
    return Finding(path, line, "alarm", says, f"if the aim is {aim}: {gentler}", "note")
