"""`licet audit`: is the record of what happened whole? Carry it away; forget what is older than the settings say."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import new_file
from licet.cli.portal import add_portal, open_portal
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.chain import Checked


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "audit",
        description="Every act that changes rights, terms or data is a row, chained to the row before it by SHA-256:"
        " verify, export, retain. All may run beside a server.",
        epilog="examples: licet audit verify | licet audit verify --head 812:5f1c… | licet audit export audit.jsonl",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser(
        "verify",
        description="Walk the chain and name each row that was changed, taken out, put in or moved. Prints the head (the"
        " last row's number and digest): note it elsewhere, and `--head` tells later whether everything was written anew."
        " Exit code 1 when something is broken. Example: licet audit verify --json",
        help="is each row what was written?",
    )
    one.add_argument("--head", metavar="N:SHA256", type=_head, help="a head that was noted earlier")
    one.add_argument("--file", type=Path, metavar="FILE", help="verify an exported file in place of the data folder")
    one.set_defaults(run=_verify)
    add_portal(one)

    one = acts.add_parser(
        "export",
        description="All rows as JSON Lines, oldest first, with all that their digests are worked out from."
        " Example: licet audit export audit.jsonl",
        help="all rows as JSON Lines",
    )
    one.add_argument("file", type=Path, metavar="FILE", help="a new file; - is standard output")
    one.set_defaults(run=_export)
    add_portal(one)

    one = acts.add_parser(
        "retain",
        description="Forget what is older than LICET_KEEP_ADDRESSES_DAYS and LICET_KEEP_EVENTS_DAYS say; each start of"
        " the server does the same. The chain stays whole. Example: licet audit retain",
        help="forget what is old by the settings",
    )
    one.set_defaults(run=_retain)
    add_portal(one)


def _head(text: str) -> tuple[int, str]:
    n, colon, digest = text.partition(":")
    if not (colon and n.isascii() and n.isdigit() and len(digest) == 64):
        raise argparse.ArgumentTypeError("write it as `licet audit verify` printed it: N:SHA256")
    return int(n), digest


def _verify(args: argparse.Namespace) -> int:
    if args.file is not None:
        found = _verify_file(args.file, args.head)
    else:
        open_portal(args)
        from licet.portal import audit

        found = audit.verify(args.head)
    if args.json:
        print(
            json.dumps({**asdict(found), "head": f"{found.last_n}:{found.head}", "whole": not found.broken}, indent=1)
        )
    else:
        for broken in found.broken:
            print(broken)
        if found.broken:
            print(f"{len(found.broken)} to look at in {found.rows} rows")
        else:
            print(f"whole: {found.rows} rows, each as it was written\nhead {found.last_n}:{found.head}")
    return int(bool(found.broken))


def _verify_file(path: Path, head: tuple[int, str] | None) -> Checked:
    from licet.portal import chain, exported

    try:
        with path.open(encoding="utf-8") as lines:
            return chain.verify(exported.read(lines, path), known=head)
    except (OSError, UnicodeDecodeError):
        raise LicetError("this file cannot be read", where=str(path), mend="a file of `licet audit export`") from None


def _export(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import audit, events

    if str(args.file) == "-":
        audit.export(sys.stdout, events.COMMAND)
        return 0
    with new_file(args.file) as file:
        count = audit.export(file, events.COMMAND)
    print(f"wrote {count} rows to {args.file}")
    return 0


def _retain(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import audit, events

    kept = audit.retain(events.COMMAND)
    if args.json:
        print(json.dumps(asdict(kept)))
    else:
        print(f"{kept.faded} addresses and {kept.trimmed} rows were older than the settings say: forgotten")
    return 0
