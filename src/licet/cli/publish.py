"""`licet publish`: a changed licet.toml comes into force, with a date, and with holders moved or left where they are."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, release_folder
from licet.cli.portal import day, moment
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.release.release import Release


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "publish",
        description="Put a changed licet.toml in force. Who holds a tier keeps the document it was taken at, until moved. A"
        " running server takes the new document from the next call on.",
        epilog="examples: licet publish | licet publish --from 2027-01-31 | licet publish --move free",
    )
    parser.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="the release's folder (default: the nearest licet.toml)")
    parser.add_argument("--from", dest="from_s", type=moment, metavar="DATE", help="from when it is in force (default: now)")
    parser.add_argument("--move", action="append", default=[], metavar="TIER", help="move the holders of this tier to it ('*': all)")
    add_data(parser)
    parser.set_defaults(run=run)
