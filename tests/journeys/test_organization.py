"""A laboratory: founded, somebody invited, a role of its own, a key, a refusal with its reason, and an end that holds."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.journeys.test_accessible import WCAG, violations
from tests.serve.served import call

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

ADA, BOB, PASSWORD = "ada@example.org", "bob@example.org", "a rather long pass phrase"
NUMBERS = {"data": [1, 2, 3, 4, 5]}
SHOTS = os.environ.get("LICET_SHOTS", "")  # a folder: then each page is looked at by whoever asked


def signs_up(demo: Demo, chrome: Browser, address: str, first: str = "/") -> Person:
    person = Person(chrome, demo.url)
    person.go(first)
    person.go("/accounts/signup/")
    person.fill("Email", address)
    person.fill("Password", PASSWORD)
    person.press("Sign Up")
    person.page.locator("input[name=code]").fill(demo.mail.code(address))
    person.press("Confirm")
    person.sees("My keys")
    return person


def the_key(person: Person) -> str:
    return person.page.locator("pre.secret").inner_text().strip()


def test_an_organization_from_its_founding_to_a_key_that_is_refused(demo: Demo, chrome: Browser) -> None:
    # Ada founds it and makes a role that no release thought of.
    ada = signs_up(demo, chrome, ADA)
    ada.follow("Organizations")
    ada.fill("Name", "Whale Lab")
    ada.press("Create it")
    ada.sees("Whale Lab is founded.")
    ada.follow("Roles")
    ada.fill("Name of the role", "Caller")
    for act in ("call:features", "make:keys", "read:members"):
        ada.page.locator(f"input[name=acts][value='{act}']").check()
    ada.press("Make the role")
    ada.sees("The role Caller is made.")

    # She invites Bob in it; he has no account yet.
    ada.follow("Members")
    ada.fill("E-mail address", BOB)
    ada.page.locator("#invite select[name=role]").select_option(label="Caller")
    ada.press("Invite")
    ada.sees(f"A mail went to {BOB}.")
    link = re.search(r"http\S+/join/\w+", demo.mail.next(BOB, "Whale Lab"))
    assert link is not None
    bob = signs_up(demo, chrome, BOB, first=link[0])
    bob.go(link[0])
    bob.press("Join")
    bob.sees("You are a member of Whale Lab.")

    # A key for the organization, in his role.
    bob.page.locator("#content").get_by_role("link", name="Make a key", exact=True).click()
    assert bob.page.get_by_label("For whom").evaluate("e => e.selectedOptions[0].text") == "Whale Lab"
    bob.fill("Name", "Bob's notebook")
    bob.press("Make the key")
    key = the_key(bob)
    assert call(f"{demo.url}/v1/features/basic_analysis", key, NUMBERS)[0] == 200

    # What the role does not have is refused on the page, with its reason ...
    home = bob.page.url
    bob.go("/my/organizations/")
    bob.follow("Whale Lab")
    home = bob.page.url
    answer = bob.page.goto(home + "keys")
    assert answer is not None and answer.status == 403
    bob.sees("Your role does not allow")
    bob.sees("role: Caller of Whale Lab")

    # ... and at the gate from the next call on, when Ada narrows the role.
    ada.follow("Roles")
    ada.follow("Caller")
    ada.page.locator("input[name=acts][value='call:features']").uncheck()
    ada.press("Change the role")
    ada.sees("1 member has this role")
    ada.sees("They lose")
    ada.press("Change the role for all of them")
    ada.sees("The role is changed")
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", key, NUMBERS)
    assert (status, told["code"]) == (403, "role_forbids")
    assert "Caller of Whale Lab" in told["detail"]
    ada.follow("Caller")
    ada.page.locator("input[name=acts][value='call:features']").check()
    ada.press("Change the role")
    ada.press("Change the role for all of them")
    ada.sees("The role is changed")
    assert call(f"{demo.url}/v1/features/basic_analysis", key, NUMBERS)[0] == 200

    # What Bob called counts as the organization's.
    ada.follow("Usage")
    ada.sees("2 of 1,000 used")

    # Ada revokes his key: the next call is refused.
    ada.page.get_by_label("The organization").get_by_role("link", name="Keys", exact=True).click()
    ada.page.get_by_role("button", name="Revoke Bob's notebook").click()
    ada.sees("is refused from now on")
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", key, NUMBERS)
    assert (status, told["code"]) == (401, "key_revoked")

    # The last owner cannot leave; a member can.
    ada.follow("Overview")
    ada.press("Leave the organization")
    ada.sees("would have no owner")
    bob.go(home)
    bob.press("Leave the organization")
    bob.sees("You have left Whale Lab.")
    assert not [x for x in ada.troubles + bob.troubles if "Content Security Policy" in x or "Error" in x]


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_of_an_organization_is_wider_than_the_screen(
    demo: Demo, chrome: Browser, width: int, dark: bool
) -> None:
    ada = Person(chrome, demo.url, width=width, dark=dark, script=False)
    ada.sign_in(ADA, PASSWORD)
    ada.go("/my/organizations/")
    ada.follow("Whale Lab")
    home = ada.page.url
    for part in ("", "members", "roles", "keys", "service-accounts", "tier", "usage", "events"):
        ada.go(home + part)
        assert ada.page.evaluate("document.documentElement.scrollWidth") <= width, part
        if SHOTS:
            ada.page.screenshot(
                path=f"{SHOTS}/{part or 'home'}-{width}-{'dark' if dark else 'light'}.png", full_page=True
            )
    ada.go("/my/organizations/")
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
    ada.go("/my/keys")
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= width
    assert ada.troubles == []


@pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core comes with axe-playwright-python")
@pytest.mark.parametrize(("width", "dark"), [(375, True), (1440, False)])
def test_nothing_bars_anybody_from_a_page_of_an_organization(
    demo: Demo, chrome: Browser, width: int, dark: bool
) -> None:
    ada = Person(chrome, demo.url, width=width, dark=dark)
    ada.sign_in(ADA, PASSWORD)
    ada.go("/my/organizations/")
    wrong = violations(ada, [*WCAG, "best-practice"])
    ada.follow("Whale Lab")
    home = ada.page.url
    for part in ("", "members", "roles", "keys", "service-accounts", "tier", "usage", "events", "roles/role_none"):
        answer = ada.page.goto(home + part)
        assert answer is not None and answer.status == (404 if part.endswith("none") else 200)
        wrong += [f"{part}: {found}" for found in violations(ada, [*WCAG, "best-practice"])]
    assert wrong == [], "\n".join(wrong)
