"""How does one SQLite file keep the port's promises? One short write transaction an operation, or one a loop turn.

WAL with `synchronous = normal`: exact through kill -9. A power cut may lose the last moments, calls and counters alike,
never the balance between them.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import sleep

from licet.errors import Finding
from licet.ledger import audit, together
from licet.ledger.alive import Alive, is_dead
from licet.ledger.book import Book, number, read
from licet.ledger.checkpoint import Checkpoints
from licet.ledger.ports import Answer, BusyError, Call, Close, Closed, Counter, Held, Hold, Op, Renew, Seal, Short, Take
from licet.ledger.schema import broken, connect
from licet.ledger.usage import read_counters


class SqliteLedger:
    """The ledger in one file (`ports.Ledger` says what each operation promises).

    One thread at a time may use it; any number of processes may open the file, each with a name of its own. Opening
    lapses the calls of processes that died. LicetError: unreadable, newer than this Licet, or the name is taken.
    An operation waits up to `wait_s` for another process's transaction; a `turn` never waits but raises `BusyError`.
    """

    def __init__(self, path: Path | str, *, process_id: str, wait_s: float = 5.0) -> None:
        self.path = Path(path)
        self._tries = max(1, int(wait_s * 1000))
        self._db, self._reads = connect(self.path), connect(self.path)
        self._book = Book(self._db, str(self.path))
        self._checkpoints = Checkpoints(self.path)
        try:
            with self._writing():
                self._alive = Alive(self.path, process_id)
                self._book.process = number(self._db, "process", {"name": process_id})
                self._bury(process_id)
        except BaseException:
            self._shut()
            raise
        self._db.execute("pragma busy_timeout = 0")  # from here on `_begin` waits, so that a turn need not

    def start(self) -> None:
        """Write the log back into the file from a thread of its own, so that no caller waits for it."""
        self._checkpoints.start()

    def close(self) -> None:
        """Lapse what this process still holds, write the log back, let go of the file."""
        self._checkpoints.stop()
        with self._writing():
            self._book.bury(self._book.process)
            self._alive.release()
        self._shut()

    def _shut(self) -> None:
        self._reads.close()
        self._db.close()

    def hold(self, call: Call, takes: Sequence[Take], now_s: int, lease_s: int) -> Held | Short:
        with self._writing():
            return self._book.hold(Hold(call, takes, now_s, lease_s))

    def renew(self, call_id: str, now_s: int) -> bool:
        with self._writing():
            return self._book.renew(Renew(call_id, now_s))

    def settle(
        self, call_id: str, amounts: Mapping[str, int] | None, now_s: int, *, status: int = 0, took_ms: int = 0
    ) -> Closed:
        with self._writing():
            return self._book.close(Close(call_id, amounts, now_s, status, took_ms))

    def void(self, call_id: str, now_s: int, *, status: int = 0, took_ms: int = 0) -> Closed:
        with self._writing():
            return self._book.close(Close(call_id, None, now_s, status, took_ms, void=True))

    def turn(self, ops: Sequence[Op]) -> list[Answer | Exception]:
        with self._writing(tries=1):
            return together.turn(self._book, ops)

    def sweep(self, now_s: int) -> int:
        with self._writing():
            return self._book.sweep(now_s)

    def used(self, holder: str, release: str, now_s: int | None = None) -> tuple[Counter, ...]:
        return read_counters(self._reads, holder, release, now_s)

    def counters(self, takes: Iterable[Take]) -> tuple[Counter, ...]:
        return tuple(self._book.standing_at(self._reads, take) or read(self._reads, take) for take in takes)

    def lately(self, takes: Iterable[Take], now_s: int) -> tuple[Counter, ...]:
        return tuple(self._book.lately(self._reads, take, now_s) for take in takes)

    def verify(self) -> tuple[Finding, ...]:
        return audit.verify(self._reads, str(self.path))

    def seal(self, month: str, now_s: int) -> Seal:
        return audit.seal(self._reads, month, now_s, str(self.path))

    @contextmanager
    def _writing(self, tries: int | None = None) -> Iterator[None]:
        try:
            self._begin(tries or self._tries)
            yield
            self._db.execute("commit")
        except BaseException as error:
            self._book.forget()
            if self._db.in_transaction:
                self._db.execute("rollback")
            if isinstance(error, sqlite3.Error):
                raise broken(error, self.path) from error
            raise
        self._book.done()

    def _begin(self, tries: int) -> None:
        """The lock that lets one process write: asked for every millisecond rather than in SQLite's growing steps."""
        while True:
            try:
                self._db.execute("begin immediate")
                return
            except sqlite3.OperationalError as error:
                tries -= 1
                if not tries or not isinstance(broken(error, self.path), BusyError):
                    raise
                sleep(0.001)

    def _bury(self, process_id: str) -> None:
        """Lapse the calls of dead processes, and of the dead one that had this name before."""
        held = "select n, name from process where n in (select process from call where state = 'open')"
        for n, name in self._db.execute(held).fetchall():
            if name == process_id or is_dead(self.path, name):
                self._book.bury(n)
