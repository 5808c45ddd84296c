"""How does an organization begin, change its name, and end?"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from licet.access.role import OWNS
from licet.errors import LicetError
from licet.portal import accounts, clock, events, readmodel
from licet.portal.events import By
from licet.portal.models import Holder, Key
from licet.portal.organizations import names, people, roles
from licet.portal.organizations.acting import Actor
from licet.portal.organizations.models import Invitation, Membership, Organization, Role

MOST, WITHIN_S = 3, 30 * 24 * 3600  # each begins with a free tier: founding without end would be quota without end


@transaction.atomic
def found(person: Holder, name: str, by: By) -> Organization:
    """A new organization that the person owns, with the first tier of each release. LicetError says what is wrong."""
    if person.kind != Holder.Kind.ACCOUNT or person.deleted_s is not None or person.suspended_s is not None:
        raise LicetError("only an account in good standing founds an organization", mend="ask the operator")
    recent = Q(holder__deleted_s=None) | Q(made_s__gt=clock.now_s() - WITHIN_S)
    if not by.operator and Organization.objects.filter(recent, founder=person).count() >= MOST:
        raise LicetError(f"you have founded {MOST} organizations", mend="the operator can found more for you")
    name = names.good(name, "an organization", 80)
    holder = Holder.objects.create(kind=Holder.Kind.ORGANIZATION, made_s=clock.now_s())
    made = Organization.objects.create(holder=holder, name=name, founder=person, made_s=clock.now_s())
    events.record("organization.founded", by, holder, name=name)
    accounts.welcome(holder, by)
    # The founder's own seat is not asked for: an organization without anybody would be nobody's.
    row = Membership.objects.create(
        organization=made, person=person, role=Role.objects.get(pk=roles.FOUNDER), made_s=clock.now_s()
    )
    people.note("member.joined", by, row, role=row.role_id)
    return made


@transaction.atomic
def rename(actor: Actor, name: str) -> None:
    """Another name, in every role's cite from the next call on."""
    actor.need("manage:organization")
    made = actor.organization
    before, made.name = made.name, names.good(name, "an organization", 80)
    made.save(update_fields=["name"])
    events.record("organization.renamed", actor.by, made.holder, name=made.name, was=before)
    readmodel.rekey(Key.objects.filter(holder=made.holder, revoked_s=None))


@transaction.atomic
def delete(actor: Actor) -> None:
    """Its keys end at once, its members are free. What was used and accepted stays, under an id without a name."""
    actor.need(OWNS)
    made, now = actor.organization, clock.now_s()
    events.record("organization.deleted", actor.by, made.holder)
    Invitation.objects.filter(organization=made, accepted_s=None, withdrawn_s=None).update(withdrawn_s=now)
    for row in Membership.objects.filter(organization=made, ended_s=None).select_related("person", "organization"):
        people.end("member.left", actor.by, row)
    accounts.delete(made.holder, actor.by)
    Invitation.objects.filter(organization=made).update(email=people.GONE, email_folded="(deleted)")
    Membership.objects.filter(organization=made, person=None).update(name="(deleted)")
    Role.objects.filter(organization=made).update(removed_s=now)
    made.name = "(deleted)"
    made.save(update_fields=["name"])
