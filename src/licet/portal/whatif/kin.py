"""Which standings are there in a release, and how many holders has each? One query, whatever the number of holders.

Two holders are kin where the gate would answer them alike: tier, document, claims, facts, cap and the shape of their
grants in force are equal; whose a grant is and what it is called makes no difference.
"""

from __future__ import annotations

from contextlib import closing

from django.db import connection

from licet.access.standing import Standing
from licet.access.table import anonymous
from licet.access.whatif import Kin
from licet.portal import clock, documents
from licet.portal.config import current
from licet.portal.directory import SqliteDirectory

_KIN = """
WITH shape AS (
  SELECT holder_id, actions || '~' || coalesce(components, '') || '~' || quotas AS shape FROM portal_grant
  WHERE release = %(release)s AND revoked_s IS NULL AND holder_id IS NOT NULL
    AND from_s <= %(now)s AND (until_s IS NULL OR until_s >= %(now)s) ORDER BY holder_id, shape
), given AS (SELECT holder_id, group_concat(shape, char(10)) AS shapes FROM shape GROUP BY holder_id)
SELECT count(*), min(s.holder_id), max(s.holder_id) FROM standing s
LEFT JOIN given ON given.holder_id = s.holder_id
LEFT JOIN cap ON cap.holder_id = s.holder_id AND cap.release = s.release
WHERE s.release = %(release)s AND s.from_s <= %(now)s AND (s.until_s IS NULL OR s.until_s > %(now)s)
GROUP BY s.tier, s.document, s.facts, given.shapes, cap.nanos,
  replace(replace(s.claims, ', "holder:' || s.holder_id || '"', ''), '"holder:' || s.holder_id || '", ', ''),
  CASE WHEN s.domain IN (SELECT domain FROM portal_grant WHERE release = %(release)s AND revoked_s IS NULL)
    OR s.domain = %(domain)s THEN s.domain ELSE '' END
ORDER BY 1 DESC
"""


def kins(release: str, domain: str = "") -> tuple[Kin, ...]:
    """Every standing in force with its holders, the most common first; callers without an account last, as nobody.

    `domain` sets the holders of a mail domain apart, for a change that is about them.
    """
    now_s = clock.now_s()
    told: dict[str, str | int] = {"release": release, "now": now_s, "domain": domain or "-"}
    with connection.cursor() as cursor:
        cursor.execute(_KIN, told)
        rows = cursor.fetchall()
    found: list[Kin] = []
    with closing(SqliteDirectory(current().portal_file, clock.now_s)) as directory:
        for count, first, last in rows:
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
