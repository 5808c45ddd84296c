"""Signing in by a code that comes by mail: for whoever reads the mailbox, in the session that asked, and nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_doors import code_of, mails, sign_up
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.config import PortalConfig

ASK, ENTER = "/accounts/login/code/", "/accounts/login/code/confirm/"


def test_a_code_by_mail_signs_in_once_in_the_session_that_asked(release: Path, portal: PortalConfig) -> None:
    sign_up(portal)
    browser, other = client(), client()
    browser.post(ASK, {"email": "ada@example.org"})
    code = code_of(mails(portal)[-1])
    other.post(ENTER, {"code": code})
    assert other.get("/my/keys").status_code == 302
    browser.post(ENTER, {"code": code})
    assert browser.get("/my/keys").status_code == 200
    third = client()
    third.post(ASK, {"email": "ada@example.org"})
    third.post(ENTER, {"code": code})
    assert third.get("/my/keys").status_code == 302


def test_three_wrong_codes_end_it(release: Path, portal: PortalConfig) -> None:
    sign_up(portal)
    browser = client()
    browser.post(ASK, {"email": "ada@example.org"})
    for _ in range(3):
        browser.post(ENTER, {"code": "WRONG1"})
    browser.post(ENTER, {"code": code_of(mails(portal)[-1])})
    assert browser.get("/my/keys").status_code == 302


def test_the_code_goes_to_the_known_address_never_to_a_look_alike(release: Path, portal: PortalConfig) -> None:
    sign_up(portal)
    before = len(mails(portal))
    client().post(ASK, {"email": "ada@\uff45xample.org"})
    assert [mail.to for mail in mails(portal)[before:]] == ["ada@example.org"]


def test_a_stranger_learns_nothing_by_asking_for_a_code(release: Path, portal: PortalConfig) -> None:
    sign_up(portal)

    def seen(address: str) -> tuple[Any, ...]:
        browser = client()
        asked = browser.post(ASK, {"email": address})
        page = browser.get(asked["Location"])
        wrong = browser.post(ENTER, {"code": "WRONG1"})
        told = page.content.decode().replace(address, "…").count("…")
        return asked.status_code, asked["Location"], page.status_code, told, wrong.status_code

    assert seen("ada@example.org") == seen("eve@example.org")


def test_a_second_factor_is_asked_for_after_a_code_by_mail_too(release: Path, portal: PortalConfig) -> None:
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret

    sign_up(portal)
    TOTP.activate(holder("ada@example.org").account, generate_totp_secret())
    browser = client()
    browser.post(ASK, {"email": "ada@example.org"})
    answer = browser.post(ENTER, {"code": code_of(mails(portal)[-1])})
    assert "/2fa/authenticate/" in answer["Location"]
    assert browser.get("/my/keys").status_code == 302


@pytest.mark.parametrize("address", ["", "x", "ada@example.org\nBcc: eve@example.org"])
def test_what_is_no_address_gets_no_mail(release: Path, portal: PortalConfig, address: str) -> None:
    assert client().post(ASK, {"email": address}).status_code == 200
    assert mails(portal) == ()
