"""Any text in any field, thousands of posts, and people who go on and on: all shown well or refused calmly."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.community.asking import ask, by_code, nobody, operator
from tests.portal.conftest import Hands
from tests.portal.test_pages import Page
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

NASTY = {
    "script": "<script>alert(1)</script>",
    "giant": "x" * 200_000,
    "empty": "",
    "blank": " \u200b\u3164\n",
    "right to left": "\u0645\u0631\u062d\u0628\u0627 \u202eabc",
    "look-alike": "\u0415\u0445\u0430m\u0440l\u0435 L\u0430b",
    "marks": "a" + "\u0301" * 5_000,
    "template": "{{ settings.SECRET_KEY }}{% include 'x' %}",
    "lines": "a\r\nBcc: all@example.org\r\n\r\nb",
    "zero": "a\x00b",
}
ECHO = ("/questions/enter", "/questions/ask")  # forms that show their sender alone what was just sent


@pytest.mark.parametrize("name", NASTY)
def test_every_field_takes_any_text_calmly(portal: PortalConfig, release: Path, name: str) -> None:
    from licet.portal.community.models import Question

    word = NASTY[name]
    licensor, ada = operator(), client("ada@example.org")
    question = ask(client("ben@example.org"))
    tried = [
        ada.get("/questions/", {"q": word, "state": word, "before": word, "private": word}),
        ada.get("/questions/ask", {"cite": word, "asked": word, "title": word}),
        ada.post("/questions/ask", {"title": word, "body": word, "private": word, "cite": word, "asked": word}),
        ada.post("/questions/ask", {"title": "A title", "body": word, "cite": word, "asked": "/?" + word}),
        ada.get(f"/questions/{question.pk}", {"after": word}),
        ada.post(f"/questions/{question.pk}/answer", {"body": word}),
        ada.post(f"/questions/{question.pk}/report", {"reason": word, "words": word, "answer": ""}),
        ada.post(f"/questions/{question.pk}/report", {"reason": "other", "words": word}),
        ada.post("/questions/mine", {"name": word}),
        licensor.post(
            f"/questions/{question.pk}/settle", {"state": word, "accept": word, "cite": word, "reason": word}
        ),
        licensor.post(f"/questions/{question.pk}/settle", {"state": "open", "cite": word, "reason": word}),
        nobody().post("/questions/enter", {"email": word, "next": word}),
        nobody().get("/questions/enter", {"next": word}),
        *(nobody().get(f"/questions/{row.pk}") for row in Question.objects.all()),
        nobody().get("/questions/"),
        nobody().get("/questions/feed.atom"),
        licensor.get("/admin/community/question/"),
        licensor.get("/admin/community/report/"),
    ]
    for found in tried:
        assert found.status_code in (200, 302, 400, 404, 413, 422), (found.request["PATH_INFO"], found.status_code)
        if "html" in found.get("Content-Type", "") and "/admin/" not in found.request["PATH_INFO"]:
            page = found.content.decode()
            assert Page(page).unsafe == []
            assert "<script>alert" not in page
            assert len(page) < 60_000 or name == "giant"
            if found.request["REQUEST_METHOD"] == "GET" and found.request["PATH_INFO"] not in ECHO:
                assert "\u202e" not in page
        assert b"<script>alert" not in found.content
    for row in Question.objects.all():
        assert row.title.strip()
        assert len(row.title) <= 140
        assert len(row.body) <= 10_000


def test_ten_thousand_posts_are_paged(release: Path) -> None:
    from licet.portal import clock
    from licet.portal.community import reading
    from licet.portal.community.models import Answer, Question

    question = ask(client("ada@example.org"))
    writer = question.writer
    Answer.objects.bulk_create(
        [Answer(writer=writer, release="sana", question=question, body=f"Answer number {n}.") for n in range(3_000)]
    )
    Question.objects.filter(pk=question.pk).update(replies=3_000)
    Question.objects.bulk_create(
        [
            Question(writer=writer, release="sana", title=f"Title {n}", body="b", words="b", made_s=clock.now_s())
            for n in range(300)
        ]
    )
    page = nobody().get(f"/questions/{question.pk}").content.decode()
    assert page.count('<article class="post"') == reading.ANSWERS_A_PAGE
    seen, after = set(), ""
    for _ in range(61):
        rows, after = reading.answers(question, after)
        seen |= {row.pk for row in rows}
        if not after:
            break
    assert len(seen) == 3_000
    found = client("ben@example.org").post(f"/questions/{question.pk}/answer", {"body": "The last word."})
    assert "The last word." in nobody().get(found["Location"]).content.decode()
    titles, before = set(), ""
    for _ in range(17):
        rows, before = reading.listed("sana", before=before)
        titles |= {row.title for row in rows}
        if not before:
            break
    assert len(titles) == 301
    assert len(nobody().get("/questions/").content) < 100_000


def test_who_goes_on_and_on_is_asked_to_wait(release: Path, hands: Hands) -> None:
    ada = client("ada@example.org")
    for n in range(5):
        ask(ada, f"Question {n}")
    found = ada.post("/questions/ask", {"title": "One more", "body": "Please."})
    assert found.status_code == 429
    assert b"One more" in found.content  # what was typed is not lost
    hands.forward(3_700)
    ask(ada, "One more")
    question = ask(client("ben@example.org"))
    for n in range(20):
        assert ada.post(f"/questions/{question.pk}/answer", {"body": f"Word {n}."}).status_code == 302
    assert ada.post(f"/questions/{question.pk}/answer", {"body": "And more."}).status_code == 429


@pytest.mark.parametrize(
    "name", ["Example Lab", "\u0415\u0445\u0430m\u0440l\u0435 L\u0430b", "Example Lab (official)", "moderator"]
)
def test_nobody_takes_the_licensors_name(release: Path, name: str) -> None:
    from licet.portal.community.models import Writer

    found = client("eve@example.org").post("/questions/mine", {"name": name})
    assert found.status_code == 422
    assert not Writer.objects.exclude(name="").exists()


def test_a_name_is_shown_beside_its_words_and_can_be_taken_away(portal: PortalConfig, release: Path) -> None:
    eve = by_code(portal, "eve@example.org")
    question = ask(eve)
    assert eve.post("/questions/mine", {"name": "Eve & <i>co</i>"}).status_code == 302
    assert "Eve &amp; &lt;i&gt;co&lt;/i&gt;" in nobody().get(f"/questions/{question.pk}").content.decode()
    assert eve.post("/questions/mine", {"name": ""}).status_code == 302
    assert "Eve" not in nobody().get(f"/questions/{question.pk}").content.decode()
