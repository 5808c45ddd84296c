"""Stricter terms come with the notice that was promised, and each who holds terms is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.changes.world import LOOSER, STRICTER, holder, in_days, mails, publish
from tests.portal.conftest import LICET, Hands

from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory


def test_stricter_terms_wait_for_the_notice_that_was_promised(release: Path, hands: Hands) -> None:
    holder()
    with pytest.raises(LicetError, match="promise 30 days of notice"):
        publish(release, STRICTER)
    with pytest.raises(LicetError, match="promise 30 days of notice"):
        publish(release, STRICTER, from_s=in_days(hands, 30) - 1)
    assert publish(release, STRICTER, from_s=in_days(hands, 30)).kind == "change"


def test_looser_terms_and_terms_that_nobody_holds_need_no_notice(release: Path) -> None:
    assert publish(release, STRICTER) is None
    holder()
    assert publish(release, LOOSER) is None


def test_a_license_that_becomes_stricter_is_announced_though_no_tier_meets_it(release: Path) -> None:
    holder()
    with pytest.raises(LicetError, match="notice"):
        publish(release, LICET.replace(b'license = "CC-BY-NC-4.0"\naccept = true', b"proprietary = true"))


def test_no_promise_needs_no_notice_but_holders_are_told_all_the_same(release: Path, portal: PortalConfig) -> None:
    publish(release, LICET.replace(b"[release]", b"[release]\nnotice_days = 0"))
    holder()
    publish(release, STRICTER.replace(b"[release]", b"[release]\nnotice_days = 0"))
    (mail,) = mails(portal, "ada@")
    assert "are stricter from" in mail.body


def test_a_day_that_has_passed_is_today_where_nothing_is_owed(release: Path, hands: Hands) -> None:
    holder()
    assert publish(release, LOOSER, from_s=hands.at_s - 5) is None
    with pytest.raises(LicetError, match="notice"):
        publish(release, STRICTER, from_s=hands.at_s - 5)


def test_a_promise_is_broken_only_with_a_reason_that_everybody_reads(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    holder()
    given = publish(release, STRICTER, at_once="A court told us to.")
    assert given.at_once == "A court told us to."
    assert "without the notice that was promised" in mails(portal, "ada@")[0].body
    assert "A court told us to." in mails(portal, "ada@")[0].body
    assert (
        publish(release, STRICTER.replace(b"5 calls", b"4 calls"), from_s=in_days(hands, 40), at_once="x").at_once == ""
    )


def test_every_holder_is_told_once_what_changes_and_what_stays(
    release: Path, portal: PortalConfig, hands: Hands, directory: SqliteDirectory
) -> None:
    from licet.portal.changes import mails as sending

    ada, _bea = holder("ada"), holder("bea", "premium")
    old = directory.standing(ada.pk, "sana")
    assert old is not None
    publish(release, STRICTER, from_s=in_days(hands, 30))
    (to_ada,) = mails(portal, "ada@")
    (to_bea,) = mails(portal, "bea@")
    assert "tier `free`" in to_ada.body and "5 calls" in to_ada.body
    assert f"/terms/{old.document[:12]}" in to_ada.body
    assert "Nothing in it changes for the worse" in to_bea.body
    hands.forward(3_600)
    assert sending.send_due() == 0
    assert len(mails(portal)) == 2
    hands.forward(31 * 86_400)
    assert directory.standing(ada.pk, "sana") == old, "in force, and the holder keeps what it has"
    assert holder("eve") and directory.standing(holder_id("eve"), "sana").document != old.document  # type: ignore[union-attr]


def holder_id(name: str) -> str:
    from licet.portal.models import Account

    return Account.objects.get(email=f"{name}@example.org").holder.pk


def test_a_crash_between_the_mails_tells_the_others_later_and_nobody_twice(
    release: Path, portal: PortalConfig, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    from licet.portal.changes import mails as sending

    for name in ("ada", "bea", "eve"):
        holder(name)
    sent, real = [], EmailMessage.send

    def dies(self: EmailMessage, **_: object) -> int:
        if len(sent) == 1:
            raise KeyboardInterrupt  # as SIGINT in the middle of a mail
        sent.append(self.to[0])
        return real(self)

    monkeypatch.setattr(EmailMessage, "send", dies)
    with pytest.raises(KeyboardInterrupt):
        publish(release, STRICTER, from_s=in_days(hands, 30))
    monkeypatch.setattr(EmailMessage, "send", real)
    assert sending.send_due() == 1, "the one that was claimed waits: another process may be at it"
    hands.forward(sending.AGAIN_S)
    assert sending.send_due() == 1
    assert sorted(mail.to for mail in mails(portal)) == ["ada@example.org", "bea@example.org", "eve@example.org"]


def test_a_mail_that_fails_is_tried_again_but_not_for_ever(
    release: Path, portal: PortalConfig, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.core.mail import EmailMessage

    from licet.portal.changes import mails as sending

    def refuses(self: EmailMessage, **_: object) -> int:
        raise ConnectionRefusedError

    holder()
    with monkeypatch.context() as patched:
        patched.setattr(EmailMessage, "send", refuses)
        publish(release, STRICTER, from_s=in_days(hands, 30))
        assert sending.waiting() == 1
        for _ in range(sending.MOST):
            hands.forward(sending.AGAIN_S * sending.MOST)
            assert sending.send_due() == 0
    assert sending.waiting() == 0
    assert mails(portal) == []


def test_two_who_send_at_once_send_each_mail_once(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.changes import mails as sending
    from licet.portal.changes import publishing
    from licet.portal.changes.models import Told
    from licet.portal.mail import Answer

    holder()
    (release / "licet.toml").write_bytes(STRICTER)
    publishing.publish(publishing.plan(release, from_s=in_days(hands, 30)), events.COMMAND)
    row = Told.objects.select_related("notice", "holder__account").get()
    same = Told.objects.select_related("notice", "holder__account").get()
    assert (sending._one(row), sending._one(same)) == (Answer.TAKEN, None)
    assert len(mails(portal)) == 1


def test_holders_are_moved_to_less_only_when_their_notice_has_run(
    release: Path, portal: PortalConfig, hands: Hands, directory: SqliteDirectory
) -> None:
    from licet.portal import events
    from licet.portal.changes import mails as sending
    from licet.portal.changes import moving

    ada = holder()
    publish(release, STRICTER, at_once="A court told us to.")
    with pytest.raises(LicetError, match="1 holder would lose by the move"):
        moving.move("sana", events.COMMAND)
    hands.forward(30 * 86_400 - 1)
    with pytest.raises(LicetError, match="notice was promised"):
        moving.move("sana", events.COMMAND, tier="free")
    hands.forward(1)
    assert moving.move("sana", events.COMMAND).moved == 1
    sending.send_due()
    assert "held at the newest terms" in mails(portal, "ada@")[-1].body
    assert directory.standing(ada.pk, "sana").document == directory.newest("sana", hands.at_s)  # type: ignore[union-attr]


def test_who_was_never_told_is_not_moved_to_less_without_a_reason(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    from licet.portal import documents, events
    from licet.portal.changes import mails as sending
    from licet.portal.changes import moving

    holder()
    documents.publish(STRICTER, events.COMMAND, folder=release)  # as `serve --dev` does: nobody is told
    with pytest.raises(LicetError, match="1 holder would lose by the move"):
        moving.move("sana", events.COMMAND)
    assert moving.move("sana", events.COMMAND, at_once="The old quota broke the server.").moved == 1
    sending.send_due()
    assert "The old quota broke the server." in mails(portal, "ada@")[0].body


def test_a_notice_stands_in_the_audit(release: Path, hands: Hands) -> None:
    from licet.portal.models import Event

    holder()
    publish(release, STRICTER, from_s=in_days(hands, 30))
    event = Event.objects.get(what="notice.given")
    assert event.detail["from_s"] == in_days(hands, 30)
