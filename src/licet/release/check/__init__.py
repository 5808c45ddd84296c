"""Does a release contradict itself? A folder is read once, its statements are weighed, and all findings come back.

    >>> from pathlib import Path
    >>> from licet.release.check import check
    >>> report = check(Path("my-model"))                        # doctest: +SKIP

Offline: nothing is fetched. Never prints. Of weights only the header is read.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from licet.errors import Finding, Findings, LicetError
from licet.release import document
from licet.release.accepting import unreadable
from licet.release.check.ignored import ignore
from licet.release.check.leaks import leaks
from licet.release.check.parts import Homes, Part, parts_of
from licet.release.check.rules import NAMES, every_rule
from licet.release.check.statement import Tree
from licet.release.check.tree import Progress, read_tree
from licet.release.check.view import DOCUMENT, View
from licet.release.reader.spelling import harmless
from licet.release.release import Release

__all__ = ["Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """`findings` to mend, worst first; `ignored` ones, each with a reason in the tree; how many `files` were seen."""

    findings: tuple[Finding, ...]
    ignored: tuple[Finding, ...]
    files: int


def check(root: Path, *, progress: Progress = lambda seen, all_of: None) -> Report:
    """Every finding about the folder, with or without a `licet.toml` in it.

    A `licet.toml` that cannot be read whole is told finding by finding, and the rest is then checked as if there were
    none, but that no license is missed. Raises LicetError where there is no such folder.
    """
    if not root.is_dir():
        raise LicetError("no such folder", where=str(root), mend="name the folder that you want to release")
    release, found = _release(root)
    tree = read_tree(root, progress)
    parts = parts_of(tree, release)
    if release:
        _kept(root, tree, parts)
        found += unreadable(release, root)
    view = View(tree, tuple(parts), release)
    unread = release is None and bool(found)
    for rule in every_rule():
        # What an unreadable licet.toml would have said of a part, nobody can miss in it.
        found += (f for f in rule(view) if not (unread and f.rule == "no-license"))
    stays, gone = ignore(list(dict.fromkeys(found)), tree.marks, NAMES)
    return Report(_ordered(stays), _ordered(gone), len(tree.files))


def _release(root: Path) -> tuple[Release | None, list[Finding]]:
    file = root / DOCUMENT
    if not file.is_file():
        return None, []
    try:
        release = document.read(file.read_bytes(), path=DOCUMENT)
    except Findings as wrong:
        return None, list(wrong.findings)
    except OSError as wrong:
        mend = "run it as the user whose file it is"
        raise LicetError(f"cannot read it ({wrong.strerror})", where=str(file), mend=mend) from None
    return release, list(release.warnings)


def _kept(root: Path, tree: Tree, parts: list[Part]) -> None:
    """Looks for what is proprietary among what is not: only where something is."""
    if not any(p.component and p.component.proprietary for p in parts):
        return
    kind = {f.path: f.kind for f in tree.files}
    homes = Homes(parts)

    def is_kept(path: str) -> bool:
        home = homes.of(path, kind.get(path, ""))
        return home is not None and home.component is not None and home.component.proprietary

    for rule, place in leaks(root, tree.files, is_kept):
        (tree.leaks if rule == "leak" else tree.broken).append(place)


_WORST = ("error", "warning", "note")


def _ordered(findings: list[Finding]) -> tuple[Finding, ...]:
    shown = (replace(f, path=harmless(f.path), message=harmless(f.message), mend=harmless(f.mend)) for f in findings)
    return tuple(sorted(shown, key=lambda f: (_WORST.index(f.level), f)))
