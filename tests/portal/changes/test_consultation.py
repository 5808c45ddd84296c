"""A change is opened for comment before it is decided: what people said, what was decided, and who was told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.changes.world import LOOSER, STRICTER, holder, in_days, mails, publish
from tests.portal.community.asking import by_code, nobody, operator
from tests.portal.conftest import Hands
from tests.portal.test_pages import Page

from licet.errors import LicetError
from licet.portal.config import PortalConfig


def opened(hands: Hands, body: bytes = STRICTER, why: str = "It costs *too* much.", days: int = 14) -> Any:
    from licet.portal import events
    from licet.portal.changes import consult
    from licet.portal.changes import mails as sending

    made = consult.open_for_comment(body, events.COMMAND, until_s=in_days(hands, days), why=why)
    sending.send_due()
    return made


def page(talk: Any, browser: Any = None) -> str:
    answer = (browser or nobody()).get(f"/changes/consultations/{talk.pk}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_proposal_is_shown_plainly_and_changes_nothing(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from licet.portal import documents

    before = documents.newest("sana")
    ada = holder()
    text = page(opened(hands))
    assert "has the quota <" not in text and "5 calls / month" in text
    assert "It costs <em>too</em> much." in text
    assert "<del>quota = [&quot;10 calls / month&quot;]</del>" in text
    assert "<ins>quota = [&quot;5 calls / month&quot;]</ins>" in text
    assert 'id="P38"' in text, "its lines can be cited"
    assert documents.newest("sana") == before
    (mail,) = mails(portal, ada.account.email)
    assert "Nothing is decided" in mail.body and "It costs *too* much." in mail.body


def test_what_people_say_stands_on_the_page_under_the_communitys_rules(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    from licet.portal.community.models import Answer

    talk = opened(hands)
    eve = by_code(portal, "eve@example.org")
    told = eve.post(f"/questions/{talk.question_id}/answer", {"body": "Students **need** ten. <script>x</script>"})
    assert told.status_code == 302
    text = page(talk)
    assert "Students <strong>need</strong> ten." in text and "<script>x" not in text
    assert "1 comment" in text
    op = operator()
    op.post(
        "/admin/community/answer/", {"action": "hide", "_selected_action": Answer.objects.get().pk, "words": "spam"}
    )
    assert "Students" not in page(talk)
    for n in range(20):
        last = eve.post(f"/questions/{talk.question_id}/answer", {"body": f"again {n}"})
    assert last.status_code == 429


def test_a_change_is_decided_after_its_day_with_words_that_everybody_reads(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    holder()
    talk = opened(hands)
    with pytest.raises(LicetError, match="open for comment"):
        publish(release, STRICTER, from_s=in_days(hands, 60))
    with pytest.raises(LicetError, match="told that they can comment"):
        publish(release, STRICTER, from_s=in_days(hands, 60), decide="We go on.")
    hands.forward(15 * 86_400)
    with pytest.raises(LicetError, match="ends with words"):
        publish(release, STRICTER, from_s=in_days(hands, 60), decide="\u200b \u202e")
    given = publish(release, STRICTER, from_s=in_days(hands, 60), decide="We go on: *five* are enough to try.")
    talk.refresh_from_db()
    talk.question.refresh_from_db()
    assert (talk.outcome, talk.question.state) == ("adopted", "changed")
    assert "<em>five</em> are enough" in page(talk)
    assert f"/changes/{given.publication_id}" in page(talk)
    last = mails(portal, "ada@")[-1]
    assert "become stricter" in last.body and "*five* are enough to try." in last.body
    assert len(mails(portal, "ada@")) == 2, "one when it was opened, one when it was decided"


def test_other_terms_than_the_proposed_ones_are_a_decision_too(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    holder()
    talk = opened(hands)
    hands.forward(15 * 86_400)
    assert publish(release, LOOSER, decide="You convinced us.").kind == "decided"
    talk.refresh_from_db()
    assert talk.outcome == "changed"
    assert "adopted with changes" in mails(portal, "ada@")[-1].body


def test_an_operator_drops_a_proposal_on_its_page_and_nobody_else_can(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    holder()
    talk = opened(hands)
    eve = by_code(portal, "eve@example.org")
    assert eve.post(f"/changes/consultations/{talk.pk}/drop", {"words": "no"}).status_code == 404
    op = operator()
    refused = op.post(f"/changes/consultations/{talk.pk}/drop", {"words": "   "})
    assert refused.status_code == 422 and "ends with words" in refused.content.decode()
    assert op.post(f"/changes/consultations/{talk.pk}/drop", {"words": "You convinced us."}).status_code == 302
    from licet.portal.changes import mails as sending

    sending.send_due()
    assert "The terms stay as they are." in page(talk)
    assert any("they are dropped" in mail.body for mail in mails(portal, "ada@"))
    again = op.post(f"/changes/consultations/{talk.pk}/drop", {"words": "Again."})
    assert again.status_code == 422 and "decided already" in again.content.decode()


@pytest.mark.parametrize(
    ("body", "days", "words"),
    [(None, 14, "nothing in the terms would change"), (STRICTER, 0, "people need time")],
)
def test_what_makes_no_sense_is_not_opened(
    release: Path, hands: Hands, body: bytes | None, days: int, words: str
) -> None:
    from tests.portal.conftest import LICET

    with pytest.raises(LicetError, match=words):
        opened(hands, body or LICET, days=days)


def test_one_change_is_open_at_a_time(release: Path, hands: Hands) -> None:
    opened(hands)
    with pytest.raises(LicetError, match="another change is open"):
        opened(hands, LOOSER)


def test_the_thread_counts_for_no_median_and_carries_the_licensors_name(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    from licet.portal.community import reading

    talk = opened(hands)
    op = operator()
    hands.forward(86_400)
    op.post(f"/questions/{talk.question_id}/answer", {"body": "We read everything."})
    assert reading.median_s("sana") is None
    assert "the licensor" in nobody().get(f"/questions/{talk.question_id}").content.decode()


def test_the_feed_tells_what_was_opened_and_decided(release: Path, portal: PortalConfig, hands: Hands) -> None:
    talk = opened(hands)
    feed = nobody().get("/changes/feed.atom").content.decode()
    assert "open for comment" in feed and talk.pk in feed
    operator().post(f"/changes/consultations/{talk.pk}/drop", {"words": "You convinced us."})
    assert "You convinced us." in nobody().get("/changes/feed.atom").content.decode()


@pytest.mark.parametrize(
    "why",
    [
        "<script>alert(1)</script>",
        "x" * 50_000,
        "\u202eevil",
        "\u0627" * 500,
        "\u0430" * 100,
        "",
        "[a](javascript:alert(1))",
    ],
    ids=["script", "giant", "turned", "right-to-left", "look-alike", "empty", "link"],
)
def test_whatever_is_written_as_the_why_is_shown_as_words(release: Path, hands: Hands, why: str) -> None:
    text = page(opened(hands, why=why))
    assert Page(text).unsafe == []
    assert "<script>alert" not in text and 'javascript:alert(1)"' not in text and "\u202e" not in text
    assert len(text) < 80_000


@pytest.mark.parametrize("words", ["<script>alert(1)</script>", "x" * 50_000, "\u202eevil", "\u0627" * 500])
def test_whatever_is_written_as_a_reason_or_a_decision_is_shown_as_words(
    release: Path, portal: PortalConfig, hands: Hands, words: str
) -> None:
    holder()
    talk = opened(hands)
    hands.forward(15 * 86_400)
    given = publish(release, STRICTER, at_once=words, decide=words)
    for shown in (page(talk), nobody().get(f"/changes/{given.publication_id}").content.decode()):
        assert Page(shown).unsafe == []
        assert "<script>alert" not in shown and "\u202e" not in shown and len(shown) < 80_000
    assert all("\u202e" not in mail.body for mail in mails(portal))


@pytest.mark.parametrize("words", ["", "  \n", "\u202e\u200b"])
def test_a_reason_that_says_nothing_is_none(release: Path, hands: Hands, words: str) -> None:
    holder()
    with pytest.raises(LicetError, match="days of notice"):
        publish(release, STRICTER, at_once=words)


def test_thousands_of_comments_stand_in_the_thread_and_ten_on_the_page(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    from licet.portal.community.models import Answer, Question, Writer

    talk = opened(hands)
    writer = Writer.objects.create(name="", deleted_s=1)
    rows = [Answer(writer=writer, release="sana", question=talk.question, body=f"comment {n}") for n in range(3_000)]
    Answer.objects.bulk_create(rows)
    Question.objects.filter(pk=talk.question_id).update(replies=3_000)
    text = page(talk)
    assert text.count('<article class="post"') == 10
    assert "3000 comments" in text and "somebody who left" in text
    assert len(text) < 80_000


def test_who_asked_for_mails_without_an_account_hears_of_it_and_can_stop(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    import re

    eve = by_code(portal, "eve@example.org")
    eve.post("/questions/follow", {"wanted": "1"})
    opened(hands)
    (mail,) = (mail for mail in mails(portal, "eve@") if "Nothing is decided" in mail.body)
    stop = re.search(r"http://localhost:8000(/questions/stop/\S+)", mail.body)
    assert stop and nobody().post(stop[1]).status_code == 200
    from licet.portal.community.models import Subscription

    assert not Subscription.objects.exists()
