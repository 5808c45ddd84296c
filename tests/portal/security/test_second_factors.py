"""A second factor that was seen, copied or read from a copy of the database opens nothing."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.portal.softkey import SoftKey
from tests.portal.test_doors import PASSWORD, SCRIPT, reauthenticated, sign_up
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.config import PortalConfig


@pytest.fixture
def secret(release: Path, portal: PortalConfig) -> str:
    """The secret of ada's app; its second factor is on."""
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    sign_up(portal)
    made: str = generate_totp_secret()
    TOTP.activate(holder("ada@example.org").account, made)
    return made


def code_at(secret: str, half_minutes: int = 0) -> str:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    return str(format_hotp_value(hotp_value(secret, int(time.time()) // 30 + half_minutes)))


def tries(code: str) -> bool:
    """Does a log-in with this code open?"""
    browser = client()
    answer = browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    browser.post(answer["Location"], {"code": code})
    return browser.get("/my/keys").status_code == 200


def test_a_code_that_was_used_is_not_taken_again_even_when_the_cache_forgot_it(secret: str) -> None:
    """allauth remembers a used code for 30 seconds, in this process's memory, and takes it for 90."""
    from django.core.cache import cache

    code = code_at(secret)
    assert tries(code)
    cache.clear()
    assert not tries(code)


def test_a_code_is_taken_as_apps_show_it_in_two_halves(secret: str) -> None:
    code = code_at(secret)
    assert tries(f"{code[:3]} {code[3:]}")


def test_a_code_in_other_digits_is_no_code_and_breaks_nothing(secret: str) -> None:
    assert not tries(code_at(secret).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")))


def test_no_code_older_than_the_last_that_was_taken_is_taken(secret: str) -> None:
    before, after = code_at(secret, -1), code_at(secret, 1)
    assert tries(after)
    assert not tries(before)
    assert not tries(code_at(secret))


def test_a_code_that_was_used_to_log_in_does_not_confirm_a_dangerous_act(secret: str) -> None:
    code = code_at(secret)
    browser = client()
    answer = browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    browser.post(answer["Location"], {"code": code})
    from django.core.cache import cache

    cache.clear()
    assert browser.get("/my/delete").status_code == 302
    browser.post("/accounts/2fa/reauthenticate/", {"code": code})
    assert browser.get("/my/delete").status_code == 302
    browser.post("/accounts/2fa/reauthenticate/", {"code": code_at(secret, 1)})
    assert browser.get("/my/delete").status_code == 200


def test_what_codes_are_worked_out_from_is_sealed_and_not_in_the_database(secret: str, portal: PortalConfig) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    account = holder("ada@example.org").account
    codes = RecoveryCodes.activate(account)
    rows = {row.type: row for row in Authenticator.objects.filter(user=account)}
    seed = codes.instance.data["seed"]
    assert rows["totp"].data["secret"].startswith("sealed:") and seed.startswith("sealed:")
    kept = b"".join(p.read_bytes() for p in portal.data.glob("portal.sqlite3*"))
    assert secret.encode() not in kept
    assert len(codes.get_unused_codes()) == 10
    rows["totp"].data["secret"] = secret  # as an older Licet kept it
    rows["totp"].save()
    assert tries(code_at(secret))


def passkey(portal: PortalConfig) -> SoftKey:
    device, browser = SoftKey("http://localhost"), sign_up(portal)
    page = reauthenticated(browser, "/accounts/2fa/webauthn/add/")
    told = {
        "name": "laptop",
        "credential": device.create(page.context["js_data"]["creation_options"]),
        "passwordless": "on",
    }
    assert browser.post("/accounts/2fa/webauthn/add/", told).status_code == 302
    return device


def comes(device: SoftKey) -> bool:
    browser = client()
    options = browser.get("/accounts/2fa/webauthn/login/", headers=SCRIPT).json()["request_options"]
    browser.post("/accounts/2fa/webauthn/login/", {"credential": device.get(options)})
    return browser.get("/my/keys").status_code == 200


def test_a_copied_passkey_is_noticed_by_its_counter(release: Path, portal: PortalConfig) -> None:
    device = passkey(portal)
    copied = device._count
    assert comes(device) and comes(device)
    device._count = copied  # the copy was made before those
    assert not comes(device)
    assert (
        holder("ada@example.org").events.filter(what="factor.failed").get().told["why"]
        == "a copy of a passkey was used"
    )
    device._count = 10
    assert comes(device)


def test_a_passkey_that_counts_nothing_opens_every_time(release: Path, portal: PortalConfig) -> None:
    """Those of phones and browsers always say 0."""
    device = passkey(portal)
    for _ in range(3):
        device._count = -1  # `get` adds one
        assert comes(device)


def test_an_assertion_is_taken_once(release: Path, portal: PortalConfig) -> None:
    device = passkey(portal)
    first = client()
    options: Any = first.get("/accounts/2fa/webauthn/login/", headers=SCRIPT).json()["request_options"]
    sent = device.get(options)
    first.post("/accounts/2fa/webauthn/login/", {"credential": sent})
    assert first.get("/my/keys").status_code == 200
    second = client()
    second.get("/accounts/2fa/webauthn/login/", headers=SCRIPT)
    second.post("/accounts/2fa/webauthn/login/", {"credential": sent})
    assert second.get("/my/keys").status_code == 302


def test_a_sealed_secret_opens_only_where_it_was_sealed(portal: PortalConfig) -> None:
    from licet.errors import LicetError
    from licet.portal import sealed

    kept = sealed.seal("canary-of-a-seal", "sso_1")
    assert b"canary" not in kept and sealed.seal("canary-of-a-seal", "sso_1") != kept
    assert sealed.opened(kept, "sso_1").reveal() == "canary-of-a-seal"
    for broken, about in (
        (kept, "sso_2"),
        (kept[:-1] + bytes([kept[-1] ^ 1]), "sso_1"),
        (b"", "sso_1"),
        (kept[:12], "sso_1"),
    ):
        with pytest.raises(LicetError):
            sealed.opened(broken, about)
