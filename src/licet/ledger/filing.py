"""Which calls are a holder's? Sorted into a table of their own by the thousand, a moment after they were made.

An index would do it with every call, on a page that nothing else of that moment touches: a third of what a hold costs
(`benchmarks/holds.py`). So the calls before the second `filed_until.s` are filed, and those since
are looked through one by one. A call with an earlier second than that (a clock put back, a slow process) is filed at once.
"""

from __future__ import annotations

import sqlite3

AT_ONCE = 2_000  # calls a transaction: a few milliseconds during which nobody else may write

# The ids of one holder's calls, by its number :n. `select s` is worked out once, `:n` is known: both halves use an index.
CALLS_OF = """select id from filed where holder = :n and at_s >= :since_s
              union all select id from call where at_s >= max(:since_s, (select s from filed_until)) and holder = :n"""
NEWEST_OF = """select id from (select id from filed where holder = :n order by at_s desc, id desc limit :most)
               union all select id from (
                   select id from call where at_s >= (select s from filed_until) and holder = :n
                   order by at_s desc, id desc limit :most)"""
FILE = "insert or ignore into filed (holder, at_s, id) values (?, ?, ?)"
_NEXT = """select coalesce((select at_s from call where at_s >= ?1 order by at_s limit 1 offset ?2), (
               select max(at_s) from call where at_s >= ?1)) as next, max(at_s) from call"""


def filed_s(cursor: sqlite3.Cursor) -> int:
    """The second before which every call is filed."""
    found: tuple[int] = cursor.execute("select s from filed_until").fetchone()
    return found[0]


def holder_n(db: sqlite3.Connection, holder: str, release: str) -> int | None:
    """The holder's number; None for one who never called."""
    found = db.execute("select n from holder where name = ? and release = ?", (holder, release)).fetchone()
    return None if found is None else int(found[0])


def file(db: sqlite3.Connection) -> int:
    """File the oldest calls that are not yet, but none of the newest second; how many. One short transaction."""
    begins_s = filed_s(db.cursor())
    row = db.execute(_NEXT, (begins_s, AT_ONCE)).fetchone()
    if row[0] is None:
        return 0
    next_s, newest_s = row
    oldest_s = db.execute("select min(at_s) from call where at_s >= ?", (begins_s,)).fetchone()[0]
    until_s = min(max(next_s, oldest_s + 1), newest_s)  # whole seconds, so that one number tells what is filed
    if until_s <= oldest_s:
        return 0
    db.execute("begin immediate")
    try:
        if filed_s(db.cursor()) != begins_s:  # another process was faster
            db.execute("rollback")
            return 0
        some = "select holder, at_s, id from call where at_s >= ? and at_s < ? order by 1, 2, 3"
        filed = db.execute(f"insert or ignore into filed {some}", (begins_s, until_s)).rowcount
        db.execute("update filed_until set s = ?", (until_s,))
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise
    return filed
