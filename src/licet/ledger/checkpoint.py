"""Who writes the log back into the file and files the calls, if no commit does? A thread of its own: no caller waits.

Mostly it copies beside the writers. Only when the log has grown long does it stop them for the short rest, so that the
log starts over: without that a busy ledger's log would grow for ever.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Event, Thread

from licet.ledger import filing

LONG = 16_384  # pages: 32 MiB


class Checkpoints:
    """Copies the log back every `every_s` seconds between `start` and `stop`. Both may be called twice."""

    def __init__(self, path: Path, *, every_s: float = 1.0, long: int = LONG) -> None:
        self._path, self._every_s, self._long = path, every_s, long
        self._done = Event()
        self._thread: Thread | None = None

    def start(self) -> None:
        if self._thread is None:
            self._done.clear()
            self._thread = Thread(target=self._run, name="ledger-checkpoints", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        if self._thread is not None:
            self._done.set()
            self._thread.join()
            self._thread = None

    def _run(self) -> None:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=0.2)
        try:
            while not self._done.wait(self._every_s):
                self._once(db)
        finally:
            db.close()

    def _once(self, db: sqlite3.Connection) -> None:
        try:
            while filing.file(db) and not self._done.wait(0.01):  # between two of them others may write
                pass
            _, pages, _ = db.execute("pragma wal_checkpoint(passive)").fetchone()
            if pages > self._long:
                db.execute("pragma wal_checkpoint(restart)").fetchone()
        except sqlite3.OperationalError:
            pass  # a busy or full disk: the log keeps everything, the next round tries again
