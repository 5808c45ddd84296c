"""What does a server do at its start with a file that is not what is in force? And what does the console show of it?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.changes.world import LOOSER, STRICTER, holder, in_days, publish
from tests.portal.community.asking import operator
from tests.portal.conftest import LICET, Hands
from tests.portal.organizations.conftest import Lab
from tests.portal.test_pages_of_mine import client

from licet.cli.publish import put_in_force
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.release.document import read


def start(folder: Path, body: bytes, *, dev: bool = False) -> Any:
    from licet.portal import documents

    (folder / "licet.toml").write_bytes(body)
    put_in_force(folder, read(body), dev=dev, quiet=True)
    row = documents.newest("sana")
    assert row
    return row.sha256


def test_a_file_that_is_published_for_a_day_to_come_waits_for_it(release: Path, hands: Hands) -> None:
    old = start(release, LICET)
    holder()
    publish(release, STRICTER, from_s=in_days(hands, 31))
    assert start(release, STRICTER) == old
    hands.forward(32 * 86_400)
    assert start(release, STRICTER) == read(STRICTER).sha256


def test_a_file_that_is_open_for_comment_is_not_put_in_force(release: Path, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.changes import consult

    old = start(release, LICET)
    consult.open_for_comment(LOOSER, events.COMMAND, until_s=in_days(hands, 5))
    assert start(release, LOOSER) == old


def test_a_stricter_license_is_not_put_in_force_by_a_start_though_no_holder_of_a_tier_meets_it(release: Path) -> None:
    start(release, LICET)
    holder()
    with pytest.raises(LicetError, match="need the notice that was promised"):
        start(release, LICET.replace(b'license = "CC-BY-NC-4.0"\naccept = true', b"proprietary = true"))


def test_other_words_under_the_same_license_are_a_change_that_is_told(release: Path) -> None:
    body = LICET.replace(b'serves = ["code"]\n\n[[tier]]', b'serves = ["weights"]\n\n[[tier]]')
    start(release, body)
    holder("bea", "premium")
    (release / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("Another text.\n")
    with pytest.raises(LicetError, match="has another text under the same name"):
        start(release, body)


def test_a_server_for_development_publishes_whatever_it_finds(release: Path) -> None:
    start(release, LICET)
    holder()
    assert start(release, STRICTER, dev=True) == read(STRICTER).sha256


def test_members_of_an_organization_that_loses_are_told_on_their_pages(release: Path, hands: Hands) -> None:
    from licet.portal import events, tiers

    lab = Lab()
    lab.joins("bob", "Viewer")
    tiers.give(lab.made.holder, "sana", "free", events.COMMAND)
    tiers.give(lab.person("bob"), "sana", "premium", events.COMMAND)
    publish(release, STRICTER, from_s=in_days(hands, 31))
    assert "your tier free become stricter" in client("bob@example.org").get("/my/keys").content.decode()


def test_an_organization_is_told_by_mail_at_those_who_run_its_tier(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    from tests.portal.changes.world import mails

    from licet.portal import events, tiers

    lab = Lab()
    lab.joins("bob", "Viewer")
    tiers.give(lab.made.holder, "sana", "premium", events.COMMAND)
    publish(release, STRICTER, from_s=in_days(hands, 31))
    told = [mail for mail in mails(portal, "ada@") if "become stricter" in mail.body]
    assert len(told) == 2, "once for herself, once for the organization whose tier she runs"
    assert len([mail for mail in mails(portal, "bob@") if "become stricter" in mail.body]) == 1


def test_the_console_shows_who_was_told_and_what_is_open(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.changes import consult

    holder()
    publish(release, STRICTER, from_s=in_days(hands, 31))
    consult.open_for_comment(LOOSER, events.COMMAND, until_s=in_days(hands, 5))
    op = operator()
    for path, words in (
        ("notice", "stricter terms are to come"),
        ("told", "ada@example.org"),
        ("consultation", "open"),
    ):
        answer = op.get(f"/admin/changes/{path}/")
        assert answer.status_code == 200 and words in answer.content.decode(), path


def test_what_is_kept_of_a_holder_says_what_it_was_told(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from licet.portal import events, subject

    ada = holder()
    publish(release, STRICTER, from_s=in_days(hands, 31))
    kept = subject.export(ada, events.COMMAND)["portal"]["changes.Told"]
    assert len(kept) == 1 and kept[0]["sent_s"] == hands.at_s


def test_who_left_before_the_mail_went_out_gets_none(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from tests.portal.changes.world import mails

    from licet.portal import accounts, events
    from licet.portal.changes import mails as sending
    from licet.portal.changes import publishing

    ada = holder()
    (release / "licet.toml").write_bytes(STRICTER)
    publishing.publish(publishing.plan(release, from_s=in_days(hands, 31)), events.COMMAND)
    accounts.delete(ada, events.COMMAND)
    assert sending.send_due() == 0
    assert mails(portal, "ada@") == [] and sending.waiting() == 0
