"""`licet grant`: an exception for one holder: which features, why, from when until when."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, moment, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "grant",
        description="Grants: what one holder may beside its tier, with a reason and an end.",
        epilog="examples: licet grant make ada@example.org advanced_modelling --reason 'cancer study' --until 2027-06-30"
        " | licet grant list | licet grant revoke grant_…",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser(
        "list", description="The grants in force and those to come. Example: licet grant list", help="grants"
    )
    one.set_defaults(run=_list)
    add_portal(one)

    one = acts.add_parser(
        "make",
        description="A grant for one account. Example:"
        " licet grant make ada@example.org advanced_modelling --reason 'cancer study'",
        help="make one",
    )
    one.add_argument("who", metavar="EMAIL|HOLDER")
    one.add_argument("feature", nargs="+", metavar="FEATURE")
    one.add_argument("--reason", required=True, help="why; it stands in every answer that rests on the grant")
    one.add_argument("--from", dest="from_s", type=moment, metavar="DATE", help="like 2027-01-31 (default: now)")
    one.add_argument("--until", type=moment, metavar="DATE", help="its end (default: none)")
    one.set_defaults(run=_make)
    add_portal(one)

    one = acts.add_parser(
        "revoke",
        description="What stood before the grant stands again. Example: licet grant revoke grant_…",
        help="take one back",
    )
    one.add_argument("grant", metavar="GRANT")
    one.set_defaults(run=_revoke)
    add_portal(one)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.models import GrantRow

    found = [
        {
            "grant": g.pk,
            "owner": g.holder.account.email if g.holder.account else g.holder_id,
            "features": " ".join(g.actions),
            "from": day(g.from_s),
            "until": day(g.until_s),
            "reason": g.reason,
            "by": g.approver,
        }
        for g in GrantRow.objects.filter(release=release_name(args), revoked_s=None)
        .select_related("holder__account")
        .order_by("made_s", "id")
    ]
    rows(found, as_json=args.json, empty="no grants")
    return 0


def _make(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events, grants

    row = grants.grant(
        accounts.find(args.who), release_name(args), args.feature, events.COMMAND,
        reason=args.reason, from_s=args.from_s, until_s=args.until,
    )  # fmt: skip
    begins = f"from {day(row.from_s)} UTC on" if args.from_s else "from the next call on"
    print(f"{row.pk}: {args.who} may {', '.join(row.actions)} {begins}")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, grants
    from licet.portal.models import GrantRow

    row = GrantRow.objects.filter(pk=args.grant).first()
    if row is None:
        raise LicetError(f"there is no grant `{args.grant}`", mend="`licet grant list` names them")
    grants.revoke(row, events.COMMAND)
    print(f"revoked {args.grant}: it opens nothing from the next call on")
    return 0
