"""A question is asked, answered, pinned to its clause, found again, and stands where the terms answer."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.portal.community.asking import CITE, answered, ask, by_code, mails, nobody, operator
from tests.portal.conftest import LICET, Hands
from tests.portal.test_pages import Page
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

MAY = "/?do=commercial-use&with=weights"


def text(found: Any, status: int = 200) -> str:
    assert found.status_code == status
    page = found.content.decode()
    assert Page(page).unsafe == []
    return html.unescape(page)


def test_a_person_without_an_account_asks_by_a_code_and_hears_the_answer(portal: PortalConfig, release: Path) -> None:
    licensor, eve = operator(), by_code(portal, "eve@example.org")
    question = ask(eve)
    assert "May I sell pictures?" in text(nobody().get("/questions/"))
    assert [m for m in mails(portal, "op@example.org") if f"/questions/{question.pk}" in m.body]
    answered(licensor, question)
    told = mails(portal, "eve@example.org")[-1]
    assert told.subject == "The licensor answered: May I sell pictures?"
    page = text(nobody().get(f"/questions/{question.pk}"))
    assert "pictures are <strong>yours</strong>" in page
    assert "Example Lab" in page
    assert "eve@example.org" not in page
    assert "op@example.org" not in page


def test_an_accepted_answer_stands_beside_its_clause_on_the_may_i_page(release: Path) -> None:
    assert CITE in text(nobody().get(MAY))
    question = ask(client("ada@example.org"), cite=CITE, asked=MAY + "#answer")
    assert f"/questions/{question.pk}" not in text(nobody().get(MAY))
    answered(operator(), question)
    page = text(nobody().get(MAY))
    assert f'<p class="notice beside" dir="auto"><a href="/questions/{question.pk}"' in page
    assert "Yes: pictures are yours." in page
    assert f"/questions/{question.pk}" not in text(nobody().get("/?do=commercial-use&with=code"))


def test_a_private_answer_never_stands_beside_a_clause(release: Path) -> None:
    question = answered(operator(), ask(client("ada@example.org"), private="1"))
    assert question.pin_cite == CITE
    assert f"/questions/{question.pk}" not in text(nobody().get(MAY))


def test_an_answer_at_a_line_stays_with_the_document_it_was_given_at(release: Path) -> None:
    from licet.portal import documents, events

    line = next(n for n, row in enumerate(LICET.decode().splitlines(), 1) if "10 calls / month" in row)
    question = answered(operator(), ask(client("ada@example.org")), cite=f"licet.toml:{line}")
    assert f"licet.toml:{line}" in text(nobody().get(f"/questions/{question.pk}"))
    first = question.pin_document
    documents.publish(b"# one more line\n" + LICET, events.COMMAND, folder=release)
    page = text(nobody().get(f"/questions/{question.pk}"))
    assert f"licet.toml@{first[:6]}:{line}" in page
    assert f"/documents/{first[:12]}#L{line}" in page


def test_states_need_what_they_promise(release: Path) -> None:
    licensor, question = operator(), ask(client("ada@example.org"))
    url = f"/questions/{question.pk}/settle"
    assert "declined with a reason" in text(licensor.post(url, {"state": "declined"}), 422)
    assert "has an accepted answer" in text(licensor.post(url, {"state": "answered"}), 422)
    assert "no clause stands there" in text(licensor.post(url, {"state": "open", "cite": "nowhere"}), 422)
    ada = client("ada@example.org")
    ada.post(f"/questions/{question.pk}/answer", {"body": "I think so."})
    mine = question.answers.get()
    assert licensor.post(url, {"state": "answered", "accept": mine.pk}).status_code == 422
    assert licensor.post(url, {"state": "declined", "reason": "We do not sell that."}).status_code == 302
    assert "We do not sell that." in text(nobody().get(f"/questions/{question.pk}"))


@pytest.mark.parametrize("path", ["settle", "answer", "withdraw", "follow"])
def test_only_an_operator_speaks_for_the_licensor(release: Path, path: str) -> None:
    question = ask(client("ada@example.org"))
    eve = client("eve@example.org")
    found = eve.post(
        f"/questions/{question.pk}/{path}", {"state": "declined", "reason": "x", "body": "As the licensor: no."}
    )
    assert found.status_code == (404 if path in ("settle", "withdraw") else 302)
    question.refresh_from_db()
    assert question.state == "open"
    assert question.withdrawn_s is None
    assert not question.answers.filter(by_licensor=True).exists()


def test_half_of_the_answers_came_within_the_median(release: Path, hands: Hands) -> None:
    from licet.portal.community import reading

    licensor = operator()
    assert "No question has been answered yet" in text(nobody().get("/questions/"))
    for n, hours in enumerate((1, 5, 48)):
        question = ask(client(f"p{n}@example.org"), f"Question {n}")
        hands.forward(hours * 3600)
        licensor.post(f"/questions/{question.pk}/answer", {"body": "So it is."})
        hands.forward(3600)
        licensor.post(f"/questions/{question.pk}/answer", {"body": "And so."})
    assert reading.median_s("sana") == 5 * 3600
    assert "Half of all answers came within 5 hours" in text(nobody().get("/questions/"))


def test_a_search_finds_question_answer_and_clause_whatever_the_case(release: Path) -> None:
    question = answered(
        operator(), ask(client("ada@example.org"), "Über Bilder", "Ganz \uff21\uff22\uff23."), "Yes, *surely*."
    )
    ask(client("eve@example.org"), "Another thing", "Entirely.")
    for words in ("über", "ÜBER bilder", "abc", "surely", "cc-by-nc"):
        page = text(nobody().get("/questions/", {"q": words}))
        assert question.pk in page, words
        assert "Another thing" not in page
    assert "Nothing was found" in text(nobody().get("/questions/", {"q": "über nothing"}))
    assert question.pk not in text(nobody().get("/questions/", {"state": "open"}))
    assert question.pk in text(nobody().get("/questions/", {"state": "answered"}))


def test_the_feed_carries_public_questions_and_no_others(release: Path) -> None:
    licensor = operator()
    question = answered(licensor, ask(client("ada@example.org"), "Public & <b>bold</b>"))
    hidden = ask(client("eve@example.org"), "Private thing", private="1")
    found = nobody().get("/questions/feed.atom")
    told = ElementTree.fromstring(found.content)
    titles = [e.text for e in told.iter("{http://www.w3.org/2005/Atom}title")]
    assert "Public & <b>bold</b>" in titles
    assert b"Private thing" not in found.content
    assert b"example.org" not in found.content
    assert ElementTree.fromstring(nobody().get(f"/questions/{question.pk}/feed.atom").content) is not None
    assert licensor.get(f"/questions/{hidden.pk}/feed.atom").status_code == 404


def test_a_mail_ends_by_its_link_without_signing_in(portal: PortalConfig, release: Path) -> None:
    from licet.portal.community.models import Subscription

    licensor, question = operator(), ask(client("ada@example.org"))
    licensor.post(f"/questions/{question.pk}/answer", {"body": "First."})
    mail = mails(portal, "ada@example.org")[-1]
    link = re.search(r"http://localhost:8000(/questions/stop/\S+)", mail.body)
    assert link
    raw = mail.path.read_text()
    assert "List-Unsubscribe-Post: List-Unsubscribe=One-Click" in raw
    assert "End these mails?" in text(nobody().get(link[1]))
    assert Subscription.objects.count() == 1
    assert nobody(csrf=True).post(link[1], {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert Subscription.objects.count() == 0
    before = len(mails(portal, "ada@example.org"))
    licensor.post(f"/questions/{question.pk}/answer", {"body": "Second."})
    assert len(mails(portal, "ada@example.org")) == before
    assert "No more of these mails" in text(nobody().get(link[1]))
    assert nobody().get(link[1] + "x").status_code == 404


def test_who_follows_the_release_hears_of_public_questions_only(portal: PortalConfig, release: Path) -> None:
    ben = client("ben@example.org")
    assert ben.post("/questions/follow", {"wanted": "1"}).status_code == 302
    ask(client("ada@example.org"), "In the open")
    ask(client("ada@example.org"), "In private", private="1")
    subjects = [m.subject for m in mails(portal, "ben@example.org") if "about sana" in m.subject]
    assert subjects == ["A question about sana: In the open"]


def test_the_same_words_sent_twice_are_one_question(release: Path) -> None:
    ada = client("ada@example.org")
    assert ask(ada).pk == ask(ada).pk


def test_nothing_can_be_asked_before_anything_is_published(portal: PortalConfig) -> None:
    for path in ("/questions/", "/questions/ask", "/questions/feed.atom", "/questions/conduct", "/questions/que_x"):
        assert nobody().get(path).status_code == 404
