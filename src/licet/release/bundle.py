"""How does a release become two folders: `open/`, with all that may go out and its papers, and `private/` with the rest?

Read, decide, write: `plan` reads the folder once and decides, `write` copies what was decided and nothing else. A file that
is another one than the one that was read stops the writing, so what was looked at is what goes out. The same folder on
the same day gives the same bytes: terms turn at midnight UTC, and so does everything here that knows a time.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from licet.errors import Finding, LicetError
from licet.release import bundle_papers, bundle_parts
from licet.release.bundle_archive import Shut, members
from licet.release.bundle_owner import Owners, goes_out
from licet.release.bundle_split import DOCUMENT, Copy, Inside, split
from licet.release.bundle_texts import Provider
from licet.release.bundle_tree import CHUNK, Entry, Ink, Print, look, opened
from licet.release.check.kinds import is_license
from licet.release.reader.spelling import harmless
from licet.release.release import Release

OPEN: Final = "open"
PRIVATE: Final = "private"
DAY_S: Final = 86_400
_MTIME_S: Final = 315_532_800  # 1980-01-01, the first day that a zip archive can say

type Item = Copy | bytes


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a build will write: path -> a file to copy, or the bytes of a paper. Not fit to be written with an error.

    `files` are those of the release itself that go out, `unclaimed` those that no component covers.
    """

    folder: Path
    out: Mapping[str, Item]
    private: Mapping[str, Item]
    findings: tuple[Finding, ...]
    files: tuple[str, ...] = ()
    unclaimed: tuple[str, ...] = ()

    @property
    def broken(self) -> bool:
        return any(f.level == "error" for f in self.findings)


def plan(
    folder: Path, release: Release, now_s: int, out: Path, provider: Provider, *, trust: Sequence[str] = ()
) -> Bundle:
    """All that a build of the folder would write to `out`, and everything that stands against it.

    `provider` has the texts of licenses that the folder has not (`bundle_texts.installed`); `trust` are patterns of
    archives that somebody looked into who can. LicetError for a file that cannot be read.
    """
    now_s -= now_s % DAY_S
    closed = frozenset(c.name for c in release.components if not goes_out(c, now_s))
    entries = list(look(folder, Owners(release.components), closed, out))
    inside = _archives(folder, entries) if closed else {}
    public = frozenset(p.sha256 for e in entries if (p := e.print) and _known_text(folder, e, p))
    parted = split(release, str(folder.resolve()), entries, inside, now_s, public=public, trust=trust)
    papers = bundle_papers.papers(release, now_s, parted.out, _reader(folder), provider)
    items: dict[str, Item] = {**parted.out, **papers.items}
    pasted = _pasted(folder, [e for e in entries if e.owner and e.owner.name in closed], parted.out)
    findings = [
        *parted.findings,
        *pasted,
        *bundle_papers.of_components(release, folder, entries, now_s),
        *papers.findings,
    ]
    for path, body in papers.items.items():
        if holder := parted.closed.holder(_print(body)):
            says = f"the paper `{path}` would have the content of `{holder}`, which stays in"
            findings.append(Finding(path, 0, "leak", says, "take that file out of the component that stays in"))
    return Bundle(
        folder, items, dict(parted.private), tuple(sorted(set(findings))), tuple(parted.out), tuple(parted.unclaimed)
    )


def write(bundle: Bundle, out: Path, *, force: bool = False) -> None:
    """Write `open/` and `private/` under `out`. LicetError where something stands there already and `force` is not set.

    Of a folder in use only these two are replaced, and never where the release itself lies in them.
    """
    if bundle.broken:
        raise LicetError("a bundle with errors is not written", mend="mend what was found first")
    check_place(bundle.folder, out, force=force)
    out.mkdir(parents=True, exist_ok=True)
    # Beside the old one first: a copy that fails half-way leaves no half bundle, and an earlier build as it was.
    with TemporaryDirectory(prefix=".build-", dir=out) as made:
        for name, items in ((OPEN, bundle.out), (PRIVATE, bundle.private)):
            _write(bundle.folder, items, Path(made) / name)
        for name in (OPEN, PRIVATE):
            if (out / name).is_symlink():
                (out / name).unlink()
            elif (out / name).exists():
                shutil.rmtree(out / name)
            (Path(made) / name).rename(out / name)
    (out / PRIVATE).chmod(0o700)


