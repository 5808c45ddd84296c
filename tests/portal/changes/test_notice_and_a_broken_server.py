"""The mail server goes away in the middle of a notice: nobody is told twice, nobody is lost, and the operator hears of it."""

from __future__ import annotations

import argparse
import smtplib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from tests.portal.changes.world import STRICTER, holder, in_days, publish
from tests.portal.conftest import Hands
from tests.portal.organizations.conftest import Lab

from licet.portal.config import PortalConfig

AWAY = ConnectionRefusedError("nobody listens")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """`faults`: what becomes of a mail to an address ("*": of all from then on); `took` and `asked`: what reached it."""
    from django.core.mail import EmailMessage

    told: dict[str, Any] = {"faults": {}, "took": Counter(), "asked": 0}

    def send(self: EmailMessage, **_: object) -> int:
        told["asked"] += 1
        if fault := told["faults"].get("*") or told["faults"].get(self.to[0]):
            raise fault
        told["took"][self.to[0]] += 1
        return 1

    monkeypatch.setattr(EmailMessage, "send", send)
    return told


def rules(config: PortalConfig) -> dict[str, str]:
    from licet.cli import doctor

    return {one.rule: str(one) for one in doctor.findings(argparse.Namespace(dir=None, data=config.data))}


def test_a_server_that_goes_away_is_asked_once_and_everybody_is_told_once_when_it_is_back(
    release: Path, hands: Hands, server: dict[str, Any]
) -> None:
    from licet.portal.changes import mails as sending

    names = [f"ada{n}" for n in range(6)]
    for name in names:
        holder(name)
    server["faults"]["ada3@example.org"] = AWAY  # three are told, then it is gone
    publish(release, STRICTER, from_s=in_days(hands, 30))
    assert (server["asked"], sum(server["took"].values())) == (4, 3)
    server["faults"] = {"*": AWAY}
    for _ in range(200):  # hours of it
        hands.forward(60)
        assert sending.send_due() == 0
    server["faults"].clear()
    while sending.waiting():
        hands.forward(3_600)
        sending.send_due()
    assert server["took"] == {f"{name}@example.org": 1 for name in names}


def test_a_server_that_is_away_for_days_loses_nobody(release: Path, hands: Hands, server: dict[str, Any]) -> None:
    from licet.portal.changes import mails as sending

    holder()
    server["faults"]["*"] = AWAY
    publish(release, STRICTER, from_s=in_days(hands, 30))
    for _ in range(4 * 24 * 6):
        hands.forward(600)
        sending.send_due()
    server["faults"].clear()
    hands.forward(86_400)
    assert sending.send_due() == 1


def test_of_an_organization_each_address_is_told_once_though_the_server_goes_between_them(
    release: Path, hands: Hands, server: dict[str, Any]
) -> None:
    from licet.portal import events, tiers
    from licet.portal.changes import mails as sending
    from licet.portal.changes import publishing
    from licet.portal.changes.models import Told
    from licet.portal.mail import Answer

    lab = Lab()
    lab.joins("bea", "admin")
    server["took"].clear()
    tiers.give(lab.made.holder, "sana", "premium", events.COMMAND)
    (release / "licet.toml").write_bytes(STRICTER)
    publishing.publish(publishing.plan(release, from_s=in_days(hands, 30)), events.COMMAND)
    row = Told.objects.select_related("notice").get(holder=lab.made.holder)
    assert sorted(sending._addresses(row)) == ["ada@example.org", "bea@example.org"]
    last = sending._addresses(row)[1]
    server["faults"][last] = AWAY
    sending._one(row)
    row.refresh_from_db()
    assert (row.sent_s, sum(server["took"].values()), server["took"][last]) == (None, 1, 0)
    server["faults"].clear()
    hands.forward(sending.AGAIN_S)
    row.refresh_from_db()
    assert sending._one(row) is Answer.TAKEN
    assert server["took"] == {"ada@example.org": 1, "bea@example.org": 1}
    row.refresh_from_db()
    assert row.sent_s is not None and "@" not in row.reached


def test_a_mail_that_cannot_be_written_keeps_none_from_the_others(
    release: Path, hands: Hands, server: dict[str, Any]
) -> None:
    for name in ("ada", "bea", "eve"):
        holder(name)
    server["faults"]["ada@example.org"] = ValueError("a header with a line break")
    publish(release, STRICTER, from_s=in_days(hands, 30))
    assert set(server["took"]) == {"bea@example.org", "eve@example.org"}


def test_the_doctor_tells_who_was_not_reached_and_a_new_start_tries_again(
    release: Path, portal: PortalConfig, hands: Hands, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.cli import doctor
    from licet.portal.changes import mails as sending

    monkeypatch.chdir(release)
    assert doctor.NOTICE_TRIES == sending.MOST
    holder("ada")
    holder("bea")
    server["faults"]["ada@example.org"] = smtplib.SMTPResponseException(451, b"later")
    publish(release, STRICTER, from_s=in_days(hands, 30))
    assert "1 who are to be told of a change could not be yet" in rules(portal)["notices-wait"]
    for _ in range(sending.MOST):
        hands.forward(sending.AGAIN_S * sending.MOST)
        sending.send_due()
    assert "1 who are to be told of a change could not be, for days" in rules(portal)["notices-lost"]
    assert "notices-wait" not in rules(portal)
    server["faults"].clear()
    sending.resume()
    assert sending.send_due() == 1
    assert not {"notices-wait", "notices-lost"} & set(rules(portal))


def test_the_doctor_tells_of_any_mail_that_waits(portal: PortalConfig, server: dict[str, Any]) -> None:
    from licet.portal import mail

    server["faults"]["*"] = AWAY
    assert mail.send("A subject", "certificate_revoked", ["ada@example.org"], {})
    assert "the mail server did not take 1 mail" in rules(portal)["mails-wait"]
    for path in (portal.mail_dir / "later").iterdir():
        path.unlink()


def test_who_left_is_nobody_to_reach(release: Path, portal: PortalConfig, hands: Hands, server: dict[str, Any]) -> None:
    from licet.portal import accounts, events

    ada = holder()
    server["faults"]["*"] = AWAY
    publish(release, STRICTER, from_s=in_days(hands, 30))
    assert "notices-wait" in rules(portal)
    accounts.delete(ada, events.COMMAND)
    assert not {"notices-wait", "notices-lost"} & set(rules(portal))


def test_a_running_server_sends_what_a_command_could_not() -> None:
    from licet.portal.chores import CHORES

    (chore,) = (one for one in CHORES if one.does == "licet.portal.changes.mails:send_round")
    assert chore.every_s <= 60


def test_a_slow_mail_server_leaves_the_other_chores_their_turn_and_everybody_is_told_once(
    release: Path, hands: Hands, server: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    from licet.portal.changes import mails as sending

    names = [f"ada{n}" for n in range(8)]
    for name in names:
        holder(name)
    server["faults"]["*"] = AWAY
    publish(release, STRICTER, from_s=in_days(hands, 30))
    server["faults"].clear()
    hands.forward(sending.AGAIN_S)
    takes = EmailMessage.send

    def slow(self: EmailMessage, **more: object) -> int:
        hands.forward(2)
        return takes(self, **more)

    monkeypatch.setattr(EmailMessage, "send", slow)
    assert [sending.send_round() for _ in range(4)] == [3, 3, 2, 0]
    assert server["took"] == Counter({f"{name}@example.org": 1 for name in names})
