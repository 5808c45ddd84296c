"""What was used, by whom, when and for what? Readings for pages and commands, beside the writers, never in their way.

Every reading opens the file for itself, so it may be asked from any thread. Only settled calls count in `amounts`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from licet.ledger.filing import CALLS_OF, NEWEST_OF, holder_n
from licet.ledger.ports import Counter, State
from licet.ledger.schema import broken, connect

_DAY_S = 86_400

_MADE = """select call.id, holder.name, holder.release, feature, key_id, at_s, state, closed_s, status, took_ms,
                  was_over, was_late,
                  (select json_group_object(meter, coalesce(counted ->> take.key, take.value ->> 1))
                   from json_each(takes) as take join counter on counter.n = take.value ->> 0 where state = 'settled')
           from call join holder on holder.n = call.holder"""


@dataclass(frozen=True, slots=True)
class DayUse:
    """One feature on one day (UTC, from `day_s`): how many calls ended how, and the units counted by meter."""

    day_s: int
    feature: str
    settled: int
    voided: int
    lapsed: int
    amounts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Made:
    """One call. `closed_s` is None while it is open, or if it lapsed; `status` and `took_ms` are what the gate told."""

    call_id: str
    holder: str
    release: str
    feature: str
    key_id: str
    at_s: int
    state: State
    closed_s: int | None
    status: int
    took_ms: int
    over: bool
    late: bool
    amounts: Mapping[str, int]


class Usage:
    """The readings of one ledger file, which must be there. LicetError: it is not, or cannot be read."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def days(self, holder: str, release: str, since_s: int) -> tuple[DayUse, ...]:
        """Day by day, feature by feature, from the day of `since_s`; what nobody called is not there."""
        with self._reading() as db:
            asked = {"n": holder_n(db, holder, release), "since_s": since_s - since_s % _DAY_S}
            mine = f"id in ({CALLS_OF})"
            units: dict[tuple[int, str], dict[str, int]] = {}
            for day, feature, meter, amount in db.execute(
                f"""select at_s / {_DAY_S}, feature, meter, sum(coalesce(counted ->> take.key, take.value ->> 1))
                    from call, json_each(takes) as take join counter on counter.n = take.value ->> 0
                    where call.{mine} and state = 'settled' group by 1, 2, 3""",  # noqa: S608
                asked,
            ):
                units.setdefault((day, feature), {})[meter] = amount
            rows = db.execute(
                f"""select at_s / {_DAY_S}, feature, sum(state = 'settled'), sum(state = 'voided'),
                           sum(state = 'lapsed') from call where {mine} group by 1, 2 order by 1, 2""",  # noqa: S608
                asked,
            ).fetchall()
        return tuple(
            DayUse(day * _DAY_S, feature, settled, voided, lapsed, units.get((day, feature), {}))
            for day, feature, settled, voided, lapsed in rows
        )

    def last(self, holder: str, release: str, limit: int = 20) -> tuple[Made, ...]:
        """The newest calls, newest first."""
        with self._reading() as db:
            asked = {"n": holder_n(db, holder, release), "most": limit}
            newest = f"{_MADE} where call.id in ({NEWEST_OF}) order by at_s desc, call.id desc limit :most"
            return tuple(map(_made, db.execute(newest, asked)))

    def call(self, call_id: str) -> Made | None:
        """One call by its id."""
        with self._reading() as db:
            row = db.execute(f"{_MADE} where call.id = ?", (call_id,)).fetchone()
        return _made(row) if row else None

    def counters(self, holder: str, release: str, now_s: int) -> tuple[Counter, ...]:
        """The holder's counters whose window it is."""
        with self._reading() as db:
            return read_counters(db, holder, release, now_s)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        db = connect(self.path, create=False)
        try:
            db.execute("begin")
            yield db
        except sqlite3.Error as error:
            raise broken(error, self.path) from error
        finally:
            db.close()


def read_counters(db: sqlite3.Connection, holder: str, release: str, now_s: int | None) -> tuple[Counter, ...]:
    """By meter and window; `now_s` None for all windows that ever were."""
    rows = db.execute(
        """select meter, window_s, resets_s, used, held from counter
           where holder = (select n from holder where name = ?1 and release = ?2)
           and (?3 is null or (window_s <= ?3 and ?3 < resets_s)) order by meter, window_s""",
        (holder, release, now_s),
    )
    return tuple(Counter(*row) for row in rows)


def _made(row: tuple[Any, ...]) -> Made:
    told: dict[str, Any] = dict(zip(Made.__slots__, row, strict=True))
    return Made(
        **{**told, "over": bool(told["over"]), "late": bool(told["late"]), "amounts": json.loads(told["amounts"])}
    )
