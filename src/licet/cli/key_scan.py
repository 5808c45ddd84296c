"""Which keys lie about in the files of a folder? Read in pieces, so that a file of any size costs the same memory."""

from __future__ import annotations

import argparse
import json
import os
import stat
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from licet.access import key
from licet.cli.folder import data_folder
from licet.cli.portal import open_portal
from licet.errors import LicetError

PIECE = 1 << 20


@dataclass(frozen=True, slots=True)
class Found:
    path: str
    line: int
    key_id: str
    digest: bytes


class Readable(Protocol):
    def read(self, size: int, /) -> bytes | None: ...


def run(args: argparse.Namespace) -> int:
    if not args.folder.is_dir():
        raise LicetError("no such folder", where=str(args.folder), mend="name a folder")
    unread: list[str] = []
    found = list(scan(args.folder, unread))
    state = _states(args, found)
    if args.json:
        told = [{"path": f.path, "line": f.line, "key": f.key_id, "state": state.get(f.digest)} for f in found]
        print(json.dumps(told, indent=1, ensure_ascii=False))
    else:
        for one in found:
            print(f"{one.path}:{one.line}: {one.key_id}" + (f" ({state[one.digest]})" if one.digest in state else ""))
        if not found:
            print("no keys found")
    for path in unread:
        print(f"{path}: cannot be read, so it was not looked into", file=sys.stderr)
    return int(bool(found))


def scan(folder: Path, unread: list[str]) -> Iterator[Found]:
    """Every key in every file below, in order of path and line; what cannot be read is added to `unread`."""
    for here, folders, names in os.walk(folder, onerror=lambda wrong: unread.append(str(wrong.filename))):
        folders.sort()
        for name in sorted(names):
            path = Path(here, name)
            try:
                # Links are looked at where they lead, if that is below; a pipe would wait for ever.
                if not stat.S_ISREG(path.lstat().st_mode):
                    continue
                with path.open("rb", buffering=0) as file:
                    for line, key_id, digest in in_file(file):
                        yield Found(str(path), line, key_id, digest)
            except OSError:
                unread.append(str(path))


def in_file(file: Readable, piece: int = PIECE) -> Iterator[tuple[int, str, bytes]]:
    """(line, key id, digest) of each key. A key that lies across two pieces is found in the second, once."""
    tail, line, told = b"", 1, 0  # `told`: so much of the tail was looked at already
    while data := file.read(piece):
        data = tail + data
        done, counted = 0, 0
        for at, key_id, digest in key.find(data):
            done = at + 1
            if at + 1 <= told:
                continue
            line += data.count(b"\n", counted, at)
            counted = at
            yield line, key_id, digest
        keep = max(len(data) - key.LONGEST + 1, 0)
        line += data.count(b"\n", counted, keep) if keep > counted else -data.count(b"\n", keep, counted)
        tail, told = data[keep:], max(done - keep, 0)


def _states(args: argparse.Namespace, found: list[Found]) -> dict[bytes, str]:
    """By digest: what each key is here. By its id alone nobody is harmed: an id with a made-up secret proves nothing."""
    try:
        data_folder(args)
    except LicetError:
        if args.revoke:
            raise
        return {}
    if not found:
        return {}
    open_portal(args)
    from licet.portal import clock, events, keys
    from licet.portal.models import CredentialRow, Key

    state: dict[bytes, str] = {}
    for one in found:
        row = CredentialRow.objects.filter(digest=one.digest).first()
        if row is None:
            state[one.digest] = "not of this server"
        elif row.revoked_s is not None or (row.expires_s is not None and row.expires_s <= clock.now_s()):
            state.setdefault(one.digest, "has ended")
        elif args.revoke:
            key = Key.objects.get(pk=row.key_id)
            events.record("key.leaked", events.COMMAND, key.holder, key=key.pk, why="found by `licet key scan`")
            keys.revoke(key, events.COMMAND, "found lying about by `licet key scan`")
            state[one.digest] = "worked until now: revoked"
        else:
            state[one.digest] = "works!"
    return state
