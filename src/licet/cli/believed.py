"""Which keys does a server of ours believe? Read from its database, read only and without Django."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from licet.certificate import Certificate, Keys
from licet.errors import LicetError


def believed(file: Path) -> Keys:
    """Its public keys. LicetError where it never signed anything."""
    rows = _rows(file, "SELECT public FROM certificates_signingkey WHERE compromised_s IS NULL")
    if not rows:
        raise LicetError(
            "this server has signed nothing yet", where=str(file), mend="give the issuer's keys with --key"
        )
    return Keys.of(*(bytes(row[0]) for row in rows))


def signing(file: Path) -> tuple[str, ...]:
    """The ids of the keys that should be able to sign now: one, or none where nothing was signed yet."""
    return tuple(str(row[0]) for row in _rows(file, "SELECT kid FROM certificates_signingkey WHERE retired_s IS NULL"))


def held_by(file: Path, holder: str, release: str, now_s: int) -> tuple[Certificate, ...]:
    """The certificates of a holder that hold at a moment, as the server signed them."""
    rows = _rows(
        file,
        "SELECT statement FROM certificates_certificate WHERE holder_id = ? AND release = ? AND revoked_s IS NULL"
        " AND from_s <= ? AND (until_s IS NULL OR until_s > ?) AND statement != '' ORDER BY issued_s, id",
        holder, release, now_s, now_s,
    )  # fmt: skip
    return tuple(Certificate.read(json.loads(row[0])) for row in rows)


def _rows(file: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            return db.execute(sql, values).fetchall()
        except sqlite3.DatabaseError:  # of before there were certificates; whether it is damaged others tell
            return []
