"""The sandbox's own pages: a checkout where an outcome is chosen, and a desk where time and banks are played.

They stand in for the provider's, so they look like nobody's in particular and say on top that no money moves. Only
whoever ordered, whoever manages that organization's tier, and operators come in; and only where the sandbox is open.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from licet.access.role import asked
from licet.errors import LicetError
from licet.portal import clock, origin
from licet.portal.models import Account, Holder
from licet.portal.organizations.desk import enter as door
from licet.portal.payments import fetching, providers
from licet.portal.payments.desk.buyer import MANAGE
from licet.portal.payments.models import SandboxObject
from licet.portal.payments.offer import coin_words
from licet.portal.payments.port import Provider
from licet.portal.payments.sandbox import adapter, machine, plays
from licet.terms import Answer

View = Callable[..., HttpResponse]


def _open(view: View) -> View:
    """404 where the sandbox is shut."""

    @login_required
    @never_cache
    @wraps(view)
    def inner(request: HttpRequest, **more: Any) -> HttpResponse:
        provider = providers.named(machine.NAME)
        if provider is None:
            raise Http404
        return view(request, provider, **more)

    return inner


@require_http_methods(["GET", "HEAD", "POST"])
@_open
def checkout(request: HttpRequest, provider: Provider, ref: str) -> HttpResponse:
    """Choose how the payment ends: it passes, it is declined, or the bank asks for one more step first."""
    row = SandboxObject.objects.filter(pk=ref, kind="checkout").first()
    if row is None:
        raise Http404
    order = row.body["order"]
    _let_in(request, order["holder_id"])
    found, play = provider.checked_out(ref), request.POST.get("play", "")
    says = ""
    if found.state == "complete":
        return redirect(row.body["done"])
    if request.method == "POST" and found.state == "open":
        if play in ("pay", "confirm"):
            adapter.finish(ref, passes=True)
            return redirect(row.body["done"])
        if play == "leave":
            return redirect(row.body["back"])
        says = "bank" if play == "bank" else "declined"
    amount = order["unit_minor"] * order["seats"]
    context = {
        "order": order, "state": found.state, "says": says, "back": row.body["back"],
        "each": coin_words(amount, order["currency"]),
        "reduced": coin_words(amount - amount * order["percent_off"] // 100, order["currency"]),
    }  # fmt: skip
    return render(request, "payments/sandbox_checkout.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@_open
def customer(request: HttpRequest, provider: Provider, customer: str) -> HttpResponse:
    """Everything that this customer has, and what may happen to it next."""
    mine = SandboxObject.objects.filter(kind="subscription", body__seen__customer=customer)
    rows = list(mine.order_by("-made_s", "-ref"))
    if not rows:
        raise Http404
    _let_in(request, rows[0].body["seen"]["holder_id"])
    if request.method == "POST":
        ref, play = request.POST.get("ref", ""), request.POST.get("play", "")
        if ref not in {row.pk for row in rows}:
            raise Http404
        try:
            adapter.act(ref, lambda kept: plays.play(play, kept, clock.now_s()))
            fetching.refresh(provider, ref, origin.by(request))
        except LicetError as wrong:
            messages.error(request, str(wrong))
        else:
            messages.success(request, _("Played. Licet has fetched it anew, as it does for every event."))
        return redirect(request.path)
    told = [plays.told(kept, clock.now_s()) for row in rows if (kept := adapter.read(row.pk))]
    return render(request, "payments/sandbox_customer.html", {"told": told, "customer": customer})


def _let_in(request: HttpRequest, holder_id: str) -> None:
    assert isinstance(request.user, Account)
    if request.user.is_staff or origin.holder(request).pk == holder_id:
        return
    if not Holder.objects.filter(pk=holder_id, kind=Holder.Kind.ORGANIZATION).exists():
        raise Http404
    if asked(door.enter(request, holder_id).terms, MANAGE).answer is not Answer.YES:
        raise Http404
