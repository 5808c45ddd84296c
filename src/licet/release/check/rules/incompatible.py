"""May what lies inside a part go out under the license of the whole? Nested licenses and single headers are asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from licet.errors import Finding
from licet.release.check.kinds import is_test
from licet.release.check.meaning import agree, meaning
from licet.release.check.parts import Part, merged
from licet.release.check.rules.contradiction import is_majority
from licet.release.check.statement import Meaning, Statement, folder_of, within
from licet.release.check.view import View, refused


def find(view: View) -> Iterator[Finding]:
    by_folder: dict[str, list[Part]] = defaultdict(list)
    for part in view.parts:
        by_folder[part.folder].append(part)
    for part in view.open_parts():
        if part.component is None:
            if part.folder:
                yield from _nested(view, part, by_folder)
        else:
            for said in merged(part.inner):
                yield from _inside(view, part, said)
        if part.license:
            yield from _headers(part)


def _headers(part: Part) -> Iterator[Finding]:
    """A file with a header of its own is somebody's work that was put in; it must be allowed to stand there."""
    told: set[frozenset[str]] = set()
    for said in part.headers:
        own = part.license if not said.meaning else _whole(part)
        if not said.meaning or agree(said.meaning, own) or is_majority(part, said) or said.meaning.ids in told:
            continue
        if clause := refused(said.meaning, part.license):
            told.add(said.meaning.ids)
            files = sum(s.copies for s in part.headers if s.meaning.ids == said.meaning.ids)
            more = f" (and {files - 1} more)" if files > 1 else ""
            test = is_test(said.path)
            yield Finding(
                said.path,
                said.line,
                "incompatible",
                f"this file{more} is under {said.meaning.shown}, inside {part.title} under {part.license.shown}: "
                f"{clause} does not allow that",
                "leave it out, replace it, or put the whole under a license that it allows",
                "warning" if test else "error",
            )


def _whole(part: Part) -> Meaning:
    """Everything that is said of the part: a list of licenses that names this one has accounted for it."""
    ids = frozenset[str]().union(*(s.meaning.ids for s in (*part.own, *part.shared)), part.license.ids)
    return replace(part.license, ids=ids)


def _nested(view: View, part: Part, by_folder: Mapping[str, Sequence[Part]]) -> Iterator[Finding]:
    """Without a licet.toml: a folder with a license of its own, inside one that goes out under another."""
    around = [p for folder in _above(part.folder) for p in by_folder.get(folder, ())]
    if not around or not part.license:
        return
    outer = max(around, key=lambda p: (len(p.folder), p.about == part.about))
    first = next((s for s in (*part.own, *part.shared) if s.meaning), None)
    whole = Meaning(frozenset().union(*(s.meaning.ids for p in around for s in (*p.own, *p.shared))))
    if first is None or not outer.license or (agree(part.license, whole) and whole):
        return
    clause = refused(part.license, outer.license)
    if clause and not _told(view, part, outer):
        yield _finding(first, part.folder, part.license, outer, clause, part.about in ("code", "weights"))


def _above(folder: str) -> Iterator[str]:
    while folder:
        folder = folder_of(folder)
        yield folder


def _inside(view: View, part: Part, said: Statement) -> Iterator[Finding]:
    declared = [u.license for u in part.component.upstream] if part.component else []
    if not said.meaning or agree(said.meaning, _whole(part)) or any(agree(meaning(u), said.meaning) for u in declared):
        return
    if clause := refused(said.meaning, part.license):
        working = any(f.kind in ("code", "weights") and within(f.path, said.folder) for f in view.tree.files)
        yield _finding(said, said.folder, said.meaning, part, clause, working)


def _finding(said: Statement, folder: str, inner: Meaning, outer: Part, clause: str, working: bool) -> Finding:
    return Finding(
        said.path,
        said.line,
        "incompatible",
        f"`{folder}/` is under {inner.shown}, inside {outer.title} under {outer.license.shown}: "
        f"who takes the whole at its word breaks {clause}",
        "leave it out, or say in README and licet.toml that this part has its own license",
        "error" if working and not is_test(said.path) else "warning",
    )


def _told(view: View, part: Part, outer: Part) -> bool:
    """Does the outer README or notice name the folder together with its license?"""
    text = "\n".join(
        body for path, body in view.tree.prose.items() if within(path, outer.folder) and not within(path, part.folder)
    )
    names = {part.folder, part.folder.rpartition("/")[2] + "/"}
    return any(name in text for name in names) and any(id.casefold() in text.casefold() for id in part.license.ids)
