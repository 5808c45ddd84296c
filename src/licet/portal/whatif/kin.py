"""Which standings are there in a release, and how many holders has each? Grouped where they lie.

Two holders are kin where the gate would answer them alike: tier, document, claims, facts, cap and the shape of their
grants in force are equal; whose a grant is and what it is called makes no difference.
"""

from __future__ import annotations

from collections.abc import Hashable
from contextlib import closing
from functools import lru_cache

from django.db import connection

from licet.access.standing import Standing
from licet.access.table import anonymous
from licet.access.whatif import Kin
from licet.portal import clock, documents
from licet.portal.config import current
from licet.portal.directory import SqliteDirectory
from licet.portal.models import ChangeRow

_SHAPES = """
  SELECT holder_id, domain, actions || '~' || coalesce(components, '') || '~' || quotas AS shape FROM portal_grant
  WHERE release = %(release)s AND revoked_s IS NULL AND from_s <= %(now)s AND (until_s IS NULL OR until_s >= %(now)s)
"""
_IN_FORCE = """
  s.release = %(release)s AND s.from_s <= %(now)s AND (s.until_s IS NULL OR s.until_s > %(now)s)
"""
# In two: most holders have no grant of their own, and grouping them needs no join. Domains are put together afterwards.
_WITHOUT = f"""
SELECT count(*), min(s.holder_id), max(s.holder_id), s.domain, s.tier, s.document, s.facts, s.claims, NULL, NULL
FROM standing s WHERE {_IN_FORCE} AND s.grants = '[]'
  AND s.holder_id NOT IN (SELECT holder_id FROM cap WHERE release = %(release)s)
GROUP BY s.domain, s.tier, s.document, s.facts, s.claims
"""  # noqa: S608  (fixed texts; values are parameters)
_WITH = f"""
WITH own AS MATERIALIZED (
  SELECT holder_id, group_concat(shape, char(10)) AS shapes FROM ({_SHAPES}) WHERE holder_id IS NOT NULL GROUP BY holder_id
)
SELECT count(*), min(s.holder_id), max(s.holder_id), s.domain, s.tier, s.document, s.facts,
  replace(s.claims, s.holder_id, '') AS claims, own.shapes, cap.nanos
FROM standing s LEFT JOIN own ON own.holder_id = s.holder_id
LEFT JOIN cap ON cap.holder_id = s.holder_id AND cap.release = s.release
WHERE {_IN_FORCE} AND (s.grants != '[]' OR cap.nanos IS NOT NULL)
GROUP BY s.domain, s.tier, s.document, s.facts, 8, own.shapes, cap.nanos
"""  # noqa: S608
_DOMAINS = f"""
SELECT domain, group_concat(shape, char(10)) FROM ({_SHAPES} ORDER BY domain, shape) WHERE domain != '' GROUP BY domain
"""  # noqa: S608


def kins(release: str, domain: str = "") -> tuple[Kin, ...]:
    """Every standing in force with its holders, the most common first; callers without an account last, as nobody.

    `domain` sets the holders of a mail domain apart, for a change that is about them. Whoever tries one edit after the
    other waits once: until somebody's rights change, or the minute does, the standings are the same.
    """
    newest = tuple(ChangeRow.objects.order_by("-n").values_list("n", "ref")[:5])
    return _kins(release, domain, newest, clock.now_s() // 60)


@lru_cache(maxsize=8)
def _kins(release: str, domain: str, newest_changes: tuple[tuple[int, str], ...], minute: int) -> tuple[Kin, ...]:
    told: dict[str, str | int] = {"release": release, "now": clock.now_s()}
    groups: dict[Hashable, tuple[int, str, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_DOMAINS, told)
        shared = dict(cursor.fetchall())
        for query in (_WITHOUT, _WITH):
            cursor.execute(query, told)
            for count, first, last, of, *alike in cursor.fetchall():
                key = (*alike, shared.get(of), domain != "" and of == domain)
                n, lo, hi = groups.get(key, (0, first, last))
                groups[key] = (n + count, min(lo, first), max(hi, last))
    found: list[Kin] = []
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        for count, first, last in sorted(groups.values(), key=lambda group: (-group[0], group[1])):
            standing = directory.standing(first, release)
            if standing is not None:
                found.append(Kin(standing, count, (first,) if first == last else (first, last)))
    newest = documents.in_force(release)
    if newest.anonymous is not None:
        found.append(Kin(anonymous(newest), 0))
    return tuple(found)


def standing(holder_id: str, release: str) -> Standing:
    """Of one holder as the gate reads it; that of an account without a tier where it has none."""
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        found = directory.standing(holder_id, release)
    newest = documents.in_force(release)
    return found or Standing(holder_id, release, "", newest.sha256, frozenset({"account"}))
