"""Somebody pays at Stripe's page in a real browser, and calls; the events come over HTTP, or do not come at all."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Mailbox, Person, browser, chromium
from tests.serve.served import call, release, running
from tests.stripe.test_stripe_served import PAID, SECRET

from licet.testing.stripe import serve

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
ADA, PASSWORD = "ada@example.org", "a rather long pass phrase"


@pytest.fixture(scope="module")
def chrome() -> Iterator[Browser]:
    with browser() as started:
        yield started


def test_somebody_pays_at_stripes_page_and_calls_changes_the_card_there_and_cancels_here(
    chrome: Browser, tmp_path: Path
) -> None:
    folder = release(tmp_path / "voice", limit=5, extra=PAID)
    with serve() as stripe:
        env = {"LICET_STRIPE_KEY": stripe.key, "LICET_STRIPE_WEBHOOK_SECRET": SECRET, "LICET_STRIPE_API": stripe.url}
        with running("serve", str(folder), "--port", "0", env=env) as server:
            url = server.wait_for("is served at").split()[-1]
            ada = Person(chrome, url, script=False)
            _signs_up(ada, Mailbox(folder / ".licet" / "mail"))
            ada.fill("Name", "notebook")
            ada.press("Make the key")
            key = ada.page.locator("pre.secret").inner_text().strip()
            whisper = f"{url}/v1/features/whisper"
            status, refusal, _ = call(whisper, key, {"text": "HEY"})
            assert (status, refusal["code"]) == (403, "feature_not_in_tier")

            # No webhook is named at Stripe: the way back from its page fetches what was bought.
            ada.go(next(way for way in refusal["would_allow"] if way["offer"] == "tier:premium")["url"])
            ada.press("Continue to payment")
            assert ada.page.url.startswith(stripe.url), "the browser let the form lead out"
            ada.page.get_by_label("Card number").fill("4000000000000002")
            ada.page.get_by_role("button", name="Pay").click()
            ada.sees("Your card was declined.")
            assert call(whisper, key, {"text": "HEY"})[0] == 403
            ada.page.get_by_label("Card number").fill("4000002500003155")
            ada.page.get_by_role("button", name="Pay").click()
            ada.page.get_by_role("button", name="It is me").click()
            ada.sees("You have premium from your next call on")
            assert call(whisper, key, {"text": "HEY"})[1] == {"text": "hey"}

            # The card is changed at Stripe's own page; the way back is ours.
            ada.go("/my/payments")
            ada.follow("Way to pay, and invoices")
            assert ada.page.url.startswith(stripe.url)
            ada.page.get_by_role("button", name="Use this card").click()
            ada.sees("Your card is changed.")
            ada.page.get_by_role("link", name="Back").click()
            assert ada.page.url.startswith(url)

            # Stripe cannot be reached: the page says so, nothing is lost.
            stripe.fault("down", times=1_000)
            ada.follow("Cancel")
            ada.press("Cancel it")
            ada.sees("does not answer")
            stripe.mended()
            ada.go("/my/payments")
            ada.follow("Cancel")
            ada.press("Cancel it")
            ada.sees("It ends. Nothing more is charged.")
            assert call(whisper, key, {"text": "HEY"})[0] == 200
        assert json.dumps(server.errors).count("Traceback") == 0


def _signs_up(person: Person, mail: Mailbox) -> None:
    person.go("/accounts/signup/")
    person.fill("Email", ADA)
    person.fill("Password", PASSWORD)
    person.press("Sign Up")
    person.page.locator("input[name=code]").fill(mail.code(ADA))
    person.press("Confirm")
    person.page.wait_for_url(re.compile(r"/my/"))
    person.go("/my/keys")
