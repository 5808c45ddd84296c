"""A shop in the sandbox: a published release with prices, a holder, and what a test does at the provider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from licet.portal.config import PortalConfig

TERMS = """\
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
currency = "EUR"

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[feature]]
name = "basic"
call = "demo.features:basic"
serves = ["code"]

[[feature]]
name = "advanced"
call = "demo.features:advanced"
serves = ["code"]

[[tier]]
name = "free"
features = ["basic"]
quota = ["10 calls / month"]

[[tier]]
name = "premium"
features = ["*"]
price = ["9.00 EUR / month", "90.00 EUR / year"]
grace_days = 7
coupons = ["LAUNCH 50 % for 1 month"]

[[tier]]
name = "team"
features = ["*"]
price = "12.00 EUR / month"
per_seat = true
seats = 50
trial_days = 14
grace_days = 3

[[tier]]
name = "forever"
features = ["*"]
price = "490.00 EUR once"
"""


@dataclass
class Shop:
    """`holder` buys at the sandbox; `seen(action)` is what the gate would answer now."""

    config: PortalConfig

    def holder(self, email: str = "ada@example.org"):  # type: ignore[no-untyped-def]
        from licet.portal import accounts, events

        return accounts.create(email, "a long password", events.COMMAND)

    def order(self, holder, tier: str = "premium", interval: str = "month", **more):  # type: ignore[no-untyped-def]
        from licet.portal import documents
        from licet.portal.payments.port import Order

        number = more.pop("n", 1)
        unit = {"premium": 900, "team": 1200, "forever": 49_000}[tier] * (10 if interval == "year" else 1)
        document = documents.newest("sana").sha256  # type: ignore[union-attr]
        told = {"id": f"ord_{holder.pk[4:]}{number}", "holder_id": holder.pk, "release": "sana", "document": document,
                "tier": tier, "interval": interval, "unit_minor": unit, "currency": "EUR"}  # fmt: skip
        return Order(**{**told, **more})

    def buy(self, holder, tier: str = "premium", interval: str = "month", **more):  # type: ignore[no-untyped-def]
        """At the sandbox, all the way; the subscription as Licet has it then."""
        from licet.portal.payments import fetching
        from licet.portal.payments.sandbox import adapter

        found = adapter.Sandbox().checkout(self.order(holder, tier, interval, **more), done_url="", back_url="")
        ref = adapter.finish(found.ref, passes=True)
        applied = fetching.refresh(adapter.Sandbox(), ref)
        assert applied is not None
        return applied.subscription

    def at_the_provider(self, row, does):  # type: ignore[no-untyped-def]
        """Something happens there, and Licet hears of it."""
        from licet.portal.payments import fetching
        from licet.portal.payments.sandbox import adapter

        adapter.act(row.ref, does)
        fetching.refresh(adapter.Sandbox(), row.ref)
        row.refresh_from_db()
        return row

    def answer(self, holder, action: str = "advanced", at_s: int | None = None):  # type: ignore[no-untyped-def]
        """(yes or no, code, tier) by the gate's own table, from the read model."""
        from licet.access.table import Tables
        from licet.portal import clock, documents
        from licet.portal.directory import SqliteDirectory

        now_s = clock.now_s() if at_s is None else at_s
        directory = SqliteDirectory(self.config.portal_file, lambda: now_s)
        try:
            standing = directory.standing(holder.pk, "sana")
        finally:
            directory.close()
        assert standing is not None
        table = Tables().of(documents.read(standing.document), standing, None, documents.in_force("sana"))
        if table.slot(action, "code", now_s).ways:
            return "yes", "", standing.tier
        verdict = table.refusal(action, "code", now_s, {})
        return "no", verdict.code, standing.tier


@pytest.fixture
def shop(portal: PortalConfig) -> Iterator[Shop]:
    from django.test import override_settings

    from licet.portal import documents, events

    config = replace(portal, payments="sandbox")
    with override_settings(LICET=config):
        documents.publish(TERMS.encode(), events.COMMAND)
        yield Shop(config)
