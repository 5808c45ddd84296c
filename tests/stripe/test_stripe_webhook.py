"""Is nothing believed that Stripe did not sign, and nothing lost that it did? Through Django's whole stack."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import replace
from typing import Any

import pytest
import stripe as sdk
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st
from tests.stripe.conftest import SECRET, Shop

from licet.portal.payments import webhook_signature
from licet.testing.stripe import sign

PATH = "/payments/webhook/stripe"


def _event(**more: Any) -> bytes:
    told = {"id": "evt_1", "object": "event", "type": "customer.subscription.updated", "created": 1,
            "data": {"object": {"object": "subscription", "id": "sub_1"}}}  # fmt: skip
    return json.dumps(told | more).encode()


def _post(body: bytes, signature: str | None = None, **more: Any) -> Any:
    headers = {} if signature is None else {"stripe-signature": signature}
    return Client(SERVER_NAME="localhost").post(PATH, body, content_type="application/json", headers=headers, **more)


def _kept() -> list[str]:
    from licet.portal.payments.models import WebhookEvent

    return list(WebhookEvent.objects.values_list("ref", flat=True))


def test_what_is_forged_truncated_unsigned_or_stale_is_refused_and_nothing_is_kept(shop: Shop) -> None:
    body, now = _event(), shop.hands.at_s
    good = sign(body, now, SECRET)
    cases = {
        "unsigned": (body, None),
        "empty": (body, ""),
        "no time": (body, good.split(",")[1]),
        "another secret": (body, sign(body, now, "whsec_another")),
        "truncated": (body[:-2], good),
        "longer by a space": (body + b" ", good),
        "the time was changed": (body, good.replace(f"t={now}", f"t={now + 1}")),
        "stale": (body, sign(body, now - 301, SECRET)),
        "ahead of the clock": (body, sign(body, now + 301, SECRET)),
        "a number that is none": (body, good.replace(f"t={now}", "t=٣")),
        "v0 only": (body, good.replace("v1=", "v0=")),
    }
    for name, (sent, signature) in cases.items():
        assert _post(sent, signature).status_code == 400, name
    assert _kept() == []


def test_what_was_signed_in_the_last_five_minutes_is_kept(shop: Shop) -> None:
    for n, at in enumerate((0, -300, 300)):
        body = _event(id=f"evt_{n}")
        assert _post(body, sign(body, shop.hands.at_s + at, SECRET)).status_code == 200
    assert len(_kept()) == 3


def test_a_replay_is_answered_well_and_done_once(shop: Shop) -> None:
    body = _event()
    signature = sign(body, shop.hands.at_s, SECRET)
    assert [_post(body, signature).content for _ in range(3)] == [b"kept", b"known", b"known"]
    assert _kept() == ["evt_1"]


def test_a_secret_is_rolled_without_an_event_lost(shop: Shop) -> None:
    both = replace(shop.config, stripe=replace(shop.config.stripe, webhook_secrets=("whsec_old", "whsec_new")))
    with override_settings(LICET=both):
        for n, secrets in enumerate(
            (("whsec_old",), ("whsec_new",), ("whsec_old", "whsec_new"), ("other", "whsec_new"))
        ):
            body = _event(id=f"evt_{n}")
            assert _post(body, sign(body, shop.hands.at_s, *secrets)).status_code == 200
    body = _event(id="evt_9")
    assert _post(body, sign(body, shop.hands.at_s, "whsec_old")).status_code == 400  # once it is gone


def test_what_is_larger_than_any_event_is_refused_unread(shop: Shop) -> None:
    from licet.portal.payments import webhook

    body = _event(padding="x" * webhook.LARGEST)
    assert _post(body, sign(body, shop.hands.at_s, SECRET)).status_code == 413
    assert _kept() == []


async def test_a_body_of_any_size_is_refused_before_it_is_read_also_where_it_hides_its_length(shop: Shop) -> None:
    from licet.portal import start
    from licet.portal.bodies import WEBHOOK_LARGEST as LARGEST

    async def ask(headers: list[tuple[bytes, bytes]], chunks: int) -> tuple[int, int]:
        sent: list[Any] = []
        read = 0

        async def receive() -> dict[str, Any]:
            nonlocal read
            read += 1
            if read > chunks:
                await asyncio.sleep(60)
            return {"type": "http.request", "body": b"x" * 65_536, "more_body": read < chunks}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": PATH, "raw_path": PATH.encode(), "query_string": b"",
                 "headers": [(b"host", b"localhost"), *headers], "client": ("127.0.0.1", 1), "scheme": "http",
                 "server": ("localhost", 80), "http_version": "1.1", "root_path": ""}  # fmt: skip
        await start.asgi()(scope, receive, send)
        return sent[0]["status"], read

    assert await ask([(b"content-length", str(LARGEST + 1).encode())], 100) == (413, 0)
    status, read = await ask([], 1_000)
    assert status == 413
    assert read <= LARGEST // 65_536 + 2


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"{}", b"\xff\xfe", b"[" * 100_000, b'{"id": 1}', _event(id=None), _event(id="x" * 121),
     _event(created="now"), _event(data={"object": None}), _event(type=["a"])],
)  # fmt: skip
def test_signed_bytes_that_are_no_event_are_refused(shop: Shop, body: bytes) -> None:
    assert _post(body, sign(body, shop.hands.at_s, SECRET)).status_code == 400
    assert _kept() == []


def test_other_methods_and_a_server_without_a_secret_are_told_so(shop: Shop) -> None:
    answer = Client(SERVER_NAME="localhost").get(PATH)
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    with override_settings(LICET=replace(shop.config, stripe=None)):
        assert _post(_event()).status_code == 404


def test_no_answer_and_no_log_line_holds_a_secret_or_what_was_sent(
    shop: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    body = _event(canary="canary-in-the-body")
    answer = _post(body, sign(body, shop.hands.at_s, "whsec_canary"))
    said = answer.content.decode() + caplog.text + repr(shop.config)
    assert SECRET not in said
    assert "canary" not in said
    assert shop.stripe.key not in said


def test_events_that_were_kept_and_not_applied_are_applied_at_the_next_start(shop: Shop) -> None:
    from licet.portal.payments import webhook_apply

    ada = shop.holder()
    shop.stripe.browse(shop.open(ada), card="4242424242424242")
    assert set(shop.stripe.deliver()) == {200}  # kept; and then the process ends
    assert shop.answer(ada)[0] == "no"
    webhook_apply.due()  # the first thing that the next start's chore does
    assert shop.answer(ada)[0] == "yes"


def test_an_event_is_applied_beside_the_answer_in_a_thread_of_its_own(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal.payments import webhook_apply

    ada = shop.holder()
    shop.stripe.browse(shop.open(ada), card="4242424242424242")
    monkeypatch.setattr(webhook_apply, "at_once", True)
    shop.stripe.deliver()
    for thread in threading.enumerate():
        if thread.name == "licet-webhooks":
            thread.join()
    assert shop.answer(ada)[0] == "yes"


def test_what_cannot_be_fetched_waits_longer_each_time_and_is_not_lost(shop: Shop) -> None:
    from licet.portal.payments import webhook_apply
    from licet.portal.payments.models import WebhookEvent

    ada = shop.holder()
    shop.stripe.browse(shop.open(ada), card="4242424242424242")
    shop.stripe.deliver()
    shop.stripe.fault("500", "/v1/", method="GET", times=10_000)
    waits = []
    for _ in range(4):
        webhook_apply.due()
        waiting = WebhookEvent.objects.filter(done_s=None)
        waits.append(max(waiting.values_list("next_s", flat=True)) - shop.hands.at_s)
        assert "Stripe has trouble of its own" in waiting[0].wrong
        shop.hands.forward(waits[-1])
    assert waits == sorted(waits)
    assert shop.answer(ada)[0] == "no"
    shop.stripe.mended()
    shop.hands.forward(60)
    webhook_apply.due()
    assert shop.answer(ada)[0] == "yes"
    assert not WebhookEvent.objects.filter(done_s=None)


def test_an_event_of_nothing_of_ours_is_kept_and_done_with(shop: Shop) -> None:
    from licet.portal.payments.models import Subscription, WebhookEvent

    customer = shop.sdk.customers.create({"email": "someone@example.org", "payment_method": "pm_card_visa"})
    product = shop.sdk.products.create({"name": "not ours"})
    price = shop.sdk.prices.create(
        {"product": product.id, "currency": "eur", "unit_amount": 1, "recurring": {"interval": "month"}}
    )
    method = shop.sdk.payment_methods.attach("pm_card_visa", {"customer": customer.id})
    shop.sdk.subscriptions.create(
        {"customer": customer.id, "items": [{"price": price.id}], "default_payment_method": method.id}
    )
    assert set(shop.hear()) == {200}
    assert not WebhookEvent.objects.filter(done_s=None)
    assert not Subscription.objects.exists()


def test_old_events_are_forgotten_and_new_ones_kept(shop: Shop) -> None:
    from licet.portal.payments import webhook_apply

    body = _event(data={"object": {"object": "product", "id": "prod_1"}})
    _post(body, sign(body, shop.hands.at_s, SECRET))
    assert (webhook_apply.forget(), len(_kept())) == (0, 1)
    shop.hands.forward(91 * 86_400)
    assert (webhook_apply.forget(), len(_kept())) == (1, 0)


@pytest.mark.parametrize(("off_s", "told"), [(-301, "stale"), (-300, ""), (0, ""), (300, ""), (301, "stale")])
def test_a_signature_is_good_for_five_minutes_in_either_direction(off_s: int, told: str) -> None:
    header = sign(b"{}", 1_800_000_000, "a")
    assert webhook_signature.wrong(b"{}", header, ["b", "a"], 1_800_000_000 + off_s) == told
    assert webhook_signature.wrong(b"{}", header, ["b"], 1_800_000_000 + off_s) == "forged"


@given(
    body=st.binary(max_size=200), at=st.integers(0, 2_000_000_000), now=st.integers(0, 2_000_000_000),
    mine=st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=3), theirs=st.sampled_from(["a", "b", "d"]),
    bend=st.sampled_from(["", "t", "v", "body"]),
)  # fmt: skip
def test_our_check_accepts_nothing_that_the_sdks_own_refuses(
    body: bytes, at: int, now: int, mine: list[str], theirs: str, bend: str
) -> None:
    header = sign(body, at, theirs)
    if bend == "t":
        header = header.replace(f"t={at}", f"t={at + 1}")
    elif bend == "v":
        header = header.replace("v1=", "v1=0")
    elif bend == "body":
        body += b"!"
    near = now if now % 2 else at + now % 600 - 300
    ours = webhook_signature.wrong(body, header, mine, near)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return
    allowed = []
    for secret in mine:
        try:
            sdk.WebhookSignature.verify_header(text, header, secret)
            allowed.append(secret)
        except sdk.SignatureVerificationError:
            pass
    assert (ours in ("", "stale")) == bool(allowed)
    assert (ours == "stale") == (bool(allowed) and abs(near - at) > 300)
