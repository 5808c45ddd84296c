"""Who calls already, somewhere else? People and the keys they have, from a CSV: all rows or none.

Columns: `email`; and, each optional, `tier`, `name` (of the key), `sha256` (of the bearer they call with: they go on
calling with it), `expires` (a day, `2027-01-31`), `fact:commercial` and the like (what they declare).
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from licet.errors import Finding, Findings, closest
from licet.portal import accounts, documents, keys, tiers
from licet.portal.events import By
from licet.portal.models import Account, CredentialRow
from licet.portal.models.account import fold
from licet.release.release import Release
from licet.terms import fact
from licet.terms.clause import Scalar

COLUMNS = ("email", "tier", "name", "sha256", "expires")
FACT = "fact:"
_SHA256 = re.compile(r"[0-9a-fA-F]{64}")


@dataclass(frozen=True, slots=True)
class Brought:
    """How many accounts were made (those that were here already are not counted), and how many keys taken in."""

    accounts: int
    keys: int


@dataclass(frozen=True, slots=True)
class _Row:
    email: str
    tier: str
    name: str
    digest: bytes | None
    expires_s: int | None
    declared: dict[str, Scalar]


@transaction.atomic
def bring_in(text: str, release: str, by: By, *, path: str = "the file") -> Brought:
    """Read everything, then do everything. Raises Findings with each wrong line; a secret in a cell is one, not
    echoed.
    """
    rows = _read(text, documents.in_force(release), path)
    made = taken = 0
    for row in rows:
        known = Account.objects.by_email(row.email)
        made += known is None
        holder = known.holder if known else accounts.create(row.email, None, by)
        if row.tier:
            tiers.give(holder, release, row.tier, by, why="imported")
        if row.digest is not None:
            keys.take_in(holder, row.name, row.digest, by, expires_s=row.expires_s, declared=row.declared)
            taken += 1
    return Brought(made, taken)


def _read(text: str, release: Release, path: str) -> list[_Row]:
    found: list[Finding] = []
    reader = csv.DictReader(io.StringIO(text), restkey="", skipinitialspace=True)
    columns = [c.strip() for c in reader.fieldnames or ()]
    reader.fieldnames = columns
    _check_columns(columns, path, found)
    rows: list[_Row] = []
    seen: set[bytes] = set()
    for cells in [] if found else reader:
        line = _Line({k: (v or "").strip() for k, v in cells.items() if k}, reader.line_num, path, found)
        row = line.row(release)
        if row.digest is not None and row.digest in seen:
            line.wrong("twice", "this sha256 stands on an earlier line too", "a key has one owner")
        seen |= {row.digest} if row.digest else set()
        rows.append(row)
    if not rows and not found:
        found.append(Finding(path, 1, "empty", "nobody is in this file", "one line a person, below the column names"))
    if found:
        raise Findings(found)
    return rows


def _check_columns(columns: list[str], path: str, found: list[Finding]) -> None:
    if "email" not in columns:
        found.append(Finding(path, 1, "column", "there is no column `email`", "the first line names the columns"))
    for column in columns:
        name = column.removeprefix(FACT)
        if column.startswith(FACT) and name not in fact.askable():
            found.append(Finding(path, 1, "column", f"nobody can declare `{name}`", closest(name, fact.askable())))
        elif not column.startswith(FACT) and column not in COLUMNS:
            found.append(Finding(path, 1, "column", f"unknown column `{column[:40]}`", closest(column, COLUMNS)))


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of the file, and where what is wrong with it goes."""

    cells: dict[str, str]
    number: int
    path: str
    found: list[Finding]

    def wrong(self, rule: str, message: str, mend: str) -> None:
        self.found.append(Finding(self.path, self.number, rule, message, mend))

    def row(self, release: Release) -> _Row:
        tier = self.cells.get("tier", "")
        if tier and release.tier(tier) is None:
            self.wrong("tier", f"the release has no tier `{tier[:64]}`", release.did_you_mean(tier))
        return _Row(
            self._email(), tier, self.cells.get("name", ""), self._digest(), self._expires_s(), self._declared()
        )

    def _email(self) -> str:
        email = fold(self.cells.get("email", ""))
        try:
            validate_email(email)
        except ValidationError:
            self.wrong("email", "this is not an e-mail address", "write it like ada@example.org")
        return email

    def _digest(self) -> bytes | None:
        text = self.cells.get("sha256", "")
        if not text:
            return None
        if not _SHA256.fullmatch(text):  # perhaps the key itself: never repeated in a message
            self.wrong("sha256", "this is not a SHA-256", "64 hexadecimal digits, never the key itself")
            return None
        digest = bytes.fromhex(text)
        if CredentialRow.objects.filter(digest=digest).exists():
            self.wrong("sha256", "this key is here already", "take its line out")
        return digest

    def _expires_s(self) -> int | None:
        text = self.cells.get("expires", "")
        if not text:
            return None
        try:
            return int(datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).timestamp())
        except ValueError:
            self.wrong("expires", f"`{text[:20]}` is not a day", "write it like 2027-01-31")
            return None

    def _declared(self) -> dict[str, Scalar]:
        told: dict[str, Scalar] = {}
        for column, text in self.cells.items():
            if column.startswith(FACT) and text:
                try:
                    told[column.removeprefix(FACT)] = fact.parse(column.removeprefix(FACT), text)
                except ValueError as wrong:
                    self.wrong("fact", str(wrong), "leave the cell empty where nobody said")
        return told
