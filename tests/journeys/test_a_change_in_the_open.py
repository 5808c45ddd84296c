"""Ask, answer, consult, give notice, change: holders are told, and what they had stays theirs, in a real browser."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Mailbox, Person, chromium
from tests.journeys.test_accessible import WCAG, violations
from tests.serve.served import call, licet, release, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]
AXE = find_spec("axe_playwright_python") is not None
ADA, OP, PASSWORD = "ada@example.org", "op@example.org", "correct horse battery"


class Served:
    """A release that is served, its folder and its mail."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.data = ("--data", str(folder / ".licet"))
        self.mail = Mailbox(folder / ".licet" / "mail")

    def does(self, *words: str, feed: str = "") -> str:
        """A command of the operator's, to its end."""
        ran = licet(*words, *self.data, env={"LICET_URL": self.url}, feed=feed)
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def writes(self, old: str, new: str, name: str = "licet.toml") -> Path:
        """The file with one term changed, under this name."""
        text = (self.folder / "licet.toml").read_text()
        assert old in text
        file = self.folder / name
        file.write_text(text.replace(old, new))
        return file


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = release(tmp_path_factory.mktemp("open") / "voice", limit=5)
    file = folder / "licet.toml"
    # No days of notice: a browser's story cannot wait for them. That they are kept is told in tests/portal/changes.
    file.write_text(
        file.read_text().replace('licensor = "Example Lab"', 'licensor = "Example Lab"\nnotice_days = 0\npledge = true')
    )
    with running("serve", str(folder), "--port", "0") as server:
        yield Served(folder, server.wait_for("is served at").split()[-1])


def fine(person: Person) -> None:
    """At each width and in both lights: nothing is wider than the page, and axe-core finds nothing."""
    assert person.troubles == []
    for width, scheme in ((375, "dark"), (768, "light"), (1440, "dark")):
        person.page.set_viewport_size({"width": width, "height": 900})
        person.page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        wide = person.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, (person.page.url, width, wide)
        if AXE:
            assert violations(person, [*WCAG, "best-practice"]) == [], (person.page.url, width, scheme)


def soon(seconds: int) -> tuple[str, float]:
    """A moment to come, as commands write it, and as seconds."""
    at = int(time.time()) + seconds
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"), at


def waits(until: float) -> None:
    time.sleep(max(0.0, until - time.time()) + 0.1)


def test_what_is_asked_leads_to_a_change_that_takes_nothing_from_who_was_there(served: Served, chrome: Browser) -> None:
    served.does("account", "create", OP, "--operator", "--password-stdin", feed=PASSWORD)
    served.does("account", "create", ADA, "--password-stdin", feed=PASSWORD)
    key = json.loads(served.does("key", "make", ADA, "--json"))["secret"]
    shout = f"{served.url}/v1/features/shout"
    assert call(shout, key, {"text": "hey"})[0] == 200

    # Somebody asks, and the licensor answers.
    ada = Person(chrome, served.url)
    ada.sign_in(ADA, PASSWORD)
    ada.go("/?who=free&do=shout")
    ada.follow("Ask about it")
    ada.fill("Your question in a line", "Will five calls stay?")
    ada.fill("What you want to do, and what is unclear", "I built a toy on them.")
    ada.press("Ask")
    thread = ada.page.url
    licensor = Person(chrome, served.url)
    licensor.sign_in(OP, PASSWORD)
    licensor.go(thread)
    licensor.fill("Your answer", "We think of fewer, and will ask first.")
    licensor.press("Send")
    licensor.page.get_by_label("State").select_option("answered")
    licensor.press("Say so")
    assert "will ask first" in served.mail.next(ADA, "Will five calls stay?")

    # The change is opened for comment.
    day, until = soon(25)
    proposed = served.writes("5 calls / month", "2 calls / month", "proposed.toml")
    served.does(
        "publish", str(served.folder), "--consult", str(proposed), "--until", day, "--why", "Five are *too many*."
    )
    told = served.mail.next(ADA, "what do you think")
    page = re.search(r"/changes/consultations/\w+", told)
    assert page and "Nothing is decided" in told
    ada.go("/my/keys")
    ada.follow("Read it, and say what you think")
    assert ada.page.url.endswith(page[0])
    ada.sees("2 calls / month, not 5 calls / month")
    fine(ada)
    ada.fill("Your answer", "Please leave **three**.")
    ada.press("Send")
    licensor.go(page[0])
    licensor.sees("Please leave three.")
    fine(licensor)

    # It is decided, with words, announced, and comes into force.
    waits(until)
    begins, from_s = soon(45)  # a busy machine takes its time for a command
    served.writes("5 calls / month", "3 calls / month")
    words = "You convinced us: *three* it is."
    out = served.does("publish", str(served.folder), "--from", begins, "--decide", words)
    assert "told 2 by mail" in out
    notice = served.mail.next(ADA, "change on")
    assert "3 calls / month, not 5 calls / month" in notice and "Your terms hold a pledge" in notice and words in notice
    old = re.search(r"/terms/[0-9a-f]{12}", notice)
    change = re.search(r"/changes/\d+", notice)
    assert old and change
    ada.go("/my/keys")
    ada.sees("You keep yours: they pledge that nobody moves you to less.")
    waits(from_s)
    ada.go(change[0])
    ada.sees("in force")
    fine(ada)
    ada.go(page[0])
    ada.sees("adopted with changes")
    fine(ada)
    for path in ("/changes/", "/", "/licenses/code", thread.removeprefix(served.url)):
        ada.go(path)
        fine(ada)

    # Who was there keeps what it had, even when the operator moves everybody; who comes now has the new terms.
    assert "stay where they are" in served.does("publish", str(served.folder), "--move", "*")
    status, me, _ = call(f"{served.url}/v1/me", key)
    assert (status, me["quotas"][0]["limit"]) == (200, 5)
    assert all(call(shout, key, {"text": "hey"})[0] == 200 for _ in range(4))
    assert call(shout, key, {"text": "hey"})[1]["code"] == "quota_exhausted"
    served.does("account", "create", "eve@example.org")
    eve = json.loads(served.does("key", "make", "eve@example.org", "--json"))["secret"]
    assert call(f"{served.url}/v1/me", eve)[1]["quotas"][0]["limit"] == 3

    # The old terms stay readable, answer as they did, and are hers until she takes the new ones.
    ada.go(old[0])
    ada.sees("These are not the terms in force.")
    ada.sees("5 calls / month")
    fine(ada)
    ada.go(f"{old[0]}?who=free&do=shout")
    ada.sees("Access granted")
    ada.go("/my/tier")
    fine(ada)
    ada.press("Take the terms in force")
    ada.sees("You hold the terms in force now.")
    assert call(f"{served.url}/v1/me", key)[1]["quotas"][0]["limit"] == 3


def test_every_page_of_changes_reads_without_a_script_and_on_paper(
    served: Served, chrome: Browser, tmp_path: Path
) -> None:
    reader = Person(chrome, served.url, width=375, script=False)
    for path in ("/changes/", "/", "/licenses/code"):
        reader.go(path)
    reader.page.locator("a[href^='#t-']").first.click()
    assert "#t-MIT-" in reader.page.url
    reader.page.locator("sup a[href^='#c-']").first.click()
    assert "#c-MIT-" in reader.page.url
    for name in ("", "licenses/code", "changes/"):
        reader.go(f"/{name}")
        paper = reader.page.pdf(path=tmp_path / "page.pdf", format="A4")
        assert paper.startswith(b"%PDF") and len(paper) > 5_000
