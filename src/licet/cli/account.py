"""`licet account`: who is there; make, suspend, delete an account; make an operator."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from licet.cli.folder import new_file
from licet.cli.portal import add_portal, day, open_portal
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.cli.types import Commands


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "account",
        description="Accounts: list, create, suspend, unsuspend, delete, export, operator.",
        epilog="examples: licet account create ada@example.org | licet account suspend ada@example.org --why 'leaked key'"
        " | licet account operator",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    one = acts.add_parser("list", description="All accounts. Example: licet account list --json", help="all accounts")
    one.set_defaults(run=_list)
    add_portal(one)

    one = acts.add_parser(
        "create",
        description="A new account whose address counts as confirmed; it gets the first tier. Without a password its owner"
        " sets one through 'forgotten password'. Example: licet account create ada@example.org",
        help="a new account",
    )
    one.add_argument("email")
    one.add_argument("--operator", action="store_true", help="may use the console")
    one.add_argument("--password-stdin", action="store_true", help="read its password from standard input")
    one.set_defaults(run=_create)
    add_portal(one)

    for name, more, what, act in (
        ("suspend", " --why 'leaked key'", "refuse every call from the next one on", _suspend),
        ("unsuspend", "", "let it call again", _unsuspend),
        ("delete", " --yes", "end its keys and remove what is personal; the ledger's sums stay", _delete),
    ):
        one = acts.add_parser(
            name, description=f"{what}. Example: licet account {name} ada@example.org{more}", help=what
        )
        one.add_argument("who", metavar="EMAIL|HOLDER", help="an e-mail address or a hol_… id")
        if name == "suspend":
            one.add_argument("--why", required=True, help="told to its owner")
        if name == "delete":
            one.add_argument("--yes", action="store_true", help="do not ask")
        one.set_defaults(run=act)
        add_portal(one)

    one = acts.add_parser(
        "export",
        description="All that is kept about one holder, as JSON: for the person who asks for a copy. Secrets are left out."
        " Example: licet account export ada@example.org ada.json",
        help="all that is kept about one",
    )
    one.add_argument("who", metavar="EMAIL|HOLDER", help="an e-mail address or a hol_… id")
    one.add_argument("file", type=Path, metavar="FILE", help="a new file; - is standard output")
    one.set_defaults(run=_export)
    add_portal(one)

    one = acts.add_parser(
        "operator",
        description="Make an account an operator, or print a link that does so for whoever opens it, once, within 15"
        " minutes. Examples: licet account operator | licet account operator ada@example.org",
        help="make an operator, or a link for it",
    )
    one.add_argument("who", metavar="EMAIL|HOLDER", nargs="?")
    one.set_defaults(run=_operator)
    add_portal(one)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.models import Held, Holder

    tiers: dict[str, list[str]] = {}
    for held in Held.objects.filter(ended_s=None).order_by("release"):
        tiers.setdefault(held.holder_id, []).append(f"{held.release}:{held.tier}")
    found = [
        {
            "holder": h.pk,
            "email": h.account.email if h.account else None,
            "tiers": " ".join(tiers.get(h.pk, ())),
            "operator": bool(h.account and h.account.is_operator),
            "state": "deleted" if h.deleted_s else "suspended" if h.suspended_s else "active",
            "made": day(h.made_s),
        }
        for h in Holder.objects.filter(kind=Holder.Kind.ACCOUNT).select_related("account").order_by("made_s", "id")
    ]
    rows(found, as_json=args.json, empty="no accounts yet; people sign up at /accounts/signup/")
    return 0


def _create(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events

    password = sys.stdin.readline().rstrip("\n") if args.password_stdin else None
    if password is not None:
        _good(password)
    holder = accounts.create(args.email, password, events.COMMAND, operator=args.operator)
    print(f"made {holder.pk} for {args.email}")
    if password is None:
        print("Its owner sets a password through 'forgotten password' on the log-in page.")
    return 0


def _good(password: str) -> None:
    from django.contrib.auth.password_validation import validate_password
    from django.core.exceptions import ValidationError

    try:
        validate_password(password)
    except ValidationError as wrong:
        raise LicetError(" ".join(wrong.messages), mend="choose another password") from None


def _suspend(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events

    accounts.suspend(accounts.find(args.who), args.why, events.COMMAND)
    print(f"suspended {args.who}: its next call is refused")
    return 0


def _unsuspend(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events

    accounts.unsuspend(accounts.find(args.who), events.COMMAND)
    print(f"{args.who} may call again")
    return 0


def _delete(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events

    holder = accounts.find(args.who)
    if not args.yes:
        if not sys.stdin.isatty():
            raise LicetError("deleting cannot be undone", mend="say --yes")
        if input(f"Delete {args.who}? Its keys end at once. This cannot be undone. [y/N] ").strip().lower() != "y":
            print("nothing was changed")
            return 1
    accounts.delete(holder, events.COMMAND)
    print(f"deleted {args.who}: its keys have ended, its sums stay in the ledger under {holder.pk}")
    return 0


def _export(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events, subject

    holder = accounts.find(args.who)
    if str(args.file) == "-":
        subject.write(subject.export(holder, events.COMMAND), sys.stdout)
        return 0
    with new_file(args.file) as file:
        subject.write(subject.export(holder, events.COMMAND), file)
    print(f"wrote all that is kept about {holder.pk} to {args.file}")
    return 0


def _operator(args: argparse.Namespace) -> int:
    config = open_portal(args)
    from licet.portal import accounts, events, operators

    if args.who is None:
        link = operators.link(config.url, events.COMMAND)
        print(f"Sign in, then open this link within 15 minutes to become an operator (it works once):\n{link.reveal()}")
        return 0
    account = accounts.find(args.who).account
    if account is None:
        raise LicetError("this account was deleted", where=args.who)
    operators.appoint(account, events.COMMAND)
    print(f"{args.who} is an operator: the console is at {config.url}/admin/")
    return 0
