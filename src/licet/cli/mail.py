"""`licet mail`: the mail that waits in the data folder while there is no SMTP server."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, data_folder
from licet.cli.portal import day

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "mail",
        description="Without LICET_SMTP_URL no mail leaves this machine: it waits here, codes for new accounts among it.",
        epilog="examples: licet mail | licet mail ada@example.org --last",
    )
    parser.add_argument("to", nargs="?", metavar="EMAIL", help="only mail to this address")
    parser.add_argument("--last", action="store_true", help="only the newest, whole")
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.portal.mailbox import read

    found = [m for m in read(data_folder(args) / "mail") if args.to is None or m.to.casefold() == args.to.casefold()]
    if not found:
        print("no mail waits" + (f" for {args.to}" if args.to else ""))
    for mail in found[-1:] if args.last else found:
        print(f"{day(mail.at_s)} UTC  to {mail.to}\n{mail.subject}\n\n{mail.body.strip()}\n")
    return 0
