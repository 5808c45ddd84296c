"""What is private, hidden or another's is not there: on every route, for everybody who may not see it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.urls import URLPattern
from tests.portal.community.asking import ask, by_code, mails, nobody, operator
from tests.portal.conftest import Hands
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

READ = ("", "/report", "/feed.atom")
WRITE = ("/answer", "/settle", "/withdraw", "/report", "/follow")
BODY = {"body": "Let me in.", "state": "declined", "reason": "spam", "wanted": "1"}


def others(config: PortalConfig) -> list[Any]:
    return [nobody(), client("eve@example.org"), by_code(config, "mallory@example.org")]


def test_every_route_with_an_id_is_tried_here(portal: PortalConfig) -> None:
    from licet.portal.community.urls import urlpatterns

    with_id = {
        str(p.pattern).split("<str:id>")[1]
        for p in urlpatterns
        if isinstance(p, URLPattern) and "<str:id>" in str(p.pattern)
    }
    assert with_id == {*READ, *WRITE}


@pytest.mark.parametrize("how", ["account", "code"])
def test_anothers_private_question_is_not_there_on_any_route(portal: PortalConfig, release: Path, how: str) -> None:
    from licet.portal.community.models import Answer, Question, Report, Subscription

    ada = client("ada@example.org") if how == "account" else by_code(portal, "ada@example.org")
    question = ask(ada, "My secret plan", "Nobody may know.", private="1")
    before = (Question.objects.values().get(), Subscription.objects.count())
    for browser in others(portal):
        missing = browser.get("/questions/que_0000000000000000000000")
        for path in READ:
            found = browser.get(f"/questions/{question.pk}{path}")
            assert found.status_code == 404, path
            assert b"secret" not in found.content
            if not path:
                assert re.sub(rb"que_\w+", b"", found.content) == re.sub(rb"que_\w+", b"", missing.content)
        for path in WRITE:
            assert browser.post(f"/questions/{question.pk}{path}", BODY).status_code == 404, path
        for listing in ("/questions/", "/questions/?q=secret", "/questions/?private=1", "/questions/feed.atom"):
            assert b"secret plan" not in browser.get(listing).content
    assert before == (Question.objects.values().get(), Subscription.objects.count())
    assert not Answer.objects.exists()
    assert not Report.objects.exists()
    page = ada.get(f"/questions/{question.pk}")
    assert page.status_code == 200
    assert "no-store" in page["Cache-Control"]
    assert operator().get(f"/questions/{question.pk}").status_code == 200
    assert b"secret plan" in client("op@example.org").get("/questions/?private=1").content


def test_a_question_of_another_release_is_not_there(release: Path) -> None:
    from licet.portal.community.models import Question

    question = ask(client("ada@example.org"))
    Question.objects.update(release="other")
    assert nobody().get(f"/questions/{question.pk}").status_code == 404


def test_words_taken_back_are_gone_and_a_stone_stands(release: Path) -> None:
    ada, ben = client("ada@example.org"), client("ben@example.org")
    question = ask(ada, "Regret", "I said too much.")
    ben.post(f"/questions/{question.pk}/answer", {"body": "I answered."})
    mine = question.answers.get()
    assert ada.post(f"/questions/{question.pk}/withdraw", {"answer": mine.pk}).status_code == 404
    assert ada.post(f"/questions/{question.pk}/withdraw").status_code == 302
    page = nobody().get(f"/questions/{question.pk}").content.decode()
    assert "I said too much" not in page
    assert "Regret" not in page
    assert "Taken back" in page
    assert "I answered." in page
    assert question.pk not in nobody().get("/questions/").content.decode()
    assert ben.post(f"/questions/{question.pk}/answer", {"body": "More."}).status_code == 404


def test_a_deleted_account_leaves_its_public_words_without_a_name(release: Path) -> None:
    from licet.portal import accounts, events
    from licet.portal.community.models import Subscription, Writer

    ada = client("ada@example.org")
    assert ada.post("/questions/mine", {"name": "Ada L."}).status_code == 302
    question, secret = ask(ada, "In the open", "Public words."), ask(ada, "In private", "Private words.", private="1")
    assert "Ada L." in nobody().get(f"/questions/{question.pk}").content.decode()
    accounts.delete(accounts.find("ada@example.org"), events.COMMAND)
    page = nobody().get(f"/questions/{question.pk}").content.decode()
    assert "Public words." in page
    assert "Ada" not in page
    assert "somebody who left" in page
    secret.refresh_from_db()
    assert (secret.title, secret.body, secret.words) == ("", "", "")
    assert not Subscription.objects.exists()
    assert not Writer.objects.filter(deleted_s=None).exists()
    assert operator().get(f"/questions/{secret.pk}").status_code == 200


def test_whoever_came_by_code_can_be_forgotten(portal: PortalConfig, release: Path) -> None:
    from licet.portal.community.models import Code, Writer

    eve = by_code(portal, "eve@example.org")
    question = ask(eve)
    assert eve.post("/questions/leave", {"forget": "1"}).status_code == 302
    writer = Writer.objects.get()
    assert (writer.email, writer.email_folded, writer.name) == ("", None, "")
    assert not Code.objects.filter(email__contains="eve").exists()
    assert nobody().get(f"/questions/{question.pk}").status_code == 200
    assert eve.get("/questions/mine").status_code == 302


def test_what_was_asked_by_code_belongs_to_the_account_of_the_confirmed_address(
    portal: PortalConfig, release: Path
) -> None:
    question = ask(by_code(portal, "ada@example.org"), private="1")
    assert client("ada@example.org").get(f"/questions/{question.pk}").status_code == 200


def test_a_code_works_once_for_its_address_and_its_time(portal: PortalConfig, release: Path, hands: Hands) -> None:
    from licet.portal.community import people

    def sent() -> str:
        return people.send_code("eve@example.org", "192.0.2.1")[1]

    code = sent()
    assert people.enter("ada@example.org", code) is None
    assert people.enter("eve@example.org", "AAAA-AAAA") is None
    assert people.enter("EVE@example.org", f" {code.lower()} ") is not None
    assert people.enter("eve@example.org", code) is None
    code = sent()
    for _ in range(people.TRIES):
        assert people.enter("eve@example.org", "AAAA-AAAA") is None
    assert people.enter("eve@example.org", code) is None
    code = sent()
    hands.forward(people.CODE_S + 1)
    assert people.enter("eve@example.org", code) is None


def test_a_look_alike_of_a_known_address_gets_no_code(portal: PortalConfig, release: Path) -> None:
    from licet.portal.community import people
    from licet.portal.community.models import Writer
    from licet.portal.models.account import fold

    typed = "kim@ex\u00e4mple.org"  # one letter with its mark, and the same as two characters
    Writer.objects.create(email=typed, email_folded=fold(typed))
    to, _code = people.send_code("KIM@exa\u0308mple.org", "192.0.2.1")
    assert to == typed


def test_codes_are_limited_by_address_and_by_network(portal: PortalConfig, release: Path) -> None:
    browser = nobody()
    for _ in range(5):
        assert browser.post("/questions/enter", {"email": "ada@example.org"}).status_code == 302
    found = browser.post("/questions/enter", {"email": "ada@example.org"})
    assert found.status_code == 429
    for n in range(15):
        assert nobody().post("/questions/enter", {"email": f"p{n}@example.org"}).status_code == 302
    assert nobody().post("/questions/enter", {"email": "one@example.org"}).status_code == 429
    assert len(mails(portal, "ada@example.org")) == 5


def test_the_door_leads_nowhere_else(portal: PortalConfig, release: Path) -> None:
    for to in ("https://evil.example/", "//evil.example", "/accounts/logout/", "/questions\\@evil", "javascript:1"):
        page = nobody().get("/questions/enter", {"next": to}).content.decode()
        assert 'name="next" value="/questions/mine"' in page, to


@pytest.mark.parametrize(
    "path", ["/questions/ask", "/questions/enter", "/questions/follow", "/questions/leave", "/questions/mine"]
)
def test_a_form_of_another_site_does_nothing(release: Path, path: str) -> None:
    assert nobody(csrf=True).post(path, {"title": "x", "body": "y", "email": "a@example.org"}).status_code == 403


@pytest.mark.parametrize("path", WRITE)
def test_a_form_of_another_site_does_nothing_to_a_question(release: Path, path: str) -> None:
    question = ask(client("ada@example.org"))
    assert nobody(csrf=True).post(f"/questions/{question.pk}{path}", BODY).status_code == 403
