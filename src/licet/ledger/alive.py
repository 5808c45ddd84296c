"""Which processes that hold units are still alive? Each keeps a lock that the kernel takes away when it dies.

A lock file beside the ledger, not a process number: numbers are given out again, and kill -9 or a power cut cleans
nothing up. All of it happens inside a write transaction, so no two processes judge or clean up at once.
"""

from __future__ import annotations

import fcntl
import os
import re
from pathlib import Path

from licet.errors import LicetError


def lock_file(ledger: Path, process_id: str) -> Path:
    """`ledger.sqlite3-alive-<process_id>`."""
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", process_id):
        raise LicetError(f"`{process_id}` cannot name a process", mend="use 1 to 64 letters, digits, `.`, `_` or `-`")
    return ledger.with_name(f"{ledger.name}-alive-{process_id}")


class Alive:
    """This process's lock, from here until `release` or its death. LicetError: a living process has the same name."""

    def __init__(self, ledger: Path, process_id: str) -> None:
        self._path = lock_file(ledger, process_id)
        self._fd = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        if not _locked(self._fd):
            os.close(self._fd)
            raise LicetError(
                f"the process `{process_id}` has this ledger open already",
                where=str(ledger),
                mend="stop it, or give this one another name",
            )

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self._fd)


def is_dead(ledger: Path, process_id: str) -> bool:
    """Nobody holds this process's lock. Its lock file is gone afterwards."""
    path = lock_file(ledger, process_id)
    try:
        fd = os.open(path, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        if dead := _locked(fd):
            path.unlink(missing_ok=True)
        return dead
    finally:
        os.close(fd)


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
