"""Does the text of every license that asks to go along lie here? One finding a text, however many want it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from licet.errors import Finding
from licet.licenses.shelf import Sheet
from licet.release.check.parts import Part
from licet.release.check.rules.outputs import made_with
from licet.release.check.upstreams import upstreams_of
from licet.release.check.view import DOCUMENT, View, sheets_of


@dataclass(slots=True)
class _Wanted:
    sheet: Sheet
    path: str
    line: int
    of: list[str] = field(default_factory=list)


def find(view: View) -> Iterator[Finding]:
    wanted: dict[str, _Wanted] = {}
    for part in view.open_parts():
        for sheet, path, line, of in (*_own(part), *_upstream(part)):
            if sheet["notice_license_copy"].value == "required" and not view.has_text(sheet.id):
                wanted.setdefault(sheet.id, _Wanted(sheet, path, line)).of.append(of)
    for id, one in wanted.items():
        names = list(dict.fromkeys(one.of))
        of = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
        yield Finding(
            one.path,
            one.line,
            "license-copy",
            f"the text of {id} lies nowhere here, and whoever hands on {of} must add it "
            f"({one.sheet.cite(one.sheet['notice_license_copy'].section)})",
            f"put it into LICENSE or LICENSES/{id}.txt (`licet build` does)",
            "warning",
        )


def _own(part: Part) -> Iterator[tuple[Sheet, str, int, str]]:
    if any(s.by == "license file" and not s.meaning for s in (*part.own, *part.shared)):
        return  # a file that nobody could tell may be the text: to say that it is missing would be a guess
    for sheet in sheets_of(part.license):
        if part.component:
            yield sheet, DOCUMENT, part.component.line, part.title
        elif first := next((s for s in part.own if sheet.id in s.meaning.ids), None):
            yield sheet, first.path, first.line, part.title


def _upstream(part: Part) -> Iterator[tuple[Sheet, str, int, str]]:
    for one in upstreams_of(part):
        yield from (
            (sheet, one.path, one.line, f"`{one.name}`")
            for sheet in sheets_of(one.license)
            if not made_with(part, sheet)
        )
