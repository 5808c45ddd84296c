"""A shop that sells through Stripe: our portal, the real SDK, and between them a Stripe-shaped server on loopback."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from tests.portal.conftest import Hands, config, hands, portal  # noqa: F401
from tests.portal.payments.conftest import TERMS
from tests.portal.payments.conftest import Shop as Sandbox

from licet.portal.config import PortalConfig
from licet.portal.config import Stripe as Account
from licet.testing.stripe import Stripe, serve

SECRET = "whsec_of_a_test"
DAY_S = 86_400
GOOD, REFUSED, FAILS_LATER, STEP = "4242424242424242", "4000000000000002", "4000000000000341", "4000002500003155"
SOLD = TERMS.replace(
    """\
grace_days = 7
coupons""",
    """\
quota = ["100 calls / month"]
overage = ["0.40 EUR / 1000 calls"]
grace_days = 7
coupons""",
)


@dataclass(repr=False)
class Shop(Sandbox):
    """`buy` goes through checkout as a person does; `hear` lets Stripe's events in."""

    stripe: Stripe = field(kw_only=True)
    hands: Hands = field(kw_only=True)
    calls: list[str] = field(default_factory=list)

    @property
    def provider(self) -> Any:
        from licet.portal.payments import providers

        return providers.named("stripe")

    @property
    def sdk(self) -> Any:
        """The real SDK, as an operator would use it."""
        return self.provider.api

    def open(self, holder: Any, tier: str = "premium", interval: str = "", **more: Any) -> str:
        """The address of the page where it is paid."""
        from licet.portal import events
        from licet.portal.payments import orders

        chosen = orders.choose(holder, "sana", tier, interval, more.pop("seats", 1), more.pop("coupon", ""))
        return orders.begin(holder, "sana", chosen, events.By(holder.pk), back="/my/tier")

    def buy(self, holder: Any, tier: str = "premium", interval: str = "", *, card: str = GOOD, **more: Any) -> Any:
        """All the way, with the events that follow; the subscription as Licet has it then."""
        url = self.open(holder, tier, interval, **more)
        status, to = self.stripe.browse(url, card=card)
        if "/step/" in to:
            status, to = self.stripe.browse(to, step="complete")
        assert (status, to.startswith(self.config.url)) == (303, True), to
        self.hear()
        return self.row(holder)

    def row(self, holder: Any) -> Any:
        from licet.portal.payments.models import Subscription

        return Subscription.objects.filter(holder=holder).order_by("-id").first()

    def post(self, body: bytes, headers: dict[str, str]) -> int:
        """Stripe calls our webhook: through Django's whole stack."""
        from django.test import Client

        made = Client().post(
            "/payments/webhook/stripe", body, content_type="application/json", SERVER_NAME="localhost",
            headers={"stripe-signature": headers["Stripe-Signature"]},
        )  # fmt: skip
        return made.status_code

    def hear(self, events: list[dict[str, Any]] | None = None) -> list[int]:
        """Stripe sends what waits (or these, in this order), and what was kept is applied."""
        from licet.portal.payments import webhook_apply

        answers = self.stripe.deliver(events)
        webhook_apply.due()
        return answers

    def forward(self, days: float, *, hear: bool = True) -> None:
        """Time passes, at Stripe as here."""
        self.hands.forward(int(days * DAY_S))
        self.stripe.tick()
        if hear:
            self.hear()

    def card(self, row: Any, name: str) -> None:
        """The customer's card is another from now on: a test name of Stripe's."""
        method = self.sdk.payment_methods.attach(name, {"customer": row.customer})
        self.sdk.subscriptions.update(row.ref, {"default_payment_method": method.id})
        self.hear()

    def stage(self, row: Any) -> str:
        from licet.portal import clock
        from licet.portal.payments import apply, life

        row.refresh_from_db()
        found = life.at(apply.stages(row), clock.now_s())
        return found.name if found else ""


@pytest.fixture(scope="session")
def server() -> Iterator[Stripe]:
    with serve(lambda: int(time.time()), held=True) as stripe:
        yield stripe


@pytest.fixture
def sold() -> str:
    """The licet.toml that is published; a test module may bring another."""
    return SOLD


@pytest.fixture
def shop(
    portal: PortalConfig,  # noqa: F811
    hands: Hands,  # noqa: F811
    server: Stripe,
    sold: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Shop]:
    from django.test import override_settings

    from licet.portal import documents, events
    from licet.portal.payments import webhook_apply

    clock: Callable[[], int] = lambda: hands.at_s  # noqa: E731
    server.clear(clock)
    config = replace(portal, stripe=Account(server.key, (SECRET,), api=server.url))  # noqa: F811
    monkeypatch.setattr(webhook_apply, "at_once", False)
    with override_settings(LICET=config):
        documents.publish(sold.encode(), events.COMMAND)
        shop = Shop(config, stripe=server, hands=hands)
        server.hooks.listen(shop.post, SECRET)
        yield shop
