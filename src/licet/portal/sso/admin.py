"""What does an operator see of signing in through organizations? Domains, and vouching for one; servers, without secrets."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from licet.portal import origin
from licet.portal.console.parts import ReadOnly, at, each
from licet.portal.sso import domains
from licet.portal.sso.models import Connection, Domain


class _Seen(ReadOnly):
    def has_view_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class Domains(_Seen):
    list_display = ("name", "organization", "named", "confirmed", "verified_how")
    search_fields = ("name", "organization__name")
    ordering = ("-made_s",)
    named, confirmed = at("made_s", "named"), at("verified_s", "confirmed")
    fields = ("name", "organization", "named", "confirmed", "verified_how")
    readonly_fields = fields
    actions = ("vouch",)

    @admin.action(description="Vouch for: it is the organization's")
    def vouch(self, request: HttpRequest, rows: QuerySet[Domain]) -> None:
        by = origin.by(request)
        each(request, rows, lambda row: domains.vouch(row, by), "confirmed")


class Connections(_Seen):
    list_display = ("organization", "issuer", "client_id", "made", "removed")
    search_fields = ("issuer", "organization__name")
    ordering = ("-made_s",)
    made, removed = at("made_s", "made"), at("removed_s", "taken out")
    fields = ("organization", "issuer", "client_id", "groups_claim", "role", "made", "removed")
    readonly_fields = fields


admin.site.register(Domain, Domains)
admin.site.register(Connection, Connections)
