"""What does the ledger hold about one holder? All of it, row by row: for the person who asks for a copy."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

from licet.ledger.schema import broken, connect

# table -> its rows about a holder (?1). A test holds this to the schema: no table with a holder may be missing.
QUERIES = {
    "holder": "select n, name, release from holder where name = ?1",
    "counter": """select meter, window_s, resets_s, used, held, holder.release from counter
                  join holder on holder.n = counter.holder where holder.name = ?1 order by window_s, meter""",
    "call": """select call.id, holder.release, feature, key_id, at_s, state, closed_s, status, took_ms, was_over, was_late,
                      takes, counted, verdict.text as verdict from call join holder on holder.n = call.holder
               left join verdict on verdict.n = call.verdict where call.id in (
                   select filed.id from filed join holder on holder.n = filed.holder where holder.name = ?1
                   union all select call.id from call join holder on holder.n = call.holder
                   where call.at_s >= (select s from filed_until) and holder.name = ?1)
               order by at_s, call.id""",
    "filed": """select filed.id, at_s from filed join holder on holder.n = filed.holder where holder.name = ?1
                order by at_s, filed.id""",
    "refusal": """select id, release, feature, key_id, at_s, status, verdict.text as verdict from refusal
                  left join verdict on verdict.n = refusal.verdict where holder = ?1 order by at_s, id""",
}
_JSON = ("takes", "counted", "verdict")


def about(path: Path, holder: str) -> dict[str, list[dict[str, Any]]]:
    """The rows by table; empty before the first call of anybody. LicetError for a file that cannot be read."""
    if not path.exists():
        return {name: [] for name in QUERIES}
    db = connect(path, create=False)
    try:
        db.execute("begin")  # one state of all tables
        return {name: _rows(db, sql, holder) for name, sql in QUERIES.items()}
    except sqlite3.Error as error:
        raise broken(error, path) from error
    finally:
        db.close()


def _rows(db: sqlite3.Connection, sql: str, holder: str) -> list[dict[str, Any]]:
    cursor = db.execute(sql, (holder,))
    names = [column[0] for column in cursor.description]
    told = [dict(zip(names, row, strict=True)) for row in cursor]
    for row in told:
        row.update({name: json.loads(row[name]) for name in _JSON if row.get(name)})
    return told
