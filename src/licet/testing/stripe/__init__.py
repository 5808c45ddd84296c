"""A Stripe of one's own, for tests: the real `stripe` SDK talks to it, and every request is held to the SDK's own types.

    with serve() as stripe:
        client = StripeClient(stripe.key, base_addresses={"api": stripe.url})

It sells, charges test cards, renews, fails, refunds, disputes, meters and sends signed webhooks; time is turned by a
clock, and faults are ordered by a test. What it does not do it refuses by name. It is not Stripe: what Licet does with
it is proved against the SDK's types and Stripe's documented behaviour, never against Stripe.
"""

from __future__ import annotations

from licet.testing.stripe.books import Rules
from licet.testing.stripe.faults import Fault
from licet.testing.stripe.hooks import sign
from licet.testing.stripe.serve import Stripe, serve

__all__ = ["Fault", "Rules", "Stripe", "serve", "sign"]
