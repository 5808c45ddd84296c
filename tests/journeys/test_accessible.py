"""axe-core finds no violation of WCAG 2.2 AA on any page, in the light and in the dark, on a phone and on a desk."""

from __future__ import annotations

from importlib.resources import files
from importlib.util import find_spec
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(find_spec("axe_playwright_python") is None, reason="axe-core comes with axe-playwright-python"),
]

WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
OPEN = (
    "/",
    "/?who=free&do=chat",
    "/?do=modify&with=sample",
    "/?do=commercial-use",
    "/documents/",
    "/changes/",
    "/licenses/sample",
    "/licenses/sample/accept",
    "/privacy",
    "/verify",
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/signup/passkey/",
    "/accounts/password/reset/",
)
MINE = (
    "/my/keys",
    "/my/usage",
    "/my/tier",
    "/my/tier?tier=research",
    "/my/invoices",
    "/my/webhooks",
    "/my/acceptances",
    "/my/certificates",
    "/my/events",
    "/my/export",
    "/my/delete",
    "/accounts/email/",
    "/accounts/2fa/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/add/",
    "/accounts/2fa/totp/activate/",
    "/accounts/password/change/",
    "/accounts/sessions/",
    "/accounts/logout/",
    "/accounts/reauthenticate/",
)
CONSOLE = (
    "/admin/",
    "/admin/portal/request/",
    "/admin/portal/holder/",
    "/admin/portal/key/",
    "/admin/portal/event/",
    "/admin/portal/document/",
)


def violations(person: Person, rules: list[str]) -> list[str]:
    """What axe-core finds on the page as it stands, one line a place. It is evaluated beside the page's own policy."""
    person.page.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
    found: dict[str, Any] = person.page.evaluate(
        "rules => axe.run(document, {runOnly: {type: 'tag', values: rules}})", rules
    )
    return [f"{v['id']}: {node['html'][:160]}" for v in found["violations"] for node in v["nodes"]]


@pytest.mark.parametrize(("width", "dark"), [(375, True), (1440, False)])
def test_nothing_bars_anybody_from_a_page(demo: Demo, chrome: Browser, width: int, dark: bool) -> None:
    person = Person(chrome, demo.url, width=width, dark=dark)
    wrong: list[str] = []

    def visit(paths: tuple[str, ...], rules: list[str]) -> None:
        for path in paths:
            person.go(path)
            wrong.extend(f"{path}: {found}" for found in violations(person, rules))

    visit(OPEN, [*WCAG, "best-practice"])
    for page, leads in (("/licenses/probe", "/texts/"), ("/changes/", "/terms/"), ("/changes/", "/changes/1")):
        person.go(page)
        link = person.page.locator(f"#content a[href^='{leads}']").first.get_attribute("href")
        visit((str(link),), [*WCAG, "best-practice"])
    person.sign_in(demo.operator["email"], demo.operator["password"])
    person.sees("My keys")
    person.go("/accounts/reauthenticate/")  # else the pages that change how one signs in would show this one
    person.fill("Password", demo.operator["password"])
    person.press("Confirm")
    visit(MINE, [*WCAG, "best-practice"])
    visit(CONSOLE, WCAG)  # Django's own pages: what its templates leave to taste is not ours to bend
    assert wrong == [], "\n".join(wrong)
