"""What is stored of payments, for what, and how long? Lines for `/privacy` (`licet.portal.stored`). Never a card."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _later

from licet.portal.stored import DOCUMENT, ID, LASTING, MADE, RELEASE, WHO, WHOSE, Table

PROVIDER, TIER = _later("at which payment provider"), _later("the tier")
SEATS, CURRENCY = _later("for how many seats"), _later("the currency")
FROM, UNTIL = _later("from when it is paid by it"), _later("until when")

TABLES: Mapping[str, Table] = {
    "payments.Customer": Table(_later("Customers"), _later("To know you at the payment provider."), LASTING, {
        "id": ID, "provider": PROVIDER, "ref": _later("the provider's id of you"), "holder_id": WHOSE, "made_s": MADE,
        "gone_s": _later("when the provider no longer knew you"),
    }),
    "payments.OrderRow": Table(_later("Orders"), _later("What you set out to buy."), LASTING, {
        "id": ID, "holder_id": WHOSE, "provider": PROVIDER, "release": RELEASE, "document": DOCUMENT, "tier": TIER,
        "interval": _later("paid by the month, by the year or once"), "seats": SEATS,
        "unit_minor": _later("the price of a seat"), "currency": CURRENCY,
        "trial_days": _later("the days of trial"), "coupon": _later("the coupon you named"),
        "checkout": _later("the provider's id of the checkout"), "url": _later("the provider's page of it"),
        "state": _later("whether it was paid"), "by": WHO, "made_s": MADE, "closed_s": _later("when it was paid or left"),
    }),
    "payments.Subscription": Table(
        _later("Purchases"), _later("What you bought, as the provider told it last: your tier follows from it."), LASTING, {
            "id": ID, "provider": PROVIDER, "ref": _later("the provider's id of it"),
            "customer": _later("the provider's id of you"), "holder_id": WHOSE, "held_id": _later("which tier held it pays"),
            "release": RELEASE, "tier": TIER, "document": DOCUMENT,
            "moved_to": _later("the document you were moved to since"), "order": _later("from which order"),
            "interval": _later("paid by the month, by the year or once"), "seats": SEATS,
            "unit_minor": _later("the price of a seat"), "currency": CURRENCY,
            "status": _later("how it stands at the provider"), "started_s": _later("since when"),
            "period_from_s": _later("when the running period began"), "period_until_s": _later("when it ends"),
            "paid_until_s": _later("until when it is paid"), "trial_until_s": _later("until when it was tried"),
            "cancel_at_s": _later("when it ends by your wish"), "ended_s": _later("when it ended"),
            "first_failure_s": _later("since when a payment is owed"), "paused_s": _later("since when it is on hold"),
            "coming": _later("what it becomes at its next date"), "life": _later("when it is open and when not"),
            "told": _later("which mails were sent about it"), "news_s": _later("when there is more to tell"),
            "turn": _later("the number of the last look at it"),
            "applied_s": _later("when it last changed"), "checked_s": _later("when it was last looked at"),
            "surplus_s": _later("when it was found to be bought twice"),
            "gone_s": _later("when the provider no longer knew it"),
        }),
    "payments.PaymentRow": Table(_later("Payments"), _later("What was charged, and what was given back."), LASTING, {
        "id": ID, "provider": PROVIDER, "ref": _later("the provider's id of it"),
        "subscription_id": _later("for which purchase"), "state": _later("paid, owed, failed or dropped"),
        "amount_minor": _later("how much"), "currency": CURRENCY, "at_s": _later("when"), "from_s": FROM, "until_s": UNTIL,
        "attempted_s": _later("when it first failed"), "refunded_minor": _later("how much was given back"),
        "refunded_s": _later("when it was given back"), "dispute": _later("whether it was disputed"),
        "disputed_s": _later("when it was disputed"), "judged_s": _later("when that was settled"),
        "url": _later("the provider's page of it"),
    }),
    "payments.SandboxObject": Table(
        _later("The sandbox"), _later("Purchases of a server that sells without money."), LASTING, {
            "ref": ID, "holder_id": WHOSE, "kind": _later("a checkout or a purchase"),
            "body": _later("how it stands, with the ids of orders"), "made_s": MADE,
        }),
    "payments.WebhookEvent": Table(
        _later("Events of the provider"), _later("That something happened there; what is not kept.")),
    "payments.Turn": Table(_later("Turns"), _later("The number of the last look at the provider.")),
}  # fmt: skip
