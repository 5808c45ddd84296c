"""Which addresses are those of buying? A holder's own under `/my/`, the sandbox's under `/sandbox/`."""

from __future__ import annotations

from django.urls import path

from licet.portal.payments.desk import buy, mine
from licet.portal.payments.sandbox import pages

urlpatterns = [
    path("my/buy", buy.buy, name="buy"),
    path("my/payments", mine.payments, name="payments"),
    path("my/payments/done", mine.done, name="payments_done"),
    path("my/payments/<int:number>/cancel", mine.cancel, name="payments_cancel"),
    path("my/payments/<int:number>/resume", mine.resume, name="payments_resume"),
    path("my/payments/<int:number>/desk", mine.desk, name="payments_desk"),
    path("sandbox/checkout/<str:ref>", pages.checkout, name="sandbox_checkout"),
    path("sandbox/customer/<str:customer>", pages.customer, name="sandbox_customer"),
]
