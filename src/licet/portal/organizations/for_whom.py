"""For which organizations may somebody make a key? Those where the role allows it."""

from __future__ import annotations

from licet.access.role import asked, terms
from licet.portal.models import Holder
from licet.portal.organizations.acting import role_of
from licet.portal.organizations.models import Membership
from licet.terms import Answer


def memberships(person: Holder, signed: frozenset[str] | None) -> list[Membership]:
    """The person's memberships whose role has `make:keys` in this session, by the organization's name."""
    rows = Membership.objects.filter(person=person, ended_s=None).select_related(
        "organization__sign_in", "role", "person"
    )
    return [
        row
        for row in rows.order_by("organization__name", "id")
        if asked(terms(role_of(row, signed)), "make:keys").answer is Answer.YES
    ]
