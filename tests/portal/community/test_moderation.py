"""A report waits in the console until an operator hides or keeps the post; who is blocked reads and does not write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.community.asking import CITE, answered, ask, by_code, mails, nobody, operator
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig

LISTS = ["question", "answer", "report", "writer"]


def act(browser: Any, model: str, action: str, *rows: Any, **more: str) -> Any:
    told = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return browser.post(f"/admin/community/{model}/", told, follow=True)


def reported() -> tuple[Any, Any, Any]:
    """(operator's browser, question, report of the answer to it)."""
    from licet.portal.community.models import Report

    licensor, question = operator(), ask(client("ada@example.org"))
    client("eve@example.org").post(f"/questions/{question.pk}/answer", {"body": "Buy my <b>pills</b>."})
    spam = question.answers.get()
    found = client("ben@example.org").post(
        f"/questions/{question.pk}/report", {"answer": spam.pk, "reason": "spam", "words": "pills"}
    )
    assert found.status_code == 302
    return licensor, question, Report.objects.get()


def test_a_report_waits_and_its_post_can_be_hidden_with_words(portal: PortalConfig, release: Path) -> None:
    licensor, question, report = reported()
    assert [m for m in mails(portal, "op@example.org") if "reported" in m.subject]
    assert b"pills" in licensor.get("/admin/community/report/?settled_s__isempty=1").content
    assert act(licensor, "report", "hide_post", report, words="Advertising.").status_code == 200
    report.refresh_from_db()
    from licet.portal.models import Event

    event = Event.objects.get(what="post.hidden")
    assert (event.by, event.holder_id) == (client_holder("op@example.org"), client_holder("eve@example.org"))
    assert (report.outcome, report.settled_by) == ("hidden", client_holder("op@example.org"))
    page = nobody().get(f"/questions/{question.pk}").content.decode()
    assert "pills" not in page
    assert "Advertising." in page
    assert "pills" in client("eve@example.org").get(f"/questions/{question.pk}").content.decode()
    assert b"pills" not in nobody().get(f"/questions/{question.pk}/feed.atom").content
    act(licensor, "answer", "unhide", question.answers.get())
    assert "pills" in nobody().get(f"/questions/{question.pk}").content.decode()


def client_holder(email: str) -> str:
    from licet.portal import accounts

    return str(accounts.find(email).pk)


def test_a_post_is_reported_once_a_reader_and_kept_if_it_is_fine(release: Path) -> None:
    from licet.portal.community.models import Report

    licensor, question, report = reported()
    again = {"answer": question.answers.get().pk, "reason": "rude"}
    client("ben@example.org").post(f"/questions/{question.pk}/report", again)
    assert Report.objects.count() == 1
    act(licensor, "report", "keep_post", report)
    report.refresh_from_db()
    assert report.outcome == "kept"
    assert b"pills" in nobody().get(f"/questions/{question.pk}").content


def test_who_is_blocked_reads_and_does_not_write(portal: PortalConfig, release: Path) -> None:
    licensor, question, report = reported()
    act(licensor, "report", "block_writer", report, words="Advertising again.")
    eve = client("eve@example.org")
    assert eve.get(f"/questions/{question.pk}").status_code == 200
    assert b"Advertising again." in eve.get("/questions/mine").content
    for path, body in (("/questions/ask", {"title": "t", "body": "b"}), (f"/questions/{question.pk}/answer", {"body": "b"}),
                       (f"/questions/{question.pk}/report", {"reason": "spam"})):  # fmt: skip
        found = eve.post(path, body)
        assert found.status_code == 422, path
        assert b"Advertising again." in found.content
    act(licensor, "writer", "unblock", report.answer.writer)
    ask(eve)


def test_leaving_is_no_way_back_in_for_a_blocked_address(portal: PortalConfig, release: Path) -> None:
    from licet.portal.community.models import Writer

    eve = by_code(portal, "eve@example.org")
    ask(eve)
    act(operator(), "writer", "block", Writer.objects.get(email="eve@example.org"), words="Enough.")
    eve.post("/questions/leave", {"forget": "1"})
    browser = nobody()
    browser.post("/questions/enter", {"email": "eve@example.org"})
    assert browser.get("/questions/mine").status_code == 302
    assert not Writer.objects.exclude(email="").filter(deleted_s=None).exists()


def test_a_hidden_question_is_gone_for_all_but_its_writer_and_operators(release: Path) -> None:
    licensor, question = operator(), ask(client("ada@example.org"), cite=CITE)
    answered(licensor, question)
    act(licensor, "question", "hide", question, words="Names somebody.")
    assert nobody().get(f"/questions/{question.pk}").status_code == 404
    assert question.pk not in nobody().get("/questions/").content.decode()
    assert question.pk not in nobody().get("/?do=commercial-use&with=weights").content.decode()
    assert b"Names somebody." in client("ada@example.org").get(f"/questions/{question.pk}").content
    assert licensor.get(f"/questions/{question.pk}").status_code == 200


def test_an_accepted_answer_that_is_taken_back_leaves_no_trace_beside_the_clause(release: Path) -> None:
    licensor = operator()
    question = answered(licensor, ask(client("ada@example.org")))
    licensor.post(f"/questions/{question.pk}/withdraw", {"answer": question.accepted_id})
    question.refresh_from_db()
    assert (question.accepted_id, question.state, question.pin_cite) == (None, "open", "")
    assert "are yours" not in nobody().get("/?do=commercial-use&with=weights").content.decode()
    assert "are yours" not in nobody().get("/questions/?q=pictures").content.decode()


@pytest.mark.parametrize("model", LISTS)
def test_every_list_of_the_console_can_be_looked_at_and_searched(release: Path, model: str) -> None:
    from django.apps import apps

    licensor, _question, _report = reported()
    for query in ("", "?q=pills", "?o=1"):
        assert licensor.get(f"/admin/community/{model}/{query}").status_code == 200
    for row in apps.get_model("community", model).objects.all():
        page = licensor.get(f"/admin/community/{model}/{row.pk}/change/")
        assert page.status_code == 200
        assert b"<b>pills" not in page.content
    assert client("eve@example.org").get(f"/admin/community/{model}/").status_code in (302, 403)


def test_every_post_says_where_to_report_it_and_by_which_rules(release: Path) -> None:
    question = ask(client("ada@example.org"))
    page = nobody().get(f"/questions/{question.pk}").content.decode()
    assert f"/questions/{question.pk}/report" in page
    assert nobody().get("/questions/conduct").status_code == 200
    assert "/questions/conduct" in nobody().get("/questions/").content.decode()


def test_a_key_that_is_pasted_into_a_question_is_masked(release: Path) -> None:
    from licet.portal import accounts, events, keys

    client("ada@example.org")
    secret = keys.make(accounts.find("ada@example.org"), "laptop", events.COMMAND).secret.reveal()
    question = ask(client("ada@example.org"), f"Why does {secret[:60]} fail?", f"I call with `{secret}`.")
    assert secret not in question.body
    assert secret not in question.words
