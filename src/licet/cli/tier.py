"""`licet tier`: who holds which, give one, and decide the requests for tiers that need approval."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, moment, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.models import Request


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "tier",
        description="Tiers: who holds which, give one, decide requests.",
        epilog="examples: licet tier list | licet tier give ada@example.org premium --until 2027-01-31 | licet tier requests"
        " | licet tier approve req_… --words 'welcome'",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser("list", description="Who holds which tier. Example: licet tier list", help="who holds which")
    one.set_defaults(run=_list)
    add_portal(one)

    one = acts.add_parser(
        "give",
        description="Give a tier, from now on. Example: licet tier give ada@example.org premium",
        help="give a tier",
    )
    one.add_argument("who", metavar="EMAIL|HOLDER")
    one.add_argument("tier", metavar="TIER")
    one.add_argument("--until", type=moment, metavar="DATE", help="like 2027-01-31; then the first tier again")
    one.add_argument("--why", default="")
    one.set_defaults(run=_give)
    add_portal(one)

    one = acts.add_parser(
        "requests", description="What waits for an answer. Example: licet tier requests", help="what waits"
    )
    one.set_defaults(run=_requests)
    add_portal(one)

    for name, act in (("approve", _approve), ("reject", _reject)):
        one = acts.add_parser(
            name,
            description=f"{name.capitalize()} a request; its asker gets a mail. Example: licet tier {name} req_…",
            help=f"{name} a request",
        )
        one.add_argument("request", metavar="REQUEST", help="its req_… id in `licet tier requests`")
        one.add_argument("--words", default="", help="told to the asker")
        if name == "approve":
            one.add_argument("--until", type=moment, metavar="DATE", help="like 2027-01-31")
        one.set_defaults(run=act)
        add_portal(one)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.models import Held

    held = Held.objects.filter(release=release_name(args), ended_s=None, holder__deleted_s=None)
    found = [
        {
            "tier": h.tier,
            "owner": h.holder.account.email if h.holder.account else h.holder_id,
            "holder": h.holder_id,
            "from": day(h.from_s),
            "until": day(h.until_s),
            "document": h.document[:6],
        }
        for h in held.select_related("holder__account").order_by("tier", "from_s", "id")
    ]
    rows(found, as_json=args.json, empty="nobody holds a tier yet")
    return 0


def _give(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events, tiers

    held = tiers.give(
        accounts.find(args.who), release_name(args), args.tier, events.COMMAND, until_s=args.until, why=args.why
    )
    print(
        f"{args.who} has `{held.tier}`"
        + (f" until {day(held.until_s)} UTC" if held.until_s else "")
        + ", from the next call on"
    )
    return 0


def _requests(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.models import Request

    waiting = Request.objects.filter(release=release_name(args), state=Request.State.PENDING)
    found = [
        {
            "request": r.pk,
            "tier": r.tier,
            "asker": r.holder.account.email if r.holder.account else r.holder_id,
            "asked": day(r.made_s),
            "reason": r.reason,
        }
        for r in waiting.select_related("holder__account").order_by("made_s", "id")
    ]
    rows(found, as_json=args.json, empty="no request waits")
    return 0


def _approve(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, tiers

    asked = _waiting(args.request)
    held = tiers.approve(asked, events.COMMAND, args.words, until_s=args.until)
    what = f"has `{asked.tier}` from the next call on" if held else f"may buy `{asked.tier}` now"
    print(f"approved: {asked.holder_id} {what}, and gets a mail")
    return 0


def _reject(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events, tiers

    tiers.reject(_waiting(args.request), events.COMMAND, args.words)
    print("rejected: the asker keeps what it has, and gets a mail")
    return 0


def _waiting(name: str) -> Request:
    from licet.portal.models import Request

    found = Request.objects.filter(pk=name).first()
    if found is None:
        raise LicetError(f"there is no request `{name}`", mend="`licet tier requests` names them")
    return found
