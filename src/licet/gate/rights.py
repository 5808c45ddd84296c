"""Who is behind a bearer, and what may they do, as of this turn of the loop?

Records are loaded on first use and kept, the least used forgotten; start-up does not grow with the number of keys. Once
a turn, before the first decision, the directory is asked whether anything was written; what changed is dropped. So a
revocation, in whichever process it was made, holds from the next call on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from licet.access.standing import Change, Credential, Standing
from licet.access.table import NEVER_S, Table, Tables, anonymous
from licet.errors import LicetError
from licet.gate.directory import Directory
from licet.gate.limit import Limit, Limits
from licet.gate.plan import Plan, plan
from licet.release.release import Feature, Release

Soon = Callable[[Callable[[], None]], object]
"""Run something at the start of the loop's next turn: `loop.call_soon`."""


@dataclass(slots=True, eq=False)
class Seat:
    """One credential of one holder at one release: the table that decides, and what was planned from it."""

    holder_id: str
    standing: Standing
    table: Table
    limit: Limit
    until_s: int
    alive: list[bool]  # [False] once the holder's standing or a document changed; shared by the holder's seats
    plans: dict[str, Plan] = field(default_factory=dict)

    def plan(self, feature: Feature, now_s: int) -> Plan:
        """Slot and takes of a feature, as long as neither a window nor a clause turns."""
        found = self.plans.get(feature.name)
        if found is None or now_s >= found.until_s:
            found = self.plans[feature.name] = plan(self.table, self.standing, self.holder_id, feature, now_s)
        return found


@dataclass(slots=True, eq=False)
class Record:
    """A credential and its seats by release. `digest` is empty for callers without an account."""

    digest: bytes
    key_id: str
    holder_id: str
    credential: Credential | None
    ends_s: int  # when it expires or was revoked, whichever is first
    seats: dict[str, Seat] = field(default_factory=dict)


class Rights:
    """What the gate keeps in memory of the directory. `kept` bounds the records, twice over."""

    def __init__(
        self,
        directory: Directory,
        read: Callable[[bytes], Release],
        releases: Sequence[str],
        soon: Soon,
        kept: int = 50_000,
    ) -> None:
        self.directory, self.releases = directory, tuple(releases)
        self._read, self._soon, self._kept = read, soon, kept
        self.limits = Limits()
        self.tables = Tables()
        self._documents: dict[str, Release] = {}
        self._newest: dict[str, Release] = {}
        # Two generations instead of an order of use: a look-up in the young one costs nothing beyond the look-up.
        self._young: dict[bytes, Record] = {}
        self._old: dict[bytes, Record] = {}
        self._alive: dict[str, list[bool]] = {}  # by holder, shared by its seats
        self._seen: int | None = None
        self._change_n = 0
        self._fresh = False
        self._looked_s = 0

    def look(self, now_s: int) -> None:
        """Once a turn, before its first decision: drop what was changed by anybody, or by the clock."""
        if self._fresh:
            return
        self._fresh = True
        self._soon(self._turn_over)
        version = self.directory.version()
        if self._seen is None:  # nothing is loaded yet, so no older change matters
            self._seen, self._change_n = version, self.directory.last_change()
        elif version != self._seen:
            self._seen = version
            for change in self.directory.changes(self._change_n):
                self._change_n = max(self._change_n, change.n)
                self._drop(change)
        if now_s != self._looked_s:  # a document may come into force by the clock: asked once a second
            self._looked_s = now_s
            for name, known in tuple(self._newest.items()):
                if self.directory.newest(name, now_s) != known.sha256:
                    self.forget()
                    break

    def _turn_over(self) -> None:
        self._fresh = False

    def _drop(self, change: Change) -> None:
        match change.what:
            case "credential":
                digest = bytes.fromhex(change.ref)
                self._young.pop(digest, None)
                self._old.pop(digest, None)
            case "standing":
                if alive := self._alive.pop(change.ref, None):
                    alive[0] = False
            # cites and offers depend on which document is the newest; a domain's grants are of many holders
            case "document" | "domain":
                self.forget()

    def forget(self) -> None:
        """Drop everything that was worked out from documents; rates, calls alive and documents themselves stay."""
        for kept in (self._young, self._old, self._newest):
            kept.clear()
        self._alive.clear()
        self.tables.clear()

    def record(self, digest: bytes) -> Record | None:
        """The record of a bearer's SHA-256; None for one that nobody was given."""
        found = self._young.get(digest)
        if found is None:
            found = self._old.get(digest) or self._load(digest)
            if found is not None:
                self._keep(digest, found)
        return found

    def stranger(self, holder_id: str) -> Record:
        """The record of a caller without an account."""
        key = holder_id.encode()
        found = self._young.get(key) or self._old.get(key)
        if found is None:
            found = Record(b"", holder_id, holder_id, None, NEVER_S)
        self._keep(key, found)
        return found

    def _load(self, digest: bytes) -> Record | None:
        credential = self.directory.credential(digest)
        if credential is None:
            return None
        return Record(digest, credential.key_id, credential.holder_id, credential, self.ends_s(credential))

    @staticmethod
    def ends_s(credential: Credential) -> int:
        """When it stops opening anything: expired or revoked, whichever is first."""
        return min(s for s in (credential.expires_s, credential.revoked_s, NEVER_S) if s is not None)

    def _keep(self, digest: bytes, record: Record) -> None:
        if len(self._young) >= self._kept:
            self._old, self._young = self._young, {}
        self._young[digest] = record

    def seat(self, record: Record, release: str, now_s: int) -> Seat:
        """What the record's holder is to a release now. LicetError where the directory lacks a document."""
        found = record.seats.get(release)
        if found is None or not found.alive[0] or (found.until_s is not NEVER_S and now_s >= found.until_s):
            found = record.seats[release] = self._seat(record, release, now_s)
        elif found.limit.gone:
            found.limit = self.limits.of(found.holder_id, found.table)
        return found

    def _seat(self, record: Record, release: str, now_s: int) -> Seat:
        newest = self.newest(release, now_s)
        standing = None
        if record.credential is not None:
            standing = self.directory.standing(record.holder_id, release)
            if standing is None:  # an account without a tier of this release
                standing = Standing(record.holder_id, release, "", newest.sha256, frozenset({"account"}))
        else:
            standing = anonymous(newest, record.holder_id)
        document = newest if standing.document == newest.sha256 else self.document(standing.document)
        table = self.tables.of(document, standing, record.credential, newest)
        until_s = NEVER_S if standing.until_s is None else standing.until_s
        if record.credential is None:
            alive = [True]
        else:
            if len(self._alive) > 2 * self._kept:  # a flag must never be forgotten before the seats that share it
                self.forget()
            alive = self._alive.setdefault(record.holder_id, [True])
        return Seat(record.holder_id, standing, table, self.limits.of(record.holder_id, table), until_s, alive)

    def newest(self, release: str, now_s: int) -> Release:
        """The release by its document in force."""
        found = self._newest.get(release)
        if found is None:
            sha256 = self.directory.newest(release, now_s)
            if sha256 is None:
                raise LicetError(f"no document of release `{release}` is in force", mend="`licet publish` one")
            found = self._newest[release] = self.document(sha256)
        return found

    def document(self, sha256: str) -> Release:
        """A published document, read once."""
        found = self._documents.get(sha256)
        if found is None:
            data = self.directory.document(sha256)
            if data is None:
                raise LicetError(f"the document {sha256[:6]} is not stored", mend="`licet doctor` looks into it")
            found = self._documents[sha256] = self._read(data)
        return found
