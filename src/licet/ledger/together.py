"""How are the operations of one loop turn done in a few statements instead of a few for each?

Amounts that go to one counter are added up: if the sum fits, so does each in its order, and one conditional update
answers them all. Calls are written with one prepared statement. Whatever is special (somebody is short, an id comes
again, a lease has run out, an amount makes no sense) is undone and done one after the other, each behind a savepoint:
so the answers are those that `book.py` alone would give, and nobody suffers for another.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path

from licet.errors import LicetError
from licet.ledger.book import CLOSE, COUNT, OPEN, TAKE, UNLIMITED, Book, closing, counted
from licet.ledger.ports import Answer, Close, Closed, Held, Hold, Op, Refusal
from licet.ledger.schema import broken

type Answers = list[Answer | Exception]
type Together = Callable[[Book, Sequence[Op], list[int], Answers], bool]

_CLOSE_OPEN = CLOSE + " and state = 'open' and lapses_s > ?"


def turn(book: Book, ops: Sequence[Op]) -> Answers:
    """The answers in the order of `ops`; the holds are decided last, in order. The caller has a transaction open."""
    answers: Answers = [LicetError("not decided")] * len(ops)
    quick, other, holds, refusals = [], [], [], []
    seen: set[str] = set()
    for i, op in enumerate(ops):
        if isinstance(op, Hold):
            holds.append(i)
        elif isinstance(op, Close) and op.call_id in book.mine and op.call_id not in seen:
            seen.add(op.call_id)
            quick.append(i)
        elif isinstance(op, Refusal):
            refusals.append(i)
        else:
            seen.add(op.call_id)  # what comes after it, of the same call, is not done before it
            other.append(i)
    if quick and not _tried(book, _closes, ops, quick, answers):
        _each(book, ops, quick, answers)
    _each(book, ops, other, answers)
    if holds and not _tried(book, _holds, ops, holds, answers):
        _each(book, ops, holds, answers)
    if refusals and not _tried(book, _refusals, ops, refusals, answers):
        _each(book, ops, refusals, answers)
    return answers


def _tried(book: Book, together: Together, ops: Sequence[Op], which: list[int], answers: Answers) -> bool:
    """All of them at once; False: nothing has happened, do them one by one."""
    book.cursor.execute("savepoint turn")
    try:
        done = together(book, ops, which, answers)
    except Exception:
        if not book.db.in_transaction:  # a full disk, say: SQLite has undone the whole turn
            raise
        done = False  # the one to blame will say so when it is done alone
    if not done:
        book.undone()
        book.cursor.execute("rollback to turn")
    book.cursor.execute("release turn")
    return done


def _each(book: Book, ops: Sequence[Op], which: list[int], answers: Answers) -> None:
    for i in which:
        book.cursor.execute("savepoint one")
        try:
            answers[i] = book.do(ops[i])
        except Exception as error:
            if not book.db.in_transaction:
                raise
            answers[i] = broken(error, Path(book.where)) if isinstance(error, sqlite3.Error) else error
            book.undone()
            book.cursor.execute("rollback to one")
        book.cursor.execute("release one")


def _closes(book: Book, ops: Sequence[Op], which: list[int], answers: Answers) -> bool:
    """Ends of calls that this process remembers as open."""
    rows = []
    moves: dict[int, tuple[int, int]] = {}
    sealed_s = book.sealed_s()
    for i in which:
        op = ops[i]
        assert isinstance(op, Close)
        takes, units, _ = book.mine.pop(op.call_id)
        amounts = [amount for _, amount, _ in units]
        if op.void:
            amounts = [0] * len(units)
        elif op.amounts is not None:
            amounts = counted(op, [(take.meter, amount) for take, (_, amount, _) in zip(takes, units, strict=True)])
        over = False
        for (n, amount, _), spent in zip(units, amounts, strict=True):
            used, held = moves.get(n, (0, 0))
            moves[n] = used + spent, held + amount
            over = over or spent > amount
        answers[i] = closed = Closed(op.call_id, "voided" if op.void else "settled", over)
        rows.append((*closing(op, closed, amounts, sealed_s), op.now_s))
    if book.cursor.executemany(_CLOSE_OPEN, rows).rowcount != len(rows):
        return False
    book.cursor.executemany(COUNT, [(used, held, n) for n, (used, held) in moves.items()])
    book.moved({n: (used, -held) for n, (used, held) in moves.items()})
    return True


def _holds(book: Book, ops: Sequence[Op], which: list[int], answers: Answers) -> bool:
    """Holds of one second, each of an id that is new and none of them short."""
    rows, opened = [], {}
    sums: dict[int, tuple[int, int]] = {}
    now_s = -1
    for i in which:
        op = ops[i]
        assert isinstance(op, Hold)
        now_s = op.now_s if now_s < 0 else now_s
        if op.now_s != now_s or op.lease_s < 1:
            return False
        wanted = book.wanted(op.takes, op.amounts)
        for n, amount, most in wanted.units:
            units, least = sums.get(n, (0, UNLIMITED))
            sums[n] = units + amount, min(most, least)
        call_id = op.call.call_id
        opened[call_id] = wanted
        rows.append(book.row(op, wanted))
        answers[i] = Held(call_id)
    book.sweep(now_s)
    takes = [(units, n, least) for n, (units, least) in sums.items()]
    if takes and book.cursor.executemany(TAKE, takes).rowcount != len(takes):
        return False
    if book.cursor.executemany(OPEN, rows).rowcount != len(rows):
        return False
    book.file(rows)
    book.moved({n: (0, units) for n, (units, _) in sums.items()})
    book.mine.update(opened)
    return True


def _refusals(book: Book, ops: Sequence[Op], which: list[int], answers: Answers) -> bool:
    noted = [op for op in (ops[i] for i in which) if isinstance(op, Refusal)]
    for i in which:
        answers[i] = True
    return book.refuse(noted)
