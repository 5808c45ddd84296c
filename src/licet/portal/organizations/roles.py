"""Which roles does an organization have? Those that all have, and its own: made, changed, removed.

Nobody makes or changes a role beyond what he may himself; a change reaches every key in that role before its next call.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from licet.access.role import ACTS, OWNS, unknown
from licet.errors import LicetError, closest
from licet.portal import clock, events, readmodel
from licet.portal.models import Key
from licet.portal.organizations import names, owned
from licet.portal.organizations.acting import Actor
from licet.portal.organizations.models import Invitation, Membership, Organization, Role

FOUNDER, AFTER_TRANSFER = "role_owner", "role_admin"  # what a founder gets, and who has handed the organization over
MOST = 50


def of(organization: Organization) -> QuerySet[Role]:
    """The roles that its members can have: those of all first, then its own by name."""
    here = Q(organization=None) | Q(organization=organization)
    return Role.objects.filter(here, removed_s=None).order_by("organization", "made_s", "id")


def find(organization: Organization, word: str) -> Role:
    """A role by its id or its name. LicetError for one that the organization does not have."""
    mine = list(of(organization))
    for role in mine:
        if word == role.pk or word.casefold() == role.name.casefold():
            return role
    raise LicetError(f"there is no role `{word}` here", mend=closest(word, [role.name for role in mine]))


@transaction.atomic
def make(actor: Actor, name: str, acts: Iterable[str]) -> Role:
    """A custom role. Refused for an act that its author lacks."""
    wanted = _known(acts)
    actor.need("manage:roles")
    actor.need_over(wanted)
    _owns_whole(wanted)
    name = _free(actor.organization, name)
    if Role.objects.filter(organization=actor.organization, removed_s=None).count() >= MOST:
        raise LicetError(f"there are {MOST} custom roles already", mend="remove one that nobody has")
    role = Role.objects.create(organization=actor.organization, name=name, acts=wanted, made_s=clock.now_s())
    _note("role.made", actor, role, after=wanted)
    return role


@transaction.atomic
def change(actor: Actor, role: Role, name: str, acts: Iterable[str]) -> Role:
    """Another name or other acts, for everybody in that role at once. Refused where either set goes past the actor's."""
    wanted = _known(acts)
    role = _own(actor, role)
    actor.need("manage:roles")
    actor.need_over(wanted, role.acts)
    _owns_whole(wanted)
    before = list(role.acts)
    role.name, role.acts = _free(actor.organization, name, but=role), wanted
    role.save(update_fields=["name", "acts"])
    owned.still(actor.organization)
    _note("role.changed", actor, role, before=before, after=wanted)
    readmodel.rekey(Key.objects.filter(of__membership__role=role, revoked_s=None))
    return role


@transaction.atomic
def remove(actor: Actor, role: Role) -> None:
    """A custom role that nobody has is gone."""
    role = _own(actor, role)
    actor.need("manage:roles")
    actor.need_over(role.acts)
    if Membership.objects.filter(role=role, ended_s=None).exists():
        raise LicetError(f"somebody has the role `{role}`", mend="give them another one first")
    now = clock.now_s()
    Invitation.objects.filter(role=role, accepted_s=None, withdrawn_s=None).update(withdrawn_s=now)
    role.removed_s = now
    role.save(update_fields=["removed_s"])
    _note("role.removed", actor, role, before=role.acts)


def _known(acts: Iterable[str]) -> list[str]:
    wanted = sorted(set(acts))
    if strange := unknown(wanted):
        raise LicetError(f"there is no act `{strange[0]}`", mend=closest(strange[0], ACTS))
    if not wanted:
        raise LicetError("a role has at least one act", mend="choose one")
    return wanted


def _owns_whole(wanted: list[str]) -> None:
    if OWNS in wanted and (lacks := sorted(ACTS.keys() - set(wanted))):
        # Nobody makes a role beyond what he may himself: an owner who lacked an act could never have it again.
        says = "a role that owns the organization may do everything in it"
        raise LicetError(says, mend=f"add {', '.join(f'`{act}`' for act in lacks)}, or leave `{OWNS}` out")


def _own(actor: Actor, role: Role) -> Role:
    """The role as it stands now, if it is the organization's own."""
    found = Role.objects.filter(pk=role.pk, organization=actor.organization, removed_s=None).first()
    if found is None:
        raise LicetError(f"`{role}` is not a custom role of {actor.organization}", mend="make one of your own")
    return found


def _free(organization: Organization, name: str, but: Role | None = None) -> str:
    wanted = names.good(name, "a role", 40)
    for other in of(organization):
        if other.name.casefold() == wanted.casefold() and (but is None or other.pk != but.pk):
            raise LicetError(f"there is a role `{other}` already", mend="choose another name")
    return wanted


def _note(what: str, actor: Actor, role: Role, **detail: Any) -> None:
    events.record(what, actor.by, actor.organization.holder, role=role.pk, name=role.name, **detail)
