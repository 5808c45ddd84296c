"""The first day of somebody who wants to use the model, from the public page to an approved request."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.serve.served import call

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

ADA, PASSWORD = "ada@example.org", "a rather long pass phrase"
NUMBERS = {"data": [1, 2, 3, 4, 5]}
POINTS = {"data": {"x": [1, 2, 3, 4, 5, 6, 7, 8], "y": [2, 4, 6, 8, 11, 12, 14, 17]}, "target": "y"}


def test_somebody_signs_up_calls_is_refused_asks_and_is_approved(demo: Demo, chrome: Browser) -> None:
    ada = Person(chrome, demo.url)
    ada.with_passkeys()

    # She reads what she may, and signs up.
    ada.go("/")
    ada.sees("Tiers, side by side")
    ada.follow("Sign up")
    ada.fill("Email", ADA)
    ada.fill("Password", PASSWORD)
    ada.press("Sign Up")
    ada.page.locator("input[name=code]").fill(demo.mail.code(ADA))
    ada.press("Confirm")
    ada.sees("My keys")

    # She adds a passkey, and signs in with it alone.
    ada.go("/accounts/2fa/webauthn/add/")
    ada.sees("Confirm Access")  # new keys to an account are asked for twice
    ada.fill("Password", PASSWORD)
    ada.press("Confirm")
    ada.page.locator("input[name=name]").fill("My laptop")
    ada.page.locator("input[name=passwordless]").check()
    ada.press("Add")
    ada.sees("Recovery Codes")
    ada.go("/accounts/logout/")
    ada.press("Sign Out")
    ada.page.wait_for_url(demo.url + "/")
    ada.go("/accounts/login/")
    ada.press("Sign in with a passkey")
    ada.page.wait_for_url(re.compile(r"/my/"))

    # She makes a key, sees it once, and calls with it.
    ada.go("/my/keys")
    ada.fill("Name", "notebook")
    ada.press("Make the key")
    key = ada.page.locator("pre.secret").inner_text().strip()
    assert key.startswith("lic_")
    ada.go("/my/keys")
    assert key not in ada.page.content(), "a key is shown once"
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", key, NUMBERS)
    assert (status, told["mean"]) == (200, 3.0)

    # She sees what it cost.
    ada.go("/my/usage")
    ada.sees("1 of 1,000 used")

    # More is refused, with the way to a yes; a refusal costs nothing.
    status, refusal, _ = call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)
    assert (status, refusal["code"]) == (403, "feature_not_in_tier")
    assert refusal["detail"].startswith("Feature not available in free tier")
    way = next(offer for offer in refusal["would_allow"] if offer["offer"] == "tier:research")
    ada.go("/my/usage")
    ada.sees("1 of 1,000 used")

    # The way leads to the form, and the form to the operator.
    ada.go(way["url"])
    ada.page.locator("textarea[name=reason]:visible").fill("I study how people read licenses.")
    ada.press("Ask")
    ada.sees("asked for")
    operator = Person(chrome, demo.url)
    assert ADA in demo.mail.next(demo.operator["email"], "research")
    operator.sign_in(demo.operator["email"], demo.operator["password"])
    operator.go("/admin/portal/request/")
    row = operator.page.locator("#result_list tbody tr").filter(has_text=ADA)
    row.locator("input[type=checkbox]").check()
    operator.page.locator("select[name=action]").select_option("approve")
    operator.page.locator("button[name=index]").click()
    operator.sees("approved")

    # The same key may now do it, from the next call on.
    demo.mail.next(ADA, "research")
    status, told, _ = call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)
    assert status == 200, told
    ada.go("/my/tier")
    ada.sees("research")

    assert not [x for x in ada.troubles + operator.troubles if "Content Security Policy" in x or "Error" in x]


@pytest.mark.parametrize("width", [375, 768, 1440])
@pytest.mark.parametrize("dark", [False, True])
def test_no_page_is_wider_than_the_screen_and_none_needs_a_script(
    demo: Demo, chrome: Browser, width: int, dark: bool
) -> None:
    reader = Person(chrome, demo.url, width=width, dark=dark, script=False)
    for path in ("/", "/?who=free&do=chat", "/?do=commercial-use", "/documents/", "/licenses/sample"):
        reader.go(path)
        wide = reader.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, path
    for path in ("/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"):
        reader.go(path)
    assert reader.troubles == []


def test_a_question_is_asked_and_settled_without_a_script(demo: Demo, chrome: Browser) -> None:
    reader = Person(chrome, demo.url, script=False)
    reader.go("/")
    reader.page.get_by_label("May I …", exact=True).select_option("modify")
    reader.page.get_by_label("With which component").select_option("sample")
    reader.press("Ask")
    reader.sees("To answer, we need to know")
    reader.page.locator("#answer").get_by_role("link", name="No", exact=True).click()
    assert reader.page.locator("#answer-word").inner_text() == "Yes"
    shared = reader.page.locator("#answer").get_by_role("link", name="Link to this answer").get_attribute("href")
    assert shared is not None
    friend = Person(chrome, demo.url, script=False)
    friend.go(shared)
    assert friend.page.locator("#answer-word").inner_text() == "Yes"
