"""Which types of message are there? The names alone: whoever asks for them needs no server and no data folder."""

from __future__ import annotations

from collections.abc import Mapping


def _later(text: str) -> str:
    """Marks words for translation, as Django's `gettext_noop` does; that one wants Django set up."""
    return text


TYPES: Mapping[str, str] = {
    "acceptance.created": _later("a license was accepted"),
    "access.requested": _later("a tier was asked for"),
    "access.rejected": _later("a request for a tier was rejected"),
    "access.granted": _later("a tier or a grant was given"),
    "access.ended": _later("a tier or a grant ended"),
    "quota.80": _later("80 % of a quota or cap is used"),
    "quota.100": _later("a quota or cap is used up"),
    "subscription.begun": _later("a tier was bought"),
    "subscription.changed": _later("a subscription came into another stage"),
    "subscription.ended": _later("a subscription ended"),
    "payment.paid": _later("a payment passed"),
    "payment.failed": _later("a payment failed"),
    "payment.refunded": _later("a payment was given back"),
    "payment.disputed": _later("a payment is disputed"),
    "invoice.issued": _later("a bill of use was made"),
    "license.changed": _later("the terms were published anew"),
    "key.revoked": _later("a key was revoked"),
    "key.leaked": _later("a key was seen where it does not belong"),
    "endpoint.test": _later("somebody asked for a test"),
}
"""Every type with what it means; a page lists them."""
