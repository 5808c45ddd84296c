"""`licet doctor`: what is wrong with this installation, and how is it mended? Looks, changes nothing, asks nobody outside."""

from __future__ import annotations

import argparse
import os
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from licet import settings
from licet.cli.folder import add_data, data_folder, release_folder, unread
from licet.errors import Finding, Findings, LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.settings import Settings

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
ROOM_BYTES = 200 << 20
NOTICE_TRIES = 38  # as `portal/changes/mails.py` has it: a test holds them together


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "doctor",
        description="Look at settings, licet.toml, data folder, databases and ledger; name everything that is wrong with its"
        " mend. Changes nothing. Exit code 1 where something is an error.",
        epilog="example: licet doctor sana/ --json",
    )
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the release's folder (default: the nearest licet.toml)"
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    found = list(findings(args))
    if args.json:
        import json
        from dataclasses import asdict

        print(json.dumps([asdict(f) for f in found], indent=1))
    else:
        for finding in found:
            print(f"{finding.level}: {finding}")
        print("all well" if not found else f"{len(found)} to look at")
    return int(any(f.level == "error" for f in found))


def findings(args: argparse.Namespace) -> Iterator[Finding]:
    """Everything that is wrong, in the order in which it is mended best."""
    try:
        told = settings.read(os.environ)
    except Findings as wrong:
        yield from wrong.findings
        told = settings.Settings()
    yield from _release(args.dir or release_folder() or Path())
    if args.data is None and args.dir is not None and told.data is None:
        args.data = args.dir / ".licet"
    data = data_folder(args, must_exist=False)
    if data.is_dir() and not os.access(data, os.R_OK | os.W_OK | os.X_OK):
        mend = "run it as the user whose folder it is"
        yield Finding(str(data), 0, "shut-data", "this user may not look into it and write there", mend)
        return
    if not (data / "portal.sqlite3").is_file():
        yield Finding(str(data), 0, "no-data", "no server was started here yet", "`licet serve`", "note")
        return
    yield from _modes(data)
    broken = list(_databases(data))
    yield from broken
    if any(f.rule == "damaged-database" and f.path.endswith("portal.sqlite3") for f in broken):
        return  # nothing in it can be asked
    yield from _signs(data)
    yield from _money(data, told)
    yield from _reach(data, told)
    yield from _untold(data)


def _release(folder: Path) -> Iterator[Finding]:
    from licet.release.accepting import unreadable
    from licet.release.document import read

    file = folder / "licet.toml"
    if not file.is_file():
        yield Finding(str(file), 0, "no-document", "there is no licet.toml", "`licet init` writes one")
        return
    try:
        release = read(file.read_bytes(), path=str(file))
    except Findings as wrong:
        yield from wrong.findings
        return
    except OSError as wrong:
        one = unread(file, wrong)
        yield Finding(one.where, 0, "unreadable", one.what, one.mend)
        return
    far = [c for c in release.components if c.store]
    if far and find_spec("obstore") is None:
        what = f"component `{far[0].name}` lies in an object store, and obstore is not installed"
        yield Finding(str(file), far[0].line, "no-obstore", what, "pip install 'licet[objects]'")
    yield from release.unserved
    yield from release.warnings
    yield from unreadable(release, folder)


def _modes(data: Path) -> Iterator[Finding]:
    """What others on this machine may read."""
    private = [(data, 0o700), (data / "secrets", 0o700), *((f, 0o600) for f in sorted((data / "secrets").glob("*")))]
    private += [(f, 0o600) for f in sorted(data.glob("*.sqlite3"))]
    for path, mode in private:
        if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
            yield Finding(
                str(path), 0, "readable-by-others", "others on this machine may read it", f"chmod {mode:o} {path}"
            )
    if shutil.disk_usage(data).free < ROOM_BYTES:
        yield Finding(str(data), 0, "disk-full", f"less than {ROOM_BYTES >> 20} MiB are free on its disk", "make room")


