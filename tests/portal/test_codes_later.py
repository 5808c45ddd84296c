"""A mail server that is down for a moment loses no code: it waits as long as it works, and the page says so."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_doors import PASSWORD, client, code_of, mails, sign_up

from licet.portal.config import PortalConfig

SAID = "The mail server does not answer now"


@pytest.fixture
def down(portal: PortalConfig, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """The mail server's state, of one element: True while nobody answers."""
    from licet.portal.mail import ToFiles

    state, sends = [True], ToFiles.send_messages

    def send(self: ToFiles, given: Any) -> int:
        if state[0]:
            raise ConnectionRefusedError
        return sends(self, given)

    monkeypatch.setattr(ToFiles, "send_messages", send)
    return state


@pytest.fixture
def with_server(portal: PortalConfig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages speak as where a mail server is set."""
    from licet.portal.templatetags import waiting

    monkeypatch.setattr(waiting, "current", lambda: replace(portal, smtp_url="smtp://127.0.0.1:1"))


def test_who_signs_up_gets_the_code_when_the_mail_server_is_back(
    release: Path, portal: PortalConfig, down: list[bool], with_server: None, hands: Any
) -> None:
    from licet.portal import postponed

    browser = client()
    told = browser.post("/accounts/signup/", {"email": "ada@example.org", "password1": PASSWORD}, follow=True)
    assert told.status_code == 200 and SAID in told.content.decode()
    assert "Confirmation email sent" not in told.content.decode()
    assert mails(portal) == ()
    down[0] = False
    hands.forward(60)
    assert postponed.send_due() == 1
    (mail,) = mails(portal)
    assert mail.to == "ada@example.org"
    browser.post("/accounts/confirm-email/", {"code": code_of(mail)})
    assert browser.get("/my/keys").status_code == 200


@pytest.mark.parametrize("path", ["/accounts/login/code/", "/accounts/password/reset/"])
def test_a_code_waits_as_long_as_it_works_a_newer_one_replaces_it_and_a_stranger_learns_nothing(
    release: Path, portal: PortalConfig, down: list[bool], hands: Any, path: str
) -> None:
    from licet.portal import postponed

    down[0] = False
    sign_up(portal)
    before, down[0] = len(mails(portal)), True
    for address in ("ada@example.org", "eve@example.org"):
        for _ in range(2):
            told = client().post(path, {"email": address}, follow=True)
            assert SAID in told.content.decode() and "code has been sent" not in told.content.decode()
        assert [one.to for one in postponed.all_of(portal.mail_dir)].count(address) == 1
    (first, second) = postponed.all_of(portal.mail_dir)
    assert first.until_s == second.until_s and first.until_s is not None
    hands.forward(first.until_s - first.since_s)
    down[0] = False
    assert postponed.send_due() == 0
    assert len(mails(portal)) == before and list(postponed.all_of(portal.mail_dir)) == []


def test_while_mails_go_nothing_is_said_of_it(release: Path, portal: PortalConfig, with_server: None) -> None:
    told = client().post("/accounts/signup/", {"email": "bea@example.org", "password1": PASSWORD}, follow=True)
    assert SAID not in told.content.decode() and "Confirmation email sent" in told.content.decode()
    told = client().post("/accounts/login/code/", {"email": "ada@example.org"}, follow=True)
    assert SAID not in told.content.decode()
