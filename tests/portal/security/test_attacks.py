"""Each attack by its name, and what comes of it: nothing. Those on roles, invitations, keys, factors and sign-in servers
stand beside what they attack; docs/security/threat-model.md lists them all."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_doors import PASSWORD, code_of, mails, sign_up
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.config import PortalConfig

AWAY = ["https://evil.example/", "//evil.example/", "/\\evil.example/", "///evil.example", "javascript:alert(1)",
        "https:evil.example", "\thttps://evil.example", "http://localhost@evil.example/", "//localhost@evil.example"]  # fmt: skip


@pytest.mark.parametrize("where", AWAY)
def test_open_redirect_after_a_log_in(release: Path, where: str) -> None:
    client("ada@example.org")
    told = {"login": "ada@example.org", "password": PASSWORD, "next": where}
    answer = client().post("/accounts/login/", told)
    assert answer.status_code == 302 and answer["Location"] == "/my/"


@pytest.mark.parametrize("where", AWAY)
@pytest.mark.parametrize(
    "path", ["/accounts/logout/", "/accounts/reauthenticate/", "/accounts/signup/", "/accounts/login/"]
)
def test_open_redirect_by_any_other_door(release: Path, path: str, where: str) -> None:
    ada = client("ada@example.org")
    for answer in (ada.get(path, {"next": where}), ada.post(path, {"next": where, "password": PASSWORD})):
        assert "evil.example" not in answer.get("Location", "")


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "localhost:80@evil.example", "localhost\t", ""]
)
def test_host_header_tricks(release: Path, portal: PortalConfig, host: str) -> None:
    """Nothing that a stranger writes into a header ends up in a mail or a link."""
    client("ada@example.org")
    before = len(mails(portal))
    answer = client().post("/accounts/password/reset/", {"email": "ada@example.org"}, HTTP_HOST=host)
    assert answer.status_code == 400
    assert len(mails(portal)) == before


@pytest.mark.parametrize("header", ["HTTP_X_FORWARDED_HOST", "HTTP_X_HOST", "HTTP_FORWARDED", "HTTP_X_ORIGINAL_URL"])
def test_forwarded_hosts_are_not_believed(release: Path, portal: PortalConfig, header: str) -> None:
    client("ada@example.org")
    client().post("/accounts/password/reset/", {"email": "ada@example.org"}, **{header: "evil.example"})
    assert "evil.example" not in mails(portal)[-1].body
    assert b"evil.example" not in client().get("/accounts/login/", **{header: "evil.example"}).content


def test_timing_of_unknown_against_known_account(release: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same work is done: one hash, whether or not there is such an account, and whether or not it has a password."""
    from licet.portal.hashers import Argon2id

    client("ada@example.org")
    worked: list[str] = []
    verify, encode = Argon2id.verify, Argon2id.encode
    monkeypatch.setattr(Argon2id, "verify", lambda self, *a: worked.append("verify") or verify(self, *a))
    monkeypatch.setattr(Argon2id, "encode", lambda self, *a: worked.append("encode") or encode(self, *a))

    def hashes(address: str) -> int:
        worked.clear()
        client().post("/accounts/login/", {"login": address, "password": "wrong horse battery"})
        return len(worked)

    known, unknown = hashes("ada@example.org"), hashes("nobody@example.org")
    assert known == unknown == 1
    account = holder("ada@example.org").account
    account.set_unusable_password()
    account.save()
    assert hashes("ada@example.org") == 1


def test_session_fixation(release: Path, portal: PortalConfig) -> None:
    """A session that somebody else chose is another after the log-in, and one made up is none."""
    sign_up(portal)
    browser = client()
    browser.cookies["sessionid"] = "0" * 32
    browser.get("/accounts/login/")
    planted = browser.cookies["sessionid"].value
    browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert browser.get("/my/keys").status_code == 200
    assert browser.cookies["sessionid"].value not in (planted, "0" * 32)
    other = client()
    other.cookies["sessionid"] = planted
    assert other.get("/my/keys").status_code == 302


def test_a_session_that_was_ended_is_over_on_the_server(release: Path, portal: PortalConfig) -> None:
    browser = sign_up(portal)
    kept = browser.cookies["sessionid"].value
    browser.post("/accounts/logout/")
    other = client()
    other.cookies["sessionid"] = kept
    assert other.get("/my/keys").status_code == 302


