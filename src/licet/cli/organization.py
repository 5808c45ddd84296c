"""`licet organization`: who may do what for whom; found one, invite, give roles, remove, at the operator's shell."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from licet.cli.portal import add_portal, day, open_portal
from licet.errors import LicetError, closest

if TYPE_CHECKING:
    from licet.cli.types import Commands
    from licet.portal.organizations.models import Membership, Organization


def add(commands: Commands) -> None:
    parser = commands.add_parser(
        "organization",
        description="Organizations: list, show, found, invite, role, remove, acts.",
        epilog="examples: licet organization found 'Whale Lab' --owner ada@example.org"
        " | licet organization invite 'Whale Lab' bob@example.org --role Member | licet organization acts",
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")

    def act(name: str, says: str, example: str, run: object, *words: tuple[str, str]) -> argparse.ArgumentParser:
        one = acts.add_parser(name, description=f"{says}. Example: licet organization {example}", help=says)
        for word, shown in words:
            one.add_argument(word, metavar=shown)
        one.set_defaults(run=run)
        add_portal(one)
        return one

    org, who = ("organization", "NAME|HOLDER"), ("who", "EMAIL|MEMBER")
    act("list", "all organizations", "list", _list)
    act("show", "who is in one, in which role, and what that allows", "show 'Whale Lab'", _show, org)
    one = act("found", "a new organization", "found 'Whale Lab' --owner ada@example.org", _found, ("name", "NAME"))
    one.add_argument("--owner", required=True, metavar="EMAIL", help="the account that owns it")
    one = act("invite", "send an invitation, and print its link", "invite 'Whale Lab' bob@example.org", _invite, org,
              ("email", "EMAIL"))  # fmt: skip
    one.add_argument("--role", default="Member", help="a role by its name (default: Member)")
    act("role", "give a member another role, from the next call on", "role 'Whale Lab' bob@example.org Viewer", _role,
        org, who, ("role", "ROLE"))  # fmt: skip
    act("remove", "end a membership and its keys", "remove 'Whale Lab' bob@example.org", _remove, org, who)
    act("acts", "the acts that roles are made of", "acts", _acts)


def _list(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.cli.show import rows
    from licet.portal.organizations import owned, seats
    from licet.portal.organizations.models import Organization

    found = [
        {
            "holder": one.pk,
            "name": one.name,
            "owners": " ".join(str(row) for row in owned.owners(one).select_related("person__account")),
            "people": seats.taken(one),
            "founded": day(one.made_s),
        }
        for one in Organization.objects.filter(holder__deleted_s=None).order_by("made_s", "holder_id")
    ]
    rows(found, as_json=args.json, empty="no organizations yet; people found them at /my/organizations/")
    return 0


def _show(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.access.role import ACTS, asked, terms
    from licet.cli.show import rows
    from licet.portal.organizations.acting import role_of
    from licet.terms import Answer

    found = []
    living = _find(args.organization).memberships.filter(ended_s=None)
    for row in living.select_related("role", "organization", "person__account").order_by("made_s", "id"):
        told = terms(role_of(row))
        may = " ".join(act for act in ACTS if asked(told, act).answer is Answer.YES)
        found.append({"member": row.pk, "who": str(row), "role": row.role.name, "may": may or "nothing"})
    rows(found, as_json=args.json, empty="nobody")
    return 0


def _found(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import accounts, events
    from licet.portal.organizations import founding

    made = founding.found(accounts.find(args.owner), args.name, events.COMMAND)
    print(f"{made.pk}: {made.name}, owned by {args.owner}")
    return 0


def _invite(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.organizations import invitations, roles
    from licet.portal.organizations.acting import operator

    made = _find(args.organization)
    sent = invitations.invite(operator(made, events.COMMAND), args.email, roles.find(made, args.role))
    print(f"A mail went to {sent.invitation.email}. The link works once, for a week:\n{sent.link.reveal()}")
    return 0


def _role(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.organizations import people, roles
    from licet.portal.organizations.acting import operator

    made = _find(args.organization)
    row = people.change_role(operator(made, events.COMMAND), _member(made, args.who), roles.find(made, args.role))
    print(f"{row} is {row.role} of {made} from the next call on")
    return 0


def _remove(args: argparse.Namespace) -> int:
    open_portal(args)
    from licet.portal import events
    from licet.portal.organizations import people
    from licet.portal.organizations.acting import operator

    made = _find(args.organization)
    people.remove(operator(made, events.COMMAND), _member(made, args.who))
    print(f"{args.who} is no longer in {made}; the keys have ended")
    return 0


def _acts(args: argparse.Namespace) -> int:
    from licet.access.role import ACTS
    from licet.cli.show import rows

    rows([{"act": act, "opens": opens} for act, opens in ACTS.items()], as_json=args.json, empty="")
    return 0


def _find(word: str) -> Organization:
    from licet.portal.organizations.models import Organization

    living = Organization.objects.filter(holder__deleted_s=None).select_related("holder")
    found = list(living.filter(pk=word) or living.filter(name__iexact=word))
    if len(found) > 1:
        ids = ", ".join(one.pk for one in found)
        raise LicetError(f"{len(found)} organizations are called `{word}`", mend=f"say which: {ids}")
    if not found:
        names = living.values_list("name", flat=True)
        raise LicetError(f"there is no organization `{word}`", mend=closest(word, list(names)))
    return found[0]


def _member(made: Organization, word: str) -> Membership:
    from licet.portal.models.account import fold

    living = made.memberships.filter(ended_s=None)
    row = living.filter(pk=word).first() or living.filter(person__account__email_folded=fold(word)).first()
    row = row or living.filter(name=word).first()
    if row is None:
        raise LicetError(f"`{word}` is not a member of {made}", mend="`licet organization show` names them")
    return row
