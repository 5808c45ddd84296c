"""A mail server that is down, refuses or is choosy: what was to be told is told late, once, and to each address for itself."""

from __future__ import annotations

import smtplib
from pathlib import Path
from typing import Any

import pytest

from licet.portal.config import PortalConfig


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the mail server does with mails to an address (an exception, or nothing: it takes them), and what it took."""
    from django.core.mail import EmailMessage

    told: dict[str, Any] = {"faults": {}, "took": [], "asked": 0}

    def send(self: EmailMessage, **_: object) -> int:
        told["asked"] += 1
        fault = told["faults"].get(self.to[0], told["faults"].get("all"))
        if fault is not None:
            raise fault
        told["took"].append((self.to[0], self.subject, dict(self.message().items())["Message-ID"], self.attachments))
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    return told


def send(*to: str, attached: tuple[str, bytes] | None = None) -> bool:
    from licet.portal import mail

    told = {"code": "K7Q2"}
    return mail.send("A subject", "mail_of_a_test", to, told, attached=attached)


@pytest.fixture(autouse=True)
def template(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.template import loader

    monkeypatch.setattr(loader, "render_to_string", lambda name, told: f"{name} {told}")


def test_a_server_that_is_down_is_told_later_and_the_file_goes_with_it(
    portal: PortalConfig, server: dict[str, Any], hands: Any
) -> None:
    from licet.portal import postponed

    server["faults"]["all"] = ConnectionRefusedError()
    assert send("ada@example.org", attached=("receipt.json", b'{"a": 1}'))
    (path,) = (portal.mail_dir / "later").iterdir()
    assert path.stat().st_mode & 0o077 == 0
    hands.forward(60)
    assert postponed.send_due() == 0
    server["faults"].clear()
    assert postponed.send_due() == 0, "it was tried a moment ago"
    hands.forward(120)
    assert (postponed.send_due(), postponed.send_due()) == (1, 0)
    ((to, subject, _, files),) = server["took"]
    assert (to, subject) == ("ada@example.org", "A subject")
    assert [(one.filename, one.content) for one in files] == [("receipt.json", b'{"a": 1}')]
    assert list((portal.mail_dir / "later").iterdir()) == []


def test_each_address_waits_for_itself_so_nobody_is_told_twice(
    portal: PortalConfig, server: dict[str, Any], hands: Any
) -> None:
    from licet.portal import postponed

    server["faults"]["bea@example.org"] = smtplib.SMTPDataError(451, b"come back later")
    send("ada@example.org", "bea@example.org", "eve@example.org")
    assert [one.to for one in postponed.all_of(portal.mail_dir)] == ["bea@example.org"]
    server["faults"].clear()
    hands.forward(60)
    postponed.send_due()
    assert sorted(to for to, *_ in server["took"]) == ["ada@example.org", "bea@example.org", "eve@example.org"]


def test_an_address_that_is_refused_for_good_is_not_asked_for_again(
    portal: PortalConfig, server: dict[str, Any]
) -> None:
    from licet.portal import postponed

    server["faults"]["gone@example.org"] = smtplib.SMTPRecipientsRefused({"gone@example.org": (550, b"nobody")})
    assert send("gone@example.org")
    assert list(postponed.all_of(portal.mail_dir)) == []
    server["faults"]["full@example.org"] = smtplib.SMTPRecipientsRefused({"full@example.org": (450, b"not now")})
    send("full@example.org")
    assert [one.to for one in postponed.all_of(portal.mail_dir)] == ["full@example.org"]


def test_a_silent_server_is_asked_once_however_many_wait_ever_more_rarely_and_not_for_ever(
    portal: PortalConfig, server: dict[str, Any], hands: Any
) -> None:
    from licet.portal import postponed

    server["faults"]["all"] = TimeoutError()
    for n in range(5):
        send(f"p{n}@example.org")
    hands.forward(60)
    server["asked"] = 0
    postponed.send_due()
    assert server["asked"] == 1
    for _ in range(6 * 24 * 60):
        hands.forward(60)
        postponed.send_due()
    assert list(postponed.all_of(portal.mail_dir)) == []
    assert server["asked"] < 5 * 30
    assert server["took"] == []


def test_what_waits_for_an_account_goes_with_it(portal: PortalConfig, server: dict[str, Any]) -> None:
    from licet.portal import accounts, events, postponed

    holder = accounts.create("ada@example.org", None, events.COMMAND)
    server["faults"]["all"] = ConnectionRefusedError()
    send("ada@example.org", "eve@example.org")
    accounts.delete(holder, events.COMMAND)
    assert [one.to for one in postponed.all_of(portal.mail_dir)] == ["eve@example.org"]


def test_where_it_cannot_be_kept_either_the_sender_is_told(
    portal: PortalConfig, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        raise OSError(28, "no space left")

    monkeypatch.setattr(Path, "mkdir", full)
    server["faults"]["all"] = ConnectionRefusedError()
    assert not send("ada@example.org")


def test_the_mark_of_a_quota_reaches_its_holder_though_the_mail_server_was_down(
    portal: PortalConfig, release: Path, server: dict[str, Any], hands: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal import accounts, events, postponed
    from licet.portal.billing import notices

    holder = accounts.create("ada@example.org", None, events.COMMAND)
    mark = notices.Mark("calls/month", hands.at_s, hands.at_s + 86_400, 80, "8", "10 calls / month", False)
    server["faults"]["all"] = ConnectionRefusedError()
    assert (notices._tell(holder.pk, "sana", (mark,)), notices._tell(holder.pk, "sana", (mark,))) == (1, 0)
    server["faults"].clear()
    hands.forward(60)
    assert postponed.send_due() == 1
    assert [(to, subject) for to, subject, *_ in server["took"]] == [
        ("ada@example.org", "80 % of your quota for sana is used")
    ]
