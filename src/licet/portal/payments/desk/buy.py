"""The page of a purchase: which way to pay, for how many, with which coupon; then off to the provider's own page.

Whoever has something bought already changes it here: the page says what begins when, before anything is done.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from licet.errors import LicetError
from licet.portal import documents, tiers
from licet.portal.config import current
from licet.portal.pages import words
from licet.portal.pages.headers import POLICY
from licet.portal.payments import offer, orders, providers
from licet.portal.payments.desk.buyer import MANAGE, Buyer, page
from licet.portal.payments.models import Subscription
from licet.portal.payments.offer import Chosen, coin_words
from licet.portal.payments.port import Unreachable
from licet.release.release import Release, Tier


class BuyForm(forms.Form):
    """The ways to pay that the tier has; seats where its price is one of a seat; a coupon where it knows any."""

    interval = forms.ChoiceField(label=gettext_lazy("How to pay"), widget=forms.RadioSelect)
    seats = forms.IntegerField(
        label=gettext_lazy("Seats"), min_value=1, help_text=gettext_lazy("How many people the tier is for.")
    )
    coupon = forms.CharField(label=gettext_lazy("Coupon"), max_length=40, required=False, strip=True)

    def __init__(self, tier: Tier, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        interval = self.fields["interval"]
        assert isinstance(interval, forms.ChoiceField)
        interval.choices = [(price.unit, words.price(price)) for price in tier.prices]
        interval.initial = tier.prices[0].unit
        if len(tier.prices) == 1:
            interval.widget = forms.HiddenInput()
        if tier.per_seat:
            self.fields["seats"].widget.attrs |= {"max": min(tier.seats or offer.MOST_SEATS, offer.MOST_SEATS)}
            self.fields["seats"].initial = 1
        else:
            del self.fields["seats"]
        if not tier.coupons:
            del self.fields["coupon"]


def _leads_out(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """This form's answer leads to the provider's page, on another host: browsers hold that against `form-action`."""

    @wraps(view)
    def inner(request: HttpRequest, **more: Any) -> HttpResponse:
        answer = view(request, **more)
        provider = providers.selling()
        if provider is not None and provider.name != "sandbox":  # Stripe's pages are elsewhere in its test mode, too
            account = current().stripe
            there = f"https: {account.api}" if account is not None and account.api else "https:"
            answer["Content-Security-Policy"] = POLICY.replace("form-action 'self'", f"form-action 'self' {there}")
        return answer

    return inner


@require_http_methods(["GET", "HEAD", "POST"])
@_leads_out
@page(MANAGE)
def buy(request: HttpRequest, buyer: Buyer) -> HttpResponse:
    """`?tier=NAME` (as offers link to it), `?release=` where there are several, `?for=` an organization."""
    release, tier = _named(request, buyer)
    row = orders.living(buyer.holder, release.name)
    form = BuyForm(tier, request.POST if request.method == "POST" else None, initial=_initial(request, row, tier))
    context = {
        "buyer": buyer, "release": release, "tier": tier, "form": form, "row": row,
        "held": tiers.current(buyer.holder, release.name), "provider": providers.selling(),
        "taxed": (account := current().stripe) is not None and account.tax,
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, "payments/buy.html", context, status=422 if form.errors else 200)
    told = form.cleaned_data
    try:
        chosen = orders.choose(
            buyer.holder, release.name, tier.name, told["interval"], told.get("seats") or 1, told.get("coupon") or ""
        )
        if row is not None:
            return _change(request, buyer, row, chosen, context)
        return redirect(orders.begin(buyer.holder, release.name, chosen, buyer.by, back=buyer.tier_page))
    except Unreachable:
        form.add_error(None, _("The payment provider does not answer just now. Nothing was charged; please try again."))
        return render(request, "payments/buy.html", context, status=503)
    except LicetError as wrong:
        form.add_error(None, str(wrong))
        return render(request, "payments/buy.html", context, status=422)


def _change(
    request: HttpRequest, buyer: Buyer, row: Subscription, chosen: Chosen, context: dict[str, Any]
) -> HttpResponse:
    """Say what will be, and only then do it."""
    more = orders.is_more(row, chosen)
    if request.POST.get("sure") != "1":
        told = {
            "chosen": chosen, "more": more, "each": coin_words(chosen.each_minor, chosen.price.currency),
            "was": coin_words(row.unit_minor * row.seats, row.currency), "at_s": row.period_until_s,
        }  # fmt: skip
        return render(request, "payments/change.html", {**context, **told})
    when = orders.change(row, chosen, buyer.by)
    row.refresh_from_db()
    if when == "now":
        messages.success(request, _("You have %(tier)s now.") % {"tier": row.tier})
    else:
        day = words.day(row.period_until_s) if row.period_until_s else ""
        messages.success(request, _("Noted: %(tier)s from %(day)s on.") % {"tier": chosen.tier.name, "day": day})
    return redirect(buyer.home)


def _named(request: HttpRequest, buyer: Buyer) -> tuple[Release, Tier]:
    said = request.POST if request.method == "POST" else request.GET
    name = said.get("release") or documents.main()
    if name not in documents.releases() or providers.selling() is None:
        raise Http404
    release = documents.in_force(name)
    tier = release.tier(said.get("tier", ""))
    if tier is None or not tier.prices:
        raise Http404
    if tier.requires_approval and not tiers.approved(buyer.holder, release.name, tier.name):
        raise Http404
    return release, tier


def _initial(request: HttpRequest, row: Subscription | None, tier: Tier) -> dict[str, Any]:
    units = [price.unit for price in tier.prices]
    asked = request.GET.get("interval", "")
    interval = next((unit for unit in (asked, row.interval if row else "") if unit in units), units[0])
    told = {"interval": interval, "coupon": request.GET.get("coupon", "")}
    return {**told, "seats": row.seats if row is not None else 1}
