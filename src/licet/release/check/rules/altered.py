"""Does a license file hold the license that it looks like, or one that is known? Never by its title: by all its words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from licet.errors import Finding
from licet.licenses.kinds import KINDS
from licet.release.check.meaning import folded
from licet.release.check.parts import Part
from licet.release.check.statement import Statement
from licet.release.check.view import View

# Where one of these differs, people who know the license by its name are misled.
_HEAVY: Final = frozenset((
    "use", "commercial_use", "distribute", "modify", "sell", "field_of_use_restrictions", "hardware_lock",
    "no_compete", "host_as_service", "revocability", "revenue_or_mau_threshold", "user_geography_exclusion",
    "output_restrictions",
))  # fmt: skip


def find(view: View) -> Iterator[Finding]:
    for said in view.tree.statements:
        if said.unread:
            yield from _unread(view, said)
        if not said.closest:
            continue
        claimed = any(_claims(part, said) for part in view.parts)
        heavy = _HEAVY.intersection(said.differing)
        kinds = "; ".join(KINDS[kind].words for kind in said.differing[:6] if kind in KINDS)
        yield Finding(
            said.path,
            said.line,
            "altered-license",
            f"this reads like {said.closest}, but it is not that text"
            + (f": it differs in what it says of: {kinds}" if kinds else "")
            + (", while its name is used elsewhere here" if claimed and heavy else ""),
            f"take the text of {said.closest} unchanged, or give yours a name of its own (`LicenseRef-...`)",
            "error" if claimed and heavy else "warning" if heavy else "note",
        )


def _unread(view: View, said: Statement) -> Iterator[Finding]:
    """A text that is on no shelf: what it says is not known, unless it goes by a name of its own."""
    if said.written:
        says = f"this names {said.written} and is not its text: whoever gets the file alone gets no license"
        yield Finding(
            said.path, 1, "license-by-name", says, f"`licet write {said.written}` puts the text here", "warning"
        )
    elif not any(_own_name(part) and said in (*part.own, *part.shared) for part in view.parts):
        says = "nobody here has read this text: what it allows and forbids is not known"
        mend = "`licet identify` shows what it is closest to; a text of your own gets a name (`LicenseRef-...`) in licet.toml"
        yield Finding(said.path, 1, "license-unread", says, mend, "note")


def _own_name(part: Part) -> bool:
    return bool(part.component and part.component.license and "LicenseRef-" in part.component.license)


def _claims(part: Part, said: Statement) -> bool:
    """Does somebody call the altered text by the name of the real one?"""
    every = [s.meaning for s in (*part.own, *part.shared) if s is not said and said.folder == part.folder]
    if part.component and said in (*part.own, *part.shared):
        every.append(part.license)
    return any(folded(said.closest) in {folded(i) for i in m.ids} for m in every)
