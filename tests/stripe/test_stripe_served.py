"""A real server, a real SDK, real webhooks over HTTP: somebody pays, and the next call is answered; without a page reload."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import stripe as sdk
from tests.serve.served import call, licet, release, running

from licet.testing.stripe import serve

SECRET = "whsec_of_a_server"
PAID = """
[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
grace_days = 7
"""


def _until(holds: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come to be"
        time.sleep(0.1)


def _tier(url: str, secret: str) -> Any:
    return call(f"{url}/v1/me", secret)[1]["tier"]


@pytest.mark.slow
def test_a_payment_reaches_the_gate_by_a_webhook_and_a_refund_that_nobody_heard_of_by_a_reconcile(
    tmp_path: Path,
) -> None:
    folder = release(tmp_path / "voice", limit=5, extra=PAID)
    data = ["--data", str(folder / ".licet")]
    with serve() as stripe:
        env = {"LICET_STRIPE_KEY": stripe.key, "LICET_STRIPE_WEBHOOK_SECRET": SECRET, "LICET_STRIPE_API": stripe.url}
        api = sdk.StripeClient(stripe.key, base_addresses={"api": stripe.url}).v1
        with running("serve", str(folder), "--port", "0", env=env) as server:
            url = server.wait_for("is served at").split()[-1]
            stripe.hooks.listen(f"{url}/payments/webhook/stripe", SECRET)
            assert licet("account", "create", "ada@example.org", *data).returncode == 0
            key = json.loads(licet("key", "make", "ada@example.org", "--json", *data).stdout)["secret"]
            holder = call(f"{url}/v1/me", key)[1]["holder"]
            done = licet("payments", "sync", "--yes", *data, env=env)
            assert done.returncode == 0, done.stderr
            assert "done at Stripe's test mode" in done.stdout

            price = api.prices.list({"limit": 1}).data[0]
            said = {"licet_holder": holder, "licet_release": "voice", "licet_tier": "premium"}
            page = api.checkout.sessions.create({
                "mode": "subscription", "line_items": [{"price": price.id, "quantity": 1}], "metadata": said,
                "subscription_data": {"metadata": said}, "success_url": f"{url}/my/", "customer_email": "ada@example.org",
            })  # fmt: skip
            assert _tier(url, key) != "premium"
            assert stripe.browse(page.url, card="4242424242424242")[0] == 303
            _until(lambda: _tier(url, key) == "premium")
            assert ("checkout.session.completed", 200) in stripe.hooks.answers
        ref = api.checkout.sessions.retrieve(page.id).subscription
        assert not stripe.hooks.take()

        paid = api.invoice_payments.list({"status": "paid"}).data[0].payment.payment_intent
        api.refunds.create({"payment_intent": paid})
        api.subscriptions.cancel(ref)  # the server is down: every one of these events is lost
        assert stripe.hooks.answers[-1][1] == 0
        found = licet("payments", "reconcile", "--json", *data, env=env)
        assert found.returncode == 0, found.stderr
        told = json.loads(found.stdout)
        # Of a webhook that was kept and not looked at before the server ended, the command fetches the same state first.
        assert told["providers"]["stripe"]["mended"] == 1 or told["events_applied"] > 0, found.stdout
        with running("serve", str(folder), "--port", "0", env=env) as server:
            url = server.wait_for("is served at").split()[-1]
            assert _tier(url, key) != "premium"
        log = "".join((*server.lines, *server.errors))
        for word in (stripe.key, SECRET):
            assert word not in log
            assert word not in done.stdout + done.stderr + found.stdout + found.stderr
        for file in (folder / ".licet").rglob("*"):
            if file.is_file():
                assert stripe.key.encode() not in file.read_bytes(), file
                assert SECRET.encode() not in file.read_bytes(), file
