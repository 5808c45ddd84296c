"""Was what happened written down, and is it still what was written? A chain of digests over the events; pure.

Each row's digest is the SHA-256 of its own chained part and of the digest of the row before it. What is personal (the
address an act came from; names and words that people gave) is not in the chain: its salted digest is. So it can be
checked while it stands, and erased without breaking anything: with the salt gone, the digest tells nothing of it.
docs/decisions/0005-an-audit-chain-that-forgets.md says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

FIRST = "0" * 64  # stands for the digest before the first row
PARTS = ("address", "said")  # what is personal, each with a salt of its own: they are erased for different people
SALT_BYTES = 16

# What of an event's detail is ours: ids, names of terms, digests, moments. Anything else was said by or of a person.
CHAINED = frozenset((
    "key", "tier", "certificate", "document", "before", "after", "request", "grant", "license", "sha256", "actions", "components",
    "from_s", "until_s", "expires_s", "overlap_s", "scopes", "features", "releases", "budgets", "kind", "how", "rows", "erased",
    "until_n", "until_digest", "organization", "role", "member", "order", "subscription", "payment",
    "amount_minor", "refunded_minor", "currency", "interval", "seats", "nanos", "about", "percent", "invoice", "endpoint",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One event as it stands. `salts` has no entry for a part that was erased; `sealed` keeps its digest for ever."""

    n: int
    at_s: int
    what: str
    by: str
    holder: str | None
    release: str
    detail: Mapping[str, Any]
    address: str
    said: Mapping[str, Any]
    salts: Mapping[str, str]
    sealed: Mapping[str, str]
    digest: str

    def part(self, name: str) -> object:
        return self.address if name == "address" else dict(self.said)


@dataclass(frozen=True, slots=True)
class Broken:
    """Row `n` is not what was written, or something beside it is gone."""

    n: int
    says: str

    def __str__(self) -> str:
        return f"row {self.n}: {self.says}"


@dataclass(frozen=True, slots=True)
class Checked:
    """How many rows stand, which is the last one and its digest (the head: note it elsewhere), and what is broken."""

    rows: int
    last_n: int
    head: str
    broken: tuple[Broken, ...] = field(default=())


def split(detail: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """(what is chained, what is personal) of an event's detail."""
    ours = {name: value for name, value in detail.items() if name in CHAINED}
    return ours, {name: value for name, value in detail.items() if name not in CHAINED}


def seal(value: object, salt: str) -> str:
    """The salted digest of a personal part."""
    return sha256(bytes.fromhex(salt) + canonical(value)).hexdigest()


def seals(address: str, said: Mapping[str, Any], dice: Callable[[int], bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """(salts, sealed) for a new row. Also what is empty gets both: an erased row then looks like any other."""
    salts = {part: dice(SALT_BYTES).hex() for part in PARTS}
    return salts, {"address": seal(address, salts["address"]), "said": seal(dict(said), salts["said"])}


def link(row: Row, before: str) -> str:
    """The digest of a row behind the digest of the one before it."""
    told = {
        "n": row.n, "at_s": row.at_s, "what": row.what, "by": row.by, "holder": row.holder, "release": row.release,
        "detail": dict(row.detail), "sealed": dict(row.sealed),
    }  # fmt: skip
    return sha256(canonical(told) + before.encode()).hexdigest()


def canonical(value: object) -> bytes:
    """JSON in one spelling: sorted names, no spaces, UTF-8."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def verify(rows: Iterable[Row], *, written: int | None = None, known: tuple[int, str] | None = None) -> Checked:
    """Walk the rows in their order. `written` is the number of the last row that was ever written, where the store
    knows it; `known` is a head (number and digest) that somebody noted earlier.
    """
    broken: list[Broken] = []
    gone: dict[str, int] = {}  # part:holder -> the row that says its parts were erased
    trimmed: tuple[int, str] | None = None
    faded_n = 0
    erased: set[int] = set()  # rows about others that named somebody who was erased
    unsalted: list[tuple[Row, str]] = []
    first: tuple[int, str] | None = None  # a first row that is not row 1: (its number, the digest before it is unknown)
    count, last_n, before = 0, 0, FIRST
    met = known is None
    for row in rows:
        count += 1
        if row.n != last_n + 1:
            if count == 1:
                first = (row.n, row.digest)
            else:
                broken.append(Broken(row.n, f"{_rows(last_n + 1, row.n - 1)} before it: taken out"))
        if count == 1 and first:
            opening = row
        elif row.digest != link(row, before):
            broken.append(Broken(row.n, "not what was written, or not where it was written"))
        for part in PARTS:
            if part not in row.salts:
                unsalted.append((row, part))
            elif seal(row.part(part), row.salts[part]) != row.sealed.get(part):
                broken.append(Broken(row.n, f"its {_named(part)} was changed"))
        match row.what:
            case "account.deleted" if row.holder:
                gone[row.holder] = row.n
            case "audit.erased":
                erased.update(map(int, row.detail["erased"]))
            case "audit.trimmed":
                trimmed = (int(row.detail["until_n"]), str(row.detail["until_digest"]))
            case "audit.faded":
                faded_n = max(faded_n, int(row.detail["until_n"]))
        if known is not None and row.n == known[0]:
            met = row.digest == known[1]
        last_n, before = row.n, row.digest
    if first is not None:
        if trimmed is None or trimmed[0] != first[0] - 1:
            broken.append(Broken(first[0], f"{_rows(1, first[0] - 1)} before it: taken out, and no row says by whom"))
        if opening.digest != link(opening, trimmed[1] if trimmed and trimmed[0] == first[0] - 1 else FIRST):
            broken.append(Broken(first[0], "not what was written, or not where it was written"))
    broken += _unexplained(unsalted, gone, erased, faded_n)
    if written is not None and written > last_n:
        broken.append(Broken(last_n + 1, f"{_rows(last_n + 1, written)} at the end: taken out"))
    if not met:
        assert known is not None
        broken.append(Broken(known[0], "not the row whose digest was noted"))
    return Checked(count, last_n, before, tuple(sorted(broken, key=lambda one: one.n)))


def _unexplained(
    unsalted: Iterable[tuple[Row, str]], gone: Mapping[str, int], erased: Container[int], faded_n: int
) -> Iterator[Broken]:
    """Parts that nobody can check any more, and of which no row says that they were forgotten; or that are there again."""
    for row, part in unsalted:
        allowed = {row.holder} if part == "said" else {row.holder, row.by}
        forgotten = row.n in erased if part == "said" else row.n <= faded_n
        if gone.keys().isdisjoint(allowed) and not forgotten:
            yield Broken(row.n, f"its {_named(part)} was taken out, and no row says by whom")
        elif row.part(part):
            yield Broken(row.n, f"its {_named(part)} was erased, and stands there again")


def _rows(first: int, last: int) -> str:
    return f"row {first}" if first == last else f"rows {first} to {last}"


def _named(part: str) -> str:
    return "address" if part == "address" else "personal part"
