"""axe-core finds no violation of WCAG 2.2 AA on any page, in the light and in the dark, on a phone and on a desk."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo
from tests.serve.served import licet

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
    "/licenses/probe/accept",
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
    "/admin/community/report/?settled_s__isempty=1",
    "/admin/community/question/",
    "/admin/community/answer/",
    "/admin/community/writer/",
    "/admin/changes/notice/",
    "/admin/changes/told/",
    "/admin/changes/consultation/",
)
EMPTY = (  # what a person sees who has done nothing yet
    "/questions/",
    "/questions/?q=nothing-is-called-so",
    "/questions/mine",
    "/questions/conduct",
    "/questions/ask",
    "/licenses/?q=nothing-is-called-so",
    "/licenses/",
    "/my/keys",
    "/my/usage",
    "/my/tier",
    "/my/invoices",
    "/my/payments",
    "/my/webhooks",
    "/my/acceptances",
    "/my/certificates",
    "/my/applications",
    "/my/events",
)
PRINTED = ("/", "/?do=commercial-use&with=sample", "/licenses/probe", "/changes/", "/licenses/known/CC-BY-NC-4.0")
LEVELS = "error warning success info"


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


def test_nothing_bars_anybody_from_messages_errors_and_pages_with_nothing_on_them(demo: Demo, chrome: Browser) -> None:
    licet("account", "create", "new@example.org", "--password-stdin", "--data", str(demo.mail.folder.parent),
          env={"LICET_URL": demo.url}, feed="correct horse battery")  # fmt: skip
    wrong: list[str] = []
    for width, dark in ((375, True), (1440, False)):
        person = Person(chrome, demo.url, width=width, dark=dark)

        def look(what: str, person: Person = person) -> None:
            wrong.extend(f"{what}: {found}" for found in violations(person, [*WCAG, "best-practice"]))
            wide, width = person.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            wrong.extend([f"{what}: {wide} px wide at {width}"] * (wide > width))

        for path, status in (("/nowhere", 404), ("/licenses/known/NoSuch", 404), ("/terms/000000", 404)):
            answer = person.page.goto(demo.url + path)
            assert answer is not None and answer.status == status, path
            look(path)
        person.go("/accounts/login/")
        person.context.clear_cookies()  # as a browser that keeps none: the form comes from nowhere
        person.fill("Email", "new@example.org")
        person.fill("Password", "correct horse battery")
        with person.page.expect_navigation() as answered:
            person.page.locator("#content").get_by_role("button", name="Sign In", exact=True).first.click()
        assert answered.value.status == 403
        look("a form without its cookie")

        person.sign_in("new@example.org", "correct horse battery")
        person.page.locator("ul.messages li").first.wait_for()
        person.page.evaluate(  # one of each level, worded alike
            "levels => { const ul = document.querySelector('ul.messages'); for (const level of levels.split(' ')) {"
            " const li = ul.children[0].cloneNode(true); li.className = 'notice ' + level; ul.append(li); } }",
            LEVELS,
        )
        look("messages")
        for path in EMPTY:
            person.go(path)
            look(path)
        person.page.emulate_media(media="print")
        person.page.set_viewport_size({"width": 718, "height": 1000})  # A4 within its margins
        for path in PRINTED:
            person.go(path)
            look(f"{path} on paper")
            assert not person.page.locator("header nav").first.is_visible(), path
            paper = person.page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == "rgb(255, 255, 255)", (path, paper)
        person.context.close()
    assert wrong == [], "\n".join(wrong)


@contextmanager
def without_its_questions(portal: Path) -> Iterator[None]:
    """The server's database lacks a table: what no page can foresee."""

    def rename(one: str, other: str) -> None:
        with closing(sqlite3.connect(portal, timeout=60)) as db:
            db.execute(f"ALTER TABLE {one} RENAME TO {other}")

    rename("community_question", "away")
    try:
        yield
    finally:
        rename("away", "community_question")


def test_nothing_bars_anybody_from_what_a_page_says_when_it_cannot_answer(demo: Demo, chrome: Browser) -> None:
    wrong: list[str] = []
    for width, dark in ((375, True), (375, False), (1440, True), (1440, False)):
        person = Person(chrome, demo.url, width=width, dark=dark)

        def look(what: str, person: Person = person) -> None:
            wrong.extend(f"{what}: {found}" for found in violations(person, [*WCAG, "best-practice"]))
            wide, width = person.page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            wrong.extend([f"{what}: {wide} px wide at {width}"] * (wide > width))

        answer = person.page.goto(f"{demo.url}/?{'&'.join(['do=run'] * 1_001)}")  # more fields than any form has
        assert answer is not None and answer.status == 400
        person.sees("This could not be understood")
        look("400")

        for _ in range(12):  # a code to reset a password, five a minute for an address
            person.go("/accounts/password/reset/")
            person.fill("Email", "often@example.org")
            with person.page.expect_navigation() as answered:
                person.page.locator("#content form button").first.click()
            if answered.value.status == 429:
                break
        person.sees("A little slower, please")
        look("429")

        with without_its_questions(demo.mail.folder.parent / "portal.sqlite3"):
            answer = person.page.goto(f"{demo.url}/questions/")
            assert answer is not None and answer.status == 500
            person.sees("Something broke on our side")
            look("500")
        person.go("/questions/")
        person.context.close()
    assert wrong == [], "\n".join(wrong)
