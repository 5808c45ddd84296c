"""Somebody who guards their account well: authenticator app, recovery codes, a forgotten password, a lost passkey."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Person, chromium
from tests.journeys.conftest import Demo

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

BOB, PASSWORD, OTHER = "bob@example.org", "a rather long pass phrase", "another rather long one"


def totp(secret: str, at_s: float) -> str:
    """RFC 6238 with the usual thirty seconds and six digits."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(at_s) // 30), hashlib.sha1).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_an_account_is_guarded_by_a_second_factor_and_opened_again_by_its_owner(demo: Demo, chrome: Browser) -> None:
    bob = Person(chrome, demo.url, dark=True, width=375)
    bob.go("/accounts/signup/")
    bob.fill("Email", BOB)
    bob.fill("Password", PASSWORD)
    bob.press("Sign Up")
    bob.page.locator("input[name=code]").fill(demo.mail.code(BOB))
    bob.press("Confirm")
    bob.sees("My keys")

    # An authenticator app, from the QR code that the server draws.
    bob.go("/accounts/2fa/totp/activate/")
    bob.fill("Password", PASSWORD)
    bob.press("Confirm")
    code = bob.page.locator("img.qr")
    assert code.evaluate("image => image.complete && image.naturalWidth > 0"), "the QR code is drawn"
    secret = bob.page.get_by_label("Authenticator secret").input_value()
    bob.page.locator("input[name=code]").fill(totp(secret, time.time()))
    bob.press("Activate")
    bob.go("/accounts/2fa/recovery-codes/")
    codes = bob.page.get_by_label("Unused codes").input_value().split()
    assert len(codes) == 10

    # The password alone no longer opens the account; a recovery code does, once.
    bob.go("/accounts/logout/")
    bob.press("Sign Out")
    bob.page.wait_for_url(demo.url + "/")
    bob.sign_in(BOB, PASSWORD)
    bob.sees("Two-Factor Authentication")
    bob.page.locator("input[name=code]").fill(codes[0])
    bob.press("Sign In")
    bob.sees("My keys")

    # The password is forgotten: a code by mail sets a new one.
    bob.go("/accounts/logout/")
    bob.press("Sign Out")
    bob.page.wait_for_url(demo.url + "/")
    bob.go("/accounts/password/reset/")
    bob.fill("Email", BOB)
    bob.page.locator("#content form button").first.click()
    bob.page.wait_for_url(re.compile("confirm"))
    mail = demo.mail.next(BOB, "reset code")
    found = re.search(r"^\s*([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})\s*$", mail, re.M)
    assert found, mail
    bob.page.locator("input[name=code]").fill(found[1])
    bob.press("Confirm")
    for box in bob.page.locator("input[type=password]").all():
        box.fill(OTHER)
    bob.page.locator("#content form button").first.click()
    bob.page.wait_for_load_state()
    bob.sign_in(BOB, OTHER)
    bob.sees("Two-Factor Authentication")
    bob.page.locator("input[name=code]").fill(codes[0])
    bob.press("Sign In")
    bob.sees("Incorrect code")  # it was used
    bob.page.locator("input[name=code]").fill(totp(secret, time.time() + 30))  # the next one: this one may be used up
    bob.press("Sign In")
    bob.sees("My keys")
    assert not [x for x in bob.troubles if "Content Security Policy" in x]


def test_a_passkey_that_does_not_work_says_so_on_the_page(demo: Demo, chrome: Browser) -> None:
    stranger = Person(chrome, demo.url)
    stranger.with_passkeys()  # a key that knows no account here
    stranger.go("/accounts/login/")
    stranger.press("Sign in with a passkey")
    stranger.sees("The passkey did not work")


def test_the_keyboard_reaches_the_content_first(demo: Demo, chrome: Browser) -> None:
    reader = Person(chrome, demo.url)
    reader.go("/")
    reader.page.keyboard.press("Tab")
    assert reader.page.evaluate("document.activeElement.className") == "skip"
    box = reader.page.locator(".skip").bounding_box()
    assert box is not None
    assert box["y"] >= 0, "it is seen while it has the focus"
    reader.page.keyboard.press("Enter")
    assert reader.page.evaluate("document.activeElement.id") == "content"
