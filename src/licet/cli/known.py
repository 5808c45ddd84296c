"""`licet may` about somebody the server knows: by key id, by holder, or by the key itself on standard input.

It is the gate's own table that answers, from the portal's read model, opened read only and without Django.
"""

from __future__ import annotations

import argparse
import sqlite3
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

from licet.access.ask import Asked, of_release
from licet.access.key import digest
from licet.access.offers import Offer, offers
from licet.access.standing import Credential, Standing
from licet.access.table import facts_of
from licet.certificate import policy
from licet.cli.believed import held_by
from licet.cli.folder import data_folder
from licet.cli.may import Answer, read
from licet.errors import LicetError
from licet.portal.directory import SqliteDirectory
from licet.release.release import Release
from licet.terms import Policy
from licet.terms.action import DOWNLOAD
from licet.terms.clause import CLOCK, Clause, Says
from licet.terms.verdict import Answer as Word
from licet.terms.verdict import Verdict


def asked_by(args: argparse.Namespace, file: Path, facts: dict[str, Any]) -> Answer:
    """The answer for a known holder, at the document that the tier is held at."""
    now_s = int(time.time())
    args.data = getattr(args, "data", None) or (file.parent / ".licet" if (file.parent / ".licet").is_dir() else None)
    directory = SqliteDirectory(data_folder(args) / "portal.sqlite3")
    try:
        return _answer(args, read(file), directory, facts, now_s)
    finally:
        directory.close()


def _answer(
    args: argparse.Namespace, here: Release, directory: SqliteDirectory, facts: dict[str, Any], now_s: int
) -> Answer:
    credential, holder_id = _who(args, directory)
    sha256 = directory.newest(here.name, now_s)
    newest = here if sha256 is None else _document(directory, sha256)
    standing = directory.standing(holder_id, newest.name)
    if standing is None:
        if credential is None:
            raise LicetError(f"no holder `{holder_id}` of `{newest.name}`", mend="`licet account list` shows the ids")
        standing = Standing(holder_id, newest.name, "", newest.sha256, frozenset({"account"}))
    held = newest if standing.document == newest.sha256 else _document(directory, standing.document)
    known = {**facts_of(standing, credential), **facts}
    if credential is None:  # no key, no declarations: they are taken as made, as with --tier
        known |= {f"declared:{name}": True for name in held.declare}
    narrow = credential.narrow.features if credential else None
    if credential and credential.narrow.releases is not None and newest.name not in credential.narrow.releases:
        narrow = frozenset()
    role = credential.role if credential else None
    grants = tuple(grant.policy for grant in standing.grants)
    fresh = held.sha256 == newest.sha256
    parts = of_release(
        args.action, held, args.component, standing.claims | frozenset(args.claims), {**known, CLOCK: now_s},
        grants=grants, narrow=narrow, role=role, newest=fresh,
        certificates=_certificates(args, holder_id, held, now_s),
    )  # fmt: skip
    ended = _ended(credential, now_s)
    if ended:
        parts = tuple(Asked(p.component, p.policy, p.ask, ended) for p in parts)
        return Answer(args.action, standing.tier, parts, of=held.name)
    found: tuple[Offer, ...] = ()
    served = args.action == DOWNLOAD or held.feature(args.action) is not None
    if served and len(parts) == 1 and parts[0].verdict.answer is not Word.YES:
        asked = (args.action, parts[0].component, now_s)
        found = offers(newest, standing, known, *asked, held=held, narrow=narrow, role=role)
    return Answer(args.action, standing.tier, parts, found, of=held.name, known=served)


def _certificates(args: argparse.Namespace, holder_id: str, held: Release, now_s: int) -> tuple[Policy, ...]:
    """What the licensor promised this holder for this version."""
    found = held_by(data_folder(args) / "portal.sqlite3", holder_id, held.name, now_s)
    return tuple(policy(one) for one in found if one.version == held.version)


def _who(args: argparse.Namespace, directory: SqliteDirectory) -> tuple[Credential | None, str]:
    if args.holder and "@" in args.holder:
        mend = "name the hol_… id; `licet account list` shows it beside the address"
        raise LicetError(
            "a holder is asked for by its id, not by an e-mail address", where=f"--holder {args.holder}", mend=mend
        )
    if args.holder:
        return None, args.holder
    if args.key_id:
        credential = _by_id(args, directory)
        if credential is None:
            raise LicetError(f"no key `{args.key_id}`", mend="`licet key list` shows the ids")
        return credential, credential.holder_id
    if args.key != "-":
        raise LicetError("a secret is never an argument", where="--key", mend="`--key -` reads it from standard input")
    credential = directory.credential(digest(sys.stdin.readline().strip()))
    if credential is None:
        raise LicetError("nobody was given this key", where="--key", mend="`licet key list` shows the keys there are")
    return credential, credential.holder_id


def _by_id(args: argparse.Namespace, directory: SqliteDirectory) -> Credential | None:
    """The newest credential that carries a key's public id: a key has more than one while a rotation overlaps."""
    path = (data_folder(args) / "portal.sqlite3").absolute()
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)) as db:
        row = db.execute(
            "SELECT digest FROM credential WHERE key_id = ? ORDER BY made_s DESC LIMIT 1", (args.key_id,)
        ).fetchone()
    return None if row is None else directory.credential(bytes(row[0]))


def _ended(credential: Credential | None, now_s: int) -> Verdict | None:
    """A key's expiry and revocation are its own: the same words as at the door."""
    if credential is None:
        return None
    for code, at_s in (("key_revoked", credential.revoked_s), ("key_expired", credential.expires_s)):
        if at_s is not None and at_s <= now_s:
            return Verdict(Word.NO, (Clause(Says.CANNOT, code=code, cite=credential.key_id),))
    return None


def _document(directory: SqliteDirectory, sha256: str) -> Release:
    from licet.release.document import read as parse

    body = directory.document(sha256)
    if body is None:
        raise LicetError(f"the document {sha256[:6]} is not stored", mend="`licet doctor` looks into it")
    return parse(body)
