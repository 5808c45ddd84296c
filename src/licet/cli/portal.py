"""How does a command reach the portal? It opens the data folder as the server does, for one act, then ends."""

from __future__ import annotations

import argparse
import os
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING

from licet import settings
from licet.cli.folder import add_data, data_folder
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.portal.config import PortalConfig


def add_portal(parser: argparse.ArgumentParser) -> None:
    """The options of every command that opens the portal's data: `--data`, `--release`, `--json`."""
    add_data(parser)
    parser.add_argument("--release", metavar="NAME", help="the release it is about (default: the first one served)")
    parser.add_argument("--json", action="store_true", help="print JSON")


def open_portal(args: argparse.Namespace) -> PortalConfig:
    """Django, ready on the command's data folder. Raises LicetError where there is none, or a newer Licet wrote it."""
    from licet.portal import data_folder as folder
    from licet.portal import start
    from licet.portal.config import PortalConfig

    told, data = settings.read(os.environ), data_folder(args)
    config = PortalConfig(
        data=data,
        url=told.url or folder.last_url(data) or "http://localhost:8000",
        smtp_url=told.smtp_url,
        mail_from=told.mail_from,
        trusted_proxies=told.trusted_proxies,
        keep_addresses_days=told.keep_addresses_days,
        keep_events_days=told.keep_events_days,
        sso_networks=told.sso_networks,
        social=told.social,
        webhook_networks=told.webhook_networks,
        idle_minutes=told.idle_minutes,
        stripe=told.stripe,
        payments=told.payments,
    )
    start.configure(config)
    start.migrate()
    if getattr(args, "release", None) is not None:
        release_name(args)  # a misspelt one is told also where nothing depends on it
    return config


def release_name(args: argparse.Namespace) -> str:
    """The release a command speaks of. LicetError for one that was never published."""
    from licet.errors import closest
    from licet.portal import documents

    if args.release is None:
        return documents.main()
    if args.release not in documents.releases():
        raise LicetError(f"no release `{args.release}` here", mend=closest(args.release, documents.releases()))
    return str(args.release)


def moment(text: str) -> int:
    """Epoch seconds of `2027-01-31` (its first second, UTC) or `2027-01-31T12:00:00Z`, for argparse."""
    try:
        if len(text) == 10:
            return int(datetime.combine(date.fromisoformat(text), time(), UTC).timestamp())
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"`{text}` is not a date; write it like 2027-01-31") from None
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"`{text}` has no time zone; write it like 2027-01-31T12:00:00Z")
    return int(at.timestamp())


def day(at_s: int | None) -> str:
    """A moment as people read it in a table; "" for none."""
    return "" if at_s is None else datetime.fromtimestamp(at_s, UTC).strftime("%Y-%m-%d %H:%M")
