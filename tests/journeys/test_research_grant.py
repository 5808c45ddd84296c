"""A research grant: refused, asked for, asked back about, approved, used, expired, refused with its reason, and explained."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta
from importlib.util import find_spec

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.journeys.test_accessible import WCAG, violations
from tests.journeys.test_organization import signs_up, the_key
from tests.serve.served import call

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

ADA, PASSWORD = "ada@example.org", "a rather long pass phrase"
POINTS = {"data": {"x": [1, 2, 3, 4, 5, 6, 7, 8], "y": [2, 4, 6, 8, 11, 12, 14, 17]}, "target": "y"}
SHOTS = os.environ.get("LICET_SHOTS", "")  # a folder: then each page is looked at by whoever asked
RIGHT, WRONG = "Approve", "Refuse"


def shot(person: Person, name: str) -> None:
    if SHOTS:
        person.page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def answers(operator: Person, button: str, words: str = "", until: str = "") -> None:
    """The operator takes the first of the queue."""
    operator.go("/admin/programs/application/")
    operator.page.locator("#result_list tbody tr").filter(has_text=ADA).get_by_role("link").first.click()
    operator.page.get_by_label("Words").fill(words)
    if until:
        operator.page.get_by_label("Until").fill(until)
    operator.page.get_by_role("button", name=button, exact=True).click()
    operator.page.wait_for_url("**/admin/programs/application/")


def applies(ada: Person) -> None:
    for n, words in enumerate(("How do people read licenses?", "Ada, at her own cost", "A preprint, in spring")):
        ada.page.locator(f"#id_answer_{n}").fill(words)
    ada.page.locator("#id_evidence_0").fill("https://example.org/ada")
    ada.page.locator("#id_evidence_1").fill("Proposal 42")
    ada.press("Send")
    ada.sees("waits for an answer")


def test_a_research_grant_from_the_first_no_to_the_last(demo: Demo, chrome: Browser) -> None:
    ada = signs_up(demo, chrome, ADA)
    ada.fill("Name", "notebook")
    ada.press("Make the key")
    key = the_key(ada)

    # Refused, with the program among the ways to a yes.
    status, refusal, _ = call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)
    assert (status, refusal["code"]) == (403, "feature_not_in_tier")
    way = next(offer for offer in refusal["would_allow"] if offer["offer"] == "program:research")

    # She applies; what she forgot is told, and nothing she wrote is lost.
    ada.go(way["url"])
    shot(ada, "program")
    ada.page.locator("#id_answer_0").fill("How do people read licenses?")
    ada.page.locator("form").filter(has_text="Keep as a draft").evaluate("form => form.noValidate = true")
    ada.press("Send")
    ada.sees("Not sent yet")
    assert ada.page.locator("#id_answer_0").input_value() == "How do people read licenses?"
    ada.go("/my/applications")
    ada.sees("draft")
    ada.follow("research")
    assert ada.page.locator("#id_answer_0").input_value() == "How do people read licenses?"
    applies(ada)
    shot(ada, "application")
    assert "arrived" in demo.mail.next(ADA, "arrived")

    # The operator asks back; she answers.
    operator = Person(chrome, demo.url, width=1440)
    assert "How do people read licenses?" in demo.mail.next(demo.operator["email"], "applies to")
    operator.sign_in(demo.operator["email"], demo.operator["password"])
    operator.go("/admin/")
    operator.sees("applications waiting")
    operator.go("/admin/programs/application/")
    shot(operator, "queue")
    answers(operator, "Ask back", "Which people?")
    assert "Which people?" in demo.mail.next(ADA, "question about your application")
    ada.go("/my/applications")
    ada.sees("your turn")
    ada.follow("research")
    ada.fill("Your answer", "Those who release models.")
    ada.press("Send")
    ada.sees("waits for an answer")

    # Approved for a short while: the same key may, from the next call on, and the answer cites the grant.
    until = datetime.now(UTC) + timedelta(seconds=45)
    answers(operator, RIGHT, "Welcome.", until.strftime("%Y-%m-%dT%H:%M:%S"))
    assert "Welcome." in demo.mail.next(ADA, "Approved")
    status, told, _ = call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)
    assert status == 200, told
    ada.go("/my/tier")
    ada.sees("Granted to you beside the tier")
    ada.go("/my/applications")
    ada.follow("research")
    ada.sees("Granted:")
    grant = ada.page.locator(".notice .cite").inner_text().strip()
    shot(ada, "approved")

    # Why can she? The console says which branch opened.
    operator.go("/admin/why/")
    operator.page.get_by_label("Who").fill(ADA)
    operator.page.get_by_label("May do").select_option("advanced_modelling")
    operator.page.get_by_role("button", name="Ask", exact=True).click()
    operator.sees("Access granted")
    opened = operator.page.locator("table.doors tbody tr")
    assert opened.filter(has_text=grant).locator("strong.answer").inner_text() == "yes"
    shot(operator, "why")

    # What if it were revoked? One loses; nothing happens.
    operator.go("/admin/whatif/?change=revoke")
    operator.page.get_by_label("Grant").fill(grant)
    operator.page.get_by_role("button", name="Ask", exact=True).click()
    operator.sees("0 holders gain, 1 loses")
    shot(operator, "whatif")
    assert call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)[0] == 200

    # It expires by itself, and the refusal says what ended.
    status = 200
    while status == 200:
        time.sleep(1)  # until the clock has reached it: a busy machine may take its time, a wrong one for ever
        assert datetime.now(UTC) < until + timedelta(seconds=90), "the grant did not end"
        status, refusal, _ = call(f"{demo.url}/v1/features/advanced_modelling", key, POINTS)
    assert (status, refusal["code"]) == (403, "feature_not_in_tier")
    assert grant in {reason["cite"] for reason in refusal["because"]}
    assert "program:research" in {offer["offer"] for offer in refusal["would_allow"]}
    ada.go("/my/applications")
    ada.follow("research")
    ada.sees("The grant ended")

    # She asks again, and is refused with words.
    ada.follow("Apply again")
    applies(ada)
    answers(operator, WRONG, "Once was enough.")
    assert "Once was enough." in demo.mail.next(ADA, "Not approved")
    ada.go("/my/applications")
    ada.page.get_by_role("link", name="research").first.click()
    ada.sees("Once was enough.")
    assert not [x for x in ada.troubles + operator.troubles if "Content Security Policy" in x or "Error" in x]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [375, 1440])
def test_no_page_of_a_program_is_wider_than_the_screen_and_none_needs_a_script(
    demo: Demo, chrome: Browser, width: int, dark: bool
) -> None:
    ada = Person(chrome, demo.url, width=width, dark=dark, script=False)
    ada.sign_in(ADA, PASSWORD)
    for path in ("/programs/", "/programs/demo/research", "/my/applications", "/"):
        ada.go(path)
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= width, path
        shot(ada, f"{path.strip('/').replace('/', '-') or 'home'}-{width}-{'dark' if dark else 'light'}")
    ada.go("/my/applications")
    ada.page.locator("#content tbody a").first.click()
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
    shot(ada, f"one-{width}-{'dark' if dark else 'light'}")
    assert ada.troubles == []


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core comes with axe-playwright-python")
def test_its_pages_have_no_violation_that_axe_finds(demo: Demo, chrome: Browser) -> None:
    ada = Person(chrome, demo.url)
    ada.sign_in(ADA, PASSWORD)
    for path in ("/programs/", "/programs/demo/research", "/my/applications"):
        ada.go(path)
        assert violations(ada, WCAG) == [], path
