"""`licet payments`: what is bought as the provider has it, and what the provider has to sell."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, open_portal, release_name
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.payments.sync import Step

_SET_UP = {"stripe": "LICET_STRIPE_KEY", "sandbox": "LICET_PAYMENTS=sandbox"}


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "payments",
        description="What is bought, what is sold, and whether the provider says the same.",
        epilog="examples: licet payments list | licet payments reconcile | licet payments sync | licet payments sync --yes",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser(
        "list",
        description="What is bought, as it was fetched last. Example: licet payments list",
        help="what is bought",
    )
    one.set_defaults(run=_list)
    add_portal(one)

    one = acts.add_parser(
        "reconcile",
        description="Fetch everything that is bought from the provider, and mend what events did not tell. The server does"
        " it by itself, four times a day. Example: licet payments reconcile",
        help="fetch everything anew, and mend it",
    )
    one.set_defaults(run=_reconcile)
    add_portal(one)

    one = acts.add_parser(
        "sync",
        description="Compare licet.toml in force with what Stripe sells, and say what would be done: products, prices,"
        " meters, coupons. With --yes it is done. A price at Stripe never changes: another amount is a new price, the old"
        " one is archived, and who pays it goes on paying it. Example: licet payments sync --yes",
        help="make Stripe sell what licet.toml says",
    )
    one.add_argument("--yes", action="store_true", help="do it, instead of saying it")
    one.set_defaults(run=_sync)
    add_portal(one)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.payments.models import Subscription

    found = [
        {
            "owner": row.holder.account.email if row.holder.account else row.holder_id,
            "tier": row.tier,
            "status": row.status,
            "paid until": day(row.paid_until_s),
            "seats": row.seats,
            "provider": row.provider,
            "subscription": row.ref,
        }
        for row in Subscription.objects.filter(release=release_name(args))
        .select_related("holder__account")
        .order_by("started_s", "id")
    ]
    rows(found, as_json=args.json, empty="nothing is bought yet")
    return 0


def _reconcile(args: argparse.Namespace) -> int:
    open_portal(args)
    from dataclasses import asdict

    from licet.portal import events
    from licet.portal.payments import fetching, webhook_apply
    from licet.portal.payments.models import Subscription

    applied = webhook_apply.due()
    found = fetching.everything(events.COMMAND)
    bought = Subscription.objects.order_by("provider").values_list("provider", flat=True).distinct()
    unasked = [name for name in bought if name not in found]
    if args.json:
        told = {name: asdict(one) for name, one in found.items()}
        print(json.dumps({"events_applied": applied, "providers": told, "unasked": unasked}))
    else:
        if applied:
            print(f"{applied} events that waited were applied")
        for name, one in found.items():
            print(f"{name}: {one.fetched} fetched, {one.mended} mended, {one.gone} no longer there")
            for wrong in one.wrong:
                print(f"  {wrong}")
        for name in unasked:
            print(f"{name}: not asked, though things were bought there: {_SET_UP.get(name, name)} is not set here")
        if not found and not unasked:
            print("nothing is sold here: no provider is set up, and nothing was ever bought")
    return 1 if unasked or any(one.wrong for one in found.values()) else 0


def _sync(args: argparse.Namespace) -> int:
    config = open_portal(args)
    if config.stripe is None:
        raise LicetError("LICET_STRIPE_KEY is not set", mend="set it to the secret key of your account at Stripe")
    from licet.portal import documents
    from licet.portal.payments import sync
    from licet.portal.payments.stripe_adapter import Stripe

    steps = sync.plan(Stripe(config.stripe), documents.in_force(release_name(args)))
    if args.json:
        if args.yes:
            sync.carry_out(steps, lambda step: None)
        told = [{"does": s.does, "what": s.what, "name": s.name, "why": s.why} for s in steps]
        print(json.dumps({"test": config.stripe.test, "done": args.yes, "steps": told}))
        return 0
    where = "Stripe's test mode" if config.stripe.test else "Stripe, LIVE"
    if not steps:
        print(f"{where} sells what the document says; nothing is to be done")
    elif args.yes:
        sync.carry_out(steps, _line)
        print(f"{len(steps)} done at {where}")
    else:
        for step in steps:
            _line(step)
        print(f"{len(steps)} to be done at {where}: `licet payments sync --yes` does them")
    return 0


def _line(step: Step) -> None:
    print(f"{step.does:<10} {step.what:<8} {step.name}  ({step.why})")
