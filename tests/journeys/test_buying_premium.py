"""Somebody buys premium in the sandbox, is declined, goes through grace, cancels, and keeps what was paid."""

from __future__ import annotations

import re
import urllib.request
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.serve.served import call, licet

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

GRACE, IDA, PASSWORD = "grace@example.org", "ida@example.org", "a rather long pass phrase"
POINTS = {"data": {"x": [1, 2, 3, 4, 5, 6, 7, 8], "y": [2, 4, 6, 8, 11, 12, 14, 17]}, "target": "y"}
ADVANCED = "/v1/features/advanced_modelling"


def test_somebody_buys_is_declined_goes_through_grace_cancels_and_keeps_what_was_paid(
    demo: Demo, chrome: Browser, tmp_path: Path
) -> None:
    grace = Person(chrome, demo.url, script=False)  # money asks for no JavaScript
    _signs_up(grace, demo)
    grace.fill("Name", "notebook")
    grace.press("Make the key")
    key = grace.page.locator("pre.secret").inner_text().strip()

    # A refusal names the price and leads to the checkout.
    status, refusal, _ = call(demo.url + ADVANCED, key, POINTS)
    assert (status, refusal["code"]) == (403, "feature_not_in_tier")
    way = next(offer for offer in refusal["would_allow"] if offer["offer"] == "tier:premium")
    assert "9.00 EUR / month" in way["detail"]
    grace.go(way["url"])
    grace.sees("Test: no money is moved")
    grace.press("Continue to payment")

    # The bank says no; then it asks for one more step, and is content.
    grace.sees("There is nothing to type")
    grace.press("Pay: it is declined")
    grace.sees("Declined: the bank said no. Nothing was charged.")
    assert call(demo.url + ADVANCED, key, POINTS)[0] == 403
    grace.press("Pay: the bank asks for one more step")
    grace.sees("Your bank asks: is it you?")
    grace.press("It is me: confirm")
    grace.sees("You have premium from your next call on")

    # The next call is let in.
    status, told, _ = call(demo.url + ADVANCED, key, POINTS)
    assert status == 200, told

    # The certificate is there, and holds far from the server.
    grace.go("/my/certificates")
    with grace.page.expect_download() as waited:
        grace.page.get_by_role("link", name="Download the file").first.click()
    certificate = tmp_path / "certificate.json"
    waited.value.save_as(certificate)
    keys = tmp_path / "jwks.json"
    keys.write_bytes(urllib.request.urlopen(f"{demo.url}/.well-known/jwks.json").read())
    said = licet("verify", str(certificate), "--key", str(keys))
    assert said.returncode == 0, said.stdout + said.stderr
    forged = certificate.read_text().replace(GRACE, "eve@example.org").replace("commercial", "commercia1")
    certificate.write_text(forged)
    assert licet("verify", str(certificate), "--key", str(keys)).returncode == 1

    # A month later the payment is declined: nothing is lost yet, and page and mail say so.
    grace.go("/my/payments")
    grace.follow("Way to pay, and invoices")
    grace.press("Go to the next invoice: the payment is declined")
    grace.sees("Played.")
    grace.go("/my/tier")
    grace.sees("A payment for premium failed")
    assert call(demo.url + ADVANCED, key, POINTS)[0] == 200
    assert "Nothing is lost" in demo.mail.next(GRACE, "A payment for premium failed")

    # The days of grace are over: 402, with the way to mend it. A retry in between moved nothing.
    grace.follow("Pay now")
    grace.press("Retry, declined again")
    grace.press("Go to the end of the days of grace")
    status, refusal, _ = call(demo.url + ADVANCED, key, POINTS)
    assert (status, refusal["code"]) == (402, "payment_past_due")
    assert any(offer["offer"].startswith("payment:") for offer in refusal["would_allow"])
    grace.go("/my/tier")
    grace.sees("closed until paid")

    # Paid: the next call is let in again.
    grace.follow("Pay now")
    grace.press("Pay what is owed")
    assert call(demo.url + ADVANCED, key, POINTS)[0] == 200

    # Two clicks cancel; what was paid stays open, and then the first tier is back.
    grace.go("/my/payments")
    grace.follow("Cancel")
    grace.sees("stays open until")
    grace.press("Cancel it")
    grace.sees("It ends. Nothing more is charged.")
    assert call(demo.url + ADVANCED, key, POINTS)[0] == 200
    grace.follow("Way to pay, and invoices")
    grace.press("Go to the end date")
    status, refusal, _ = call(demo.url + ADVANCED, key, POINTS)
    assert (status, refusal["code"]) == (403, "feature_not_in_tier")
    grace.go("/my/tier")
    grace.sees("premium ended on")
    assert grace.troubles == []


def test_somebody_sees_what_models_past_the_quota_cost_and_sets_a_cap_on_a_phone(demo: Demo, chrome: Browser) -> None:
    ida = Person(chrome, demo.url, width=375, script=False)
    _signs_up(ida, demo, IDA)
    ida.fill("Name", "notebook")
    ida.press("Make the key")
    key = ida.page.locator("pre.secret").inner_text().strip()
    ida.go("/my/buy?tier=premium")
    ida.sees("Calls go on and are billed by use.")
    ida.press("Continue to payment")
    ida.press("Pay: it passes")
    for _ in range(10):
        status, _told, headers = call(demo.url + ADVANCED, key, POINTS)
        assert (status, headers.get("x-licet-duty")) == (200, None)
    status, _told, headers = call(demo.url + ADVANCED, key, POINTS)
    assert status == 200
    assert headers["x-licet-duty"].startswith("pay 0.20 EUR / 10 units")

    # The cap holds from the next call on; what is included goes on.
    ida.go("/my/usage")
    ida.sees("0.20 EUR so far")
    ida.fill("At most so much a month", "0.30")
    ida.press("Set the cap")
    status, refusal, _ = call(demo.url + ADVANCED, key, POINTS)
    assert (status, refusal["code"]) == (402, "budget_exhausted")
    assert call(demo.url + "/v1/features/basic_analysis", key, {"data": [1, 2, 3]})[0] == 200

    # The bill is read on a phone without moving it to the side.
    ida.go("/my/invoices")
    ida.page.locator("tbody th a").first.click()
    ida.sees("Past the quota")
    assert "0.20 EUR" in ida.page.locator("tfoot").inner_text()
    for path in (ida.page.url, "/my/invoices", "/my/payments"):
        ida.go(path)
        assert ida.page.evaluate(
            "[...document.querySelectorAll('html, .scroll')].every(e => e.scrollWidth <= e.clientWidth)"
        )
    assert ida.troubles == []


def _signs_up(person: Person, demo: Demo, address: str = GRACE) -> None:
    person.go("/accounts/signup/")
    person.fill("Email", address)
    person.fill("Password", PASSWORD)
    person.press("Sign Up")
    person.page.locator("input[name=code]").fill(demo.mail.code(address))
    person.press("Confirm")
    person.page.wait_for_url(re.compile(r"/my/"))
