"""Mails about questions and a mail server that is down: late, never lost, to nobody twice, and no longer than they are true."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.portal.community.asking import ask, by_code, nobody, operator
from tests.portal.community.postbox import Postbox, postbox
from tests.portal.conftest import Hands
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

OP = "op@example.org"


@pytest.fixture
def box(portal: PortalConfig, release: Path) -> Iterator[Postbox]:
    with postbox() as box:
        yield box


def waiting(portal: PortalConfig) -> list[str]:
    from licet.portal import postponed

    return sorted(one.to for one in postponed.all_of(portal.mail_dir))


def later(hands: Hands, by_s: int = 60) -> int:
    """The chore's next round."""
    from licet.portal import postponed

    hands.forward(by_s)
    return postponed.send_due()


def follow(browser: Any) -> Any:
    assert browser.post("/questions/follow", {"wanted": "1"}).status_code == 302
    return browser


def test_what_was_asked_and_answered_while_the_server_was_down_is_told_once_when_it_is_up(
    portal: PortalConfig, box: Postbox, hands: Hands
) -> None:
    licensor, ada, eve = operator(OP), client("ada@example.org"), follow(client("eve@example.org"))
    question = ask(ada)
    eve.post(f"/questions/{question.pk}/follow", {"wanted": "1"})
    licensor.post(f"/questions/{question.pk}/answer", {"body": "Yes."})
    assert waiting(portal) == ["ada@example.org", "eve@example.org", "eve@example.org", OP]
    assert later(hands) == 0
    box.on()
    assert (later(hands, 90), later(hands, 90), later(hands, 3600)) == (4, 0, 0)
    assert waiting(portal) == []
    assert sorted((to, mail["Subject"]) for to, mail in box.took) == [
        ("ada@example.org", "The licensor answered: May I sell pictures?"),
        ("eve@example.org", "A question about sana: May I sell pictures?"),
        ("eve@example.org", "The licensor answered: May I sell pictures?"),
        (OP, "A question about sana: May I sell pictures?"),
    ]
    for mail in box.to("eve@example.org"):  # it can be ended by the mail program, as if it had come at once
        link = str(mail["List-Unsubscribe"]).strip("<>")
        assert link in mail.get_content()
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "End these mails?" in nobody().get(link.removeprefix("http://localhost:8000")).content.decode()
    assert len({mail["Message-ID"] for _, mail in box.took}) == 4
    assert box.to(OP)[0]["List-Unsubscribe"] is None


def test_an_address_that_is_refused_costs_the_others_nothing(portal: PortalConfig, box: Postbox, hands: Hands) -> None:
    operator(OP)
    for name in ("bea", "gone", "eve"):
        follow(client(f"{name}@example.org"))
    box.refuses.add("gone@example.org")
    box.on()
    ask(client("ada@example.org"))
    later(hands)
    assert sorted(to for to, _ in box.took) == ["bea@example.org", "eve@example.org", OP]
    assert waiting(portal) == []


def test_many_followers_wait_beside_the_request_and_a_server_that_ends_meanwhile_loses_none(
    portal: PortalConfig, box: Postbox, hands: Hands
) -> None:
    from licet.portal import mail

    names = [f"p{n:02}@example.org" for n in range(mail.AT_ONCE + 1)]
    for name in names:
        follow(client(name))
    box.on()
    ask(client("ada@example.org"))
    assert box.took == [], "the page would have waited for them"
    assert waiting(portal) == names
    assert (later(hands, 0), later(hands)) == (len(names), 0)
    assert sorted(to for to, _ in box.took) == names


