"""A laboratory asks for passkeys, then signs its people in through its own server: invited, refused with the reason, let in
by groups, revoked, exported, erased."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Mailbox, Person, chromium
from tests.journeys.conftest import Demo
from tests.journeys.test_organization import NUMBERS, signs_up, the_key
from tests.portal.sso.idp import Idp, serving
from tests.serve.served import call, running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    # Debian's package brings it; `scripts/test` says aloud when it could not.
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]

ADA, BOB, ANN, PASSWORD = "ada@example.org", "bob@example.org", "ann@whales.example", "a rather long pass phrase"
SHOTS = os.environ.get("LICET_SHOTS", "")  # a folder: then each page is looked at by whoever asked


@pytest.fixture(scope="module")
def idp() -> Iterator[Idp]:
    with serving() as server:
        server.people = {"ann": {"sub": "u1", "email": ANN, "email_verified": True, "groups": ["callers"]}}
        yield server


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder: Path = tmp_path_factory.mktemp("demo")
    near = {"LICET_SSO_NETWORKS": "127.0.0.1/32"}
    with running("demo", "--json", "--port", "0", "--dir", str(folder), env=near) as process:
        told = json.loads(process.wait_for('"url"'))
        yield Demo(told["url"], told["operator"], Mailbox(folder / ".licet" / "mail"))
        assert process.popen.poll() is None, "the demo ended by itself: " + "".join(process.errors)


def confirmed(person: Person) -> None:
    """Enters the password where it is asked for once more."""
    if "reauthenticate" in person.page.url:
        person.page.locator("#content input[name=password]").fill(PASSWORD)
        person.page.locator("#content button[type=submit]").first.click()
        person.page.wait_for_load_state()


def has_passkey(person: Person) -> None:
    person.with_passkeys()
    person.go("/accounts/2fa/webauthn/add/")
    confirmed(person)
    person.page.locator("#content button[type=submit], #content #mfa_webauthn_add").last.click()
    person.page.wait_for_url(re.compile(r"/accounts/2fa/(recovery|webauthn/$|$)"))


def test_passkeys_are_asked_for_and_then_the_laboratorys_own_sign_in(demo: Demo, chrome: Browser, idp: Idp) -> None:
    # Ada founds it, guards her own account with a passkey, and asks the same of everybody.
    ada = signs_up(demo, chrome, ADA)
    ada.follow("Organizations")
    ada.fill("Name", "Whale Lab")
    ada.press("Create it")
    ada.sees("Whale Lab is founded.")
    home = ada.page.url
    has_passkey(ada)
    ada.go(home + "roles")
    ada.fill("Name of the role", "Caller")
    for act in ("call:features", "make:keys", "read:members"):
        ada.page.locator(f"input[name=acts][value='{act}']").check()
    ada.press("Make the role")
    ada.go(home + "sign-in")
    confirmed(ada)
    ada.page.get_by_label("a passkey", exact=True).check()
    ada.press("Ask that")
    ada.sees("From now on that is asked of every member.")

    # Bob is invited and joins; without a passkey he reads what to do, and with one he calls.
    ada.go(home + "members")
    ada.fill("E-mail address", BOB)
    ada.page.locator("#invite select[name=role]").select_option(label="Caller")
    ada.press("Invite")
    link = re.search(r"http\S+/join/\w+", demo.mail.next(BOB, "Whale Lab"))
    assert link is not None
    bob = signs_up(demo, chrome, BOB, first=link[0])
    bob.go(link[0])
    bob.press("Join")
    bob.sees("The organization asks its members for a second factor or a passkey.")
    answer = bob.page.goto(home + "members")
    assert answer is not None and answer.status == 403
    bob.sees("Add a second factor or a passkey to your account first")
    bob.follow("Add one")
    has_passkey(bob)
    bob.go(home)
    bob.page.locator("#content").get_by_role("link", name="Make a key", exact=True).click()
    bob.fill("Name", "Bob's notebook")
    bob.press("Make the key")
    bobs = the_key(bob)
    assert call(f"{demo.url}/v1/features/basic_analysis", bobs, NUMBERS)[0] == 200

    # The laboratory connects its own server; a mail to the domain's postmaster says that the domain is its own.
    ada.go(home + "sign-in")
    confirmed(ada)
    ada.fill("Issuer", idp.issuer)
    ada.fill("Client id", idp.client_id)
    ada.fill("Client secret", idp.secret)
    ada.press("Connect it")
    ada.sees("it answered, and is what it says")
    ada.fill("Domain", "whales.example")
    ada.page.get_by_label("Confirmed by").select_option("postmaster")
    ada.press("Name it")
    ada.sees("A mail went to postmaster@whales.example.")
    link = re.search(r"http\S+/accounts/domains/\w+", demo.mail.next("postmaster@whales.example"))
    assert link is not None
    postmaster = Person(chrome, demo.url)
    postmaster.go(link[0])
    postmaster.press("It is theirs")
    postmaster.sees("whales.example is confirmed")
    ada.go(home + "sign-in")
    confirmed(ada)
    ada.fill("Group", "callers")
    ada.page.locator("#groups select[name=role]").select_option(label="Caller")
    ada.press("Give the role")
    ada.sees("gets the role Caller")
    ada.page.get_by_label("Members sign in through the organization's server").check()
    ada.page.get_by_label("as everybody likes", exact=True).check()
    ada.press("Ask that")
    if SHOTS:
        for width, dark in ((375, False), (375, True), (1440, False), (1440, True)):
            ada.page.set_viewport_size({"width": width, "height": 900})
            ada.page.emulate_media(color_scheme="dark" if dark else "light")
            ada.page.screenshot(path=f"{SHOTS}/sign-in-{width}-{'dark' if dark else 'light'}.png", full_page=True)
        ada.page.set_viewport_size({"width": 1280, "height": 900})
    assert ada.page.evaluate("document.documentElement.scrollWidth") <= 1280

    # Bob's key is refused from the next call on, with its reason.
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", bobs, NUMBERS)
    assert (status, told["code"]) == (403, "sign_on_required")
    assert "Sign in through the organization first" in told["detail"]

    # Ann has never been here: the log-in page leads her to the laboratory's server, and her group gives her the role.
    ann = Person(chrome, demo.url, script=False)
    ann.go("/accounts/login/")
    ann.fill("Email", ANN)
    ann.press("Sign In")
    if SHOTS:
        ann.page.screenshot(path=f"{SHOTS}/lead.png", full_page=True)
    ann.press(f"Continue at {idp.issuer.removeprefix('http://')}")
    ann.page.get_by_role("button", name="ann").click()
    ann.page.wait_for_url(demo.url + "/my/**")
    ann.go(home)
    ann.sees("Caller")
    ann.page.locator("#content").get_by_role("link", name="Make a key", exact=True).click()
    ann.fill("Name", "Ann's notebook")
    ann.press("Make the key")
    anns = the_key(ann)
    assert call(f"{demo.url}/v1/features/basic_analysis", anns, NUMBERS)[0] == 200

    # The server moves her to another group: at her next sign-in the role follows, for her key too.
    ada.fill("Group", "guests")
    ada.page.locator("#groups select[name=role]").select_option(label="Viewer")
    ada.press("Give the role")
    idp.people["ann"]["groups"] = ["guests"]
    ann.go("/accounts/login/?next=/my/keys") if "login" in ann.page.url else None
    again = Person(chrome, demo.url, script=False)
    again.go("/accounts/login/")
    again.fill("Email", ANN)
    again.press("Sign In")
    again.press(f"Continue at {idp.issuer.removeprefix('http://')}")
    again.page.get_by_role("button", name="ann").click()
    again.page.wait_for_url(demo.url + "/my/**")
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", anns, NUMBERS)
    assert (status, told["code"]) == (403, "role_forbids")

    # She takes along what is kept of her, and leaves; her key is nobody's from then on.
    again.go("/my/export")
    confirmed(again)
    with again.page.expect_download() as download:
        again.page.locator("#content button[type=submit]").click()
    kept = json.loads(Path(download.value.path()).read_text())
    assert kept["portal"]["sso.Identity"][0]["subject"] == "u1"
    again.go("/my/delete")
    confirmed(again)
    again.page.locator("#content input[type=checkbox]").check()
    again.page.locator("#content button[type=submit]").first.click()
    again.sees("Your account is deleted.")
    assert call(f"{demo.url}/v1/features/basic_analysis", anns, NUMBERS)[0] == 401

    # Ada, who cannot sign in there, mends what is asked; then revokes Bob's key.
    ada.go(home + "sign-in")
    confirmed(ada)
    ada.page.get_by_label("Members sign in through the organization's server").uncheck()
    ada.press("Ask that")
    assert call(f"{demo.url}/v1/features/basic_analysis", bobs, NUMBERS)[0] == 200
    ada.go(home + "keys")
    ada.page.get_by_role("button", name="Revoke Bob's notebook").click()
    ada.sees("is refused from now on")
    status, told, _ = call(f"{demo.url}/v1/features/basic_analysis", bobs, NUMBERS)
    assert (status, told["code"]) == (401, "key_revoked")
    troubles = [x for x in ada.troubles + bob.troubles + ann.troubles + again.troubles if "403" not in x]
    assert not [x for x in troubles if "Content Security Policy" in x or "Error" in x], troubles
