"""How long does a provider wait for the answer to a webhook? `python benchmarks/webhook.py`: a ratio, in one interleaved run.

`bare` is a Django view that answers "ok", in the same process behind the same middleware, over HTTP on loopback: the least
that any portal could do. `kept` verifies the signature of a 3 kB event and stores its id in a transaction (SQLite, WAL,
synchronous=NORMAL); applying it is switched off. `kept, applied beside` is the whole thing: each event is fetched anew from
a Stripe-shaped server on this machine, and applied, in a thread of the same process while the next one is answered.
Goal: 99 of 100 answers under 100 ms. No test asserts a time.
"""

from __future__ import annotations

import http.client
import json
import secrets
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import stripe as sdk
import uvicorn

from licet.testing.stripe import serve, sign

SECRET, ROUNDS = "whsec_bench", 400
TERMS = b"""
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"
[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"
[[feature]]
name = "basic"
call = "demo:basic"
serves = ["code"]
[[tier]]
name = "free"
features = ["basic"]
[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""


def event(about: dict[str, Any]) -> bytes:
    told = {"id": f"evt_{secrets.token_hex(12)}", "object": "event", "type": "customer.subscription.updated",
            "created": int(time.time()), "data": {"object": about}, "padding": "x" * 2800}  # fmt: skip
    return json.dumps(told).encode()


def clock(ask: Callable[[], None]) -> float:
    begun = time.perf_counter()
    ask()
    return (time.perf_counter() - begun) * 1000


def portal(port: list[int], place: Path, key: str, api: str) -> uvicorn.Server:
    """The portal with one more view, on a free port of loopback."""
    from licet.portal import start
    from licet.portal.config import PortalConfig, Stripe

    start.configure(PortalConfig(place, url="http://localhost:8000", stripe=Stripe(key, (SECRET,), api=api)))
    start.migrate()
    from django.http import HttpRequest, HttpResponse
    from django.urls import path
    from django.views.decorators.csrf import csrf_exempt

    from licet.portal import urls

    @csrf_exempt
    def bare(request: HttpRequest) -> HttpResponse:
        return HttpResponse("ok", content_type="text/plain")

    urls.urlpatterns.insert(0, path("payments/bare", bare))
    server = uvicorn.Server(uvicorn.Config(start.asgi(), port=0, log_config=None, access_log=False, lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.01)
    port.append(server.servers[0].sockets[0].getsockname()[1])
    return server


def main() -> None:
    with serve(held=True) as stripe, tempfile.TemporaryDirectory() as folder:
        port: list[int] = []
        server = portal(port, Path(folder) / "data", stripe.key, stripe.url)
        from licet.portal import accounts, documents, events
        from licet.portal.payments import webhook_apply

        documents.publish(TERMS, events.COMMAND)
        ada = accounts.create("ada@example.org", "a long password", events.COMMAND)
        api = sdk.StripeClient(stripe.key, base_addresses={"api": stripe.url}).v1
        product = api.products.create({"name": "Premium"})
        price = api.prices.create({"product": product.id, "currency": "eur", "unit_amount": 900,
                                   "recurring": {"interval": "month"}})  # fmt: skip
        customer = api.customers.create({"email": "ada@example.org"})
        method = api.payment_methods.attach("pm_card_visa", {"customer": customer.id})
        said = {"licet_holder": ada.pk, "licet_release": "sana", "licet_tier": "premium"}
        sub = api.subscriptions.create({"customer": customer.id, "items": [{"price": price.id}], "metadata": said,
                                        "default_payment_method": method.id})  # fmt: skip
        wire = http.client.HTTPConnection("127.0.0.1", port[0])

        def post(path: str, body: bytes, headers: dict[str, str]) -> None:
            wire.request("POST", path, body, {"Host": "localhost", "Content-Type": "application/json", **headers})
            answer = wire.getresponse()
            answer.read()
            assert answer.status == 200, answer.status

        def bare() -> None:
            post("/payments/bare", body, {})

        def kept() -> None:
            post("/payments/webhook/stripe", body, {"Stripe-Signature": sign(body, int(time.time()), SECRET)})

        took: dict[str, list[float]] = {"bare": [], "kept": [], "kept, applied beside": []}
        for n in range(ROUNDS + 20):
            body = event({"object": "subscription", "id": sub.id})
            webhook_apply.at_once = False
            one = {"bare": clock(bare), "kept": clock(kept)}
            body, webhook_apply.at_once = event({"object": "subscription", "id": sub.id}), True
            one["kept, applied beside"] = clock(kept)
            if n >= 20:  # warm
                for name, ms in one.items():
                    took[name].append(ms)
        floor = statistics.median(took["bare"])
        for name, times in took.items():
            median, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
            print(f"{name:<24} median {median:6.2f} ms   p99 {p99:7.2f} ms   {median / floor:4.1f} x bare")
        server.should_exit = True
        time.sleep(0.5)


if __name__ == "__main__":
    main()
