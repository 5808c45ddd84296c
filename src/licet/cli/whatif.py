"""`licet whatif`: who gains and who loses by a change, over all holders, before it is made. Nothing is written."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import beside
from licet.cli.portal import add_portal, open_portal, release_name
from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.whatif.changes import Outcome

PAGE = """\
  licet whatif publish                             the licet.toml here, if all holders were moved to it
  licet whatif publish --move free                 ... if only those of tier free were
  licet whatif tier ada@example.org premium        if she were given this tier
  licet whatif grant @uni.example chat --quota '500 calls / month'
  licet whatif revoke grant_…
  licet whatif role 'Whale Lab' Caller call:features read:usage

Whoever has the same tier, document, claims, facts and grants is answered alike, so each standing is asked once, however
many holders it has. Exit code: 0 told; 1 with --exit-code, where somebody would lose; 2 the question made no sense."""


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "whatif",
        help="who gains and who loses by a change, before it is made",
        description="What if a document were published, a tier given, a grant made or revoked, a role changed?",
        epilog=PAGE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    acts = parser.add_subparsers(required=True, metavar="CHANGE")

    def act(name: str, says: str, does: object) -> argparse.ArgumentParser:
        one = acts.add_parser(name, description=f"What if {says}?", help=says)
        one.set_defaults(run=_run, does=does)
        one.add_argument("--exit-code", action="store_true", help="exit with 1 where somebody would lose")
        add_portal(one)
        return one

    one = act("publish", "this licet.toml were published", _publish)
    one.add_argument("dir", nargs="?", type=Path, metavar="DIR", help="its folder (default: the nearest licet.toml)")
    one.add_argument("--move", action="append", metavar="TIER", help="move only the holders of this tier; repeatable")
    one = act("tier", "somebody were given a tier", _tier)
    one.add_argument("who", metavar="WHO", help="an address, a hol_… id, or an organization's name")
    one.add_argument("tier", metavar="TIER")
    one = act("grant", "somebody were granted these features", _grant)
    one.add_argument("who", metavar="WHO", help="the same, or @ and a mail domain")
    one.add_argument("feature", nargs="+", metavar="FEATURE", help="features by name, or `download`")
    one.add_argument("--component", action="append", metavar="NAME", help="only on this component; repeatable")
    one.add_argument("--quota", action="append", default=[], metavar="QUOTA", help="its own: '500 calls / month'")
    act("revoke", "a grant were revoked", _revoke).add_argument("grant", metavar="GRANT")
    one = act("role", "a custom role had exactly these acts", _role)
    one.add_argument("organization", metavar="NAME|HOLDER")
    one.add_argument("role", metavar="ROLE")
    one.add_argument("acts", nargs="+", metavar="ACT", help="`licet organization acts` lists them")


def _run(args: argparse.Namespace) -> int:
    if hasattr(args, "dir"):
        beside(args)
    open_portal(args)
    outcome: Outcome = args.does(args)
    show(outcome, as_json=args.json)
    return 1 if args.exit_code and outcome.lose else 0


def show(outcome: Outcome, *, as_json: bool = False) -> None:
    """The outcome on a terminal: a line of figures, then one for each answer that would turn."""
    from licet.portal.whatif import told

    if as_json:
        import json

        print(json.dumps(told.as_json(outcome), indent=1, ensure_ascii=False))
        return
    print(told.summary(outcome))
    signs = {"gains": "+", "loses": "-", "differs": "~"}
    for line in told.lines(outcome):
        print(f"  {signs[line.way]} {line.what}: {line.who}")
        print(f"      {line.before}\n   -> {line.after}")


def _publish(args: argparse.Namespace) -> Outcome:
    from licet.cli.folder import release_folder
    from licet.cli.may import read
    from licet.portal import documents
    from licet.portal.whatif import changes

    folder = args.dir or release_folder()
    if folder is None:
        raise LicetError("no licet.toml here or in a folder above", mend="name its folder")
    edited = read(folder if folder.is_file() else folder / "licet.toml")
    if edited.name not in documents.releases():
        raise LicetError(f"the release `{edited.name}` was never published here", mend="`licet publish` publishes it")
    tiers = [t.name for t in edited.tiers]
    for tier in args.move or ():
        if tier != "*" and tier not in tiers:
            raise LicetError(f"no tier `{tier}` to move to", mend=closest(tier, tiers))
    return changes.document(edited, args.move or ("*",))


def _tier(args: argparse.Namespace) -> Outcome:
    from licet.portal.whatif import changes, who

    return changes.tier(who.holder(args.who), release_name(args), args.tier)


def _grant(args: argparse.Namespace) -> Outcome:
    from licet.portal import grants
    from licet.portal.whatif import changes, who

    quotas = grants.quotas(args.quota)
    return changes.grant(who.whose(args.who), release_name(args), args.feature, args.component, quotas)


def _revoke(args: argparse.Namespace) -> Outcome:
    from licet.portal.models import GrantRow
    from licet.portal.whatif import changes

    row = GrantRow.objects.select_related("holder").filter(pk=args.grant, revoked_s=None).first()
    if row is None:
        raise LicetError(f"there is no grant `{args.grant}` in force", mend="`licet grant list` names them")
    return changes.revoked(row)


def _role(args: argparse.Namespace) -> Outcome:
    from licet.access.role import ACTS, unknown
    from licet.portal.organizations import roles
    from licet.portal.organizations.models import Organization
    from licet.portal.whatif import changes, who

    if strange := unknown(args.acts):
        raise LicetError(f"there is no act `{strange[0]}`", mend=closest(strange[0], ACTS))
    found = Organization.objects.filter(pk=who.holder(args.organization).pk).first()
    if found is None:
        raise LicetError(f"`{args.organization}` is no organization", mend="`licet organization list` names them")
    return changes.role(roles.find(found, args.role), args.acts)
