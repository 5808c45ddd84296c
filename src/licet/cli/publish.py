"""`licet publish`: a changed licet.toml comes into force with notice, is opened for comment, or is decided."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import add_data, beside, release_folder
from licet.cli.portal import day, moment
from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.changes.models import Notice
    from licet.portal.documents import Holding
    from licet.release.diff import Change
    from licet.release.release import Release

WAYS = {"looser": "+", "stricter": "-", "other": "~"}
PAGE = """\
  licet publish                                     what is looser, or says nothing new: in force now
  licet publish --from 2027-01-31                   stricter terms, with the notice that was promised; holders get a mail
  licet publish --move free                         move the holders of a tier to what is in force
  licet publish --consult new.toml --until 2027-01-15 --why "..."
                                                    open a change for comment before it is decided
  licet publish --from 2027-03-01 --decide "..."    publish, as the decision of what was open for comment
  licet publish --drop "..."                        keep the terms, and say why

Who holds a tier keeps the document it was taken at, until moved with notice. Terms with `pledge = true` move nobody to
less. The old terms stay readable for ever. A running server takes the new document from the next call on."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "publish",
        description="Put a changed licet.toml in force: with notice where somebody loses, after comment where you ask for it.",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    parser.add_argument(
        "--at-once", default="", metavar="WHY", help="break the promised notice, and tell everybody this reason"
    )
    parser.add_argument("--decide", default="", metavar="WORDS", help="what was decided after people commented")
    parser.add_argument("--consult", type=Path, metavar="FILE", help="open this proposed licet.toml for comment")
    parser.add_argument("--until", dest="until_s", type=moment, metavar="DATE", help="until when people can comment")
    parser.add_argument("--why", default="", metavar="WORDS", help="why it is proposed (default: the file's `why`)")
    parser.add_argument("--drop", default="", metavar="WORDS", help="end what is open for comment: the terms stay")
    add_data(parser)
    parser.set_defaults(run=run, release=None)


def run(args: argparse.Namespace) -> int:
    from licet.cli.portal import open_portal
    from licet.cli.serve import served

    folder = args.dir or release_folder()
    if folder is None:
        raise LicetError("no licet.toml here or in a folder above", mend="`licet init` writes one; or name its folder")
    _make_sense(args)
    release = served(folder)
    for tier in args.move:
        if tier != "*" and release.tier(tier) is None:
            raise LicetError(f"no tier `{tier}` to move to", mend=closest(tier, (t.name for t in release.tiers)))
    beside(args)
    open_portal(args)
    if args.consult is not None:
        return _consult(args)
    if args.drop:
        return _drop(args, release.name)
    _would(args, release)
    _publish(args, folder)
    _move(args, release.name)
    return 0


def _make_sense(args: argparse.Namespace) -> None:
    from licet.portal import clock

    if args.move and args.from_s is not None:
        raise LicetError(
            "holders can be moved to what is in force, not to what comes", mend="publish --move again on the day"
        )
    if (args.consult is None) != (args.until_s is None):
        raise LicetError("a consultation is a file and a day", mend="`licet publish --consult FILE --until DATE`")
    if args.from_s is not None and args.from_s < clock.now_s():
        raise LicetError(f"{day(args.from_s)} UTC is over: nothing comes into force in the past",
                         mend="leave --from out (now), or name a day to come")  # fmt: skip
    if args.consult is not None and (args.move or args.decide or args.drop or args.from_s is not None):
        raise LicetError("what is open for comment is not in force", mend="open it first, publish it on its day")
    if args.drop and (args.decide or args.move or args.from_s is not None):
        raise LicetError("what is dropped is not published", mend="leave the other options out")


def _publish(args: argparse.Namespace, folder: Path) -> None:
    from licet.portal import clock, events
    from licet.portal.changes import history, publishing

    planned = publishing.plan(folder, from_s=args.from_s)
    if planned.same and not planned.found and not args.decide:
        print("this document is in force already")
        return
    if planned.old is not None:
        _told(planned.found)
    given = publishing.publish(planned, events.COMMAND, at_once=args.at_once, decide=args.decide)
    when = "now" if args.from_s is None else f"from {day(args.from_s)} UTC"
    print(f"published {planned.new.sha256[:6]}, in force {when}")
    for one in history.upcoming(planned.new.name, clock.now_s()):
        if one.sha256 != planned.new.sha256:  # it was published for a day to come, and this does not take it back
            print(f"still to come: {one.sha256[:6]} from {day(one.from_s)} UTC; another one for that day replaces it")
    _mailed(given)