@pytest.mark.parametrize("name", ["email", "login"])
def test_log_injection(release: Path, portal: PortalConfig, caplog: pytest.LogCaptureFixture, name: str) -> None:
    """Nobody writes a line of his own into the log: not by a field, a path, a header or a query."""
    caplog.set_level(logging.INFO)
    line = "x\r\n2026-11-23T08:00:00 INFO licet.portal forged=1\x1b[31m"
    path = "/accounts/login/" if name == "login" else "/accounts/password/reset/"
    client().post(path, {name: line, "password": line}, HTTP_USER_AGENT=line, HTTP_X_REQUEST_ID=line)
    client().get("/nothing%0d%0a2026 INFO forged=1%1b[31m", {"q": line}, HTTP_REFERER=line)
    client().get("/v1/acceptances", HTTP_AUTHORIZATION=f"Bearer {line}")
    formatted = [
        logging.Formatter("%(message)s").format(record) for record in caplog.records if record.name != "asyncio"
    ]
    assert formatted
    for one in formatted:
        assert "\n" not in one.partition("Traceback")[0] and "\x1b" not in one and "\r" not in one, one


def test_mass_assignment_at_sign_up(release: Path, portal: PortalConfig) -> None:
    more = {"is_operator": "on", "is_staff": "1", "is_superuser": "1", "is_active": "1", "id": "1", "verified": "on",
            "holder": "hol_x", "tier": "premium", "email_folded": "x", "made_s": "0"}  # fmt: skip
    browser = client()
    browser.post("/accounts/signup/", {"email": "eve@example.org", "password1": PASSWORD, **more})
    browser.post("/accounts/confirm-email/", {"code": code_of(mails(portal)[-1]), **more})
    account = holder("eve@example.org").account
    assert not account.is_operator and not account.is_staff
    assert holder("eve@example.org").held.get().tier == "free"
    assert browser.get("/admin/").status_code == 302


def test_stuffing_from_many_addresses_stops_for_a_minute_whoever_it_comes_from(
    release: Path, monkeypatch: pytest.MonkeyPatch, hands: Any
) -> None:
    from licet.portal import limits

    client("ada@example.org")
    monkeypatch.setattr(limits, "FAILED_A_MINUTE", 20)
    for n in range(20):
        client(REMOTE_ADDR=f"203.0.113.{n}").post(
            "/accounts/login/", {"login": f"a{n}@example.org", "password": "leaked-1"}
        )
    last = client(REMOTE_ADDR="198.51.100.7")
    right = {"login": "ada@example.org", "password": PASSWORD}
    assert "Too many" in last.post("/accounts/login/", right).content.decode()
    assert last.get("/accounts/2fa/webauthn/login/", headers={"X-Requested-With": "XMLHttpRequest"}).status_code == 200
    hands.forward(60)
    last.post("/accounts/login/", right)
    assert last.get("/my/keys").status_code == 200


def test_the_limits_are_not_forgotten_by_naming_many_addresses(portal: PortalConfig) -> None:
    """Django's cache keeps 300 entries and then forgets some at random: an attacker's own counters among them."""
    from django.core.cache import cache

    cache.set("the-counter", 5, 600)
    for n in range(2_000):
        cache.set(f"somebody-{n}", 1, 600)
    assert cache.get("the-counter") == 5


def test_wrong_passwords_for_one_account_from_many_addresses_are_stopped(release: Path) -> None:
    client("ada@example.org")
    for n in range(5):
        client(REMOTE_ADDR=f"203.0.113.{n}").post(
            "/accounts/login/", {"login": "ada@example.org", "password": "wrong-one"}
        )
    answer = client(REMOTE_ADDR="198.51.100.7").post(
        "/accounts/login/", {"login": "ADA@example.org", "password": PASSWORD}
    )
    assert "Too many" in answer.content.decode()


def test_wrong_codes_of_a_second_factor_are_stopped(release: Path, portal: PortalConfig) -> None:
    import time

    from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value

    sign_up(portal)
    secret = generate_totp_secret()
    TOTP.activate(holder("ada@example.org").account, secret)
    browser = client()
    where = browser.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})["Location"]
    for _ in range(12):
        browser.post(where, {"code": "000000"})
    browser.post(where, {"code": format_hotp_value(hotp_value(secret, int(time.time()) // 30))})
    assert browser.get("/my/keys").status_code == 302


@pytest.mark.parametrize("path", ["/my/delete", "/my/export", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/",
                                  "/accounts/2fa/recovery-codes/generate/"])  # fmt: skip
def test_dangerous_acts_ask_who_it_is_once_more(release: Path, portal: PortalConfig, path: str) -> None:
    ada = sign_up(portal)
    answer = ada.get(path)
    assert answer.status_code == 302 and "reauthenticate" in answer["Location"], (path, answer.status_code)
