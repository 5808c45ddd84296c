"""What does an operator see of webhooks? All endpoints, which of them fail, what was given up; and his own are made here."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from licet.errors import LicetError
from licet.portal import clock, origin
from licet.portal.console.parts import ReadOnly, at
from licet.portal.outgoing import catalog, endpoints, post
from licet.portal.outgoing.models import Delivery, Endpoint


class NewEndpoint(forms.ModelForm):  # type: ignore[type-arg]
    types = forms.MultipleChoiceField(
        required=False, widget=forms.CheckboxSelectMultiple, choices=[(t, f"{t}: {w}") for t, w in catalog.TYPES.items()],
        help_text="None chosen: everything.",
    )  # fmt: skip

    class Meta:
        model = Endpoint
        fields = ("url", "name", "types")

    def clean_url(self) -> str:
        try:
            post.spelt(self.cleaned_data["url"].strip())
        except LicetError as wrong:
            raise forms.ValidationError(str(wrong)) from None
        return str(self.cleaned_data["url"].strip())


class Endpoints(ReadOnly):
    form = NewEndpoint
    list_display = ("__str__", "url", "owner", "state", "waiting", "given_up", "taken")
    list_filter = ("failing_since_s",)
    list_select_related = ("holder__account",)
    search_fields = ("id", "url", "name", "holder__id")
    actions = ("rotate", "pause", "go_on", "send_a_test", "send_again", "remove")
    taken = at("ok_s", "last taken")
    readonly_fields = ("owner", "state", "waiting", "given_up")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    def get_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("url", "name", "types") if obj is None else ("url", "name", "types", *self.readonly_fields)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return () if obj is None else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        told = form.cleaned_data
        made = endpoints.make(None, told["url"], origin.by(request), types=told["types"], name=told["name"])
        obj.pk = made.pk
        self._show(request, made)

    @admin.display(description="owner")
    def owner(self, row: Endpoint) -> str:
        return str(row.holder) if row.holder else "the operator"

    @admin.display(description="state")
    def state(self, row: Endpoint) -> str:
        if row.removed_s:
            return "removed"
        if row.paused_s:
            return "paused"
        return f"failing since {clock.rfc3339(row.failing_since_s)}" if row.failing_since_s else "works"

    @admin.display(description="waiting")
    def waiting(self, row: Endpoint) -> int:
        return row.deliveries.filter(state=Delivery.State.WAITS).count()

    @admin.display(description="given up")
    def given_up(self, row: Endpoint) -> int:
        return row.deliveries.filter(state=Delivery.State.DEAD).count()

    @admin.action(description="New signing secret (the old one signs for a day)")
    def rotate(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        for row in rows.filter(removed_s=None):
            if row.holder is not None:
                messages.error(request, f"{row}: only its owner makes a secret that its owner has to know")
                continue
            endpoints.rotate(row, origin.by(request))
            self._show(request, row)

    @admin.action(description="Pause")
    def pause(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        for row in rows:
            endpoints.change(row, origin.by(request), paused=True)

    @admin.action(description="Go on")
    def go_on(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        for row in rows:
            endpoints.change(row, origin.by(request), paused=False)

    @admin.action(description="Send a test")
    def send_a_test(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        for row in rows.filter(removed_s=None):
            endpoints.test(row)

    @admin.action(description="Send what was given up again")
    def send_again(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        n = endpoints.replay(Delivery.objects.filter(endpoint__in=rows, state=Delivery.State.DEAD))
        messages.success(request, f"{n} will be sent again.")

    @admin.action(description="Remove")
    def remove(self, request: HttpRequest, rows: QuerySet[Endpoint]) -> None:
        for row in rows.filter(removed_s=None):
            endpoints.remove(row, origin.by(request))

    @staticmethod
    def _show(request: HttpRequest, row: Endpoint) -> None:
        secret = endpoints.secrets(row, clock.now_s())[0].reveal()
        messages.success(request, f"{row}: its signing secret, shown this once: {secret}")


class Deliveries(ReadOnly):
    list_display = ("message_type", "endpoint", "state", "tries", "status", "error", "tried")
    list_filter = ("state",)
    list_select_related = ("message", "endpoint")
    search_fields = ("message__id", "endpoint__id", "endpoint__url")
    ordering = ("-id",)
    actions = ("send_again",)
    tried = at("tried_s", "last tried")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(getattr(request.user, "is_staff", False))

    @admin.display(description="what", ordering="message__type")
    def message_type(self, row: Delivery) -> str:
        return f"{row.message.type} {row.message_id}"

    @admin.action(description="Send again")
    def send_again(self, request: HttpRequest, rows: QuerySet[Delivery]) -> None:
        messages.success(request, f"{endpoints.replay(rows)} will be sent again.")


admin.site.register(Endpoint, Endpoints)
admin.site.register(Delivery, Deliveries)
