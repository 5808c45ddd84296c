"""`licet restore FILE`: a backup becomes the data folder; what was there is kept beside it."""

from __future__ import annotations

import argparse
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, data_folder
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "restore",
        description="Bring a backup back. Stop the server first. A data folder that is there already is kept,"
        " with the time in its name.",
        epilog="example: licet restore licet-2026-11-23.tar.gz --data .licet",
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="a file that `licet backup` wrote")
    add_data(parser)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    from licet.cli.archive import load

    data = data_folder(args, must_exist=False)
    _refuse_while_running(data)
    fresh = data.with_name(data.name + ".restoring")
    if fresh.exists():
        raise LicetError(
            "an earlier restore stopped half way", where=str(fresh), mend="look into it, remove it, and try again"
        )
    made = load(args.file, fresh)
    if data.exists():
        aside = data.with_name(f"{data.name}.{datetime.now(UTC).strftime('%Y%m%dT%H%M%SZ')}")
        data.rename(aside)
        print(f"kept what was there as {aside}")
    fresh.rename(data)
    print(f"restored {data} from a backup of {made['made']} (Licet {made['licet']})")
    return 0


def _refuse_while_running(data: Path) -> None:
    """A server holds its databases open in WAL; moving them away under it would lose what it writes next."""
    ledger = data / "ledger.sqlite3"
    if not ledger.is_file():
        return
    with closing(sqlite3.connect(ledger, timeout=0.2)) as db:
        try:
            db.execute("PRAGMA locking_mode=EXCLUSIVE")
            db.execute("BEGIN EXCLUSIVE")
            db.execute("ROLLBACK")
        except sqlite3.OperationalError:
            raise LicetError("a server is running on this data folder", where=str(data), mend="stop it first") from None