def _move(args: argparse.Namespace, release: str) -> None:
    from licet.portal import events
    from licet.portal.changes import mails, moving

    if not args.move:
        return
    every = [
        moving.move(release, events.COMMAND, tier=None if t == "*" else t, at_once=args.at_once) for t in args.move
    ]
    moved = sum(m.moved for m in every)
    print(f"moved {moved} holder{'s' * (moved != 1)} to it")
    if kept := sum(m.pledged for m in every):
        print(f"{kept} stay where they are: the terms they hold pledge that nobody moves them to less")
    mails.send_due()


def _consult(args: argparse.Namespace) -> int:
    from licet.portal import config, events
    from licet.portal.changes import consult

    try:
        body = args.consult.read_bytes()
    except OSError as wrong:
        raise LicetError(f"cannot read {args.consult} ({wrong.strerror})") from None
    opened = consult.open_for_comment(body, events.COMMAND, until_s=args.until_s, why=args.why)
    _told(consult.found(opened))
    print(f"open for comment until {day(opened.until_s)} UTC: {config.current().url}/changes/consultations/{opened.pk}")
    _mailed(opened.notices.first())
    return 0


def _drop(args: argparse.Namespace, release: str) -> int:
    from licet.portal import events
    from licet.portal.changes import consult

    open_ = consult.open_of(release)
    if open_ is None:
        raise LicetError("no consultation is open", mend="`licet publish --consult FILE --until DATE` opens one")
    ended = consult.drop(open_, events.COMMAND, args.drop)
    print("dropped: the terms stay as they are")
    _mailed(ended.notices.order_by("-made_s", "-id").first())
    return 0


def _mailed(notice: Notice | None) -> None:
    from licet.portal.changes import mails

    if notice is None:
        return
    sent = mails.send_due(notice)
    print(f"told {sent} by mail")
    if late := mails.waiting(notice):
        print(f"{late} mails could not be sent yet: a running or the next server sends them")


def _would(args: argparse.Namespace, release: Release) -> None:
    """Who gains and who loses, over all holders that are moved: told before anything is written."""
    from licet.portal import documents

    if args.move and documents.newest(release.name) is not None:
        from licet.cli.whatif import show
        from licet.portal.whatif import changes

        show(changes.document(release, args.move))


def put_in_force(folder: Path, release: Release, *, dev: bool, quiet: bool = False) -> None:
    """Before a server starts: publish the file where nobody loses by it. LicetError, with who and how many, where somebody would.

    Where no term changed (a comment, an address), holders are moved along: their terms are the same to the letter. What
    is published already and yet to come waits for its day; so does what is open for comment.
    """
    from licet.portal import clock, documents, events, tiers
    from licet.portal.changes import consult, history, publishing

    body = (folder / "licet.toml").read_bytes()
    if not dev and (coming := [s for s in history.upcoming(release.name, clock.now_s()) if s.sha256 == release.sha256]):
        if not quiet:
            print(f"this document is published and in force from {day(coming[0].from_s)} UTC")
        return
    open_ = consult.open_of(release.name)
    if not dev and open_ is not None and open_.sha256 == release.sha256:
        if not quiet:
            print(f"this document is open for comment until {day(open_.until_s)} UTC; the terms in force stay")
        return
    planned = publishing.plan(folder)
    lost = [c for c in planned.found if c.loses]
    if lost and not dev and (hit := _hit(lost, documents.holdings(release.name))):
        raise LicetError(_refusal(lost, hit), where=str(folder / "licet.toml"), mend=_mend(hit))
    if planned.too_soon and not dev:
        terms = "\n".join(
            f"  - {c.subject}: {c.says}  ({c.before or c.after})" for c in planned.found if c.way != "looser"
        )
        raise LicetError(
            f"stricter terms need the notice that was promised:\n{terms}\n", where=str(folder / "licet.toml"),
            mend="`licet publish --from DATE` gives it",
        )  # fmt: skip
    documents.publish(body, events.COMMAND, folder=folder)
    if not planned.same and (dev or not planned.found):
        tiers.move(release.name, events.COMMAND)
    if planned.old is not None and not planned.same and not quiet:
        _told(planned.found)


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
        "`licet publish --from DATE` gives notice and puts it in force for those who come then (holders keep what they have);"
        f" --move {tier} moves holders too, once the notice has run"
    )
