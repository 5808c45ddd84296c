"""What does an operator see of billed usage? Bills, caps, and what waits to be told to the provider."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from licet.access.price import minor_words
from licet.portal.billing import caps
from licet.portal.billing.models import Cap, Invoice, MeterEvent, Told
from licet.portal.console.parts import ReadOnly, at

BY_HOLDER = ("holder__id", "holder__account__email", "holder__organization__name")


class Shown(ReadOnly):
    search_fields = BY_HOLDER
    search_help_text = "id (hol_…), address or name of the holder"
    list_select_related = ("holder__account",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class Invoices(Shown):
    list_display = ("holder", "release", "begun", "ended", "owed", "made")
    list_filter = ("release",)
    ordering = ("-from_s",)
    begun, ended, made = at("from_s", "from"), at("until_s", "until"), at("issued_s", "made")

    @admin.display(description="owed")
    def owed(self, row: Invoice) -> str:
        return ", ".join(minor_words(minor, currency) for currency, minor in sorted(row.totals.items())) or "nothing"


class Caps(Shown):
    list_display = ("holder", "release", "amount", "set_at")
    list_filter = ("release",)
    set_at = at("set_s", "set")

    @admin.display(description="cap", ordering="nanos")
    def amount(self, row: Cap) -> str:
        return caps.words(row.nanos, row.currency)


class MeterEvents(Shown):
    list_display = ("identifier", "holder", "release", "counter", "units", "when", "state", "tries", "error")
    list_filter = ("state", "release")
    ordering = ("-at_s",)
    actions = ("again",)
    when = at("at_s", "when")

    @admin.action(description="Tell the provider again")
    def again(self, request: HttpRequest, rows: QuerySet[MeterEvent]) -> None:
        """The identifier is the same, so what was counted is not counted twice."""
        n = rows.exclude(state=MeterEvent.State.SENT).update(state=MeterEvent.State.WAITS, next_s=0, error="")
        self.message_user(request, f"{n} wait to be told again.")


class Notices(Shown):
    list_display = ("holder", "release", "about", "percent", "when")
    list_filter = ("release", "percent")
    ordering = ("-at_s",)
    when = at("at_s", "told")


admin.site.register(Invoice, Invoices)
admin.site.register(Cap, Caps)
admin.site.register(MeterEvent, MeterEvents)
admin.site.register(Told, Notices)
