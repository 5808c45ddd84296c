"""What does an operator see of organizations? Who may what in each: every cell is the answer of the role's own terms."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from licet.access.role import ACTS, OWNS, asked, terms
from licet.portal.console.parts import ReadOnly, at
from licet.portal.models import Held
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

    def get_queryset(self, request: HttpRequest) -> QuerySet[Organization]:
        """Members, roles and tiers come with the page, not one by one."""
        members = Membership.objects.filter(ended_s=None).select_related("role", "person__account")
        return super().get_queryset(request).select_related("holder").prefetch_related(
            Prefetch("memberships", members.order_by("made_s", "id"), to_attr="living"),
            Prefetch("holder__held", Held.objects.filter(ended_s=None).order_by("id"), to_attr="held_now"),
        )  # fmt: skip

    @admin.display(description="people")
    def members(self, row: Organization) -> int:
        return sum(one.person_id is not None for one in _living(row))

    @admin.display(description="owners")
    def owners(self, row: Organization) -> str:
        found = (one for one in _living(row) if one.person_id is not None and OWNS in one.role.acts)
        return ", ".join(map(str, found)) or "none"

    @admin.display(description="tier")
    def tiers_held(self, row: Organization) -> str:
        return ", ".join(f"{h.tier} of {h.release}" for h in row.holder.held_now) or "none"  # type: ignore[attr-defined]

    @admin.display(description="who may what")
    def who_may_what(self, row: Organization) -> SafeString:
        told = ((str(one), one.role.name, _acts(one)) for one in _living(row))
        return format_html_join("", "<p><strong>{}</strong> ({}): {}</p>", told)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


def _living(row: Organization) -> list[Membership]:
    """As `get_queryset` brought them along."""
    found: list[Membership] = row.living  # type: ignore[attr-defined]
    return found


def _acts(membership: Membership) -> str:
    told = terms(role_of(membership))
    return ", ".join(act for act in ACTS if asked(told, act).answer is Answer.YES) or "nothing"


admin.site.register(Organization, Organizations)
