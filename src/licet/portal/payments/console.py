"""The console's page of money: what came in, who buys what, who owes, what was given back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from licet.portal.payments import providers, report
from licet.portal.payments.offer import coin_words


def urls(admin_view: Callable[..., Any]) -> list[Any]:
    return [path("money/", admin_view(money), name="money")]


@require_safe
def money(request: HttpRequest) -> HttpResponse:
    """Amounts are what the provider charged, before its fees; each currency stands for itself."""
    back = [
        (row, coin_words(row.refunded_minor or row.amount_minor, row.currency), row.dispute)
        for row in report.given_back()
    ]
    owing = [(row, coin_words(row.unit_minor * row.seats, row.currency)) for row in report.failing()]
    context = {
        **admin.site.each_context(request), "title": "Money", "months": report.months(), "sold": report.sold(),
        "owing": owing, "back": back, "used": report.used(), "provider": providers.selling(),
    }  # fmt: skip
    return render(request, "admin/payments/money.html", context)