def check_place(folder: Path, out: Path, *, force: bool) -> None:
    """LicetError where a bundle of the folder may not be written to `out`."""
    here, there = folder.resolve(), out.resolve()
    if here == there or any(here.is_relative_to(there / name) for name in (OPEN, PRIVATE)):
        raise LicetError("the release itself lies there", where=str(out), mend="choose another folder")
    if (out / DOCUMENT).exists():
        raise LicetError("this is a release's own folder", where=str(out), mend="choose another folder")
    if not force and out.is_dir() and any(out.iterdir()):
        raise LicetError("the folder is not empty", where=str(out), mend="choose another, or write anew with --force")
    if out.exists() and not out.is_dir():
        raise LicetError("this is no folder", where=str(out), mend="choose another")


# --- reading --------------------------------------------------------------------------------------------------------------


def _archives(folder: Path, entries: Sequence[Entry]) -> dict[str, Inside]:
    """What the archives hold: looked for in every file, whatever its name."""
    found: dict[str, Inside] = {}
    for entry in entries:
        if entry.print is None or entry.print.size < 22:  # the smallest archive there is
            continue
        with (Path(entry.link) if entry.link else folder / entry.path).open("rb") as file:
            held: list[tuple[str, Print]] = []
            try:
                held += members(file, entry.print.size)
                shut = ""
            except Shut as why:
                shut = str(why)
        if held or shut:
            found[entry.path] = Inside(tuple(held), shut)
    return found


def _pasted(folder: Path, closed: Sequence[Entry], out: Mapping[str, Copy]) -> Iterator[Finding]:
    """What goes out and has a whole closed source file in it."""

    def small(print: Print | None) -> bool:
        return print is not None and 0 < print.size <= bundle_parts.LARGEST

    read = _reader(folder)
    held = ((e.path, read(e.path, bundle_parts.LARGEST)) for e in closed if small(e.print) and not e.link)
    parts = bundle_parts.Pasted(held)
    for path, copy in out.items() if parts else ():
        if small(copy.print):
            for holder in parts.into(read(copy.source, bundle_parts.LARGEST)):
                says = f"has every line of `{harmless(holder)}`, which stays in"
                mend = "take them out, or move that file out of the component that stays in"
                yield Finding(harmless(path), 0, "leak", says, mend)


def _known_text(folder: Path, entry: Entry, print: Print) -> bool:
    """A license text that everybody has is nobody's secret, though it lies among what stays in."""
    if entry.link or not is_license(entry.path) or print.size > 200_000:
        return False
    from licet.licenses.identify import identify

    with opened(folder / entry.path) as file:
        found = identify(file.read().decode("utf-8", "replace"), "LICENSE")
    return found.id is not None and found.how == "text"


def _reader(folder: Path) -> Callable[[str, int], bytes]:
    def read(path: str, most: int) -> bytes:
        with opened(folder / path) as file:
            return file.read(most)

    return read


def _print(body: bytes) -> Print:
    ink = Ink()
    ink.update(body)
    return ink.print()


# --- writing --------------------------------------------------------------------------------------------------------------


def _write(folder: Path, items: Mapping[str, Item], out: Path) -> None:
    for place in sorted({"", *(path.rpartition("/")[0] for path in items)}):
        (out / place).mkdir(parents=True, exist_ok=True)
    for path in sorted(items):
        target = out / path
        item = items[path]
        if isinstance(item, bytes):
            target.write_bytes(item)
            target.chmod(0o644)
        else:
            _copy(folder / item.source, target, item)
        os.utime(target, (_MTIME_S, _MTIME_S))
    for made, _, _ in os.walk(out, topdown=False):
        Path(made).chmod(0o755)
        os.utime(made, (_MTIME_S, _MTIME_S))


def _copy(source: Path, target: Path, item: Copy) -> None:
    digest = hashlib.sha256()
    try:
        with opened(source) as file, target.open("xb") as out:
            while chunk := file.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
    except OSError as wrong:
        raise LicetError(f"cannot copy it ({wrong.strerror})", where=str(source)) from None
    if digest.hexdigest() != item.print.sha256:
        target.unlink()
        raise LicetError("it changed while it was copied", where=str(source), mend="build again when nobody writes")
    target.chmod(0o755 if item.executable else 0o644)
