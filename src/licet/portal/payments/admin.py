"""What does an operator see of money, and what may he do? Look, fetch anew, end, give back. Nothing is edited by hand."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from licet.portal import clock, origin
from licet.portal.console.parts import ReadOnly, at, each
from licet.portal.payments import fetching, life, orders, providers
from licet.portal.payments.apply import stages
from licet.portal.payments.models import OrderRow, PaymentRow, Subscription, WebhookEvent
from licet.portal.payments.offer import coin_words
from licet.portal.templatetags.moments import moment


class Purchases(ReadOnly):
    list_display = ("holder", "tier", "release", "stage", "price", "next", "owed", "provider")
    list_filter = ("release", "tier", "status", "provider")
    search_fields = ("holder__id", "holder__account__email", "ref", "customer", "order")
    search_help_text = "an address, an id of ours (hol_…, ord_…) or of the provider"
    ordering = ("-started_s",)
    actions = ("fetch", "cancel", "end")
    started, owed, ends = (
        at("started_s", "begun"),
        at("first_failure_s", "owed since"),
        at("cancel_at_s", "ends by wish"),
    )
    fields = (
        "holder", "release", "tier", "stage", "price", "seats", "status", "provider", "ref", "customer", "order", "started",
        "owed", "ends", "course", "paid",
    )  # fmt: skip
    readonly_fields = ("stage", "price", "started", "owed", "ends", "course", "paid")

    @admin.display(description="stage")
    def stage(self, row: Subscription) -> str:
        if row.surplus_s is not None:
            return "bought twice"
        here = life.at(stages(row), clock.now_s())
        if here is None:
            return "never begun"
        replaced = here.name != "ended" and row.held is not None and row.held.ended_s is not None
        return (
            f"{here.name}, though another tier was given: end it, or it goes on being charged"
            if replaced
            else here.name
        )

    @admin.display(description="price", ordering="unit_minor")
    def price(self, row: Subscription) -> str:
        return f"{coin_words(row.unit_minor * row.seats, row.currency)} / {row.interval}"

    @admin.display(description="next date", ordering="period_until_s")
    def next(self, row: Subscription) -> SafeString | str:
        return moment(row.cancel_at_s or row.period_until_s) if row.status != "canceled" else ""

    @admin.display(description="its life")
    def course(self, row: Subscription) -> SafeString:
        told = ((moment(stage.from_s), stage.name, stage.why) for stage in stages(row))
        return format_html_join("", "<p>{}: <strong>{}</strong> ({})</p>", told)

    @admin.display(description="payments")
    def paid(self, row: Subscription) -> SafeString:
        lines = (
            (moment(p.at_s), coin_words(p.amount_minor, p.currency), _state(p)) for p in row.payments.order_by("-at_s")
        )
        return format_html_join("", "<p>{}: <strong>{}</strong> {}</p>", lines)

    @admin.action(description="Fetch anew from the provider")
    def fetch(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        by = origin.by(request)

        def again(row: Any) -> None:
            provider = providers.named(row.provider)
            if provider is not None:
                fetching.refresh(provider, row.ref, by)

        each(request, rows, again, "fetched anew")

    @admin.action(description="Cancel at the end of what was paid")
    def cancel(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        by = origin.by(request)
        each(request, rows, lambda row: orders.cancel(_of(row), by), "cancelled")

    @admin.action(description="End now, without a refund: what was paid is kept to its end")
    def end(self, request: HttpRequest, rows: QuerySet[Subscription]) -> None:
        by = origin.by(request)
        each(request, rows, lambda row: orders.cancel(_of(row), by, "now"), "ended")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class Payments(ReadOnly):
    list_display = ("when", "whose", "tier", "amount", "back", "told", "page")
    list_filter = ("state", "dispute", "currency", "provider")
    search_fields = ("ref", "subscription__holder__id", "subscription__holder__account__email", "subscription__ref")
    search_help_text = "an address, an id of ours (hol_…) or of the provider"
    ordering = ("-at_s", "-id")
    actions = ("give_back", "give_back_and_end")
    when = at("at_s", "when")

    @admin.display(description="whose")
    def whose(self, row: PaymentRow) -> str:
        return str(row.subscription.holder)

    @admin.display(description="tier")
    def tier(self, row: PaymentRow) -> str:
        return f"{row.subscription.tier} of {row.subscription.release}"

    @admin.display(description="amount", ordering="amount_minor")
    def amount(self, row: PaymentRow) -> str:
        return coin_words(row.amount_minor, row.currency)

    @admin.display(description="given back", ordering="refunded_minor")
    def back(self, row: PaymentRow) -> str:
        return coin_words(row.refunded_minor, row.currency) if row.refunded_minor else ""

    @admin.display(description="state", ordering="state")
    def told(self, row: PaymentRow) -> str:
        return _state(row)

    @admin.display(description="invoice")
    def page(self, row: PaymentRow) -> SafeString | str:
        return format_html('<a href="{}" rel="noopener">open</a>', row.url) if row.url.startswith("https://") else ""

    @admin.action(description="Give back in full; what was bought goes on")
    def give_back(self, request: HttpRequest, rows: QuerySet[PaymentRow]) -> None:
        self._refund(request, rows, and_end=False)

    @admin.action(description="Give back in full, and end what was bought now")
    def give_back_and_end(self, request: HttpRequest, rows: QuerySet[PaymentRow]) -> None:
        self._refund(request, rows, and_end=True)

    def _refund(self, request: HttpRequest, rows: QuerySet[PaymentRow], *, and_end: bool) -> None:
        by = origin.by(request)

        def back(row: Any) -> None:
            orders.refund(row.subscription, row.ref, None, by, key=f"console-{row.ref}", and_end=and_end)

        each(request, rows.select_related("subscription"), back, "given back")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class Orders(ReadOnly):
    list_display = ("made", "holder", "tier", "release", "interval", "price", "coupon", "state")
    list_filter = ("state", "release", "tier", "provider")
    search_fields = ("id", "holder__id", "holder__account__email", "checkout")
    ordering = ("-made_s",)
    made = at("made_s", "begun")

    @admin.display(description="price")
    def price(self, row: OrderRow) -> str:
        return coin_words(row.unit_minor * row.seats, row.currency)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


class Events(ReadOnly):
    list_display = ("received", "what", "about", "tries", "done", "wrong")
    list_filter = ("provider", "what", ("done_s", admin.EmptyFieldListFilter))
    search_fields = ("ref", "about")
    ordering = ("-id",)
    received, done = at("received_s", "received"), at("done_s", "done")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))


def _of(row: Subscription) -> Subscription:
    if row.status in ("canceled", "incomplete", "incomplete_expired"):
        raise orders.Over("it is over")
    return row


def _state(row: PaymentRow) -> str:
    if row.dispute:
        return {"open": "disputed", "won": "paid, dispute won", "lost": "taken back by the bank"}[row.dispute]
    if row.refunded_minor:
        return f"{'all' if row.refunded_minor >= row.amount_minor else 'part'} given back"
    return row.state


admin.site.register(Subscription, Purchases)
admin.site.register(PaymentRow, Payments)
admin.site.register(OrderRow, Orders)
admin.site.register(WebhookEvent, Events)
