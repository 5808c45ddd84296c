"""The operator's queue: what waits longest stands first, what is overdue says so; each is answered on its own page."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join, urlize
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import make_aware

from licet.errors import LicetError
from licet.portal import clock, documents, origin
from licet.portal.console.parts import ReadOnly, at
from licet.portal.programs import applications
from licet.portal.programs.models import Application
from licet.portal.templatetags.moments import moment

_DAY_S, _HOUR_S = 24 * 3600, 3600


class ByTurn(admin.SimpleListFilter):
    """Without a choice: the queue, what waits for an operator. Drafts are their writers' own and never stand here."""

    title = "turn"
    parameter_name = "turn"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("overdue", "overdue"), ("back", "the applicant's turn"), ("answered", "answered"), ("all", "all")]

    def choices(self, changelist: Any) -> Any:
        first, *others = super().choices(changelist)
        return [{**first, "display": "waiting for you"}, *others]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "overdue":
                return queryset.filter(state="sent", due_s__lt=clock.now_s())
            case "back":
                return queryset.filter(state="back")
            case "answered":
                return queryset.filter(state__in=("approved", "rejected", "withdrawn"))
            case "all":
                return queryset
        return queryset.filter(state="sent")


class Applications(ReadOnly):
    list_display = ("who", "program", "release", "in_short", "state", "sent", "clock")
    list_filter = (ByTurn, "program", "release")
    list_select_related = ("holder__account", "holder__organization")
    search_fields = ("holder__account__email", "holder__organization__name", "=id", "answers")
    search_help_text = "address, organization, id (app_…), or a word of the answers"
    sent, answered = at("sent_s", "sent"), at("answered_s", "answered")
    fields = (
        "who",
        "program_link",
        "state",
        "sent",
        "clock",
        "told",
        "shown",
        "talk",
        "answered",
        "answered_by",
        "grant",
    )
    readonly_fields = fields
    change_form_template = "admin/programs/application/answer.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Application]:
        return super().get_queryset(request).exclude(state="draft")

    def get_ordering(self, request: HttpRequest) -> list[Any]:
        return [F("due_s").asc(nulls_last=True), "-answered_s", "id"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None or obj.waits

    @admin.display(description="for", ordering="holder__account__email")
    def who(self, row: Application) -> str:
        return str(row.holder)

    @admin.display(description="in short")
    def in_short(self, row: Application) -> str:
        said = " ".join(row.answers[0]["said"].split()) if row.answers else ""
        return said if len(said) <= 90 else f"{said[:90]}…"

    @admin.display(description="answer due", ordering="due_s")
    def clock(self, row: Application) -> str | SafeString:
        """How long there is still time, or for how long there has been none."""
        if not row.waits or row.due_s is None:
            return "\N{EN DASH}"
        left = row.due_s - clock.now_s()
        if left < 0:
            return format_html('<strong class="overdue">overdue by {}</strong>', _long(-left))
        return format_html('{} <span class="quiet">(in {})</span>', moment(row.due_s), _long(left))

    @admin.display(description="program")
    def program_link(self, row: Application) -> SafeString:
        at = documents.read(row.document)
        found = at.program(row.program)
        line = f"#L{found.line}" if found else ""
        return format_html('<a href="/documents/{}{}">{} of {}</a>', row.document[:12], line, row.program, row.release)

    @admin.display(description="answers")
    def told(self, row: Application) -> SafeString:
        return _pairs(row.answers)

    @admin.display(description="evidence")
    def shown(self, row: Application) -> SafeString:
        return _pairs(row.evidence)

    @admin.display(description="said since")
    def talk(self, row: Application) -> SafeString | str:
        told = (("Operator" if one.by_operator else "Applicant", moment(one.at_s), one.words) for one in row.said.all())
        return format_html_join("", '<p><strong>{}</strong> {}<br><span class="lines">{}</span></p>', told) or "nothing"

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        """Nothing is saved by the form: its buttons are acts."""

    def response_change(self, request: HttpRequest, obj: Application) -> HttpResponse:
        words, by = request.POST.get("words", ""), origin.by(request)
        try:
            if "_approve" in request.POST:
                applications.approve(obj, by, words, until_s=_second(request.POST.get("until", "")))
            elif "_reject" in request.POST:
                applications.reject(obj, by, words)
            elif "_back" in request.POST:
                applications.ask_back(obj, by, words)
        except LicetError as wrong:
            messages.error(request, str(wrong))
            return redirect("admin:programs_application_change", obj.pk)
        now = Application.objects.get(pk=obj.pk)
        messages.success(request, f"{now.get_state_display()}: {now}. The applicant gets a mail.")
        return redirect("admin:programs_application_changelist")


def _pairs(kept: list[dict[str, str]]) -> SafeString:
    """Links are shown whole and never fetched by us; whoever follows one leaves without saying from where."""
    told = ((one["asked"], _linked(one["said"] or "(nothing)")) for one in kept)
    return format_html_join("", '<p><strong>{}</strong><br><span class="lines">{}</span></p>', told)


def _linked(text: str) -> SafeString:
    return mark_safe(urlize(text, nofollow=True, autoescape=True))  # noqa: S308  (escaped by urlize)


def _long(seconds: int) -> str:
    if seconds >= 2 * _DAY_S:
        return f"{seconds // _DAY_S} days"
    hours = max(1, seconds // _HOUR_S)
    return f"{hours} hour{'s' if hours > 1 else ''}"


def _second(text: str) -> int | None:
    """LicetError for what is no date: an approval must not last longer than was meant."""
    if not text.strip():
        return None
    found = parse_datetime(text.strip())
    if found is None:
        raise LicetError(f"`{text}` is no date and time", mend="write it like 2027-06-30T12:00")
    return int((found if found.tzinfo else make_aware(found)).timestamp())


admin.site.register(Application, Applications)
