"""What does an organization ask of a member's sign-in, and has he done it? Codes for the terms of his role.

In a session that is how this session signed in; for a key, which has none, what its maker's account has done. Service
accounts sign in nowhere, so nothing is asked of them.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.mfa.models import Authenticator

from licet.portal import clock
from licet.portal.models import Holder
from licet.portal.organizations.models import Membership, Organization
from licet.portal.sso.models import Connection, Identity, Rule

DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Asked:
    """`lacks` has the code of each thing that is still to do; `until_s` when a key's sign-in has to be renewed."""

    lacks: frozenset[str] = frozenset()
    until_s: int | None = None


NOTHING = Asked()


def rule_of(organization: Organization) -> Rule | None:
    try:
        return organization.sign_in
    except Rule.DoesNotExist:
        return None


def connection_of(organization: Organization) -> Connection | None:
    """The living one."""
    return Connection.objects.filter(organization=organization, removed_s=None).select_related("role").first()


def asked_of(membership: Membership, signed: frozenset[str] | None) -> Asked:
    """What of the organization's rule this member has not done. `signed` are the connections of his session."""
    rule, person = rule_of(membership.organization), membership.person
    if rule is None or person is None:
        return NOTHING
    lacks, until_s = set(), None
    if rule.factor and not has_factor(person, rule.factor):
        lacks.add("second_factor_required")
    if rule.sso and (connection := connection_of(membership.organization)) is not None:
        if signed is not None:
            done = connection.pk in signed
        else:
            done, until_s = _by_key(connection, person, rule.days)
        if not done:
            lacks.add("sign_on_required")
    return Asked(frozenset(lacks), until_s)


def has_factor(person: Holder, factor: str) -> bool:
    """Recovery codes are no factor: they stand in for one."""
    kinds = {Rule.Factor.PASSKEY: [Authenticator.Type.WEBAUTHN]}.get(
        Rule.Factor(factor), [Authenticator.Type.WEBAUTHN, Authenticator.Type.TOTP]
    )
    found: bool = Authenticator.objects.filter(user_id=person.account_id, type__in=kinds).exists()
    return found


def _by_key(connection: Connection, person: Holder, days: int | None) -> tuple[bool, int | None]:
    """Has the maker of a key ever signed in there, and until when does it count? Whole days: equals share a table."""
    found = Identity.objects.filter(connection=connection, person=person).first()
    if found is None or days is None:
        return found is not None, None
    until_s = (found.last_s // DAY_S + days + 1) * DAY_S
    return until_s > clock.now_s(), until_s
