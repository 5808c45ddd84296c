"""Somebody came from an organization's sign-in server: which account is that, may it come in, and in which role?

By the `sub` of the token where it came before. Else by nothing: an account that has the address already is connected
only when its owner, signed in as ever, says so. So no server takes over an account by claiming its address.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.app_settings import EmailVerificationMethod
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import EmailAddress, Login
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest, HttpResponse

from licet.access.role import OWNS
from licet.errors import LicetError
from licet.portal import clock, events, origin, readmodel
from licet.portal.events import LICET, By
from licet.portal.models import Account, Holder, Key
from licet.portal.models.account import fold
from licet.portal.organizations import people
from licet.portal.organizations.models import Membership, Role
from licet.portal.sso import domains, proofs
from licet.portal.sso.flow import Arrival
from licet.portal.sso.id_token import NotBelieved
from licet.portal.sso.models import Connection, Identity


def admitted(connection: Connection, arrival: Arrival) -> None:
    """NotBelieved unless the server vouches for an address of a domain that was confirmed for the organization."""
    try:
        validate_email(
            arrival.email
        )  # one address, whole: what stands before a comma would be read as another domain's
    except ValidationError:
        raise NotBelieved("email", "the sign-in server told no e-mail address", mend="ask whoever runs it") from None
    if not arrival.email_verified:
        raise NotBelieved("email", "the sign-in server has not confirmed your e-mail address", mend="confirm it there")
    if not domains.covers(connection, arrival.email):
        name = domains.of(arrival.email) or "this address"
        raise NotBelieved("domain", f"{name} is not a domain of the organization", mend="ask its owner to add it")


def account_of(connection: Connection, arrival: Arrival, address: str) -> Account | None:
    """The account that signs in; made where nobody has the address. None: somebody has it, and was never connected."""
    admitted(connection, arrival)
    known = Identity.objects.filter(connection=connection, subject=arrival.subject).select_related("person__account")
    if (found := known.first()) is not None:
        account = found.person.account
        if account is None:
            raise NotBelieved("gone", "this account is deleted", mend="ask the owner of the organization")
        return account
    if Account.objects.by_email(arrival.email) is not None:
        return None
    return _made(connection, arrival, address)


@transaction.atomic
def _made(connection: Connection, arrival: Arrival, address: str) -> Account:
    account = Account.objects.create_user(arrival.email, None)
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    by = By(account.holder.pk, address)
    events.record("account.made", by, account.holder, how="sso", organization=connection.organization_id)
    _link(connection, arrival.subject, account.holder, by)
    return account


def come_in(request: HttpRequest, connection: Connection, arrival: Arrival, account: Account) -> HttpResponse:
    """The log-in as any other: a second factor is asked for where the account has one."""
    if request.user.is_authenticated and request.user.pk != account.pk:
        get_adapter().logout(request)
    proofs.hold(request.session, _told(connection, arrival, account))
    record_authentication(request, account, method="sso", connection=connection.pk)
    login = Login(user=account, email_verification=EmailVerificationMethod.NONE, redirect_url=arrival.next or None)
    answer: HttpResponse = perform_login(request, login)
    return answer


def _told(connection: Connection, arrival: Arrival, account: Account) -> dict[str, Any]:
    return {
        "account": str(account.pk), "connection": connection.pk, "subject": arrival.subject,
        "groups": sorted(arrival.groups(connection.groups_claim)),
    }  # fmt: skip


def wait(request: HttpRequest, connection: Connection, arrival: Arrival) -> None:
    """Until the owner of the account has signed in and says that it is his."""
    account = Account.objects.by_email(arrival.email)
    assert account is not None
    proofs.hold(request.session, {**_told(connection, arrival, account), "link": arrival.email, "next": arrival.next})


def waiting(request: HttpRequest) -> tuple[Connection, dict[str, Any]] | None:
    """What `wait` kept, if it is about the account that is signed in now, whose address is still the same."""
    told = request.session.get(proofs.COMING)
    if not isinstance(told, dict) or "link" not in told or told["at_s"] + proofs.WAITS_S <= clock.now_s():
        return None
    account = request.user
    mine = isinstance(account, Account) and str(account.pk) == told["account"]
    if not mine or not isinstance(account, Account) or account.email_folded != fold(told["link"]):
        return None
    found = Connection.objects.filter(pk=told["connection"], removed_s=None).select_related("organization__holder")
    return (row, told) if (row := found.first()) is not None else None


@transaction.atomic
def linked(request: HttpRequest, connection: Connection, told: dict[str, Any]) -> None:
    """The owner of the account said yes. LicetError where either side has another already."""
    proofs.take(request.session)
    holder, by = origin.holder(request), origin.by(request)
    taken = Identity.objects.filter(connection=connection)
    if taken.filter(subject=told["subject"]).exists() or taken.filter(person=holder).exists():
        raise LicetError("this account, or this sign-in, is connected with another already", mend="ask the operator")
    _link(connection, told["subject"], holder, by)
    _settle(request, connection, holder, told)


def arrived(request: HttpRequest, account: Account) -> None:
    """The log-in is whole: the session may say so, and groups and role are looked at. Called after every log-in."""
    if "link" in request.session.get(proofs.COMING, {}):
        return  # not yet: the owner of the account is asked first
    told = proofs.take(request.session)
    if told is None or told["account"] != str(account.pk):
        return
    living = Connection.objects.filter(pk=told["connection"], removed_s=None).select_related("organization__holder")
    connection = living.first()
    known = Identity.objects.filter(connection=connection, subject=told["subject"], person=account.holder)
    if connection is not None and known.exists():
        _settle(request, connection, account.holder, told)


def _settle(request: HttpRequest, connection: Connection, holder: Holder, told: dict[str, Any]) -> None:
    now = clock.now_s()
    Identity.objects.filter(connection=connection, person=holder).update(last_s=now)
    proofs.add(request.session, connection.pk)
    by = By(holder.pk, origin.address(request))
    events.record("signon.passed", by, holder, organization=connection.organization_id)
    try:
        follow(connection, holder, frozenset(told["groups"]))
    except LicetError as no:  # no seat, or the last owner: he is signed in all the same, and reads why
        from django.contrib import messages

        messages.warning(request, str(no))
    readmodel.rekey(Key.objects.filter(of__membership__person=holder, holder=connection.organization.holder))


@transaction.atomic
def follow(connection: Connection, person: Holder, groups: frozenset[str]) -> Membership | None:
    """The membership that the groups give now: joined, moved, or ended. Whoever owns the organization stays as he is."""
    role, by_group = _role(connection, groups)
    row = Membership.objects.filter(organization=connection.organization, person=person, ended_s=None).first()
    if person.suspended_s is not None:
        return row
    if row is None:
        return people.join(connection.organization, person, role, LICET) if role is not None else None
    if OWNS in row.role.acts or not by_group:
        return row
    return people.follow(row, role, LICET)


def _role(connection: Connection, groups: frozenset[str]) -> tuple[Role | None, bool]:
    """The role of the first group that fits, else the one for all; and whether groups have a say here at all."""
    rows = list(connection.groups.select_related("role").order_by("id"))
    fit = (one.role for one in rows if one.group in groups and OWNS not in one.role.acts and one.role.removed_s is None)
    default = connection.role if connection.role is not None and connection.role.removed_s is None else None
    return next(fit, default), bool(rows)


def _link(connection: Connection, subject: str, holder: Holder, by: By) -> None:
    Identity.objects.create(connection=connection, subject=subject, person=holder, made_s=clock.now_s())
    events.record("signon.linked", by, holder, organization=connection.organization_id)
