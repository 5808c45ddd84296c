"""Which programs call for an organization, whoever comes and goes? Service accounts: a name and a role, no seat."""

from __future__ import annotations

from django.db import transaction

from licet.access.role import OWNS
from licet.errors import LicetError
from licet.portal import clock, events
from licet.portal.organizations import names, roles
from licet.portal.organizations.acting import Actor
from licet.portal.organizations.models import Membership, Role

MOST = 100


@transaction.atomic
def make(actor: Actor, name: str, role: Role) -> Membership:
    """A service account in a role that its maker could act in himself. It ends by `people.remove`."""
    actor.need("manage:service-accounts")
    made, role = actor.organization, roles.find(actor.organization, role.pk)
    actor.need_over(role.acts)
    if OWNS in role.acts:
        raise LicetError("a service account owns nothing", mend="choose a role without `own:organization`")
    name = names.good(name, "a service account", 80)
    living = Membership.objects.filter(organization=made, person=None, ended_s=None)
    if living.filter(name=name).exists():
        raise LicetError(f"there is a service account `{name}` already", mend="choose another name")
    if living.count() >= MOST:
        raise LicetError(f"there are {MOST} service accounts already", mend="end one that is not used")
    row = Membership.objects.create(organization=made, name=name, role=role, made_s=clock.now_s())
    events.record("member.made", actor.by, made.holder, member=row.pk, role=role.pk, name=name)
    return row