def _databases(data: Path) -> Iterator[Finding]:
    broken: list[str] = []
    for name in ("portal.sqlite3", "ledger.sqlite3"):
        file = data / name
        if not file.is_file():
            broken.append(name)
            yield Finding(
                str(file), 0, "missing-database", "it is not there", "`licet restore` a backup, or start a server"
            )
            continue
        try:
            with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
                said = [row[0] for row in db.execute("PRAGMA quick_check(5)")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
        if said != ["ok"]:
            broken.append(name)
            yield Finding(
                str(file), 0, "damaged-database", f"SQLite finds it damaged: {said[0]}", "`licet restore` a backup"
            )
    try:
        from licet.portal.start import check

        if "portal.sqlite3" not in broken:
            check(data / "portal.sqlite3")
    except LicetError as error:
        yield Finding(error.where or str(data / "portal.sqlite3"), 0, "newer-data", error.what, error.mend)
    try:
        from licet.ledger.audit import verify_file

        if "ledger.sqlite3" not in broken:
            yield from verify_file(data / "ledger.sqlite3")
    except LicetError as error:
        yield Finding(error.where or str(data / "ledger.sqlite3"), 0, "ledger", error.what, error.mend)


def _signs(data: Path) -> Iterator[Finding]:
    """Is the key there that signs certificates and receipts?"""
    from licet.cli.believed import signing

    for kid in signing(data / "portal.sqlite3"):
        file = data / "secrets" / f"certificate-{kid}.key"
        if not file.is_file():
            yield Finding(
                str(file), 0, "missing-key", "the key that signs certificates and receipts is not there",
                "`licet restore` a backup, or `licet certificate rotate`",
            )  # fmt: skip


def _money(data: Path, told: Settings) -> Iterator[Finding]:
    """Is the provider heard, and was all that he told understood? Asks him nothing."""
    if told.stripe is not None:
        from licet.portal.payments import stripe_sdk

        try:
            stripe_sdk.installed()
        except LicetError as error:
            yield Finding("LICET_STRIPE_KEY", 0, "no-stripe-sdk", error.what, error.mend)
        if not told.stripe.webhook_secrets:
            yield Finding(
                "LICET_STRIPE_WEBHOOK_SECRET", 0, "no-webhook", "Stripe's events are not heard: what is paid is found by "
                "the next reconcile, up to six hours later", "name the endpoint at Stripe, and its secret here", "warning",
            )  # fmt: skip
    asked = "SELECT count(*), max(wrong) FROM payments_webhookevent WHERE done_s IS NULL AND tries > 5"
    with closing(sqlite3.connect(f"{(data / 'portal.sqlite3').absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            stuck, wrong = db.execute(asked).fetchone()
        except sqlite3.DatabaseError:
            return
    if stuck:
        yield Finding(
            str(data), 0, "events-wait", f"{stuck} events of the provider cannot be applied: {wrong}",
            "`licet payments reconcile`", "warning",
        )  # fmt: skip


def _reach(data: Path, told: Settings) -> Iterator[Finding]:
    host = urlsplit(told.url).hostname if told.url else "localhost"
    outside = host not in LOOPBACK
    if told.smtp_url is None:
        yield Finding(
            "LICET_SMTP_URL", 0, "no-smtp", "no mail leaves this machine; codes wait in `licet mail`",
            "set it to smtp://name:password@host:587", "error" if outside else "note",
        )  # fmt: skip
    if outside and told.url and told.url.startswith("http://"):
        yield Finding(
            "LICET_URL",
            0,
            "no-tls",
            "keys and passwords would travel in the clear",
            "put a TLS proxy in front and name https://",
        )
    if outside and not told.trusted_proxies:
        yield Finding(
            "LICET_TRUSTED_PROXIES", 0, "no-proxies", "behind a proxy every caller would seem to have the proxy's address",
            "name the proxy's address, for example 127.0.0.1", "warning",
        )  # fmt: skip
    with closing(sqlite3.connect(f"{(data / 'portal.sqlite3').absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            operators = db.execute("SELECT count(*) FROM portal_account WHERE is_operator AND is_active").fetchone()[0]
        except sqlite3.DatabaseError:
            return
    if not operators:
        yield Finding(
            str(data),
            0,
            "no-operator",
            "nobody may use the console",
            "`licet account operator` prints a link for it",
            "warning",
        )


def _untold(data: Path) -> Iterator[Finding]:
    """Was everybody told who had to be? Notices of changed terms, and mails that the mail server did not take."""
    asked = (
        "SELECT count(*), coalesce(sum(t.tries >= ?), 0) FROM changes_told t LEFT JOIN portal_holder h ON h.id = t.holder_id"
        " WHERE t.sent_s IS NULL AND t.tries > 0 AND (t.holder_id IS NULL OR h.deleted_s IS NULL)"
    )
    with closing(sqlite3.connect(f"{(data / 'portal.sqlite3').absolute().as_uri()}?mode=ro", uri=True)) as db:
        try:
            late, lost = db.execute(asked, (NOTICE_TRIES,)).fetchone()
        except sqlite3.DatabaseError:
            late = lost = 0
    if lost:
        yield Finding(
            str(data), 0, "notices-lost", f"{lost} who are to be told of a change could not be, for days",
            "mend LICET_SMTP_URL or their addresses (console: mails of notices); the next `licet serve` tries again",
        )  # fmt: skip
    if late > lost:
        yield Finding(
            str(data), 0, "notices-wait", f"{late - lost} who are to be told of a change could not be yet",
            "look at LICET_SMTP_URL; a running server tries again by itself", "warning",
        )  # fmt: skip
    if kept := len(list((data / "mail" / "later").glob("*.json"))):
        yield Finding(
            str(data / "mail" / "later"), 0, "mails-wait", f"the mail server did not take {kept} mail{'s' * (kept > 1)} yet",
            "look at LICET_SMTP_URL; a running server tries again for five days", "warning",
        )  # fmt: skip
