"""What was used, by whom, when and for what? Readings for pages and commands, beside the writers, never in their way.

Every reading opens the file for itself, so it may be asked from any thread. Only settled calls count in `amounts`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from licet.ledger.filing import CALLS_OF, NEWEST_OF, holder_n
from licet.ledger.ports import Counter, State
from licet.ledger.schema import broken, connect

_DAY_S = 86_400

_MADE = """select call.id, holder.name, holder.release, feature, key_id, at_s, state, closed_s, status, took_ms,
                  was_over, was_late,
                  (select json_group_object(meter, coalesce(counted ->> take.key, take.value ->> 1))
                   from json_each(takes) as take join counter on counter.n = take.value ->> 0 where state = 'settled')
           from call join holder on holder.n = call.holder"""


# The settled units of some counters, call by call; a run is what was counted under the same terms without a break.
_RUNS = r"""
    with terms as (select n, coalesce(text ->> '$.tier', '') as tier, coalesce(text ->> '$.document', '') as document,
                         text like '%"cite":"grant\_%' escape '\' as granted from verdict),
    made as (
        select take.value ->> 0 as counter, call.at_s, call.id, coalesce(tier, '') as tier,
               coalesce(document, '') as document, coalesce(granted, 0) as granted,
               coalesce(counted ->> take.key, take.value ->> 1) as units
        from call, json_each(takes) as take left join terms on terms.n = call.verdict
        where call.holder = (select n from holder where name = :holder and release = :release) and state = 'settled'
        and call.at_s >= (select min(window_s) from counter where n in (select value from json_each(:counters)))
        and call.at_s < (select max(resets_s) from counter where n in (select value from json_each(:counters)))
        and take.value ->> 0 in (select value from json_each(:counters))
    ),
    numbered as (
        select *, row_number() over (partition by counter order by at_s, id)
                  - row_number() over (partition by counter, tier, document, granted order by at_s, id) as run
        from made
    )
    select counter, tier, document, sum(units), count(*), granted from numbered
    group by counter, tier, document, granted, run order by counter, min(at_s), min(id)"""


class Run(NamedTuple):
    """So many units in so many calls, one after the other, let in at the same tier of the same document; or by a grant
    beside it.
    """

    tier: str
    document: str
    units: int
    calls: int
    granted: bool = False


@dataclass(frozen=True, slots=True)
class Window:
    """One counter in one of its windows, and the runs of calls that it was counted up by, in their order."""

    counter: Counter
    runs: tuple[Run, ...]


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

    def windows(self, holder: str, release: str) -> tuple[Counter, ...]:
        """The holder's counters in all windows that ever were, by meter and window."""
        with self._reading() as db:
            return read_counters(db, holder, release, None)

    def moving(self, release: str, since_s: int, least: Mapping[str, int]) -> tuple[tuple[str, Counter], ...]:
        """Everybody's counters whose windows ended after `since_s`, or have not ended yet: (holder, counter).

        Only those of the meters in `least` that read at least so much: of many holders few are near a limit.
        """
        with self._reading() as db:
            rows = db.execute(
                """select name, meter, window_s, resets_s, used, held from counter join holder on holder.n = holder
                   join json_each(?) as least on least.key = meter and used >= least.value
                   where release = ? and resets_s > ? order by name, meter, window_s""",
                (json.dumps(dict(least)), release, since_s),
            ).fetchall()
        return tuple((name, Counter(*rest)) for name, *rest in rows)

    def runs(self, holder: str, release: str, from_s: int, until_s: int) -> tuple[Window, ...]:
        """Each counter in each window that began in [from_s, until_s), with its calls in runs of the same terms."""
        with self._reading() as db:
            rows = db.execute(
                """select n, meter, window_s, resets_s, used, held from counter
                   where holder = (select n from holder where name = ? and release = ?)
                   and window_s >= ? and window_s < ? order by meter, window_s""",
                (holder, release, from_s, until_s),
            ).fetchall()
            asked = {"holder": holder, "release": release, "counters": json.dumps([n for n, *_ in rows])}
            found: dict[int, list[Run]] = {}
            for n, tier, document, units, calls, granted in db.execute(_RUNS, asked):
                found.setdefault(n, []).append(Run(tier, document, units, calls, bool(granted)))
        return tuple(Window(Counter(*counter), tuple(found.get(n, ()))) for n, *counter in rows)

    def newest(
        self, holder: str, release: str, meter: str, window_s: int
    ) -> Generator[tuple[str, int, int], None, None]:
        """The settled calls that a counter was counted up by, but for those by a grant, the newest first:
        (call, at_s, units).
        """
        with self._reading() as db:
            yield from db.execute(
                r"""select call.id, call.at_s, coalesce(counted ->> take.key, take.value ->> 1)
                   from call, json_each(takes) as take join counter on counter.n = take.value ->> 0
                   where call.holder = (select n from holder where name = ? and release = ?) and state = 'settled'
                   and meter = ? and window_s = ? and call.at_s >= window_s and call.at_s < resets_s
                   and not exists (select 1 from verdict where n = call.verdict
                                   and text like '%"cite":"grant\_%' escape '\')
                   order by call.at_s desc, call.id desc""",
                (holder, release, meter, window_s),
            )

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
