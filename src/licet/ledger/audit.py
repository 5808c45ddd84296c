"""Do the counters say what the calls say? Every counter is rebuilt from the calls, from the last sealed month on.

A seal closes a stretch: the sums of what was counted in it, and a SHA-256 over its rows. From then on the rows of that
stretch may go to an archive, and whoever has the archive can still show that no row was changed.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from licet.errors import Finding, LicetError
from licet.ledger.ports import Seal
from licet.ledger.schema import broken, connect

_SEALED = "select coalesce(max(until_s), 0) from seal"
_ENDED = "state in ('settled', 'voided') and closed_s >= ?1 and closed_s < ?2"

_REBUILT = f"""
with moved (n, used, held) as (
    select take.value ->> 0,
           iif(state = 'settled', coalesce(counted ->> take.key, take.value ->> 1), 0),
           iif(state = 'open', take.value ->> 1, 0)
    from call, json_each(takes) as take
    where state = 'open' or (state = 'settled' and closed_s >= ({_SEALED}))
    union all select counter, used, 0 from sealed
),
rebuilt as (select n, sum(used) as used, sum(held) as held from moved group by n)
select counter.n is null, holder.name, holder.release, counter.meter, counter.window_s,
       counter.used, counter.held, coalesce(rebuilt.used, 0), coalesce(rebuilt.held, 0)
from counter full join rebuilt on rebuilt.n = counter.n left join holder on holder.n = counter.holder
where counter.n is null or counter.used <> coalesce(rebuilt.used, 0) or counter.held <> coalesce(rebuilt.held, 0)
order by holder.name, holder.release, counter.meter, counter.window_s
"""  # noqa: S608
_ROWS = f"""
select id, holder.name, holder.release, feature, key_id, at_s, state, closed_s, status, took_ms, was_over, was_late,
       (select group_concat(meter || ' ' || window_s || ' ' || (take.value ->> 1) || ' '
                            || coalesce(counted ->> take.key, take.value ->> 1), '; ')
        from json_each(takes) as take join counter on counter.n = take.value ->> 0)
