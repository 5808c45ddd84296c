"""Where is the data folder that a command speaks of? `--data`, else LICET_DATA, else `.licet` of the release's folder."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import IO

from licet.errors import LicetError


def add_data(parser: argparse.ArgumentParser) -> None:
    """The option every operator's command has."""
    parser.add_argument(
        "--data",
        type=Path,
        metavar="DIR",
        help="the data folder (default: $LICET_DATA, else .licet here or in a folder above)",
    )


def release_folder(start: Path | None = None) -> Path | None:
    """The nearest folder upward that holds a `licet.toml`, as git looks for its own."""
    here = (start or Path.cwd()).resolve()
    return next((folder for folder in (here, *here.parents) if (folder / "licet.toml").is_file()), None)


def data_folder(args: argparse.Namespace, *, must_exist: bool = True) -> Path:
    """The data folder of a command. Raises LicetError where there is none and one is needed."""
    from licet import settings  # only here: who asks for a release alone needs none of them

    named: Path | None = getattr(args, "data", None) or settings.read(os.environ).data
    release = release_folder()
    folder = named or (release / ".licet" if release else Path(".licet"))
    if must_exist and not (folder / "portal.sqlite3").is_file():
        raise LicetError(
            "no data folder of Licet here",
            where=str(folder),
            mend="start a server first (`licet serve`), or name the folder with --data",
        )
    return folder


def beside(args: argparse.Namespace) -> None:
    """`--data` of a command about a release's DIR: `DIR/.licet`, as a server of it has; not where LICET_DATA names another."""
    from licet import settings

    if args.data is None and args.dir is not None and settings.read(os.environ).data is None:
        args.data = (args.dir.parent if args.dir.is_file() else args.dir) / ".licet"


def unread(file: Path, error: OSError) -> LicetError:
    """A licet.toml that cannot be read: not there, not this user's, or no file at all."""
    mend = "name the folder of a release"
    if isinstance(error, FileNotFoundError):
        mend = "`licet init` writes one"
    elif isinstance(error, PermissionError):
        mend = "run it as the user whose file it is"
    return LicetError(f"cannot read it ({error.strerror})", where=str(file), mend=mend)


def new_file(path: Path) -> IO[str]:
    """A file that was not there before and that only its owner may read. LicetError where it cannot be made."""
    try:
        return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8")
    except OSError as error:
        raise LicetError(f"cannot write it ({error.strerror})", where=str(path), mend="name a new file") from None
