"""Why was a call let in or refused? The verdict as it was, by the request id that its caller was told.

Calls are kept as long as the ledger; refusals for 30 days, the newest 100,000 of them. What was refused before anybody
could be told apart, or asked for what does not exist, is in the log only.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from licet.ledger.schema import broken, connect

_CALL = """select holder.name, holder.release, feature, key_id, at_s, state, status, took_ms, verdict.text,
                  (select json_group_object(meter, coalesce(counted ->> take.key, take.value ->> 1))
                   from json_each(takes) as take join counter on counter.n = take.value ->> 0 where state = 'settled')
           from call join holder on holder.n = call.holder left join verdict on verdict.n = call.verdict
           where call.id = ?"""
_REFUSAL = """select holder, release, feature, key_id, at_s, 'refused', status, 0, verdict.text, '{}'
              from refusal join verdict on verdict.n = refusal.verdict where id = ? order by refusal.n desc limit 1"""


def why(path: Path, call_id: str) -> dict[str, Any] | None:
    """What is known of the call: `call_id holder release feature key_id at_s state status took_ms amounts verdict`.

    `state` is a call's, or "refused"; `verdict` is what was decided (`answer code detail because duties would_allow tier
    document …`), None where an older Licet let it in. None: no such call. LicetError: there is no ledger.
    """
    with closing(connect(path, create=False)) as db:
        try:
            row = db.execute(_CALL, (call_id,)).fetchone() or db.execute(_REFUSAL, (call_id,)).fetchone()
        except sqlite3.Error as error:
            raise broken(error, path) from error
    if row is None:
        return None
    names = ("holder", "release", "feature", "key_id", "at_s", "state", "status", "took_ms")
    verdict, amounts = row[8], row[9]
    told = {"call_id": call_id, **dict(zip(names, row[:8], strict=True))}
    return {**told, "amounts": json.loads(amounts), "verdict": None if verdict is None else json.loads(verdict)}
