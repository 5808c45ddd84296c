"""What was used? Asked of the ledger's own file, read only; before the first call there is none, and that is no
error.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import closing

from licet.errors import LicetError
from licet.ledger.ports import Counter
from licet.ledger.usage import DayUse, Made, Usage, Window
from licet.portal import clock, documents
from licet.portal.config import current

RECENT = 500  # the last uses of keys are told from so many calls


def counters(holder_id: str, release: str) -> tuple[Counter, ...]:
    """The holder's counters whose window it is; empty before the first call."""
    usage = _usage()
    return usage.counters(holder_id, release, clock.now_s()) if usage else ()


def days(holder_id: str, release: str, since_s: int) -> tuple[DayUse, ...]:
    usage = _usage()
    return usage.days(holder_id, release, since_s) if usage else ()


def last(holder_id: str, release: str, limit: int = 20) -> tuple[Made, ...]:
    usage = _usage()
    return usage.last(holder_id, release, limit) if usage else ()


def last_use(holder_id: str, key_ids: AbstractSet[str]) -> dict[str, int]:
    """When each key was last called with, as far as the newest calls of the holder tell."""
    found: dict[str, int] = {}
    if not key_ids:
        return found
    for release in documents.releases():
        for call in last(holder_id, release, RECENT):
            if call.key_id in key_ids:
                found[call.key_id] = max(call.at_s, found.get(call.key_id, 0))
    return found


def windows(holder_id: str, release: str) -> tuple[Counter, ...]:
    """The holder's counters in all windows that ever were."""
    usage = _usage()
    return usage.windows(holder_id, release) if usage else ()


def moving(release: str, since_s: int, least: Mapping[str, int]) -> tuple[tuple[str, Counter], ...]:
    """Everybody's counters that may still move, or moved since, and read at least so much: (holder, counter)."""
    usage = _usage() if least else None
    return usage.moving(release, since_s, least) if usage else ()


def runs(holder_id: str, release: str, from_s: int, until_s: int) -> tuple[Window, ...]:
    """Each counter in each window that began in the stretch, with its calls in runs of the same terms."""
    usage = _usage()
    return usage.runs(holder_id, release, from_s, until_s) if usage else ()


def newest(holder_id: str, release: str, meter: str, window_s: int) -> Generator[tuple[str, int, int], None, None]:
    """The settled calls of one counter, the newest first: (call, at_s, units)."""
    usage = _usage()
    if usage:
        with closing(usage.newest(holder_id, release, meter, window_s)) as calls:
            yield from calls


def _usage() -> Usage | None:
    file = current().ledger_file
    if not file.exists():
        return None
    try:
        return Usage(file)
    except LicetError:
        return None
