"""`licet publish`: a changed licet.toml comes into force, from a date, with holders moved or left where they are."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, release_folder
from licet.cli.portal import day, moment
from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.documents import Holding
    from licet.release.diff import Change
    from licet.release.release import Release

WAYS = {"looser": "+", "stricter": "-", "other": "~"}


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "publish",
        description="Put a changed licet.toml in force. Who holds a tier keeps the document it was taken at, until moved. A"
        " running server takes the new document from the next call on.",
        epilog="examples: licet publish | licet publish --from 2027-01-31 | licet publish --move free",
    )
    parser.add_argument(
        "dir", nargs="?", type=Path, metavar="DIR", help="the release's folder (default: the nearest licet.toml)"
    )
    parser.add_argument(
        "--from", dest="from_s", type=moment, metavar="DATE", help="from when it is in force (default: now)"
    )
    parser.add_argument(
        "--move",
        action="append",
        default=[],
        metavar="TIER",
        help="move the holders of this tier to it too ('*': of all tiers)",
    )
    add_data(parser)
    parser.set_defaults(run=run, release=None)


def run(args: argparse.Namespace) -> int:
    from licet.cli.portal import open_portal
    from licet.cli.serve import served

    folder = args.dir or release_folder()
    if folder is None:
        raise LicetError("no licet.toml here or in a folder above", mend="`licet init` writes one; or name its folder")
    release = served(folder)
    for tier in args.move:
        if tier != "*" and release.tier(tier) is None:
            raise LicetError(f"no tier `{tier}` to move to", mend=closest(tier, (t.name for t in release.tiers)))
    if args.move and args.from_s is not None:
        raise LicetError(
            "holders can be moved to what is in force, not to what comes", mend="publish --move again on the day"
        )
    if args.data is None and args.dir is not None:
        args.data = args.dir / ".licet"
    open_portal(args)
    from licet.portal import documents, events, tiers

    old = documents.newest(release.name, args.from_s)
    if old is None or old.sha256 != release.sha256:
        _told(changes_since(release, args.from_s))
        documents.publish((folder / "licet.toml").read_bytes(), events.COMMAND, from_s=args.from_s, folder=folder)
        when = "now" if args.from_s is None else f"from {day(args.from_s)} UTC"
        print(f"published {release.sha256[:6]}, in force {when}")
    else:
        print("this document is in force already")
    moved = sum(tiers.move(release.name, events.COMMAND, tier=None if t == "*" else t) for t in args.move)
    if args.move:
        print(f"moved {moved} holders to it")
    return 0


def put_in_force(folder: Path, release: Release, *, dev: bool, quiet: bool = False) -> None:
    """Before a server starts: publish the file where nobody loses by it. LicetError, with who and how many, where somebody would.

    Where no term changed (a comment, an address), holders are moved along: their terms are the same to the letter.
    """
    from licet.portal import documents, events, tiers

    body = (folder / "licet.toml").read_bytes()
    old = documents.newest(release.name)
    if old is not None and old.sha256 == release.sha256:
        documents.publish(body, events.COMMAND, folder=folder)  # keeps license texts that came since
        return
    found = changes_since(release)
    lost = [c for c in found if c.loses]
    if lost and not dev and (hit := _hit(lost, documents.holdings(release.name))):
        raise LicetError(_refusal(lost, hit), where=str(folder / "licet.toml"), mend=_mend(hit))
    documents.publish(body, events.COMMAND, folder=folder)
    if dev or not found:
        tiers.move(release.name, events.COMMAND)
    if old is not None and not quiet:
        _told(found)


def changes_since(release: Release, from_s: int | None = None) -> tuple[Change, ...]:
    """What changed in terms against the document in force (at a moment); nothing where there is none."""
    from licet.portal import documents
    from licet.release.diff import changes

    old = documents.newest(release.name, from_s)
    return () if old is None else changes(documents.read(old.sha256), release)


def _told(found: Sequence[Change]) -> None:
    if not found:
        print("nothing in the terms changed")
    for change in found:
        cites = " -> ".join(c for c in (change.before, change.after) if c)
        print(f"  {WAYS[change.way]} {change.subject}: {change.says}  ({cites})")
    sys.stdout.flush()


def _hit(lost: Sequence[Change], held: Sequence[Holding]) -> dict[str, int]:
    """How many holders of each tier would lose."""
    tiers = frozenset[str]().union(*(c.tiers for c in lost))
    hit: dict[str, int] = {}
    for holding in held:
        if holding.tier in tiers:
            hit[holding.tier] = hit.get(holding.tier, 0) + holding.holders
    return hit


def _refusal(lost: Sequence[Change], hit: dict[str, int]) -> str:
    who = " and ".join(f"{n} holder{'s' if n > 1 else ''} of `{tier}`" for tier, n in sorted(hit.items()))
    terms = "\n".join(f"  - {c.subject}: {c.says}  ({c.before or c.after})" for c in lost)
    return f"{who} would lose by this change:\n{terms}\n\n"


def _mend(hit: dict[str, int]) -> str:
    tier = min(hit)
    return (
        "`licet publish` puts it in force for those who come (holders keep what they have);"
        f" --from DATE gives notice, --move {tier} moves holders too"
    )
