"""Which document does a word mean: a folder, a file, or a git revision of the release's folder?"""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from licet.errors import LicetError
from licet.release.bundle_texts import Use, gather, wanted
from licet.release.document import read
from licet.release.release import Release

DOCUMENT = "licet.toml"
_MOST = 4 << 20


@dataclass(frozen=True, slots=True)
class Version:
    """A release as it was somewhere: `texts` are digests of the license texts beside it, white space apart."""

    label: str
    release: Release
    texts: Mapping[str, str]


def version(word: str, here: Path | None) -> Version:
    """The release that a word means; `here` is the folder whose git history is meant by a revision.

    LicetError for a word that means nothing; Findings for a document that does not read.
    """
    place = Path(word)
    if place.is_dir():
        return _of_folder(word, place, place / DOCUMENT)
    if place.is_file():
        return _of_folder(word, place.parent, place)
    return _of_revision(word, here or Path())


def _of_folder(word: str, folder: Path, file: Path) -> Version:
    try:
        body = file.read_bytes()
    except OSError as wrong:
        raise LicetError(
            f"cannot read it ({wrong.strerror})", where=str(file), mend="name a folder with a licet.toml"
        ) from None
    release = read(body, path=str(file))
    places = {"", "LICENSES", "licenses", *(c.path.rstrip("/") for c in release.components)}
    found = (f for p in places if (folder / p).is_dir() for f in (folder / p).iterdir() if f.is_file())
    paths = [f.relative_to(folder).as_posix() for f in found if f.stat().st_size <= _MOST]
    return Version(word, release, _texts(release, paths, lambda path: (folder / path).read_bytes()))


def _of_revision(word: str, here: Path) -> Version:
    nothing = LicetError(f"`{word}` is no folder, no file and no git revision here", mend="try `licet diff HEAD~1 .`")
    commit = None if word.startswith("-") else _git(here, "rev-parse", "--verify", "--quiet", f"{word}^{{commit}}")
    if not commit:
        raise nothing
    sha = commit.decode().strip()
    body = _git(here, "show", f"{sha}:./{DOCUMENT}")
    if body is None:
        raise LicetError(f"there was no {DOCUMENT} in this folder at {word}", mend="name an earlier or later revision")
    release = read(body, path=DOCUMENT)
    listed = _git(here, "ls-tree", "-r", "-z", "--name-only", sha, "./") or b""
    paths = [path.decode("utf-8", "replace") for path in listed.split(b"\0") if path]
    return Version(word, release, _texts(release, paths, lambda path: _git(here, "show", f"{sha}:./{path}") or b""))


def _git(here: Path, *words: str) -> bytes | None:
    try:
        done = subprocess.run(("git", "-C", str(here), *words), capture_output=True, check=False)  # noqa: S603, S607
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def _texts(release: Release, paths: list[str], read_file: Callable[[str], bytes]) -> Mapping[str, str]:
    components = [c for c in release.components if c.license]
    uses: list[Use] = wanted(components, 0)
    found, _ = gather(uses, paths, read_file, release, 0, lambda use: None)
    return {id: hashlib.sha256(b"".join(text.split())).hexdigest() for id, text in found.items()}
