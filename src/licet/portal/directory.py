"""What does the gate learn from the portal? Its read model, by plain SQLite, read only, without Django.

Satisfies the protocol `licet.gate.directory.Directory`; each question is one indexed SELECT. Any number of processes
may
hold one. A connection of its own, so that `PRAGMA data_version` moves with every commit of somebody else.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from licet.access import grant as grants
from licet.access import role as roles
from licet.access.standing import Budget, Change, Credential, Grant, Narrow, Standing
from licet.errors import LicetError
from licet.terms.clause import Terms


class SqliteDirectory:
    """`clock` tells the epoch second: where a tier has ended, the standing that follows it is given."""

    def __init__(self, path: Path, clock: Callable[[], int] = lambda: int(time.time())) -> None:
        if not path.exists():
            raise LicetError("there is no portal yet", where=str(path), mend="start it once with `licet serve`")
        self._clock = clock
        self._db = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
        )

    def credential(self, digest: bytes) -> Credential | None:
        return self._credential(
            "SELECT key_id, holder_id, kind, expires_s, revoked_s, narrow, facts FROM credential WHERE digest = ?",
            digest,
        )

    def key(self, key_id: str) -> Credential | None:
        return self._credential(
            "SELECT key_id, holder_id, kind, expires_s, revoked_s, narrow, facts FROM credential"
            " WHERE key_id = ? ORDER BY made_s DESC LIMIT 1",
            key_id,
        )

    def _credential(self, sql: str, value: bytes | str) -> Credential | None:
        row = self._one(sql, value)
        if row is None:
            return None
        key_id, holder_id, kind, expires_s, revoked_s, narrow, facts = row
        told = json.loads(narrow)
        return Credential(
            key_id, holder_id, kind, expires_s, revoked_s, _narrow(told), json.loads(facts), role_in(told)
        )  # fmt: skip

    def standing(self, holder_id: str, release: str) -> Standing | None:
        row = self._one(
            "SELECT tier, document, claims, facts, anchor_s, until_s, grants, domain,"
            " nanos, currency FROM standing LEFT JOIN cap USING (holder_id, release)"
            " WHERE holder_id = ? AND release = ? AND from_s <= ? ORDER BY from_s DESC LIMIT 1",
            holder_id, release, self._clock(),
        )  # fmt: skip
        if row is None or (row[5] is not None and row[5] <= self._clock()):
            return None
        tier, document, claims, facts, anchor_s, until_s, own, domain, cap_nanos, cap_currency = row
        given = [_grant(f"holder:{holder_id}", told) for told in json.loads(own)]
        named = set(json.loads(claims))
        if domain and (shared := self.of_domain(domain, release)):  # only then: equals share one table at the gate
            given += shared
            named.add(f"domain:{domain}")
        return Standing(
            holder_id, release, tier, document, frozenset(named), json.loads(facts), anchor_s, until_s, tuple(given),
            cap_nanos, cap_currency or "",
        )  # fmt: skip

    def of_domain(self, domain: str, release: str) -> list[Grant]:
        """The grants for everybody whose confirmed address is in this domain."""
        rows = self._db.execute(
            "SELECT id, actions, components, from_s, until_s, quotas FROM portal_grant"
            " WHERE domain = ? AND release = ? AND revoked_s IS NULL ORDER BY id",
            (domain, release),
        )
        return [
            _grant(f"domain:{domain}", {
                "id": id, "actions": json.loads(actions), "components": json.loads(components) if components else None,
                "from_s": from_s, "until_s": until_s, "quotas": json.loads(quotas),
            })
            for id, actions, components, from_s, until_s, quotas in rows
        ]  # fmt: skip

    def document(self, sha256: str) -> bytes | None:
        row = self._one("SELECT body FROM document WHERE sha256 = ? LIMIT 1", sha256)
        return None if row is None else bytes(row[0])

    def newest(self, release: str, now_s: int) -> str | None:
        row = self._one(
            "SELECT sha256 FROM document WHERE release = ? AND from_s <= ? ORDER BY from_s DESC, id DESC LIMIT 1",
            release, now_s,
        )  # fmt: skip
        return None if row is None else str(row[0])

    def version(self) -> int:
        return int(self._db.execute("PRAGMA data_version").fetchone()[0])

    def changes(self, after: int) -> Sequence[Change]:
        return [
            Change(*row) for row in self._db.execute("SELECT n, what, ref FROM change WHERE n > ? ORDER BY n", (after,))
        ]

    def last_change(self) -> int:
        """Where a gate that has loaded nothing yet begins to follow: the number of the newest change, 0 without one."""
        row = self._one("SELECT max(n) FROM change")
        return int(row[0] or 0) if row else 0

    def close(self) -> None:
        self._db.close()

    def _one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        found: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return found


def _narrow(told: dict[str, Any]) -> Narrow:
    features, releases = told.get("features"), told.get("releases")
    return Narrow(
        None if features is None else frozenset(features),
        None if releases is None else frozenset(releases),
        frozenset(told.get("scopes", ())),
        None if (networks := told.get("networks")) is None else tuple(map(ip_network, networks)),
        tuple(Budget(one["limit"], one["meter"], one["period"]) for one in told.get("budgets", ())),
    )


def role_in(told: dict[str, Any]) -> Terms | None:
    """The terms of the role that a key calls in, as `readmodel.narrow` told it; None for a key of a person's own."""
    role = told.get("role")
    if role is None:
        return None
    acts, lacks = frozenset(role["acts"]), frozenset(role.get("lacks", ()))
    return roles.terms(roles.Role(role["name"], role["of"], acts, role["suspended"], lacks, role.get("until_s")))


def _grant(whose: str, told: dict[str, Any]) -> Grant:
    """One *can* beside the tier, of those with the claim `whose`."""
    components, quotas = told["components"], told.get("quotas", ())
    return grants.grant(
        grants.Granted(
            told["id"], whose, tuple(told["actions"]), None if components is None else tuple(components),
            told["from_s"], told["until_s"], tuple(Budget(q["limit"], q["meter"], q["period"]) for q in quotas),
        )
    )  # fmt: skip
