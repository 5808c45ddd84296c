"""What I bought, and how I end it: the page of payments, the way back from the provider, two clicks to cancel."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.portal import documents
from licet.portal.config import current
from licet.portal.pages import words
from licet.portal.payments import orders, providers
from licet.portal.payments.desk import shown
from licet.portal.payments.desk.buyer import MANAGE, READ, Buyer, page
from licet.portal.payments.models import OrderRow, Subscription
from licet.portal.payments.port import Unreachable


@require_safe
@page(READ)
def payments(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """Everything that was bought, and what can be."""
    sold = [
        release
        for name in documents.releases()
        if shown.sold(release := documents.in_force(name)) and orders.living(buyer.holder, name) is None
    ]
    return render(
        request,
        "payments/mine.html",
        {"buyer": buyer, "bought": shown.bought(buyer.holder), "sold": sold, "desk": buyer.desk},
    )


@require_safe
@page(READ)
def done(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """The way back from the provider: what was bought is fetched at once, whether or not its event has come."""
    row = get_object_or_404(OrderRow, pk=request.GET.get("order", ""))
    if row.holder_id != buyer.holder.pk:
        return redirect(f"{request.path}?order={row.pk}&for={row.holder_id}") if not buyer.desk else _nobody()
    try:
        state = orders.done(row, buyer.by)
    except Unreachable:
        messages.info(request, _("The payment provider does not answer just now. As soon as it does, this page knows."))
        return redirect(buyer.home)
    if state == "complete":
        messages.success(
            request,
            _("Thank you. You have %(tier)s from your next call on; no key has to be changed.") % {"tier": row.tier},
        )
    elif state == "open":
        messages.info(request, _("The payment is not complete yet. Nothing was charged."))
    else:
        messages.info(request, _("The purchase was left. Nothing was charged."))
    return redirect(buyer.home)


@require_http_methods(["GET", "HEAD", "POST"])
@page(MANAGE)
def cancel(request: HttpRequest, buyer: Buyer, number: int) -> HttpResponse:
    """The page says until when everything stays open; one button does it, and nobody is asked why."""
    row = _mine(buyer, number)
    if request.method != "POST":
        context = {"buyer": buyer, "row": row, "at_once": orders.ends_at_once(row)}
        return render(request, "payments/cancel.html", context)
    orders.cancel(row, buyer.by)
    row.refresh_from_db()
    if row.cancel_at_s is not None and row.status != "canceled":
        told = {"tier": row.tier, "day": words.day(row.cancel_at_s)}
        messages.success(request, _("Cancelled. %(tier)s stays open until %(day)s.") % told)
    else:
        messages.success(request, _("Cancelled. Nothing more is charged."))
    return redirect(buyer.home)


@require_POST
@page(MANAGE)
def resume(request: HttpRequest, buyer: Buyer, number: int) -> HttpResponse:
    row = _mine(buyer, number)
    orders.resume(row, buyer.by)
    messages.success(request, _("It goes on: %(tier)s is renewed as before.") % {"tier": row.tier})
    return redirect(buyer.home)


@require_safe
@page(MANAGE)
def desk(request: HttpRequest, buyer: Buyer, number: int) -> HttpResponse:
    """To the provider's own page: the way to pay, and the invoices."""
    row = _mine(buyer, number)
    provider = providers.named(row.provider)
    url = provider.desk_url(row.customer, f"{current().url}{buyer.home}") if provider else ""
    if not url:
        raise Http404
    return redirect(url)


def _mine(buyer: Buyer, number: int) -> Subscription:
    return get_object_or_404(Subscription, pk=number, holder=buyer.holder)


def _nobody() -> HttpResponse:
    raise Http404
