"""`licet backup FILE`: both databases and the secrets, while the server runs."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, data_folder

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "backup",
        description="Save both databases and the secrets into one file that only you may read. The server may run meanwhile.",
        epilog="example: licet backup licet-2026-11-23.tar.gz",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the file to write; it must not exist")
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.cli.archive import save

    data = data_folder(args)
    names = save(data, args.file, now=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), version=version("licet"))
    print(f"saved {len(names)} files of {data} into {args.file}")
    print("It holds secrets: keep it where only you can read it. `licet restore FILE` brings it back.")
    return 0
