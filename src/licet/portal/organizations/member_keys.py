"""With which keys is an organization called for? Each in a membership, a person's or a service account's: its role rules.

A key is never more than its owner: the role is read at each call, and what a key was narrowed to comes on top.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from hashlib import sha256

from django.db import transaction
from django.db.models import QuerySet

from licet.errors import LicetError
from licet.portal import config, keys
from licet.portal.models import Key
from licet.portal.organizations.acting import Actor
from licet.portal.organizations.models import Membership
from licet.terms.clause import Scalar


@transaction.atomic
def make(
    actor: Actor,
    membership: Membership,
    name: str,
    *,
    scopes: Iterable[str] = (),
    features: Iterable[str] | None = None,
    releases: Iterable[str] | None = None,
    declared: Mapping[str, Scalar] | None = None,
    expires_s: int | None = None,
    networks: Iterable[str] = (),
    budgets: Iterable[str] = (),
    nonce: str | None = None,
) -> keys.Made:
    """A key that calls for the organization in this membership: one's own, or a service account's within one's role."""
    row = Membership.objects.select_related("role", "organization__holder").get(pk=membership.pk)
    if row.organization_id != actor.organization.pk or row.ended_s is not None:
        raise LicetError("this is not a member here")
    _may_make(actor, row)
    if tuple(scopes):
        raise LicetError("a key of an organization has no scopes", mend="use a key of your own")
    # A form's word is its maker's own: who learns the word of another must not be given the other's key.
    own = sha256(f"{row.pk}:{actor.by.who}:{nonce}".encode()).hexdigest() if nonce else None
    return keys.make(
        row.organization.holder, name, actor.by, env=config.current().environment, features=features,
        releases=releases, declared=declared, expires_s=expires_s, nonce=own, membership=row,
        networks=networks, budgets=budgets,
    )  # fmt: skip


@transaction.atomic
def rotate(actor: Actor, key: Key, *, overlap_s: int, nonce: str = "") -> keys.Made:
    """A new secret, for whoever could make the key anew."""
    _may_make(actor, _membership(actor, key))
    return keys.rotate(key, actor.by, overlap_s=overlap_s, nonce=nonce)


@transaction.atomic
def revoke(actor: Actor, key: Key, why: str = "") -> None:
    """Refused from the next call on. One's own keys always; the others by `manage:keys` or, of service accounts,
    `manage:service-accounts`."""
    row = _membership(actor, key)
    if row.pk != actor.membership_id:
        actor.need("manage:keys" if row.person_id else "manage:service-accounts")
    keys.revoke(key, actor.by, why)


def of(membership: Membership) -> QuerySet[Key]:
    return Key.objects.filter(of__membership=membership)


def _may_make(actor: Actor, row: Membership) -> None:
    if row.pk == actor.membership_id:
        actor.need("make:keys")
        return
    if row.person_id is not None:
        raise LicetError("nobody makes a key of somebody else", mend="make a service account")
    actor.need("manage:service-accounts")
    actor.need_over(row.role.acts)


def _membership(actor: Actor, key: Key) -> Membership:
    found = Membership.objects.filter(
        keys__key=key, organization=actor.organization, ended_s=None
    ).select_related("role").first()  # fmt: skip
    if found is None:
        raise LicetError("this is not a key of the organization")
    return found
