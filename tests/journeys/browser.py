"""A person at a real Chromium: what a journey needs besides playwright itself."""

from __future__ import annotations

import email
import email.policy
import re
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PLATFORM_KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def chromium() -> str | None:
    """Where this machine has a Chromium; None where it has none."""
    return next(
        (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), None
    )


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        try:
            yield started
        finally:
            started.close()


class Person:
    """Somebody with a browser of their own. `troubles` collects what the browser's console complains of."""

    def __init__(
        self, started: Browser, url: str, *, width: int = 1280, dark: bool = False, script: bool = True
    ) -> None:
        self.url = url
        self.context: BrowserContext = started.new_context(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=script,
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(60_000)  # a busy machine is no defect of a page
        self.troubles: list[str] = []
        self.page.on("console", lambda m: self.troubles.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda e: self.troubles.append(str(e)))

    def with_passkeys(self) -> None:
        """A security key inside the browser that always finds its person present."""
        session = self.context.new_cdp_session(self.page)
        session.send("WebAuthn.enable")
        session.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM_KEY})

    def go(self, path: str) -> None:
        answer = self.page.goto(path if path.startswith("http") else self.url + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)

    def follow(self, words: str) -> None:
        """The link with these words."""
        self.page.get_by_role("link", name=words, exact=True).first.click()
        self.page.wait_for_load_state()

    def press(self, words: str) -> None:
        """The button with these words, of the page's content."""
        self.page.locator("#content").get_by_role("button", name=words, exact=True).first.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, text: str) -> None:
        self.page.locator("#content").get_by_label(label, exact=True).first.fill(text)

    def sees(self, words: str) -> None:
        """Waits until the words are there; fails with what is there instead."""
        self.page.get_by_text(words).first.wait_for()

    def sign_in(self, address: str, password: str) -> None:
        self.go("/accounts/login/")
        self.fill("Email", address)
        self.fill("Password", password)
        self.press("Sign In")


class Mailbox:
    """The folder where a server without SMTP leaves its mail."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seen: set[Path] = set()

    def next(self, to: str, about: str = "", seconds: float = 60) -> str:
        """The text of the next unread mail to this address with these words in it; those before it count as read."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for path in sorted(self.folder.glob("*.eml")):
                if path in self.seen:
                    continue
                message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if to in str(message["to"]):
                    self.seen.add(path)
                    body = message.get_body(("plain",))
                    assert body is not None
                    text = f"{message['subject']}\n{body.get_content()}"
                    if about in text:
                        return text
            time.sleep(0.05)
        raise AssertionError(f"no mail to {to} about {about!r}")

    def code(self, to: str) -> str:
        """The code that stands on a line of its own."""
        text = self.next(to)
        found = re.search(r"^\s*([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})\s*$", text, re.M)
        assert found, text
        return found[1]
