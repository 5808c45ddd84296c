"""Who is a member, in which role? Joined, moved to another role, removed, left, handed over. Each is one transaction."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from licet.access.role import OWNS, asked, terms
from licet.errors import LicetError
from licet.portal import clock, events, keys, readmodel
from licet.portal.events import By
from licet.portal.models import Holder, Key
from licet.portal.organizations import owned, roles, seats
from licet.portal.organizations.acting import Actor, Refused, role_of
from licet.portal.organizations.models import Invitation, Membership, Organization, Role
from licet.terms import Answer

GONE = "deleted@invalid.invalid"  # in place of the address of somebody who is gone


def join(organization: Organization, person: Holder, role: Role, by: By) -> Membership:
    """A new member, where a seat is left. Inside the transaction of whoever lets him in. Refused without a seat."""
    verdict = seats.asked(seats.taken(organization) + 1, seats.limits(organization))
    if verdict is not None and verdict.answer is not Answer.YES:
        raise Refused(seats.TAKE, verdict)
    row = Membership.objects.create(organization=organization, person=person, role=role, made_s=clock.now_s())
    note("member.joined", by, row, role=role.pk)
    return row


@transaction.atomic
def change_role(actor: Actor, membership: Membership, role: Role) -> Membership:
    """Another role, from the next page and the next call on. Refused where either role goes past the actor's own."""
    actor.need("manage:members" if membership.person_id else "manage:service-accounts")
    row, role = _here(actor, membership), roles.find(actor.organization, role.pk)
    actor.need_over(row.role.acts, role.acts)
    if row.person_id is None and OWNS in role.acts:
        raise LicetError("a service account owns nothing", mend="choose a role without `own:organization`")
    before, row.role = row.role, role
    row.save(update_fields=["role"])
    owned.still(actor.organization)
    note("member.moved", actor.by, row, role=role.pk, before=before.pk, after=role.pk)
    _restate(row)
    return row


@transaction.atomic
def follow(membership: Membership, role: Role | None, by: By) -> Membership | None:
    """The role that the organization's sign-in server gives now; None ends the membership. Nothing where it is the same."""
    row = _living(membership)
    if role is None:
        end("member.removed", by, row)
        owned.still(row.organization)
        return None
    if row.role_id != role.pk:
        before, row.role = row.role, role
        row.save(update_fields=["role"])
        owned.still(row.organization)
        note("member.moved", by, row, role=role.pk, before=before.pk, after=role.pk)
        _restate(row)
    return row


@transaction.atomic
def remove(actor: Actor, membership: Membership) -> None:
    """The membership ends, and with it every key of it, before the next call. Refused for somebody who may more."""
    actor.need("manage:members" if membership.person_id else "manage:service-accounts")
    row = _here(actor, membership)
    actor.need_over(row.role.acts)
    end("member.removed", actor.by, row)
    owned.still(actor.organization)


@transaction.atomic
def leave(membership: Membership, by: By) -> None:
    """A member goes by himself: nobody needs a role for that. LicetError for the last owner."""
    row = _living(membership)
    end("member.left", by, row)
    owned.still(row.organization)


@transaction.atomic
def hand_over(actor: Actor, to: Membership) -> None:
    """Another member owns the organization in the actor's place; the actor stays, in a role that owns nothing."""
    actor.need(OWNS)
    row, mine = _here(actor, to), actor.membership()
    if row.person_id is None:
        raise LicetError("a service account owns nothing", mend="choose a person")
    if row.pk == mine.pk:
        raise LicetError("it is yours already", mend="choose another member")
    taken, given = row.role, mine.role
    row.role, mine.role = given, Role.objects.get(pk=roles.AFTER_TRANSFER)
    for one in (row, mine):
        one.save(update_fields=["role"])
        _restate(one)
    owned.still(actor.organization)
    note("organization.handed", actor.by, row, role=given.pk, before=taken.pk, after=given.pk)


def who_may(holder: Holder, act: str) -> list[Holder]:
    """The people of an organization whose role allows an act."""
    rows = Membership.objects.filter(organization__holder=holder, ended_s=None, person__isnull=False)
    found = rows.select_related("role", "organization__sign_in", "person__account").order_by("made_s", "id")
    yes = [row for row in found if asked(terms(role_of(row)), act).answer is Answer.YES]
    return [row.person for row in yes if row.person is not None]


@transaction.atomic
def gone(person: Holder, by: By) -> None:
    """Before an account is deleted: its memberships end. LicetError where it is the last owner of something."""
    for row in Membership.objects.filter(person=person, ended_s=None).select_related("organization", "role"):
        leave(row, by)
    if person.account is not None:  # what was sent to the address was an address too
        mine = Invitation.objects.filter(email_folded=person.account.email_folded)
        mine.filter(accepted_s=None, withdrawn_s=None).update(withdrawn_s=clock.now_s())
        mine.update(email=GONE, email_folded="(deleted)")


@transaction.atomic
def restate(person: Holder) -> None:
    """After a suspension came or went: what the person's keys may for organizations, before the next call."""
    for row in Membership.objects.filter(person=person, ended_s=None):
        _restate(row)


def _restate(row: Membership) -> None:
    readmodel.rekey(Key.objects.filter(of__membership=row, revoked_s=None))


def end(what: str, by: By, row: Membership) -> None:
    row.ended_s = clock.now_s()
    row.save(update_fields=["ended_s"])
    for key in Key.objects.filter(of__membership=row, revoked_s=None):
        keys.revoke(key, by, "the membership ended")
    note(what, by, row, role=row.role_id)


def _here(actor: Actor, membership: Membership) -> Membership:
    row = _living(membership)
    if row.organization_id != actor.organization.pk:
        raise LicetError("this is not a member here")
    return row


def _living(membership: Membership) -> Membership:
    found = Membership.objects.filter(pk=membership.pk, ended_s=None)
    row = found.select_related("role", "organization", "person", "organization__holder").first()
    if row is None:
        raise LicetError("this membership has ended already")
    return row


def note(what: str, by: By, row: Membership, **detail: Any) -> None:
    """For the organization, and for the person whom it concerns."""
    events.record(what, by, row.organization.holder, member=row.pk, **detail)
    if row.person is not None:
        events.record(what, by, row.person, organization=row.organization_id, name=row.organization.name, **detail)
