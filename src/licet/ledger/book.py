"""What does one operation do to the SQLite file? One conditional update a take, slow and obvious.

Everything here happens inside a transaction that somebody else begins and ends (`sqlite.py`); `together.py` does in a
few statements what a whole loop turn needs, and hands back to this module whatever is special.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from licet.errors import LicetError, closest
from licet.ledger import filing
from licet.ledger.ports import Answer, Close, Closed, Counter, Held, Hold, Op, Refusal, Renew, Short, Take

TAKE = "update counter set held = held + ?1 where n = ?2 and used + held + ?1 <= ?3"
COUNT = "update counter set used = used + ?, held = held - ? where n = ?"
OPEN = """insert into call (id, holder, feature, key_id, at_s, verdict, process, lease_s, lapses_s, state, takes)
          values (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', ?) on conflict do nothing"""
CLOSE = """update call set state = ?, counted = ?, closed_s = ?, status = ?, took_ms = ?, was_over = ?, was_late = ?
           where id = ?"""

REFUSED = """insert into refusal (id, holder, release, feature, key_id, at_s, status, verdict)
             values (?, ?, ?, ?, ?, ?, ?, ?)"""
FORGET = """delete from refusal where n <= (select max(n) from refusal) - ?1
            or n < (select min(n) from refusal where at_s >= ?2)"""
REFUSALS_KEPT, REFUSALS_KEPT_S, FORGETS_EVERY = 100_000, 30 * 86_400, 1_000

type Row = Mapping[str, str | int]
type CallRow = tuple[str | int | None, ...]

UNLIMITED = 2**63 - 1
_KEPT = 50_000  # numbers kept in memory; beyond that they are forgotten all at once, and found again when asked for


class Wanted(NamedTuple):
    """A call's takes, with all worked out that is the same for every call that has them."""

    takes: Sequence[Take]
    units: tuple[tuple[int, int, int], ...]  # of each take: the counter's number, the amount, the most
    text: str  # as the call's row keeps them


class Book:
    """The open file of one process, with a short memory of it. The file is what counts: `forget` is always right."""

    def __init__(self, db: sqlite3.Connection, where: str) -> None:
        self.db, self.where = db, where
        self.cursor = db.cursor()
        self.process = 0
        self.mine: dict[str, Wanted] = {}  # this process's open calls
        self._wanted: dict[int, Wanted] = {}  # by the identity of a tuple, which they keep alive
        self._numbers: dict[tuple[str | int, ...], int] = {}
        self._fresh: list[tuple[str | int, ...]] = []  # those given in this transaction
        # Of a counter's number: used, held, and the second they were read; this process's own turns are added.
        self.lately_read: dict[int, tuple[int, int, int]] = {}
        self._refused = FORGETS_EVERY  # the first refusal of a process forgets what is old

    def do(self, op: Op) -> Answer:
        if isinstance(op, Hold):
            return self.hold(op)
        if isinstance(op, Refusal):
            return self.refuse((op,))
        return self.renew(op) if isinstance(op, Renew) else self.close(op)

    # --- the operations

    def hold(self, op: Hold) -> Held | Short:
        if op.lease_s < 1:
            raise LicetError(f"a lease of {op.lease_s} seconds", mend="hold for one second or more")
        self.sweep(op.now_s)
        self.lately_read.clear()
        call_id, wanted = op.call.call_id, self.wanted(op.takes, op.amounts)
        taken: list[tuple[int, int]] = []
        for take, (n, amount, most) in zip(wanted.takes, wanted.units, strict=True):
            if not self.cursor.execute(TAKE, (amount, n, most)).rowcount:
                self._release(taken)
                if again := self._before(call_id):
                    return again
                at = read(self.db, take)
                return Short(take.meter, at.used, at.held, most, at.resets_s)
            taken.append((n, amount))
        row = self.row(op, wanted)
        if not self.cursor.execute(OPEN, row).rowcount:
            self._release(taken)
            return self._before(call_id) or Held(call_id)
        self.file((row,))
        return Held(call_id)

    def close(self, op: Close) -> Closed:
        self.mine.pop(op.call_id, None)
        self.lately_read.clear()
        row = self._one("select state, takes, lapses_s, was_over, was_late from call where id = ?", op.call_id)
        if row is None:
            raise LicetError(f"there is no call `{op.call_id}`", where=self.where, mend="hold it first")
        state, takes, lapses_s, was_over, was_late = row
        if state in ("settled", "voided"):
            return Closed(op.call_id, state, bool(was_over), bool(was_late))
        held: list[tuple[int, int]] = json.loads(takes)
        counted = [0] * len(held) if op.void else self._counted(op, held)
        over = any(amount > units for amount, (_, units) in zip(counted, held, strict=True))
        late = not op.void and (state == "lapsed" or lapses_s <= op.now_s)
        for amount, (n, units) in zip(counted, held, strict=True):
            self.cursor.execute(COUNT, (amount, units if state == "open" else 0, n))
        closed = Closed(op.call_id, "voided" if op.void else "settled", over, late)
        self.cursor.execute(CLOSE, closing(op, closed, counted, self.sealed_s()))
        return closed

    def renew(self, op: Renew) -> bool:
        renewed = self.cursor.execute(
            "update call set lapses_s = ?1 + lease_s where id = ?2 and state = 'open' and lapses_s > ?1",
            (op.now_s, op.call_id),
        )
        return bool(renewed.rowcount)

    def refuse(self, ops: Sequence[Refusal]) -> bool:
        """Note what was refused. However many come, the newest of them are kept, and no flood fills the disk."""
        self.cursor.executemany(REFUSED, [(*op[:7], self.verdict(op.verdict)) for op in ops])
        self._refused += len(ops)
        if self._refused >= FORGETS_EVERY:
            self._refused = 0
            self.cursor.execute(FORGET, (REFUSALS_KEPT, ops[-1].at_s - REFUSALS_KEPT_S))
        return True

    def sweep(self, now_s: int) -> int:
        """Lapse what ran out; how many."""
        return self._lapse("lapses_s <= ?", now_s)

    def bury(self, process: int) -> int:
        """Lapse everything that this process holds; how many."""
        return self._lapse("process = ?", process)

    def _lapse(self, which: str, value: int) -> int:
        found = self.cursor.execute(f"select id, takes from call where state = 'open' and {which}", (value,))  # noqa: S608
        lapsed = found.fetchall()
        for call_id, takes in lapsed:
            self.mine.pop(call_id, None)
            self.cursor.execute("update call set state = 'lapsed' where id = ?", (call_id,))
            self._release(json.loads(takes))
        return len(lapsed)

    def _release(self, taken: Sequence[tuple[int, int]]) -> None:
        self.lately_read.clear()
        self.cursor.executemany(COUNT, [(0, units, n) for n, units in taken])

    def _before(self, call_id: str) -> Held | None:
        row = self._one("select state from call where id = ?", call_id)
        return Held(call_id, row[0]) if row else None

    def _counted(self, op: Close, held: Sequence[tuple[int, int]]) -> list[int]:
        meters = [self._one("select meter from counter where n = ?", n) for n, _ in held]
        return counted(op, [(meter, units) for (meter,), (_, units) in zip(meters, held, strict=True)])  # type: ignore[misc]

    # --- numbers and rows

    def wanted(self, takes: Sequence[Take], amounts: Sequence[int] | None = None) -> Wanted:
        """The takes with their counters, which there are from now on. LicetError: less than nothing is taken."""
        known = self._wanted.get(id(takes))
        if known is None or known.takes is not takes:
            numbers = ((self._counter(t), t.amount, UNLIMITED if t.most is None else t.most) for t in takes)
            known = _wanted(takes, tuple(numbers))
            if isinstance(takes, tuple):  # a list may change
                self._wanted[id(takes)] = known
        if amounts is None:
            return known
        return _wanted(takes, tuple([(n, a, most) for (n, _, most), a in zip(known.units, amounts, strict=True)]))

    def _counter(self, take: Take) -> int:
        key = (take.holder, take.release, take.meter, take.window_s)
        if n := self._numbers.get(key):
            return n
        holder = self.holder(take.holder, take.release)
        row: Row = {"holder": holder, "meter": take.meter, "window_s": take.window_s}
        return self._numbered(key, number(self.db, "counter", row, resets_s=take.resets_s))

    def standing_at(self, db: sqlite3.Connection, take: Take) -> Counter | None:
        """The take's counter by its number, a third of the cost of by its name; None where that is not known."""
        n = self._numbers.get((take.holder, take.release, take.meter, take.window_s))
        row = n and db.execute("select used, held from counter where n = ?", (n,)).fetchone()
        return Counter(take.meter, take.window_s, take.resets_s, *row) if row else None

    def lately(self, db: sqlite3.Connection, take: Take, now_s: int) -> Counter:
        """The take's counter as it was within this second, with all that this process did since."""
        n = self._numbers.get((take.holder, take.release, take.meter, take.window_s))
        if n is None:
            return read(db, take)
        known = self.lately_read.get(n)
        if known is None or known[2] != now_s:
            found = self.standing_at(db, take)
            if found is None:
                return read(db, take)
            known = self.lately_read[n] = found.used, found.held, now_s
        return Counter(take.meter, take.window_s, take.resets_s, known[0], known[1])

    def moved(self, moves: Mapping[int, tuple[int, int]]) -> None:
        """So much was added to used and held of the counters by this transaction."""
        for n, (used, held) in moves.items():
            if known := self.lately_read.get(n):
                self.lately_read[n] = known[0] + used, known[1] + held, known[2]

    def holder(self, name: str, release: str) -> int:
        if n := self._numbers.get((name, release)):
            return n
        return self._numbered((name, release), number(self.db, "holder", {"name": name, "release": release}))

    def verdict(self, text: str) -> int | None:
        """The number of a verdict's text; None for none."""
        if not text:
            return None
        if n := self._numbers.get((text,)):
            return n
        return self._numbered((text,), number(self.db, "verdict", {"text": text}))

    def _numbered(self, key: tuple[str | int, ...], n: int) -> int:
        self._fresh.append(key)
        self._numbers[key] = n
        return n

    def done(self) -> None:
        """The transaction stands."""
        self._fresh.clear()
        if max(len(self._numbers), len(self.mine), len(self._wanted), len(self.lately_read)) > _KEPT:
            self.forget()

    def undone(self) -> None:
        """A part of the transaction was undone: the numbers it gave may be given again, to others."""
        self.lately_read.clear()
        if self._fresh:
            self._wanted.clear()
        for key in self._fresh:
            self._numbers.pop(key, None)
        self._fresh.clear()

    def forget(self) -> None:
        self.lately_read.clear()
        self.mine.clear()
        self._wanted.clear()
        self._numbers.clear()
        self._fresh.clear()

    def sealed_s(self) -> int:
        """Until when the ledger is sealed: what ends now ends after that, even if the clock went back."""
        found = self.cursor.execute("select max(until_s) from seal").fetchone()
        return found[0] or 0

    def file(self, rows: Sequence[CallRow]) -> None:
        """File those calls whose second is filed already: the clock went back, or somebody came late."""
        filed_s = filing.filed_s(self.cursor)
        late = [(holder, at_s, call_id) for call_id, holder, _, _, at_s, *_ in rows if at_s < filed_s]  # type: ignore[operator]
        if late:
            self.cursor.executemany(filing.FILE, late)

    def row(self, op: Hold, wanted: Wanted) -> CallRow:
        """What `OPEN` writes."""
        call = op.call
        holder = self.holder(call.holder, call.release)
        lapses_s = op.now_s + op.lease_s
        named = call.call_id, holder, call.feature, call.key_id, call.at_s, self.verdict(call.verdict)
        return (*named, self.process, op.lease_s, lapses_s, wanted.text)

    def _one(self, sql: str, value: str | int) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self.db.execute(sql, (value,)).fetchone()
        return found


def _wanted(takes: Sequence[Take], units: tuple[tuple[int, int, int], ...]) -> Wanted:
    for take, (_, amount, _) in zip(takes, units, strict=True):
        if amount < 0:
            raise LicetError(f"a take of {amount} units of `{take.meter}`", mend="take zero units or more")
    return Wanted(takes, units, "[" + ",".join([f"[{n},{amount}]" for n, amount, _ in units]) + "]")


def number(db: sqlite3.Connection, table: str, row: Row, **more: int) -> int:
    """The number of the one row that is `row`, made with `more` if there is none. The names are this package's own."""
    where = " and ".join(f"{name} = :{name}" for name in row)
    if found := db.execute(f"select n from {table} where {where}", row).fetchone():  # noqa: S608
        return int(found[0])
    row = {**row, **more}
    values = ", ".join(f":{name}" for name in row)
    made = db.execute(f"insert into {table} ({', '.join(row)}) values ({values}) returning n", row)  # noqa: S608
    return int(made.fetchone()[0])


def read(db: sqlite3.Connection, take: Take) -> Counter:
    """The take's counter as it stands; zeros if nothing was ever taken."""
    row = db.execute(
        """select used, held from counter where meter = ? and window_s = ?
           and holder = (select n from holder where name = ? and release = ?)""",
        (take.meter, take.window_s, take.holder, take.release),
    ).fetchone()
    return Counter(take.meter, take.window_s, take.resets_s, *(row or (0, 0)))


def counted(op: Close, held: Sequence[tuple[str, int]]) -> list[int]:
    """The units to count of each take `(meter, units)`. LicetError: a meter that was not held, or less than nothing."""
    if op.amounts is None:
        return [units for _, units in held]
    meters = [meter for meter, _ in held]
    for meter, amount in op.amounts.items():
        if meter not in meters:
            raise LicetError(f"the call `{op.call_id}` holds no `{meter}`", mend=closest(meter, meters))
        if type(amount) is not int or amount < 0:
            raise LicetError(
                f"the call `{op.call_id}` used {amount!r} of `{meter}`", mend="count whole units, zero or more"
            )
    return [op.amounts.get(meter, units) for meter, units in held]


def closing(op: Close, closed: Closed, amounts: Sequence[int], sealed_s: int) -> tuple[str | int | None, ...]:
    """What `CLOSE` writes."""
    kept = None if op.amounts is None or op.void else "[" + ",".join(map(str, amounts)) + "]"
    at_s = max(op.now_s, sealed_s)
    return closed.state, kept, at_s, op.status, op.took_ms, closed.over, closed.late, op.call_id
