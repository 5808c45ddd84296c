"""What did I use in each month, what does it cost, and where do I stop? Bills, their CSV, and the cap.

The same pages for a person (`/my/invoices`) and for an organization (`/my/organizations/…/invoices`): who may see them
is asked at the door of each, and what is shown is the holder's.
"""

from __future__ import annotations

import csv
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from licet.access.price import minor_words
from licet.errors import LicetError
from licet.portal import clock, documents, tiers
from licet.portal.billing import caps, invoices, reading
from licet.portal.billing.reading import Bill
from licet.portal.organizations.desk.enter import Desk
from licet.portal.organizations.desk.enter import page as of_organization
from licet.portal.organizations.desk.whose import Whose
from licet.portal.payments.models import PaymentRow

COLUMNS = (
    "from", "until", "release", "counter", "tier", "document", "written_at", "limit", "used", "included",
    "past_the_quota", "calls", "price", "amount_minor", "amount", "currency",
)  # fmt: skip


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    return _all(request, Whose.own(request))


@login_required
@require_safe
def one_of_mine(request: HttpRequest, release: str, from_s: int) -> HttpResponse:
    return _one(request, Whose.own(request), release, from_s)


@login_required
@require_POST
def my_cap(request: HttpRequest) -> HttpResponse:
    return _cap(request, Whose.own(request))


@require_safe
@of_organization("read:usage")
def ours(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _all(request, Whose.ours(desk))


@require_safe
@of_organization("read:usage")
def one_of_ours(request: HttpRequest, desk: Desk, release: str, from_s: int) -> HttpResponse:
    return _one(request, Whose.ours(desk), release, from_s)


@require_POST
@of_organization("manage:tier", back="organization_usage")
def our_cap(request: HttpRequest, desk: Desk) -> HttpResponse:
    return _cap(request, Whose.ours(desk))


def _all(request: HttpRequest, whose: Whose) -> HttpResponse:
    told = []
    for name in documents.releases():
        held = tiers.current(whose.holder, name)
        bills = invoices.all_of(whose.holder, name, reading.running(held) if held else None)
        kept = [(bill, whose.url("invoice", name, bill.period.from_s)) for bill in bills if bill.priced or bill.invoice]
        if kept:
            told.append((name, kept))
    context = {
        "told": told,
        "now_s": clock.now_s(),
        "closed_s": clock.now_s() - invoices.WAITS_S,
        "base": whose.base,
        "desk": whose.desk,
    }
    return render(request, "billing/invoices.html", context)


@never_cache
def _one(request: HttpRequest, whose: Whose, release: str, from_s: int) -> HttpResponse:
    """One period; `?format=csv` for a spreadsheet."""
    held = tiers.current(whose.holder, release) if release in documents.releases() else None
    bill = invoices.one_of(whose.holder, release, from_s, reading.running(held) if held else None)
    if bill is None:
        raise Http404
    if request.GET.get("format") == "csv":
        return table(bill)
    paid = PaymentRow.objects.filter(
        subscription__holder=whose.holder, subscription__release=release, until_s__gt=bill.period.from_s,
        from_s__lt=bill.period.until_s,
    ).exclude(url="").order_by("-at_s")  # fmt: skip
    context: dict[str, Any] = {
        "bill": bill, "lines": [(line, minor_words(line.amount_minor, line.currency)) for line in bill.lines],
        "payments": [(one, minor_words(one.amount_minor, one.currency)) for one in paid], "base": whose.base,
        "desk": whose.desk, "back": whose.url("invoices"), "over": bill.period.until_s <= clock.now_s(),
        "closed": bill.period.until_s + invoices.WAITS_S <= clock.now_s(),
    }  # fmt: skip
    return render(request, "billing/invoice.html", context)


def table(bill: Bill) -> HttpResponse:
    """The lines as CSV: one a line, integers as they are counted, no rounding but the amount's."""
    answer = HttpResponse(content_type="text/csv; charset=utf-8")
    day = (clock.rfc3339(bill.period.from_s) or "")[:10]
    answer["Content-Disposition"] = f'attachment; filename="{bill.release}-{day}.csv"'
    rows = csv.writer(answer)
    rows.writerow(COLUMNS)
    ends = clock.rfc3339(bill.period.from_s), clock.rfc3339(bill.period.until_s)
    for line in bill.lines:
        amount, _, currency = minor_words(line.amount_minor, line.currency).partition(" ")
        rows.writerow((
            *ends, bill.release, line.counter, line.tier, line.document, line.cite,
            "" if line.limit is None else line.limit, line.used, line.included, line.past, line.calls, line.price,
            line.amount_minor if line.currency else "", amount if line.currency else "", currency,
        ))  # fmt: skip
    return answer


def _cap(request: HttpRequest, whose: Whose) -> HttpResponse:
    """Set the cap, or take it away where the amount is left empty."""
    release = request.POST.get("release", "")
    if release not in documents.releases():
        raise Http404
    text = request.POST.get("amount", "").strip()
    currency = documents.in_force(release).currency
    try:
        if text and "none" not in request.POST:
            row = caps.put(whose.holder, release, caps.read(text, currency), whose.by)
            told = {"amount": caps.words(row.nanos, row.currency)}
            messages.success(request, _("Past your quotas you pay at most %(amount)s a month.") % told)
        else:
            caps.remove(whose.holder, release, whose.by)
            messages.success(request, _("There is no cap on what you pay past your quotas."))
    except LicetError as wrong:
        messages.error(request, str(wrong))
    return redirect(whose.url("usage"))
