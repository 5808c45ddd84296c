"""What does an operator see of organizations? Who may what in each: every cell is the answer of the role's own terms."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from licet.access.role import ACTS, asked, terms
from licet.portal.console.parts import ReadOnly, at
from licet.portal.organizations import owned
from licet.portal.organizations.acting import role_of
from licet.portal.organizations.models import Membership, Organization
from licet.terms import Answer


class Organizations(ReadOnly):
    list_display = ("name", "members", "owners", "tiers_held", "made")
    search_fields = ("name", "holder__id", "memberships__person__account__email")
    search_help_text = "name, id (hol_…), or a member's address"
    ordering = ("-made_s",)
    made = at("made_s", "founded")
    fields = ("name", "holder", "founder", "made", "tiers_held", "who_may_what")
    readonly_fields = ("made", "tiers_held", "who_may_what")

    @admin.display(description="people")
    def members(self, row: Organization) -> int:
        return row.memberships.filter(ended_s=None, person__isnull=False).count()

    @admin.display(description="owners")
    def owners(self, row: Organization) -> str:
        return ", ".join(str(one) for one in owned.owners(row).select_related("person__account")) or "none"

    @admin.display(description="tier")
    def tiers_held(self, row: Organization) -> str:
        return ", ".join(f"{h.tier} of {h.release}" for h in row.holder.held.filter(ended_s=None)) or "none"

    @admin.display(description="who may what")
    def who_may_what(self, row: Organization) -> SafeString:
        living = row.memberships.filter(ended_s=None).select_related("role", "organization", "person__account")
        told = ((str(one), one.role.name, _acts(one)) for one in living.order_by("made_s", "id"))
        return format_html_join("", "<p><strong>{}</strong> ({}): {}</p>", told)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


def _acts(membership: Membership) -> str:
    told = terms(role_of(membership))
    return ", ".join(act for act in ACTS if asked(told, act).answer is Answer.YES) or "nothing"


admin.site.register(Organization, Organizations)
