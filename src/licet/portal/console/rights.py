"""Who asks for what, who holds what, and who promised what?"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from licet.errors import LicetError
from licet.portal import origin, tiers
from licet.portal.console.parts import ReadOnly, Words, at, each
from licet.portal.models import Request

BESIDE = ("holder__account", "holder__organization")  # what a holder is called by comes with the page, not one by one


class Requests(ReadOnly):
    """Approve or reject: from the list, or on the request's own page, with words that the asker gets by mail."""

    list_display = ("holder", "tier", "release", "reason_in_short", "state", "made")
    list_filter = ("state", "release", "tier")
    search_fields = ("holder__account__email", "reason", "id")
    list_select_related = BESIDE
    ordering = ("-made_s",)
    actions = ("approve", "reject")
    action_form = Words
    made = at("made_s", "asked")
    answered = at("answered_s", "answered")
    fields = ("holder", "release", "tier", "reason", "made", "state", "answered", "answered_by", "words")
    readonly_fields = ("holder", "release", "tier", "reason", "made", "state", "answered", "answered_by")
    change_form_template = "admin/portal/request/answer.html"

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.state == Request.State.PENDING

    @admin.display(description="why")
    def reason_in_short(self, row: Request) -> str:
        return row.reason if len(row.reason) <= 90 else f"{row.reason[:90]}…"

    def save_model(self, request: HttpRequest, obj: Request, form: Any, change: bool) -> None:
        """Nothing is saved by the form: the two buttons are acts."""

    def response_change(self, request: HttpRequest, obj: Request) -> HttpResponse:
        words, by = request.POST.get("words", ""), origin.by(request)
        fresh = Request.objects.get(pk=obj.pk)
        try:
            if "_approve" in request.POST:
                tiers.approve(fresh, by, words)
            elif "_reject" in request.POST:
                tiers.reject(fresh, by, words)
        except LicetError as wrong:
            messages.error(request, str(wrong))
        else:
            messages.success(request, f"{fresh.state}: {fresh}. The asker gets a mail.")
        return redirect("admin:portal_request_changelist")

    @admin.action(description="Approve (with words)")
    def approve(self, request: HttpRequest, rows: QuerySet[Request]) -> None:
        by, words = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: tiers.approve(row, by, words), "approved")

    @admin.action(description="Reject (with words)")
    def reject(self, request: HttpRequest, rows: QuerySet[Request]) -> None:
        by, words = origin.by(request), request.POST.get("words", "")
        each(request, rows, lambda row: tiers.reject(row, by, words), "rejected")


class TiersHeld(ReadOnly):
    list_display = ("holder", "tier", "release", "document_in_short", "begun", "until", "ended")
    list_filter = ("release", "tier", ("ended_s", admin.EmptyFieldListFilter))
    search_fields = ("holder__account__email", "holder__id")
    list_select_related = BESIDE
    ordering = ("-id",)
    begun, until, ended = at("from_s", "from"), at("until_s", "until"), at("ended_s", "ended")

    @admin.display(description="document")
    def document_in_short(self, row: Any) -> str:
        return str(row.document[:6])


class Acceptances(ReadOnly):
    list_display = ("holder", "license", "release", "made", "how", "sha256")
    list_filter = ("release", "license", "how")
    search_fields = ("holder__account__email", "holder__id", "sha256")
    list_select_related = BESIDE
    ordering = ("-at_s",)
    made = at("at_s", "when")
