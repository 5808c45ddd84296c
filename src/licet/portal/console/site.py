"""What does an operator see first? How many of everything there are, and what waits for an answer."""

from __future__ import annotations

from typing import Any

from allauth.account.decorators import secure_admin_login
from django.contrib.admin import AdminSite
from django.db.models.base import ModelBase
from django.http import HttpRequest
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from licet.portal import clock, fresh
from licet.portal.models import Account, Event, GrantRow, Held, Holder, Key, Request

_DAY_S = 24 * 3600
OURS = (
    "portal", "organizations", "community", "changes", "programs", "certificates", "sso", "payments", "billing", "outgoing",
)  # fmt: skip


class Site(AdminSite):
    site_header = "Licet console"
    site_title = "Licet console"
    index_title = "At a glance"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Our tables only: an address, a passkey or a session that is changed by a form over its table leaves no event."""
        models: list[Any] = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        super().register([model for model in models if model._meta.app_label in OURS], admin_class, **options)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Every act of an operator asks whether he showed within the hour who he is; looking does not."""
        inner = super().admin_view(view, cacheable)
        return inner if getattr(view, "__name__", "") == "logout" else fresh.asked_of_posts(inner)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """One way in for everybody: allauth's, with its second factors and its limits."""
        return secure_admin_login(super().login)(request, extra_context)

    def get_urls(self) -> list[Any]:
        from licet.portal.payments import console as money
        from licet.portal.whatif import views

        return [*views.urls(self.admin_view), *money.urls(self.admin_view), *super().get_urls()]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**(extra_context or {}), "counts": counts()})


def _told_elsewhere() -> list[tuple[str, int, str]]:
    """What waits for nobody, unless somebody looks: webhooks that fail, use that the payment provider refused."""
    from licet.portal.billing.models import MeterEvent
    from licet.portal.outgoing.models import Endpoint

    failing = Endpoint.objects.filter(removed_s=None).exclude(failing_since_s=None).count()
    refused = MeterEvent.objects.filter(state=MeterEvent.State.REFUSED).count()
    told = [
        ("webhooks failing", failing, "outgoing/endpoint/"),
        ("use that the provider refused", refused, "billing/meterevent/?state__exact=refused"),
    ]
    return [one for one in told if one[1]]


def counts() -> list[tuple[str, int, str]]:
    """(what, how many, where to look) for the first page of the console."""
    now = clock.now_s()
    living = Holder.objects.filter(deleted_s=None)
    return [
        ("requests waiting", Request.objects.filter(state="pending").count(), "portal/request/?state__exact=pending"),
        *_applications(now),
        ("accounts", Account.objects.count(), "portal/holder/"),
        *_owing(),
        ("suspended", living.exclude(suspended_s=None).count(), "portal/holder/?state=suspended"),
        ("keys that work", Key.objects.filter(revoked_s=None).exclude(expires_s__lte=now).count(), "portal/key/"),
        ("tiers held", Held.objects.filter(ended_s=None).count(), "portal/held/"),
        (
            "grants in force",
            GrantRow.objects.filter(revoked_s=None).exclude(until_s__lt=now).count(),
            "portal/grantrow/",
        ),
        (
            "failed sign-ins today",
            Event.objects.filter(what="login.failed", at_s__gt=now - _DAY_S).count(),
            "portal/event/?what=login.failed",
        ),
        *_told_elsewhere(),
    ]


def _owing() -> list[tuple[str, int, str]]:
    """Who owes a payment; nothing where nobody does."""
    from licet.portal.payments import report

    owing = len(report.failing())
    return [("payments owed", owing, "money/")] if owing else []


def _applications(now_s: int) -> list[tuple[str, int, str]]:
    """Those that wait, and how many of them longer than was meant."""
    from licet.portal.programs.models import Application

    waiting = Application.objects.filter(state=Application.State.SENT)
    late = waiting.filter(due_s__lt=now_s).count()
    told = [("applications waiting", waiting.count(), "programs/application/")]
    return [*told, ("overdue", late, "programs/application/?turn=overdue")] if late else told
