"""Which server does an organization sign in through, what do its groups give, what is asked of everybody? Each act checked.

Nobody maps a group to more than he may himself, and none to owning: who owns must never hang on another server's word.
"""

from __future__ import annotations

from typing import Any

from django.db import transaction

from licet.access.role import ACTS, OWNS, SETS_SIGN_IN
from licet.errors import LicetError
from licet.portal import clock, events, readmodel, sealed
from licet.portal.models import Holder, Key
from licet.portal.organizations import roles
from licet.portal.organizations.acting import Actor
from licet.portal.organizations.models import Organization, Role
from licet.portal.sso import discovery, rules
from licet.portal.sso.models import Connection, Domain, GroupRole, Identity, Rule

MOST_GROUPS, DAYS = 100, range(1, 366)


@transaction.atomic
def connect(
    actor: Actor, issuer: str, client_id: str, secret: str, *, groups_claim: str = "groups", role: str = ""
) -> Connection:
    """The server that signs the organization's people in. The same issuer again is changed: an empty secret stays.

    `role` is what members get to whom no group gives one; "" lets in only those to whom one does. The server is asked
    what it is before anything is kept. LicetError says what is wrong.
    """
    _may(actor)
    given = None if not role else _givable(actor, role)
    issuer, client_id, secret = discovery.spelt_issuer(issuer), client_id.strip(), secret.strip()
    claim = groups_claim.strip() or "groups"
    if not 0 < len(client_id) <= 200 or len(secret) > 500 or len(claim) > 60 or not claim.isprintable():
        raise LicetError("client id, secret or groups claim is missing or too long")
    discovery.read(issuer, fresh=True)
    before = rules.connection_of(actor.organization)
    if before is not None and before.issuer != issuer:
        _end(actor, before, why="another issuer")
        before = None
    if before is None and not secret:
        raise LicetError("the server's secret for us is missing", mend="copy it from where the client was made")
    row = before or Connection(organization=actor.organization, issuer=issuer, made_s=clock.now_s())
    row.client_id, row.groups_claim, row.role = client_id, claim, given
    if secret:
        row.secret = sealed.seal(secret, row.pk)
    row.save()
    detail: dict[str, Any] = {
        "issuer": issuer,
        "role": given.pk if given else "",
        "secret": "new" if secret else "as before",
    }
    events.record("signon.changed" if before else "signon.connected", actor.by, actor.organization.holder, **detail)
    _rekey(actor.organization)
    return row


@transaction.atomic
def disconnect(actor: Actor) -> None:
    """The server is asked no more, and nothing is asked of members because of it. Their accounts stay as they are."""
    _may(actor)
    row = rules.connection_of(actor.organization)
    if row is None:
        raise LicetError("there is no sign-in server")
    _end(actor, row, why="taken out")
    Rule.objects.filter(organization=actor.organization).update(sso=False)
    _rekey(actor.organization)


@transaction.atomic
def map_group(actor: Actor, group: str, role: str) -> GroupRole:
    """Whoever is in the group has the role from his next sign-in on."""
    _may(actor)
    row, given, name = _connection(actor), _givable(actor, role), group.strip()
    if not 0 < len(name) <= 200 or not name.isprintable():
        raise LicetError("a group has a name of 1 to 200 letters")
    if row.groups.count() >= MOST_GROUPS:
        raise LicetError(f"{MOST_GROUPS} groups give a role already", mend="take one out")
    made, _ = GroupRole.objects.update_or_create(connection=row, group=name, defaults={"role": given})
    _note("signon.changed", actor, group=name, role=given.pk)
    return made


@transaction.atomic
def unmap(actor: Actor, group: GroupRole) -> None:
    _may(actor)
    if group.connection_id != _connection(actor).pk:
        raise LicetError("this is not a group of the organization")
    _note("signon.changed", actor, group=group.group, role="")
    group.delete()


@transaction.atomic
def set_rule(actor: Actor, *, sso: bool, factor: str, days: int | None) -> Rule:
    """What is asked of every member, from the next page and the next call on. LicetError where nobody could do it."""
    _may(actor)
    made = actor.organization
    if factor not in Rule.Factor.values or (days is not None and days not in DAYS):
        raise LicetError("there is no such rule", mend="1 to 365 days; `any`, `passkey` or no factor")
    if sso and rules.connection_of(made) is None:
        raise LicetError("there is no server to sign in through", mend="connect one first")
    if sso and not made.domains.filter(verified_s__isnull=False).exists():
        raise LicetError("no domain is confirmed: nobody could sign in", mend="confirm one first")
    before = rules.rule_of(made) or Rule(organization=made)
    was = [before.sso, before.factor, before.days]
    before.sso, before.factor, before.days, before.changed_s = sso, factor, days, clock.now_s()
    before.save()
    _note("signon.rule", actor, before=was, after=[sso, factor, days])
    _rekey(made)
    return before


def forget(holder: Holder) -> None:
    """Of an account or an organization that is being deleted: what connected it, and every sealed secret."""
    Identity.objects.filter(person=holder).delete()
    Connection.objects.filter(organization__holder=holder).delete()
    Domain.objects.filter(organization__holder=holder).delete()
    Rule.objects.filter(organization__holder=holder).delete()


def _may(actor: Actor) -> None:
    """Whoever sets the sign-in may do so without having signed in that way: the way back in. It is written down."""
    actor.need(SETS_SIGN_IN)
    if actor.membership_id is None or actor.by.signed is None:
        return
    if rules.asked_of(actor.membership(), actor.by.signed).lacks:
        _note("signon.glass", actor)


def _givable(actor: Actor, word: str) -> Role:
    role = roles.find(actor.organization, word)
    if OWNS in role.acts or SETS_SIGN_IN in role.acts:
        raise LicetError(f"a sign-in server gives nobody the role `{role}`", mend="choose one that owns nothing")
    # Break glass: an owner may mend how others sign in while he acts on nothing else, so the role's own acts are asked.
    mine = frozenset(ACTS) if actor.membership_id is None else frozenset(actor.membership().role.acts)
    missing = sorted(frozenset(role.acts) - mine)
    if missing:
        raise LicetError(f"the role `{role}` may `{missing[0]}`, and yours may not", mend="choose another role")
    return role


def _connection(actor: Actor) -> Connection:
    row = rules.connection_of(actor.organization)
    if row is None:
        raise LicetError("there is no sign-in server", mend="connect one first")
    return row


def _end(actor: Actor, row: Connection, why: str) -> None:
    row.removed_s, row.secret = clock.now_s(), b""
    row.save(update_fields=["removed_s", "secret"])
    row.identities.all().delete()
    _note("signon.ended", actor, issuer=row.issuer, why=why)


def _note(what: str, actor: Actor, **detail: Any) -> None:
    events.record(what, actor.by, actor.organization.holder, **detail)


def _rekey(organization: Organization) -> None:
    readmodel.rekey(Key.objects.filter(holder=organization.holder, revoked_s=None))
