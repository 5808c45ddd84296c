"""A tier that needs approval and has a price: nobody buys it unasked, an approval opens its checkout, nothing is for free."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from typing import Any

import pytest
from tests.portal.payments.conftest import TERMS

LAB = """
[[tier]]
name = "lab"
features = ["*"]
requires = "approval"
price = "49.00 EUR / month"
"""


@pytest.fixture
def ada(shop: Any) -> Any:
    from licet.portal import documents, events

    documents.publish((TERMS + LAB).encode(), events.COMMAND)
    return shop.holder()


def browser(holder: Any) -> Any:
    from django.test import Client

    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(holder.account, backend="licet.portal.adapter.ByEmail")
    return client


def mails(shop: Any) -> list[str]:
    files = sorted(shop.config.mail_dir.glob("*.eml"))
    told = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in files]
    return [str(one.get_content()) for one in told]


def test_an_approval_opens_the_checkout_and_gives_nothing_before_it_is_paid(shop: Any, ada: Any) -> None:
    from licet.portal import events, tiers
    from licet.portal.payments.sandbox import adapter

    client, path = browser(ada), "/my/buy?tier=lab"
    assert client.get(path).status_code == 404
    assert client.post("/my/buy", {"tier": "lab", "interval": "month"}).status_code == 404
    page = client.get("/my/tier").content.decode()
    assert "49.00 EUR / month" in page and "once your request is approved" in page
    asked = tiers.request(ada, "sana", "lab", "I measure whales.", events.COMMAND)
    assert tiers.approve(asked, events.COMMAND, "Welcome.") is None
    assert shop.answer(ada)[0] == "no"
    assert any("You may buy it now" in one for one in mails(shop))
    assert "Buy lab" in client.get("/my/tier").content.decode()
    assert client.get(path).status_code == 200
    there = client.post("/my/buy", {"tier": "lab", "interval": "month"})["Location"]
    adapter.finish(there.rstrip("/").rpartition("/")[2], passes=True)
    client.get(f"/my/payments/done?order={ada.orders.get().pk}")
    assert shop.answer(ada) == ("yes", "", "lab")


def test_a_later_no_shuts_the_checkout_again(shop: Any, ada: Any, hands: Any) -> None:
    from licet.portal import events, tiers

    tiers.approve(tiers.request(ada, "sana", "lab", "I measure whales.", events.COMMAND), events.COMMAND)
    assert browser(ada).get("/my/buy?tier=lab").status_code == 200
    hands.forward(60)
    tiers.reject(tiers.request(ada, "sana", "lab", "And dolphins.", events.COMMAND), events.COMMAND)
    assert browser(ada).get("/my/buy?tier=lab").status_code == 404


@pytest.mark.parametrize("where", ["until a date", "nothing is sold"])
def test_what_is_given_with_a_date_or_where_nothing_is_sold_needs_no_payment(shop: Any, ada: Any, where: str) -> None:
    from django.test import override_settings

    from licet.portal import clock, events, tiers

    asked = tiers.request(ada, "sana", "lab", "I measure whales.", events.COMMAND)
    until_s = clock.now_s() + 1000 if where == "until a date" else None
    with override_settings(LICET=replace(shop.config, payments="sandbox" if until_s else "off")):
        held = tiers.approve(asked, events.COMMAND, until_s=until_s)
    assert held is not None and held.tier == "lab"
    assert shop.answer(ada) == ("yes", "", "lab")


def test_somebody_elses_approval_opens_nothing(shop: Any, ada: Any) -> None:
    from licet.portal import events, tiers

    tiers.approve(tiers.request(ada, "sana", "lab", "I measure whales.", events.COMMAND), events.COMMAND)
    assert browser(shop.holder("eve@example.org")).get("/my/buy?tier=lab").status_code == 404