from call join holder on holder.n = call.holder where {_ENDED} order by id
"""  # noqa: S608
_UNFILED = """
select count(*) from call left join filed on filed.holder = call.holder and filed.at_s = call.at_s and filed.id = call.id
where call.at_s < (select s from filed_until) and filed.id is null
"""
_SUMS = f"""
select take.value ->> 0, sum(coalesce(counted ->> take.key, take.value ->> 1))
from call, json_each(takes) as take where state = 'settled' and {_ENDED} group by 1
"""  # noqa: S608


def verify_file(path: Path) -> tuple[Finding, ...]:
    """`verify` of a ledger that others may have open: no call of theirs lapses by it. LicetError: there is none."""
    with closing(connect(path, create=False)) as db:
        return verify(db, str(path))


def seal_file(path: Path, month: str, now_s: int) -> Seal:
    """`seal` of a ledger that others may have open. LicetError: there is none, or the month is not over."""
    with closing(connect(path, create=False)) as db:
        return seal(db, month, now_s, str(path))


def verify(db: sqlite3.Connection, where: str) -> tuple[Finding, ...]:
    """What does not agree, as findings; empty when the ledger is clean. One consistent reading, beside writers."""
    db.execute("begin")
    try:
        found = [_damaged(text, where) for (text,) in db.execute("pragma quick_check") if text != "ok"]
        found += [_off(row, where) for row in db.execute(_REBUILT)]
        if lost := db.execute(_UNFILED).fetchone()[0]:
            says = f"{lost} calls are missing where the pages look for the calls of a holder"
            found.append(Finding(where, 0, "unfiled-calls", says, "restore the last backup"))
        begins_s = 0
        for month, until_s, calls, digest in db.execute("select month, until_s, calls, sha256 from seal order by 2"):
            rows, now = _digest(db, begins_s, until_s)
            if rows and (rows, now) != (calls, digest):  # no rows at all: they are in an archive
                found.append(_changed(month, calls, rows, where))
            begins_s = until_s
        return tuple(sorted(found))
    except sqlite3.DatabaseError as error:
        raise broken(error, Path(where)) from error
    finally:
        if db.in_transaction:
            db.execute("rollback")


def seal(db: sqlite3.Connection, month: str, now_s: int, where: str) -> Seal:
    """The seal of everything not yet sealed until the end of `month`; a repeat gives the first one."""
    until_s = _end_of(month)
    if first := db.execute("select month, until_s, calls, sha256 from seal where until_s = ?", (until_s,)).fetchone():
        return Seal(*first)
    if now_s < until_s:
        raise LicetError(f"the month {month} is not over yet", where=where, mend="seal it when it is")
    while (made := _sealed(db, month, until_s, where)) is None:
        pass
    return made


def _sealed(db: sqlite3.Connection, month: str, until_s: int, where: str) -> Seal | None:
    """Read at leisure, then write only if nothing more has ended in that stretch: no caller waits for a long sum."""
    db.execute("begin")
    try:
        (begins_s,) = db.execute(_SEALED).fetchone()
        if begins_s > until_s:
            raise LicetError(f"the month {month} lies under a later seal", where=where, mend="nothing: it is closed")
        made = Seal(month, until_s, *_digest(db, begins_s, until_s))
        sums = db.execute(_SUMS, (begins_s, until_s)).fetchall()
        db.execute("commit")
        db.execute("begin immediate")
        now = db.execute(f"select ({_SEALED}), count(*) from call where {_ENDED}", (begins_s, until_s)).fetchone()  # noqa: S608
        if now != (begins_s, made.calls):
            db.execute("rollback")
            return None
        db.execute("insert into seal values (?, ?, ?, ?)", (until_s, month, made.calls, made.sha256))
        db.executemany("insert into sealed values (?, ?, ?)", [(until_s, n, used) for n, used in sums])
        db.execute("commit")
    except BaseException:
        if db.in_transaction:
            db.execute("rollback")
        raise
    return made


def _digest(db: sqlite3.Connection, begins_s: int, until_s: int) -> tuple[int, str]:
    rows, digest = 0, sha256()
    for row in db.execute(_ROWS, (begins_s, until_s)):
        digest.update(("\t".join("" if value is None else str(value) for value in row) + "\n").encode())
        rows += 1
    return rows, digest.hexdigest()


def _end_of(month: str) -> int:
    try:
        begins = datetime.strptime(month, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise LicetError(f"`{month}` is no month", mend="write it as 2026-10") from None
    return int(begins.replace(year=begins.year + begins.month // 12, month=begins.month % 12 + 1).timestamp())


def _off(row: tuple[bool, str, str, str, int, int, int, int, int], where: str) -> Finding:
    lost, holder, release, meter, window_s, used, held, used_of_calls, held_of_calls = row
    if lost:
        says = f"calls count {used_of_calls} used, {held_of_calls} held on a counter that is not there"
        return Finding(where, 0, "lost-counter", says, "restore the last backup")
    since = datetime.fromtimestamp(window_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Finding(
        where,
        0,
        "wrong-counter",
        f"`{meter}` of {holder} in `{release}` since {since} says {used} used, {held} held; "
        f"its calls add up to {used_of_calls} used, {held_of_calls} held",
        "restore the last backup: a counter is only ever written together with its calls",
    )


def _changed(month: str, calls: int, rows: int, where: str) -> Finding:
    says = f"the rows until the end of {month} are not those that were sealed ({calls} sealed, {rows} here)"
    return Finding(where, 0, "broken-seal", says, "restore them from the archive")


def _damaged(text: str, where: str) -> Finding:
    return Finding(where, 0, "damaged-file", f"SQLite finds the file damaged: {text}", "restore the last backup")
