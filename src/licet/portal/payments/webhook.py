"""What happens when Stripe calls? The bytes are verified, the event's id is kept, Stripe is answered; then it is applied.

Nothing that an event says is believed or kept, but its id, its kind and what it is about: the object is fetched anew
(`webhook_apply.py`). So an event that is late, doubled or forged by somebody who has the secret changes nothing.

| it is                              | answer                                                                         |
| ---------------------------------- | ------------------------------------------------------------------------------ |
| no POST                            | 405                                                                            |
| larger than any event              | 413, unread (`bodies.py`)                                                |
| unsigned, forged, truncated, stale | 400; Stripe sends what was its own again, freshly signed                       |
| known already                      | 200, and nothing is done                                                       |
| new                                | 200, after it is kept                                                          |
"""

from __future__ import annotations

import json
import logging
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from licet.portal import clock
from licet.portal.bodies import WEBHOOK_LARGEST as LARGEST
from licet.portal.config import current
from licet.portal.payments import stripe_seen, webhook_apply, webhook_signature
from licet.portal.payments.models import WebhookEvent

log = logging.getLogger("licet.payments")
_SAYS = {
    "malformed": "No Stripe-Signature that can be read",
    "forged": "No signature fits these bytes",
    "stale": "Signed too long ago, or ahead of this clock",
}


@csrf_exempt
def stripe(request: HttpRequest) -> HttpResponse:
    """The address that is named at Stripe as a webhook endpoint."""
    config = current().stripe
    if config is None or not config.webhook_secrets:
        return _no(404, "No webhook is set up here: LICET_STRIPE_WEBHOOK_SECRET")
    if request.method != "POST":
        answer = _no(405, "This path takes POST")
        answer["Allow"] = "POST"
        return answer
    body = _body(request)
    if body is None:
        return _no(413, f"Larger than {LARGEST} bytes")
    header = request.headers.get("Stripe-Signature", "")
    if wrong := webhook_signature.wrong(body, header, config.webhook_secrets, clock.now_s()):
        log.warning("a webhook was refused: %s", wrong)
        return _no(400, _SAYS[wrong])
    event = _event(body)
    if event is None:
        return _no(400, "Signed, and yet no event")
    try:
        with transaction.atomic():
            WebhookEvent.objects.create(**event)
    except IntegrityError:
        return HttpResponse("known", content_type="text/plain")
    webhook_apply.wake()
    return HttpResponse("kept", content_type="text/plain")


def _body(request: HttpRequest) -> bytes | None:
    """The raw bytes; None for more than any event has."""
    length = request.headers.get("Content-Length", "")
    if length.isdecimal() and int(length[:20]) > LARGEST:
        return None
    read: bytes = request.read(LARGEST + 1)
    return read if len(read) <= LARGEST else None


def _event(body: bytes) -> dict[str, Any] | None:
    """What is kept of an event; None where the bytes are none."""
    try:
        told = json.loads(body)
        obj = told["data"]["object"]
        event: dict[str, Any] = {
            "provider": "stripe", "ref": told["id"], "what": told["type"], "about": about(told["type"], obj),
            "made_s": told["created"],
        }  # fmt: skip
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    words = isinstance(event["ref"], str) and isinstance(event["what"], str) and isinstance(event["made_s"], int)
    if not words or not 0 < len(event["ref"]) <= 120 or len(event["what"]) > 80 or len(event["about"]) > 120:
        return None
    if not 0 <= event["made_s"] < 1 << 40:  # no column holds more
        return None
    if not event["about"]:
        event["done_s"] = clock.now_s()  # of nothing that we fetch: kept, and done with
    return event


def about(what: object, obj: dict[str, Any]) -> str:
    """The id of what is to be fetched: of a subscription, an invoice, a payment, a checkout, a lost customer; else ""."""
    kind = obj.get("object")
    found: object = ""
    if kind == "invoice":
        found = stripe_seen.parent(obj) or obj.get("id")
    elif kind in ("subscription", "checkout.session", "payment_intent") or what == "customer.deleted":
        found = obj.get("id")
    elif kind in ("charge", "refund", "dispute"):
        found = obj.get("payment_intent")
    elif kind == "subscription_schedule":
        found = obj.get("subscription") or obj.get("released_subscription")
    elif kind == "invoice_payment":
        found = obj.get("invoice")
    return found if isinstance(found, str) else ""


def _no(status: int, words: str) -> HttpResponse:
    return HttpResponse(words, status=status, content_type="text/plain; charset=utf-8")
