"""How is the SQLite ledger laid out, and how is its file opened? The schema is the ledger's own: `PRAGMA user_version`.

A verdict is kept once, however many calls it let in. A limit stands nowhere. `call.takes` is `[[counter, units], ...]`;
`call.counted` the units that a settle counted instead, in the same order, or null where they were counted as held.
Who wants the calls of a holder asks `filing.py`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock

from licet.errors import LicetError
from licet.ledger.ports import BusyError

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        "create table process (n integer primary key, name text not null unique) strict",
        """create table holder (
            n integer primary key, name text not null, release text not null, unique (name, release)
        ) strict""",
        """create table counter (
            n integer primary key,
            holder integer not null references holder,
            meter text not null,
            window_s integer not null,
            resets_s integer not null,
            used integer not null default 0 check (used >= 0),
            held integer not null default 0 check (held >= 0),
            unique (holder, meter, window_s)
        ) strict""",
        """create table call (
            id text primary key,
            holder integer not null references holder,
            feature text not null,
            key_id text not null,
            at_s integer not null,
            process integer not null references process,
            lease_s integer not null,
            lapses_s integer not null,
            state text not null check ( -- `in (...)` would build its list anew for each row: a third of an insert
                state = 'open' or state = 'settled' or state = 'voided' or state = 'lapsed'
            ),
            takes text not null,
            counted text,
            closed_s integer, -- of settled and voided calls only, and never inside a sealed stretch
            status integer not null default 0,
            took_ms integer not null default 0,
            was_over integer not null default 0,
            was_late integer not null default 0
        ) strict, without rowid""",
        "create index call_of_holder on call (holder, at_s)",
        "create index call_open on call (lapses_s) where state = 'open'",
        """create table seal (
            until_s integer primary key, month text not null unique, calls integer not null, sha256 text not null
        ) strict""",
        """create table sealed (
            until_s integer not null references seal,
            counter integer not null,
            used integer not null,
            primary key (until_s, counter)
        ) strict, without rowid""",
    ),
    (
        "create table verdict (n integer primary key, text text not null unique) strict",
        "alter table call add column verdict integer references verdict",  # null: made by an older Licet
        """create table refusal (
            n integer primary key,
            id text not null,
            holder text not null,
            release text not null,
            feature text not null,
            key_id text not null,
            at_s integer not null,
            status integer not null,
            verdict integer not null references verdict
        ) strict""",
        "create index refusal_by_id on refusal (id)",
    ),
    (
        # An index by holder would touch another page for every call that comes in. It is kept for the calls before
        # `filed_until.s` only, sorted in by the thousand (`filing.py`); the few since are found by their second.
        """create table filed (
            holder integer not null, at_s integer not null, id text not null, primary key (holder, at_s, id)
        ) strict, without rowid""",
        "create table filed_until (n integer primary key check (n = 1), s integer not null) strict",
        "insert into filed select holder, at_s, id from call",
        "insert into filed_until select 1, coalesce(max(at_s) + 1, 0) from call",
        "create index call_at on call (at_s)",
        "drop index call_of_holder",
    ),
)


def connect(path: Path, *, create: bool = True, wait_s: float = 5.0) -> sqlite3.Connection:
    """A ledger file (0600, WAL) at the newest schema. LicetError: no such file, not a ledger, or of a newer Licet."""
    if create:
        _create(path)
    elif not path.exists():
        raise LicetError("there is no ledger here", where=str(path), mend="name the data folder with --data DIR")
    try:
        db = sqlite3.connect(path, isolation_level=None, timeout=wait_s, check_same_thread=False)
    except sqlite3.Error as error:
        raise broken(error, path) from error
    try:
        # A checkpoint inside a commit would let one caller wait for all: `checkpoint.py` has a thread for it.
        # Small pages: most commits touch a few rows on many pages, and each page touched is written to the log whole.
        db.executescript(
            "pragma page_size = 2048; pragma journal_mode = wal; pragma synchronous = normal;"
            "pragma wal_autocheckpoint = 0;"
        )
        _migrate(db, path)
    except sqlite3.Error as error:
        db.close()
        raise broken(error, path) from error
    except LicetError:
        db.close()
        raise
    return db


_creating = Lock()


def _create(path: Path) -> None:
    """An empty file that only its owner may read; the -wal and -shm files inherit the mode.

    Never opens a file that is there: when a process closes any descriptor of a file, POSIX takes away all the locks it
    has on it, SQLite's too. Another process would then take itself for the last one and remove the log under our feet.
    """
    try:
        with _creating, suppress(FileExistsError):
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError as error:
        mend = "create the folder, or let this user write there"
        raise LicetError(f"no ledger can be made: {error.strerror}", where=str(path), mend=mend) from error


def _migrate(db: sqlite3.Connection, path: Path) -> None:
    if _version(db) == len(MIGRATIONS):
        return
    db.execute("begin exclusive")  # two processes may start at once: the second finds the work done
    try:
        found = _version(db)
        if found > len(MIGRATIONS):
            raise LicetError(
                f"the ledger is of a newer Licet (schema {found}; this one knows {len(MIGRATIONS)})",
                where=str(path),
                mend="run that version, or restore the backup made before it",
            )
        for number, statements in enumerate(MIGRATIONS[found:], found + 1):
            for statement in statements:
                db.execute(statement)
            db.execute(f"pragma user_version = {number}")
        db.execute("commit")
    except BaseException:
        db.execute("rollback")
        raise


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("pragma user_version").fetchone()[0])


_MENDS: Mapping[int, str] = {
    sqlite3.SQLITE_FULL: "make room on the disk",
    sqlite3.SQLITE_READONLY: "let this user write there",
    sqlite3.SQLITE_CANTOPEN: "create the folder, or let this user write there",
    sqlite3.SQLITE_NOTADB: "this file is no ledger: move it away",
    sqlite3.SQLITE_CORRUPT: "restore the last backup",
}


def broken(error: sqlite3.Error, path: Path) -> LicetError:
    """What SQLite said, as ours: `BusyError` when another writer is at it, else what broke and how to mend it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return BusyError("the ledger is being written by another process", where=str(path), mend="try again")
    return LicetError(f"the ledger cannot be used: {error}", where=str(path), mend=_MENDS.get(code, ""))
