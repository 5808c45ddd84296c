"""Does `licet payments sync` make Stripe sell exactly what the document says: told first, done once, old prices kept?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.stripe.conftest import SOLD, Shop

from licet.portal.payments.port import Declined


def _plan(shop: Shop) -> list[Any]:
    from licet.portal import documents
    from licet.portal.payments import sync

    return sync.plan(shop.provider, documents.in_force("sana"))


def _do(shop: Shop) -> list[tuple[str, str]]:
    from licet.portal.payments import sync

    steps = _plan(shop)
    sync.carry_out(steps, lambda step: None)
    return [(step.does, step.what) for step in steps]


def _publish(text: str, **more: Any) -> None:
    from licet.portal import documents, events

    documents.publish(text.encode(), events.COMMAND, **more)


def test_a_plan_changes_nothing_and_carried_out_once_there_is_nothing_left_to_do(shop: Shop) -> None:
    first = _plan(shop)
    assert not [one for one in shop.stripe.app.asked if one.method == "POST"]
    assert {step.does for step in first} == {"create"}
    counts = {what: sum(1 for step in first if step.what == what) for what in ("product", "price", "meter", "coupon")}
    assert counts == {"product": 3, "price": 6, "meter": 1, "coupon": 1}
    assert _do(shop) == [(step.does, step.what) for step in first]
    assert _plan(shop) == []


def test_a_checkout_after_a_sync_makes_nothing_new(shop: Shop) -> None:
    _do(shop)
    before = len(shop.sdk.prices.list({"limit": 100}).data)
    shop.buy(shop.holder(), coupon="LAUNCH")
    assert len(shop.sdk.prices.list({"limit": 100}).data) == before
    assert _plan(shop) == []


def test_another_amount_is_a_new_price_the_old_one_is_archived_and_who_pays_it_goes_on(shop: Shop) -> None:
    _do(shop)
    ada = shop.holder()
    row = shop.buy(ada)
    _publish(SOLD.replace("9.00 EUR / month", "11.00 EUR / month").replace('version = "1.0.0"', 'version = "1.1.0"'))
    assert sorted(_do(shop)) == [("archive", "price"), ("create", "price")]
    assert _plan(shop) == []
    shop.forward(32)
    row.refresh_from_db()
    assert (row.unit_minor, row.payments.order_by("-at_s").first().amount_minor) == (900, 900)
    bo = shop.buy(shop.holder("bo@example.org"))
    assert bo.unit_minor == 1100


def test_what_was_archived_is_sold_again_when_the_document_says_so(shop: Shop) -> None:
    _do(shop)
    _publish(SOLD.replace("9.00 EUR / month", "11.00 EUR / month").replace('version = "1.0.0"', 'version = "1.1.0"'))
    _do(shop)
    _publish(SOLD.replace('version = "1.0.0"', 'version = "1.2.0"'))
    assert sorted(_do(shop)) == [("archive", "price"), ("sell again", "price")]


def test_a_tier_that_is_no_longer_sold_is_archived_with_its_prices_and_nothing_of_others_is_touched(shop: Shop) -> None:
    _do(shop)
    other = shop.sdk.products.create({"name": "somebody else's"})
    price = shop.sdk.prices.create({"product": other.id, "currency": "eur", "unit_amount": 100})
    start, end = SOLD.index('[[tier]]\nname = "forever"'), len(SOLD)
    _publish(SOLD[:start] + SOLD[end:])
    assert sorted(_do(shop)) == [("archive", "price"), ("archive", "product")]
    assert shop.sdk.products.retrieve(other.id).active
    assert shop.sdk.prices.retrieve(price.id).active


def test_a_product_renamed_at_stripe_by_hand_is_told_and_named_again(shop: Shop) -> None:
    _do(shop)
    shop.sdk.products.update("licet__sana__premium", {"name": "My premium"})
    steps = _plan(shop)
    assert [(step.does, step.what, step.why) for step in steps] == [("change", "product", "name")]


def test_a_price_that_stripe_cannot_take_is_said_before_anything_is_done(shop: Shop) -> None:
    iceland = SOLD.replace('currency = "EUR"', 'currency = "ISK"').replace(" EUR", " ISK")
    _publish(iceland.replace('"9.00 ISK / month", "90.00 ISK / year"', '"900 ISK / month"').replace(".00 ISK", " ISK"))
    with pytest.raises(Declined, match="ISK are not sold by Stripe"):
        _plan(shop)
    assert not [one for one in shop.stripe.app.asked if one.method == "POST"]


def test_a_sync_cut_off_in_the_middle_goes_on_where_it_was(shop: Shop) -> None:
    from licet.errors import LicetError

    whole = len(_plan(shop))
    shop.stripe.fault("500", "/v1/prices", method="POST", times=2)
    with pytest.raises(LicetError, match="create price"):
        _do(shop)
    left = len(_plan(shop))
    assert 0 < left < whole
    shop.stripe.mended()
    _do(shop)
    assert _plan(shop) == []


def test_the_command_shows_the_plan_does_it_with_yes_and_reconciles(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from licet.cli import main, payments

    monkeypatch.setattr(payments, "open_portal", lambda args: shop.config)
    monkeypatch.setattr(payments, "release_name", lambda args: "sana")
    assert main(["payments", "sync", "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "create     product  licet__sana__premium" in said
    assert "11 to be done at Stripe's test mode: `licet payments sync --yes` does them" in said
    assert main(["payments", "sync", "--yes", "--data", str(tmp_path)]) == 0
    assert "11 done at Stripe's test mode" in capsys.readouterr().out
    assert main(["payments", "sync", "--data", str(tmp_path)]) == 0
    assert "nothing is to be done" in capsys.readouterr().out

    shop.stripe.browse(shop.open(shop.holder()), card="4242424242424242")
    shop.stripe.hooks.take()  # every event was lost
    assert main(["payments", "reconcile", "--data", str(tmp_path)]) == 0
    assert "stripe: 1 fetched, 1 mended, 0 no longer there" in capsys.readouterr().out
    assert main(["payments", "list", "--json", "--data", str(tmp_path)]) == 0
    assert '"status": "active"' in capsys.readouterr().out
    shop.stripe.fault("500", times=10_000)
    assert main(["payments", "reconcile", "--data", str(tmp_path)]) == 1
    assert "Stripe has trouble of its own" in capsys.readouterr().out
