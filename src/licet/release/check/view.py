"""What a rule may look at: the tree, its parts, and the release if there is one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.compat import compat
from licet.licenses.shelf import Sheet
from licet.release.check.meaning import folded
from licet.release.check.parts import Part
from licet.release.check.statement import Meaning, Tree, folder_of, within
from licet.release.release import Release
from licet.terms import Answer, Verdict

DOCUMENT = "licet.toml"


@dataclass(frozen=True, slots=True)
class View:
    tree: Tree
    parts: tuple[Part, ...]
    release: Release | None = None

    def has_text(self, id: str) -> bool:
        """Does the text of a license lie anywhere in the tree?"""
        return folded(id) in {folded(one) for one in self.tree.texts}

    def open_parts(self) -> Iterator[Part]:
        yield from (p for p in self.parts if not (p.component and p.component.proprietary))


def prose_of(view: View, part: Part) -> Iterator[str]:
    """The READMEs, cards and notices above a part, beside it and in it."""
    for path, text in view.tree.prose.items():
        if within(part.folder, folder_of(path)) or within(path, part.folder):
            yield text


def sheets_of(said: Meaning) -> list[Sheet]:
    """What is known of the licenses meant, as far as somebody read them. A vague statement has none."""
    return [] if said.vague else [s for id in sorted(said.ids) if (s := shelf.sheet(id))]


def passes(inbound: Meaning, outbound: Meaning) -> Verdict | None:
    """May INBOUND go out under OUTBOUND? Where words are vague, the kindest reading. None where nothing is known."""
    found: Verdict | None = None
    for one in _readings(inbound):
        for other in _readings(outbound):
            try:
                verdict = compat(one, other)
            except LicetError:
                continue
            if found is None or verdict.answer > found.answer:
                found = verdict
    return found


def refused(inbound: Meaning, outbound: Meaning) -> str:
    """The clause by which INBOUND may not go out under OUTBOUND, "" where it may or nobody knows."""
    verdict = passes(inbound, outbound)
    if verdict is None or verdict.answer is not Answer.NO:
        return ""
    return next((c.cite for c in verdict.because if c.cite), "its terms")


def _readings(said: Meaning) -> list[str]:
    return sorted(said.ids) if said.vague or not said.expression else [said.expression]
