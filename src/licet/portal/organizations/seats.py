"""Is there a seat left? The tiers that an organization holds say so, each with its line; the strictest stands."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import and_

from licet.portal import clock, documents, tiers
from licet.portal.organizations.models import Invitation, Membership, Organization
from licet.portal.payments import paid
from licet.release.release import Release, Tier
from licet.terms import Ask, Clause, Fact, Says, Terms, Verdict, may

TAKE = "take:seat"
_METER = "used:seats"


def taken(organization: Organization) -> int:
    """How many people are members. Service accounts take no seat."""
    return Membership.objects.filter(organization=organization, ended_s=None, person__isnull=False).count()


def awaited(organization: Organization) -> int:
    """How many open invitations there are: each keeps a seat."""
    return Invitation.objects.filter(
        organization=organization, accepted_s=None, withdrawn_s=None, expires_s__gt=clock.now_s()
    ).count()


def limits(organization: Organization) -> tuple[Terms, ...]:
    """One set of terms for each tier held that says how many seats it has; of seats that are paid, as many as were bought."""
    found = []
    for release in documents.releases():
        held = tiers.current(organization.holder, release)
        if held is None:
            continue
        document = documents.read(held.document)
        tier = document.tier(held.tier)
        if tier is not None and (bought := paid.seats(held)) is not None:
            tier = replace(tier, seats=bought)
        if tier is not None and tier.seats is not None:
            found.append(of_tier(document, tier, newest=documents.in_force(release).sha256 == held.document))
    return tuple(found)


def of_tier(document: Release, tier: Tier, *, newest: bool = True) -> Terms:
    """What a tier says of seats."""
    when = () if tier.seats is None else (Fact(_METER, "<=", tier.seats),)
    cite = document.cite(tier.line, newest=newest)
    can = Clause(Says.CAN, frozenset({TAKE}), when=when, code="quota_exhausted", cite=cite)
    return Terms(f"seats of {tier.name}", (can,))


def asked(count: int, terms: tuple[Terms, ...]) -> Verdict | None:
    """May there be so many people? None: no tier says anything of it."""
    ask = Ask(TAKE, "", frozenset(), {_METER: count})
    return reduce(and_, (may(one, ask) for one in terms)) if terms else None
