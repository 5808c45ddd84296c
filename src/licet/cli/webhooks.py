"""`licet webhooks`: which servers are told of what happens, how each telling went, and sending again."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, open_portal
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.outgoing.models import Endpoint


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "webhooks",
        description="Webhooks: servers that are told of acceptances, access, quotas, payments, terms and leaked keys.",
        epilog="examples: licet webhooks add https://hooks.example.org/licet --type quota.100 | licet webhooks list"
        " | licet webhooks deliveries --state dead | licet webhooks replay --dead we_…",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = _act(acts, "list", _list, "Every endpoint with its state. Example: licet webhooks list", "endpoints")
    one = _act(acts, "types", _types, "What can be heard of. Example: licet webhooks types", "types of message")
    one = _act(
        acts, "add", _add, "An endpoint of the operator's, which hears of everybody. Its secret is printed once."
        " Example: licet webhooks add https://hooks.example.org/licet --type acceptance.created", "set one up",
    )  # fmt: skip
    one.add_argument("url", metavar="URL")
    one.add_argument("--type", action="append", default=[], dest="types", help="only this type; may be repeated")
    one.add_argument("--name", default="", help="a name, for people")
    one = _act(
        acts, "deliveries", _deliveries, "How the newest messages went."
        " Example: licet webhooks deliveries --state dead", "how each went",
    )  # fmt: skip
    one.add_argument("endpoint", nargs="?", metavar="ENDPOINT")
    one.add_argument("--state", choices=("waits", "taken", "dead"))
    one = _act(
        acts, "replay", _replay, "Send messages again, with the same ids: one (msg_…), or with --dead all that were"
        " given up for an endpoint. Example: licet webhooks replay msg_…", "send again",
    )  # fmt: skip
    one.add_argument("what", metavar="MESSAGE|ENDPOINT")
    one.add_argument("--dead", action="store_true", help="all that were given up for this endpoint")
    one = _act(
        acts, "rotate", _rotate, "A new signing secret, printed once; the old one signs for a day."
        " Example: licet webhooks rotate we_…", "new signing secret",
    )  # fmt: skip
    one.add_argument("endpoint", metavar="ENDPOINT")
    one = _act(acts, "test", _test, "Send a message of no meaning. Example: licet webhooks test we_…", "send a test")
    one.add_argument("endpoint", metavar="ENDPOINT")
    one = _act(acts, "remove", _remove, "It is told nothing more. Example: licet webhooks remove we_…", "remove one")
    one.add_argument("endpoint", metavar="ENDPOINT")


def _act(acts: Commands, name: str, run: object, description: str, help: str) -> argparse.ArgumentParser:
    one = acts.add_parser(name, description=description, help=help)
    one.set_defaults(run=run)
    add_portal(one)
    return one


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.outgoing.models import Delivery, Endpoint

    told = [
        {
            "endpoint": e.pk,
            "url": e.url,
            "owner": e.holder_id or "operator",
            "types": " ".join(e.types) or "all",
            "state": "paused"
            if e.paused_s
            else f"failing since {day(e.failing_since_s)}"
            if e.failing_since_s
            else "works",
            "waiting": str(e.deliveries.filter(state=Delivery.State.WAITS).count()),
            "dead": str(e.deliveries.filter(state=Delivery.State.DEAD).count()),
            "last taken": day(e.ok_s),
        }
        for e in Endpoint.objects.filter(removed_s=None).order_by("made_s", "id")
    ]
    rows(told, as_json=args.json, empty="no webhooks")
    return 0


def _types(args: argparse.Namespace) -> int:
    from licet.cli.show import rows
    from licet.portal.outgoing.types import TYPES  # no data folder is needed to know them

    rows([{"type": type, "when": words} for type, words in TYPES.items()], as_json=args.json, empty="")
    return 0


def _add(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import clock, events
    from licet.portal.outgoing import endpoints

    row = endpoints.make(None, args.url, events.COMMAND, types=args.types, name=args.name)
    print(f"{row.pk}: {row.url} hears of {', '.join(row.types) or 'everything'}")
    print(f"its signing secret, shown this once: {endpoints.secrets(row, clock.now_s())[0].reveal()}")
    return 0


def _deliveries(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.outgoing.models import Delivery

    found = Delivery.objects.select_related("message").order_by("-id")
    found = found.filter(endpoint=_endpoint(args.endpoint)) if args.endpoint else found
    found = found.filter(state=args.state) if args.state else found
    told = [
        {
            "message": d.message_id,
            "type": d.message.type,
            "endpoint": d.endpoint_id,
            "state": d.state,
            "tries": str(d.tries),
            "answer": d.error or (str(d.status) if d.status else ""),
            "tried": day(d.tried_s),
            "next": day(d.next_s) if d.state == Delivery.State.WAITS else "",
        }
        for d in found[:100]
    ]
    rows(told, as_json=args.json, empty="nothing was sent")
    return 0


def _replay(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.outgoing import endpoints
    from licet.portal.outgoing.models import Delivery

    if args.dead:
        found = Delivery.objects.filter(endpoint=_endpoint(args.what), state=Delivery.State.DEAD)
    else:
        found = Delivery.objects.filter(message=args.what)
        if not found.exists():
            raise LicetError(f"there is no message `{args.what}`", mend="`licet webhooks deliveries` names them")
    print(f"{endpoints.replay(found)} will be sent again by the running server")
    return 0


def _rotate(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.outgoing import endpoints

    secret = endpoints.rotate(_endpoint(args.endpoint), events.COMMAND)
    print(f"the new signing secret, shown this once: {secret.reveal()}")
    print("messages are signed with the old one as well for a day")
    return 0


def _test(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal.outgoing import endpoints

    endpoints.test(_endpoint(args.endpoint))
    print("a test will be sent by the running server")
    return 0


def _remove(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.outgoing import endpoints

    endpoints.remove(_endpoint(args.endpoint), events.COMMAND)
    print(f"removed {args.endpoint}: it is told nothing more")
    return 0


def _endpoint(name: str) -> Endpoint:
    from licet.portal.outgoing.models import Endpoint

    row = Endpoint.objects.filter(pk=name, removed_s=None).first()
    if row is None:
        raise LicetError(f"there is no webhook `{name}`", mend="`licet webhooks list` names them")
    return row
