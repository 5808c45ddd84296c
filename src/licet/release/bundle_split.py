"""What goes out, what stays in, and what stands against it? Decided from what was read; nothing is written here.

A file goes out when a component that may go out covers its path, and nothing that stays in has the same content: not as a
copy, a link, or inside an archive. White space does not make a content another one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from licet.errors import Finding
from licet.release.bundle_owner import goes_out, is_paper
from licet.release.bundle_tree import NOWHERE, Entry, Print
from licet.release.reader.spelling import harmless
from licet.release.release import Release

DOCUMENT = "licet.toml"


@dataclass(frozen=True, slots=True)
class Inside:
    """What an archive holds, or why nobody can tell (`shut`)."""

    members: tuple[tuple[str, Print], ...] = ()
    shut: str = ""


@dataclass(frozen=True, slots=True)
class Copy:
    """A file that is copied as it is; `source` is its path from the release's folder."""

    source: str
    print: Print
    executable: bool


@dataclass(frozen=True, slots=True)
class Closed:
    """The contents that stay in, each with the file that holds it."""

    sha256: Mapping[str, str]
    bare: Mapping[str, str]

    def holder(self, print: Print) -> str:
        """The file that stays in and has this content; "" for none."""
        if print.empty:
            return ""
        return self.sha256.get(print.sha256) or self.bare.get(print.bare, "")


@dataclass(slots=True)
class Split:
    """`unclaimed` are the files that no component covers: they stay in."""

    closed: Closed
    out: dict[str, Copy] = field(default_factory=dict)
    private: dict[str, Copy] = field(default_factory=dict)
    unclaimed: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def split(
    release: Release,
    root: str,
    entries: Sequence[Entry],
    inside: Mapping[str, Inside],
    now_s: int,
    *,
    public: frozenset[str] = frozenset(),
    trust: Sequence[str] = (),
) -> Split:
    """Every file to its side, with all findings. `root` is the folder's real path, as links name it; `inside` are the
    archives by path; `public` the digests of texts that are nobody's secret; `trust` are patterns of archives that
    somebody looked into who can.
    """
    open_names = {c.name for c in release.components if goes_out(c, now_s)}

    def outward(entry: Entry) -> bool:
        if entry.path == DOCUMENT:
            return True  # published by definition, whatever covers it
        return entry.owner.name in open_names if entry.owner else is_paper(entry.path)

    outside = {entry.path: entry for entry in entries if outward(entry)}
    found = Split(_closed(entries, outside, inside, root, public))
    for entry in entries:
        if entry.path not in outside:
            if entry.owner is None:
                found.unclaimed.append(entry.path)
            if entry.print is None:
                found.findings.append(_no_file(entry, "stays where it is"))
            else:
                found.private[entry.path] = Copy(_source(entry, root), entry.print, entry.executable)
            continue
        against = tuple(_against(entry, outside, inside.get(entry.path), found.closed, root, trust))
        found.findings += against
        if entry.print is not None and not any(f.level == "error" for f in against):
            found.out[entry.path] = Copy(_source(entry, root), entry.print, entry.executable)
    if found.unclaimed:
        found.findings.append(_unclaimed(found.unclaimed))
    return found


def _closed(
    entries: Sequence[Entry],
    outside: Mapping[str, Entry],
    inside: Mapping[str, Inside],
    root: str,
    public: frozenset[str],
) -> Closed:
    whole: dict[str, str] = {}
    bare: dict[str, str] = {}
    for entry in entries:
        # What nobody claims has no license, but it is nobody's secret either.
        if entry.path in outside or entry.owner is None or entry.print is None:
            continue
        if entry.link and _within(entry.link, root) in outside:
            continue  # the content is that of a file which goes out
        held = inside.get(entry.path, Inside()).members
        for place, print in ((entry.path, entry.print), *((f"{entry.path}!{name}", p) for name, p in held)):
            if not print.empty and print.sha256 not in public:
                whole.setdefault(print.sha256, place)
                if print.bare:
                    bare.setdefault(print.bare, place)
    return Closed(whole, bare)


def _against(
    entry: Entry,
    outside: Mapping[str, Entry],
    inside: Inside | None,
    closed: Closed,
    root: str,
    trust: Sequence[str],
) -> Iterator[Finding]:
    """What stands against letting this file out."""
    astray = entry.link not in ("", NOWHERE) and _within(entry.link, root) not in outside
    if astray and (entry.print is not None or _within(entry.link, root) == ".."):
        mend = "put the file itself there, or take the link out"
        yield _finding("link-out", entry.path, "is a link to what does not go out", mend)
        return
    if entry.print is None:
        yield _no_file(entry, "is left out")
        return
    if holder := closed.holder(entry.print):
        yield _finding("leak", entry.path, f"has the content of {_shown(holder)}, which stays in", _LEAK)
    if inside is None:
        return
    for name, print in inside.members:
        if holder := closed.holder(print):
            says = f"holds {_shown(name)} with the content of {_shown(holder)}, which stays in"
            yield _finding("leak", entry.path, says, "make the archive anew without it")
    if inside.shut and not any(fnmatchcase(entry.path, pattern) for pattern in trust):
        mend = f"look yourself and say so with --trust '{_plain(entry.path)}', or take it out"
        yield _finding("archive-shut", entry.path, f"nobody can look inside: {inside.shut}", mend)


_LEAK = "take it out here, or move it out of the component that stays in: one file cannot do both"


def _no_file(entry: Entry, so: str) -> Finding:
    what = "is a link to a folder or to nothing" if entry.link else "is no file"
    return _finding("not-a-file", entry.path, f"{what}, and {so}", "put the files themselves there", "warning")


def _unclaimed(paths: Sequence[str]) -> Finding:
    some = ", ".join(map(_shown, paths[:3])) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
    says = f"no component covers {some}: without a license {'it stays' if len(paths) == 1 else 'they stay'} in"
    return Finding(DOCUMENT, 0, "no-component", says, "name a `path` that covers what shall go out", "warning")


def _finding(rule: str, path: str, says: str, mend: str, level: str = "error") -> Finding:
    return Finding(_plain(path), 0, rule, says, mend, "error" if level == "error" else "warning")


def _plain(path: str) -> str:
    return harmless(path)


def _shown(path: str) -> str:
    return f"`{_plain(path)}`"


def _within(target: str, root: str) -> str:
    """A link's target as a path in the release; `..` for elsewhere."""
    return target[len(root) + 1 :] if target.startswith(root + "/") else ".."


def _source(entry: Entry, root: str) -> str:
    """The file that is read: where a link leads, from the folder or, outside of it, in full."""
    if not entry.link:
        return entry.path
    inside = _within(entry.link, root)
    return entry.link if inside == ".." else inside
