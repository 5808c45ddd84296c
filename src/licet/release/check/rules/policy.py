"""Can the terms change behind the reader's back: by a policy that may be updated, by a link that shows something else?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from licet.errors import Finding
from licet.release.check.statement import folder_of, within
from licet.release.check.upstreams import upstreams_of
from licet.release.check.view import View, sheets_of

_MAY_CHANGE = re.compile(
    r"\b(?:may|can|reserve[sd]? the right to)\b[^.]{0,60}\b(?:update|change|modify|amend|revise)[sd]?\b[^.]{0,60}"
    r"\b(?:policy|terms|restrictions|time to time|at any time|discretion)\b"
    r"|\bas (?:may be )?(?:updated|amended) from time to time\b",
    re.IGNORECASE,
)
_MOVING = re.compile(
    r"/(?:blob|resolve|raw|tree)/(?:main|master|HEAD)/|^https?://(?!.*(?:[0-9a-f]{40}|/v\d))", re.IGNORECASE
)


def find(view: View) -> Iterator[Finding]:
    for part in view.open_parts():
        for sheet in sheets_of(part.license):
            if sheet["acceptable_use_policy"].value.endswith("changeable"):
                first = next((s for s in (*part.own, *part.shared) if sheet.id in s.meaning.ids), None)
                path, line = (
                    (first.path, first.line) if first else ("licet.toml", part.component.line if part.component else 0)
                )
                cite = sheet.cite(sheet["acceptable_use_policy"].section)
                yield Finding(
                    path,
                    line,
                    "changeable-policy",
                    f"{part.title} hangs on a use policy that the licensor may change alone ({cite})",
                    "name one edition of the policy by its date, put its text beside the license, "
                    "and let new ones bind new versions only",
                    "note" if any(sheet.id in one.license.ids for one in upstreams_of(part)) else "warning",
                )
    yield from _beside(view)
    yield from _links(view)


def _beside(view: View) -> Iterator[Finding]:
    for place in view.tree.policies:
        text = view.tree.prose.get(place.path, "")
        if found := _MAY_CHANGE.search(text):
            yield Finding(
                place.path,
                text.count("\n", 0, found.start()) + 1,
                "changeable-policy",
                "this policy says that it may be changed, so nobody knows what he agrees to",
                "date it, and say that whoever has a version keeps to the policy of that version",
                "warning",
            )
        part = next(
            (p for p in view.open_parts() if within(place.path, p.folder) and any(s.osi for s in sheets_of(p.license))),
            None,
        )
        if part:
            yield Finding(
                place.path,
                1,
                "policy-beside-license",
                f"a use policy stands beside {part.license.shown}, which bars no use: readers cannot tell whether it binds them",
                "make it advice and say so, or choose a license with use restrictions (`licet choose`)",
                "warning",
            )


def _links(view: View) -> Iterator[Finding]:
    """A link to a text that lies here as well is only a convenience."""
    for place in view.tree.links:
        local = any(s.by == "license file" and within(s.folder, folder_of(place.path)) for s in view.tree.statements)
        if "://" in place.what and _MOVING.search(place.what) and not local:
            yield Finding(
                place.path,
                place.line,
                "license-by-link",
                "the text of the license is only behind a link, and what it shows can change",
                "put the text itself into LICENSE, and link to a fixed version of it",
                "warning",
            )
