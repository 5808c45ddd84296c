"""Is what the licenses upstream ask for done: words shown, a name begun, authors and changes named?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from licet.errors import Finding, Level
from licet.licenses.shelf import Sheet
from licet.release.check.parts import Part
from licet.release.check.rules.outputs import made_with
from licet.release.check.statement import Place, folder_of, within
from licet.release.check.upstreams import From, upstreams_of
from licet.release.check.view import DOCUMENT, View, prose_of, sheets_of

_CHANGED = re.compile(
    r"\b(?:unchanged|unmodified|fine-?\s?tun\w+|modif\w+|chang\w+|merg\w+|quanti[sz]\w+|adapt\w+|deriv\w+"
    r"|based on|convert\w+|distill\w+|trained (?:from|on))",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\"([^\"]+)\"")


def find(view: View) -> Iterator[Finding]:
    for part in view.open_parts():
        branded: set[str] = set()
        for one in upstreams_of(part):
            for sheet in sheets_of(one.license):
                if made_with(part, sheet):
                    continue  # outputs were taken, not the model: these duties are of who hands the model on
                if sheet.id not in branded:  # ten bases under one license ask for the same words once
                    branded.add(sheet.id)
                    yield from _shown(view, part, one, sheet)
                yield from _named(view, part, one, sheet)


def _shown(view: View, part: Part, one: From, sheet: Sheet) -> Iterator[Finding]:
    asked = sheet["naming_branding"]
    if asked.value not in ("required", "conditional"):
        return
    cite, always = sheet.cite(asked.section), asked.value == "required"
    for item in asked.items:
        words = _QUOTED.findall(item)
        if not words:
            continue
        if "beginning of" in item:
            yield from _begun(view, part, one, words[0], cite)
        elif not any(_plain(word) in _plain(_prose(view, part)) for word in words):
            yield Finding(
                one.path,
                one.line,
                "naming-duty",
                f"`{one.name}` asks that you show {item} ({cite}); no README, card or notice does"
                + ("" if always else f". It holds only where: {asked.note or 'the license says'}"),
                f'write "{words[0]}" into the README of {part.title}',
                ("error" if "model" in sheet.made_for else "warning") if always else "note",
            )


def _begun(view: View, part: Part, one: From, start: str, cite: str) -> Iterator[Finding]:
    if part.about != "weights" or (name := _name(view, part)) is None or _plain(name.what).startswith(_plain(start)):
        return
    yield Finding(
        name.path,
        name.line,
        "name-prefix",
        f'the name of a model made from `{one.name}` must begin with "{start}" ({cite}), and this one is called "{name.what}"',
        f'call it "{start}-{name.what}"',
    )


def _name(view: View, part: Part) -> Place | None:
    """What the model is called: in the release, else on its card."""
    if view.release and view.release.repository:
        return Place(DOCUMENT, view.release.line, view.release.repository.rpartition("/")[2])
    near = [n for n in view.tree.names if within(part.folder, folder_of(n.path)) or within(n.path, part.folder)]
    if near:
        return max(near, key=lambda n: (len(folder_of(n.path)), -n.line))
    return Place(DOCUMENT, view.release.line, view.release.name) if view.release else None


def _named(view: View, part: Part, one: From, sheet: Sheet) -> Iterator[Finding]:
    def owed(rule: str, kind: str, says: str, mend: str, level: Level) -> Finding:
        return Finding(one.path, one.line, rule, f"{says} ({sheet.cite(sheet[kind].section)})", mend, level)

    prose = _prose(view, part)
    short = one.name.rpartition("/")[2]
    if sheet["attribution"].value == "required" and not any(
        _plain(word) in _plain(prose) for word in (short, sheet.steward) if word
    ):
        mend = f"name `{one.name}`, its authors and its license in README or NOTICE"
        yield owed("attribution", "attribution", f"`{one.name}` is named in no README, card or notice", mend, "warning")
    if sheet["state_changes"].value == "required" and not _CHANGED.search(prose) and not one.relation:
        mend = "say in one line what you changed (fine-tuned on ..., merged with ..., quantized to ...), or that nothing was"
        yield owed("state-changes", "state_changes", f"if `{one.name}` was changed, it is told nowhere", mend, "note")


def _prose(view: View, part: Part) -> str:
    return "\n".join(prose_of(view, part))


def _plain(text: str) -> str:
    return re.sub(r"[\s_*\"'`.-]+", "", text).casefold()