def test_many_that_wait_for_a_slow_server_keep_no_other_chore_from_its_turn(
    portal: PortalConfig, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    from licet.portal import postponed

    def slow(self: EmailMessage, **_: object) -> int:
        hands.forward(2)
        return 1

    for n in range(10):
        postponed.keep(postponed.written(f"p{n}@example.org", "A subject", "x"))
    monkeypatch.setattr(EmailMessage, "send", slow)
    assert [postponed.send_due() for _ in range(5)] == [3, 3, 3, 1, 0]


def test_one_request_waits_for_a_silent_server_once(
    box: Postbox, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    asked: list[str] = []

    def silent(self: EmailMessage, **_: object) -> int:
        asked.extend(self.to)
        raise TimeoutError

    for name in ("bea", "eve", "joe"):
        follow(client(f"{name}@example.org"))
    monkeypatch.setattr(EmailMessage, "send", silent)
    ask(client("ada@example.org"))
    assert len(asked) == 1


def test_a_code_is_tried_while_it_works_and_a_newer_one_replaces_it(
    portal: PortalConfig, box: Postbox, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    from licet.portal.community import people

    eve = nobody()
    for _ in range(2):
        assert eve.post("/questions/enter", {"email": "eve@example.org"}).status_code == 302
    assert waiting(portal) == ["eve@example.org"]
    box.on()
    assert later(hands) == 1
    code = re.search(r"^([A-Z0-9]{4}-[A-Z0-9]{4})\r?$", box.to("eve@example.org")[0].get_content(), re.M)
    assert code
    assert eve.post("/questions/code", {"code": code[1]})["Location"] == "/questions/mine"

    box.off()
    with caplog.at_level(logging.INFO, "licet.mail"):
        nobody().post("/questions/enter", {"email": "bea@example.org"})
        (text,) = [path.read_text() for path in (portal.mail_dir / "later").iterdir()]
        late = re.search(r"[A-Z0-9]{4}-[A-Z0-9]{4}", text)
        assert later(hands, people.CODE_S - 1) == 0
        box.on()
        assert later(hands, 1) == 0
    assert (waiting(portal), box.to("bea@example.org")) == ([], [])
    assert "a mail is given up" in caplog.text
    assert late is not None
    assert late[0] not in caplog.text


@pytest.mark.parametrize("taken_back", ["withdrawn", "hidden"])
def test_words_that_were_taken_back_are_not_sent_afterwards(
    portal: PortalConfig, box: Postbox, taken_back: str
) -> None:
    from licet.portal import events
    from licet.portal.community import acts

    ada, licensor = client("ada@example.org"), operator(OP)
    question, other = ask(ada), ask(ada, "Another thing")
    assert waiting(portal) == [OP, OP]
    if taken_back == "hidden":
        acts.hide(question, events.COMMAND, "rude")
    else:
        ada.post(f"/questions/{question.pk}/withdraw")
    (left,) = (portal.mail_dir / "later").iterdir()
    assert other.pk in left.read_text()
    licensor.post(f"/questions/{other.pk}/answer", {"body": "Yes."})
    assert waiting(portal) == ["ada@example.org", OP]


def test_who_ends_the_mails_gets_none_that_waited(portal: PortalConfig, box: Postbox, hands: Hands) -> None:
    eve, bea = follow(client("eve@example.org")), follow(client("bea@example.org"))
    ask(client("ada@example.org"))
    assert waiting(portal) == ["bea@example.org", "eve@example.org"]
    eve.post("/questions/follow", {"wanted": "0"})
    assert waiting(portal) == ["bea@example.org"]
    (path,) = (portal.mail_dir / "later").iterdir()
    link = re.search(r"/questions/stop/[\w:.-]+", path.read_text())
    assert link
    assert nobody().post(link[0]).status_code == 200
    assert waiting(portal) == []
    assert bea.get("/questions/").status_code == 200


def test_with_an_account_go_its_mails_and_its_private_words_on_their_way_to_others(
    portal: PortalConfig, box: Postbox
) -> None:
    from licet.portal import accounts, events
    from licet.portal.models import Account

    licensor, ada = operator(OP), client("ada@example.org")
    private = ask(ada, "A private matter", private="1")
    licensor.post(f"/questions/{private.pk}/answer", {"body": "I see."})
    ask(ada, "In the open")
    assert waiting(portal) == ["ada@example.org", OP, OP]
    holder = Account.objects.get(email="ada@example.org").holder
    accounts.delete(holder, events.COMMAND)
    (left,) = [path.read_text() for path in (portal.mail_dir / "later").iterdir()]
    assert "In the open" in left
    assert "private matter" not in left


def test_who_came_by_a_code_takes_what_waits_along_but_nothing_of_an_account(
    portal: PortalConfig, release: Path, box: Postbox
) -> None:
    from licet.portal import accounts, events, mail, postponed

    from django.test import override_settings  # isort: skip

    files = {"default": {"BACKEND": "licet.portal.mail.ToFiles", "OPTIONS": {"folder": str(portal.mail_dir)}}}
    with override_settings(MAILERS=files):
        eve, bea = by_code(portal, "eve@example.org"), by_code(portal, "bea@example.org")
    accounts.create("bea@example.org", None, events.COMMAND)
    for browser in (eve, bea):
        follow(browser)
    ask(client("ada@example.org"))
    mail.deliver([postponed.written("bea@example.org", "A receipt", "of the account")])
    assert waiting(portal) == ["bea@example.org", "bea@example.org", "eve@example.org"]
    for browser in (eve, bea):
        browser.post("/questions/leave", {"forget": "1"})
    (left,) = postponed.all_of(portal.mail_dir)
    assert (left.to, left.subject) == ("bea@example.org", "A receipt")
    assert not [path for path in portal.mail_dir.glob("*.eml") if "eve@example.org" in path.read_text()]


def test_a_mail_that_nobody_can_write_bars_none_that_wait_behind_it(
    portal: PortalConfig, box: Postbox, hands: Hands
) -> None:
    from licet.portal import postponed

    postponed.keep(postponed.written("eve@example.org\nBcc: all@example.org", "First", "x"))
    hands.forward(1)
    postponed.keep(postponed.written("bea@example.org", "Second", "x"))
    box.on()
    assert later(hands) == 1
    assert (waiting(portal), [to for to, _ in box.took]) == ([], ["bea@example.org"])
