"""`licet ledger`: do the counters say what the calls say? And: close a month, so that its calls may be archived."""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import asdict
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, data_folder
from licet.ledger.audit import seal_file, verify_file

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "ledger",
        description="The ledger keeps every call and what it counted: verify, seal. Both may run beside a server.",
        epilog="examples: licet ledger verify | licet ledger seal 2026-10",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser(
        "verify",
        description="Rebuild every counter from the calls, from the last sealed month on, and name what differs."
        " Changes nothing. Exit code 1 when something differs. Example: licet ledger verify --json",
        help="rebuild every counter from the calls",
    )
    one.add_argument("--json", action="store_true", help="print the findings as JSON")
    add_data(one)
    one.set_defaults(run=verify)

    one = acts.add_parser(
        "seal",
        description="Close a month that is over: keep its sums and the SHA-256 of its calls, so that the calls may be"
        " archived and nobody can change them unseen. Twice is the same as once. Example: licet ledger seal 2026-10",
        help="close a month that is over",
    )
    one.add_argument("month", metavar="MONTH", help="the month as 2026-10; what came before is closed with it")
    one.add_argument("--json", action="store_true", help="print the seal as JSON")
    add_data(one)
    one.set_defaults(run=seal)


def verify(args: argparse.Namespace) -> int:
    found = verify_file(data_folder(args, must_exist=False) / "ledger.sqlite3")
    if args.json:
        print(json.dumps([asdict(finding) for finding in found], indent=1))
    else:
        for finding in found:
            print(finding)
        print(f"{len(found)} to look at" if found else "clean: every counter is the sum of its calls")
    return int(bool(found))


def seal(args: argparse.Namespace) -> int:
    made = seal_file(data_folder(args, must_exist=False) / "ledger.sqlite3", args.month, int(time.time()))
    if args.json:
        print(json.dumps(asdict(made)))
    else:
        print(f"sealed until the end of {made.month}: {made.calls} calls, SHA-256 {made.sha256}")
    return 0
