"""Somebody without an account asks about a no, the licensor answers, and the answer stands beside the clause for all."""

from __future__ import annotations

from importlib.util import find_spec

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.journeys.test_accessible import WCAG, violations

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
AXE = find_spec("axe_playwright_python") is not None
MAY = "/?do=commercial-use&with=sample"


def fine(person: Person) -> None:
    """Nothing is wider than the page, the console is silent, and axe-core (where it is at hand) finds nothing."""
    wide, window = person.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide <= window, person.page.url
    assert person.troubles == []
    if AXE:
        assert violations(person, [*WCAG, "best-practice"]) == [], person.page.url


@pytest.mark.skipif(AXE, reason="axe-core is at hand and looks at every page below")
def test_axe_core_is_missing() -> None:
    pytest.skip("axe-core comes with axe-playwright-python: the journeys below ran without it")


@pytest.mark.parametrize(("width", "dark", "script"), [(375, True, True), (768, False, False), (1440, False, True)])
def test_a_question_by_mail_code_is_answered_beside_its_clause(
    demo: Demo, chrome: Browser, width: int, dark: bool, script: bool
) -> None:
    title = f"May my shop use it, seen at {width}?"
    eve = Person(chrome, demo.url, width=width, dark=dark, script=script)
    eve.go(MAY)
    eve.follow("Ask about it")
    if script:
        fine(eve)
    eve.fill("Your e-mail address", f"eve{width}@example.org")
    eve.press("Send me a code")
    eve.fill("The code from the mail", demo.mail.code(f"eve{width}@example.org"))
    if script:
        fine(eve)
    eve.press("Go on")
    eve.sees("About:")
    eve.fill("Your question in a line", title)
    eve.fill("What you want to do, and what is unclear", "I print *posters*. <script>alert(1)</script>")
    if script:
        fine(eve)
    eve.press("Ask")
    eve.sees("No answer yet")
    thread = eve.page.url

    licensor = Person(chrome, demo.url)
    licensor.sign_in(demo.operator["email"], demo.operator["password"])
    licensor.go(thread)
    licensor.fill("Your answer", "Not before the change date; then **yes**.")
    licensor.press("Send")
    licensor.page.get_by_label("State").select_option("answered")
    fine(licensor)
    licensor.press("Say so")
    licensor.sees("The accepted answer stands above.")

    licensor.go("/questions/mine")
    fine(licensor)

    assert "The licensor answered" in demo.mail.next(f"eve{width}@example.org", title)
    reader = Person(chrome, demo.url, width=width, dark=dark, script=script)
    reader.go(MAY)
    reader.sees("Not before the change date; then yes.")
    if script:
        fine(reader)
    reader.follow(title)
    reader.sees("The answer")
    if script:
        fine(reader)
    for path in ("/questions/", "/questions/conduct", f"/questions/{thread.rsplit('/', 1)[1]}/report"):
        reader.go(path)
        if script:
            fine(reader)


@pytest.mark.parametrize(("width", "dark"), [(375, True), (768, False), (1440, True)])
def test_known_licenses_are_found_asked_and_compared(demo: Demo, chrome: Browser, width: int, dark: bool) -> None:
    person = Person(chrome, demo.url, width=width, dark=dark)
    person.go("/licenses/")
    fine(person)
    person.page.get_by_text("Only those that …").click()
    person.page.get_by_label("May host it for others").check()
    person.fill("Name, maker or model", "apache 2.0")
    person.press("Find")
    fine(person)
    person.follow("Apache License 2.0")
    fine(person)
    person.page.get_by_label("What changes for those").select_option("CC-BY-NC-4.0")
    person.press("Compare")
    person.sees("Stricter: asks or forbids more")
    fine(person)
    person.page.get_by_label("Who", exact=True).select_option("startup")
    person.press("Ask")
    fine(person)
