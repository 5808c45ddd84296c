"""What is in a backup? Both databases as of one moment each, and the secrets: a tar that only its owner may read."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from licet.errors import LicetError

DATABASES = ("portal.sqlite3", "ledger.sqlite3")
MANIFEST = "licet-backup.json"
FORMAT = 1


def save(data: Path, to: Path, *, now: str, version: str) -> list[str]:
    """Write the data folder `data` into the file `to`; returns the names saved. Safe while a server runs.

    Nothing needs both databases in one transaction (a limit is an argument of a hold, never a column), so each is copied
    by SQLite's own online backup. Raises LicetError when `to` exists.
    """
    try:
        file = to.open("xb")
    except FileExistsError:
        raise LicetError("this file exists already", where=str(to), mend="choose another name") from None
    except OSError as error:
        raise LicetError(
            f"cannot write the backup ({error.strerror})", where=str(to), mend="choose a folder you may write to"
        ) from None
    to.chmod(0o600)
    digests: dict[str, str] = {}
    try:
        with file, tarfile.open(fileobj=file, mode="w:gz") as tar, tempfile.TemporaryDirectory() as folder:
            for name, path in _parts(data, Path(folder)):
                digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()
                tar.add(path, arcname=name, recursive=False)
            told = {"format": FORMAT, "licet": version, "made": now, "sha256": digests}
            manifest = json.dumps(told, indent=1).encode()
            entry = tarfile.TarInfo(MANIFEST)
            entry.size = len(manifest)
            tar.addfile(entry, io.BytesIO(manifest))
    except BaseException:  # a full disk, a damaged database, Ctrl-C: half a backup is none
        to.unlink(missing_ok=True)
        raise
    return sorted(digests)


def _parts(data: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    for name in DATABASES:
        if (data / name).is_file():
            copy = folder / name
            try:
                with closing(sqlite3.connect(data / name)) as source, closing(sqlite3.connect(copy)) as target:
                    source.backup(target)
            except sqlite3.DatabaseError as wrong:
                what = f"this database cannot be saved ({wrong})"
                raise LicetError(what, where=str(data / name), mend="`licet doctor` looks closer") from None
            yield name, copy
    for path in sorted((data / "secrets").glob("*")):
        if path.is_file():
            yield f"secrets/{path.name}", path


def load(file: Path, into: Path) -> dict[str, str]:
    """Bring a backup into the new folder `into`; returns its manifest's `made` and `licet`. Checked whole before a byte lands."""
    where = str(file)
    try:
        with tarfile.open(file) as tar:
            found = {m.name: _bytes(tar, m) for m in tar.getmembers() if m.isfile()}
    except (OSError, tarfile.TarError, EOFError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no tar archive, or cut short"
        raise LicetError(
            f"not a backup of Licet ({why})", where=where, mend="name a file that `licet backup` wrote"
        ) from None
    try:
        manifest = json.loads(found.pop(MANIFEST))
        promised: dict[str, str] = manifest["sha256"]
    except (KeyError, ValueError, TypeError):
        raise LicetError(
            "not a backup of Licet: its manifest is missing", where=where, mend="name a file that `licet backup` wrote"
        ) from None
    if manifest.get("format") != FORMAT:
        raise LicetError(
            "this backup was made by a newer Licet", where=where, mend="restore it with the version that made it"
        )
    broken = list(set(promised) ^ set(found)) + [
        n for n, body in found.items() if hashlib.sha256(body).hexdigest() != promised.get(n)
    ]
    allowed = {*DATABASES, *(n for n in found if n.startswith("secrets/") and "/" not in n[8:] and ".." not in n)}
    if broken or set(found) - allowed:
        raise LicetError("this backup is damaged", where=where, mend="use another one; nothing was changed")
    into.mkdir(mode=0o700, parents=True)
    (into / ".gitignore").write_text("*\n")
    (into / "secrets").mkdir(mode=0o700)
    for name, body in found.items():
        (into / name).touch(mode=0o600)
        (into / name).write_bytes(body)
    return {"made": str(manifest.get("made")), "licet": str(manifest.get("licet"))}


def _bytes(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return stream.read() if stream else b""
