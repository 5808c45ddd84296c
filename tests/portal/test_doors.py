"""How a person comes in: sign-up, codes, second factors, passkeys, reset; and what a stranger learns on the way:
nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.portal.softkey import SoftKey
from tests.portal.test_pages_of_mine import client, holder

from licet.portal import mailbox
from licet.portal.config import PortalConfig

SCRIPT = {"X-Requested-With": "XMLHttpRequest"}  # how the passkey script asks
PASSWORD = "correct horse battery"


def code_of(mail: mailbox.Mail) -> str:
    found = re.search(r"^\s*([0-9A-Z]{3,4}-?[0-9A-Z]{3,4})\s*$", mail.body, re.M)
    assert found is not None, mail.body
    return found[1]


def mails(portal: PortalConfig) -> tuple[mailbox.Mail, ...]:
    return mailbox.read(portal.mail_dir)


def sign_up(portal: PortalConfig, email: str = "ada@example.org") -> Any:
    browser = client()
    browser.post("/accounts/signup/", {"email": email, "password1": PASSWORD})
    browser.post("/accounts/confirm-email/", {"code": code_of(mails(portal)[-1])})
    return browser


def test_a_person_signs_up_and_is_in_after_the_code(release: Path, portal: PortalConfig) -> None:
    browser = client()
    answer = browser.post("/accounts/signup/", {"email": "Ada@Example.org", "password1": PASSWORD})
    assert answer["Location"] == "/accounts/confirm-email/"
    assert browser.get("/my/keys").status_code == 302  # not in yet
    (mail,) = mails(portal)
    assert mail.to == "ada@example.org"
    wrong = browser.post("/accounts/confirm-email/", {"code": "WRONG1"})
    assert wrong.status_code == 200 and browser.get("/my/keys").status_code == 302
    browser.post("/accounts/confirm-email/", {"code": code_of(mail)})
    assert browser.get("/my/keys").status_code == 200
    ada = holder("ada@example.org")
    assert ada.held.get().tier == "free"
    what = set(ada.events.values_list("what", flat=True))
    assert {"account.made", "account.confirmed", "login.passed", "tier.given"} <= what


def test_passwords_are_argon2id_and_never_two_too_many_at_once(portal: PortalConfig) -> None:
    import threading
    import time

    from licet.portal import accounts, events, hashers

    account = accounts.create("ada@example.org", PASSWORD, events.COMMAND).account
    assert account is not None and account.password.startswith("argon2$argon2id$")
    alive, most, lock = 0, 0, threading.Lock()

    class Watched(hashers.Argon2PasswordHasher):
        def verify(self, password: str, encoded: str) -> bool:
            nonlocal alive, most
            with lock:
                alive += 1
                most = max(most, alive)
            time.sleep(0.02)
            with lock:
                alive -= 1
            return True

    class Both(hashers.Argon2id, Watched):
        """The semaphore's `verify` before the watched one."""

    threads = [threading.Thread(target=Both().verify, args=("x", account.password)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most <= 2


@pytest.mark.parametrize("password", ["short", "password123", "1234567890", "ada@example.org"])
def test_weak_passwords_are_refused(portal: PortalConfig, password: str) -> None:
    from licet.portal.models import Account

    answer = client().post("/accounts/signup/", {"email": "ada@example.org", "password1": password})
    assert answer.status_code == 200
    assert not Account.objects.exists()


@pytest.mark.parametrize(
    ("password", "good"),
    [("sana-sana-2026!", False), ("ExampleLab2026", False), ("localhost.licet", False), ("S\uff21NA example 12", False),
     ("sana swims with whales", True), ("correct horse battery", True), ("licet91k3jx7q2", True)],
)  # fmt: skip
def test_a_password_is_not_made_of_the_servers_own_words(release: Path, password: str, good: bool) -> None:
    from licet.portal.models import Account

    answer = client().post("/accounts/signup/", {"email": "ada@example.org", "password1": password})
    assert Account.objects.exists() is good
    assert ("own words" in answer.content.decode()) is not good


def test_a_stranger_cannot_tell_a_known_address_from_an_unknown_one(release: Path, portal: PortalConfig) -> None:
    client("ada@example.org")

    def plain(answer: Any) -> tuple[int, str, str]:
        page = re.sub(r"[\w.]+@example\.org|[\w-]{40,}", "…", answer.content.decode())
        return answer.status_code, answer.get("Location", ""), page

    def twice(path: str, name: str, **more: str) -> None:
        known = plain(client().post(path, {name: "ada@example.org", **more}))
        unknown = plain(client().post(path, {name: "eve@example.org", **more}))
        assert known == unknown, path

    twice("/accounts/signup/", "email", password1=PASSWORD)
    twice("/accounts/login/", "login", password="wrong horse battery")
    twice("/accounts/password/reset/", "email")


def test_a_look_alike_is_the_address_it_looks_like(release: Path, portal: PortalConfig) -> None:
    """The Kelvin sign, a long s and full-width letters fall together with the plain ones; mail goes to the known
    address.
    """
    from licet.portal.models import Account

    client("skye@example.org")
    for look_alike in ("\u017fkye@example.org", "s\u212aye@example.org", "SKYE@EXAMPLE.ORG", "skye@\uff45xample.org"):
        before = len(mails(portal))
        client().post("/accounts/signup/", {"email": look_alike, "password1": PASSWORD})
        assert Account.objects.count() == 1, look_alike
        client().post("/accounts/password/reset/", {"email": look_alike})
        assert {mail.to for mail in mails(portal)[before:]} <= {"skye@example.org"}, look_alike
        browser = client()
        browser.post("/accounts/login/", {"login": look_alike, "password": PASSWORD})
        assert browser.get("/my/keys").status_code == 200, look_alike
        assert {mail.to for mail in mails(portal)[before:]} <= {"skye@example.org"}, look_alike


@settings(max_examples=200)
@given(st.text(max_size=40))
def test_folding_an_address_twice_is_folding_it_once(portal_ready: None, text: str) -> None:
    from licet.portal.models.account import fold

    assert fold(fold(text)) == fold(text)


@pytest.fixture(scope="module")
def portal_ready(config: PortalConfig) -> None:
    """Models can be imported."""


@pytest.mark.parametrize("sign", ["\u202e", "\u200b", "\u2066", "\xad"])
def test_no_address_hides_signs_or_turns_the_operators_page_around(
    release: Path, portal: PortalConfig, sign: str
) -> None:
    """Django's own check lets them into a domain, and an address stands in lists long before anybody confirms it."""
    from licet.errors import LicetError
    from licet.portal import accounts, events
    from licet.portal.models import Account

    address = f"ada@exam{sign}ple.org"
    answer = client().post("/accounts/signup/", {"email": address, "password1": PASSWORD})
    assert "Location" not in answer.headers
    with pytest.raises(LicetError, match="not an e-mail address"):
        accounts.create(address, None, events.COMMAND)
    assert not Account.objects.exists()


def test_a_password_is_reset_by_a_code_and_the_other_sessions_end(release: Path, portal: PortalConfig) -> None:
    old = sign_up(portal)
    browser = client()
    browser.post("/accounts/password/reset/", {"email": "ada@example.org"})
    answer = browser.post("/accounts/password/reset/confirm/", {"code": code_of(mails(portal)[-1])}, follow=True)
    path = answer.redirect_chain[-1][0] if answer.redirect_chain else answer.request["PATH_INFO"]
    browser.post(path, {"password1": "another horse battery", "password2": "another horse battery"})
    assert old.get("/my/keys").status_code == 302
    fresh = client()
    fresh.post("/accounts/login/", {"login": "ada@example.org", "password": "another horse battery"})
    assert fresh.get("/my/keys").status_code == 200
    assert holder("ada@example.org").events.filter(what="password.reset").exists()


def test_too_many_wrong_passwords_are_stopped_for_the_right_one_too(release: Path, portal: PortalConfig) -> None:
    client("ada@example.org")
    for _ in range(6):
        client().post("/accounts/login/", {"login": "ada@example.org", "password": "wrong horse battery"})
    browser = client()
    answer = browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert "Too many" in answer.content.decode()
    assert browser.get("/my/keys").status_code == 302
    assert holder("ada@example.org").events.filter(what="login.failed").count() >= 5


def reauthenticated(browser: Any, path: str) -> Any:
    answer = browser.get(path)
    if answer.status_code == 302 and "reauthenticate" in answer["Location"]:
        browser.post(answer["Location"], {"password": PASSWORD})
        answer = browser.get(path)
    return answer


def test_a_second_factor_is_asked_for_and_a_recovery_code_opens_once(release: Path, portal: PortalConfig) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    browser = sign_up(portal)
    answer = reauthenticated(browser, "/accounts/2fa/totp/activate/")
    assert answer.status_code == 200
    secret = answer.context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert browser.post("/accounts/2fa/totp/activate/", {"code": code}).status_code == 302
    assert Authenticator.objects.filter(type="totp").exists()
    browser.post("/accounts/2fa/recovery-codes/generate/")
    (codes,) = [RecoveryCodes(a).get_unused_codes() for a in Authenticator.objects.filter(type="recovery_codes")]
    for expected in (200, 302):
        fresh = client()
        answer = fresh.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
        assert "/2fa/authenticate/" in answer["Location"]
        assert fresh.get("/my/keys").status_code == 302
        fresh.post(answer["Location"], {"code": codes[0]})
        assert fresh.get("/my/keys").status_code == expected
    what = set(holder("ada@example.org").events.values_list("what", flat=True))
    assert {"factor.added", "factor.failed"} <= what


def test_my_sessions_are_listed_and_ended(release: Path, portal: PortalConfig) -> None:
    browser = sign_up(portal)
    other = client()
    other.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    page = browser.get("/accounts/sessions/")
    assert page.status_code == 200
    browser.post("/accounts/sessions/")
    assert other.get("/my/keys").status_code == 302
    assert browser.get("/my/keys").status_code == 200


def test_one_session_of_mine_is_ended_and_nobody_ends_anothers(release: Path, portal: PortalConfig) -> None:
    from allauth.usersessions.models import UserSession

    browser, others = sign_up(portal), [client(), client()]
    for one in others:
        one.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    page = browser.get("/accounts/sessions/").content.decode()
    here, first, _ = (row.pk for row in UserSession.objects.order_by("pk"))
    assert f"/accounts/sessions/{first}/end" in page and f"/accounts/sessions/{here}/end" not in page
    assert client("eve@example.org").post(f"/accounts/sessions/{first}/end").status_code == 404
    assert client().post(f"/accounts/sessions/{first}/end").status_code == 302
    assert browser.get(f"/accounts/sessions/{first}/end").status_code == 405
    assert others[0].get("/my/keys").status_code == 200
    assert "is signed out" in browser.post(f"/accounts/sessions/{first}/end", follow=True).content.decode()
    assert [one.get("/my/keys").status_code for one in (browser, *others)] == [200, 302, 200]
    assert "sign out instead" in browser.post(f"/accounts/sessions/{here}/end", follow=True).content.decode()
    assert browser.get("/my/keys").status_code == 200


def test_a_browser_that_rests_too_long_is_signed_out(
    release: Path, portal: PortalConfig, hands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.conf import settings as django

    from licet.portal import django_settings

    limited = replace(portal, idle_minutes=30)
    told: Any = django_settings.settings(limited)["MIDDLEWARE"]
    assert told[-1] == "licet.portal.idle.Idle" and told[:-1] == django_settings.settings(portal)["MIDDLEWARE"]
    monkeypatch.setattr(django, "LICET", limited)
    monkeypatch.setattr(django, "MIDDLEWARE", told)
    browser = client("ada@example.org")
    copied = browser.cookies["sessionid"].value
    for _ in range(3):  # who goes on asking stays
        assert browser.get("/my/usage").status_code == 200
        hands.forward(29 * 60)
    assert browser.get("/my/usage").status_code == 200
    hands.forward(30 * 60)
    assert browser.get("/my/usage").status_code == 302
    assert "You were away for a while" in browser.get("/accounts/login/").content.decode()
    browser.cookies["sessionid"] = copied  # it is over on the server, too
    assert browser.get("/my/usage").status_code == 302
    assert client().get("/").status_code == 200


def test_without_an_smtp_server_the_sign_up_page_says_where_codes_wait(portal: PortalConfig) -> None:
    assert "licet mail" in client().get("/accounts/signup/").content.decode()


def test_a_passkey_signs_up_without_a_password_and_signs_in_alone(release: Path, portal: PortalConfig) -> None:
    device = SoftKey("http://localhost")
    browser = client()
    browser.post("/accounts/signup/passkey/", {"email": "ada@example.org"})
    answer = browser.post("/accounts/confirm-email/", {"code": code_of(mails(portal)[-1])})
    page = browser.get(answer["Location"])
    browser.post(
        answer["Location"], {"name": "laptop", "credential": device.create(page.context["js_data"]["creation_options"])}
    )
    assert browser.get("/my/keys").status_code == 200
    assert not holder("ada@example.org").account.has_usable_password()
    fresh = client()
    options = fresh.get("/accounts/2fa/webauthn/login/", headers=SCRIPT).json()["request_options"]
    fresh.post("/accounts/2fa/webauthn/login/", {"credential": device.get(options)})
    assert fresh.get("/my/keys").status_code == 200
    stranger = client()
    options = stranger.get("/accounts/2fa/webauthn/login/", headers=SCRIPT).json()["request_options"]
    other = SoftKey("http://localhost")
    other._rp, other._person = device._rp, device._person
    stranger.post("/accounts/2fa/webauthn/login/", {"credential": other.get(options)})
    assert stranger.get("/my/keys").status_code == 302


def test_a_passkey_is_a_second_factor_beside_the_password(release: Path, portal: PortalConfig) -> None:
    device = SoftKey("http://localhost")
    browser = sign_up(portal)
    page = reauthenticated(browser, "/accounts/2fa/webauthn/add/")
    assert page.status_code == 200
    told = {"name": "laptop", "credential": device.create(page.context["js_data"]["creation_options"])}
    assert browser.post("/accounts/2fa/webauthn/add/", told).status_code == 302
    fresh = client()
    answer = fresh.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert "/2fa/authenticate/" in answer["Location"]
    page = fresh.get(answer["Location"])
    fresh.post(answer["Location"], {"credential": device.get(page.context["js_data"]["request_options"])})
    assert fresh.get("/my/keys").status_code == 200
