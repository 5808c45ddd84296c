"""Does an organization still have an owner? Somebody whose role has `own:organization`; asked after every change."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from licet.access.role import OWNS
from licet.errors import LicetError
from licet.portal.organizations.models import Membership, Organization, Role


def owners(organization: Organization) -> QuerySet[Membership]:
    """The people who own it."""
    here = Role.objects.filter(Q(organization=None) | Q(organization=organization), removed_s=None)
    owning = [role.pk for role in here if OWNS in role.acts]
    return Membership.objects.filter(organization=organization, ended_s=None, person__isnull=False, role__in=owning)


def still(organization: Organization) -> None:
    """LicetError, which undoes the transaction, where nobody would be left."""
    if not owners(organization).exists():
        raise LicetError(
            f"{organization} would have no owner", mend="hand it over to somebody else first, or delete it"
        )
