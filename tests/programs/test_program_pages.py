"""The pages: what is public, what is one's own, and what nobody else ever sees or changes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_pages_of_mine import client, holder

APPLY = "/programs/sana/research"
WHOLE = {
    "answer_0": "Which whales?", "answer_1": "Ada", "answer_2": "A paper", "evidence_0": "https://uni.example/ada",
    "evidence_1": "Grant 42", "send": "1",
}  # fmt: skip


def sent(browser: Any, **more: str) -> Any:
    from licet.portal.programs.models import Application

    answer = browser.post(APPLY, {**WHOLE, **more})
    assert answer.status_code == 302, answer.content.decode()
    return Application.objects.order_by("-made_s", "-id").first()


def test_programs_are_public_with_what_they_ask_and_give(release: Path) -> None:
    page = client().get("/programs/").content.decode()
    assert "Research" in page and APPLY in page
    page = client().get(APPLY).content.decode()
    for words in ("advanced", "fetch", "3 calls / month", "6 months", "within 4 days", "ORCID", "Sign in to apply",
                  "next=/programs/sana/research", "licet.toml:"):  # fmt: skip
        assert words in page, words
    for path in ("/programs/sana/nothing", "/programs/other/research"):
        assert client().get(path).status_code == 404


def test_the_release_s_page_and_my_tier_lead_there(release: Path) -> None:
    assert 'href="/programs/sana/research"' in client().get("/").content.decode()
    assert 'href="/programs/"' in client("ada@example.org").get("/my/tier").content.decode()


def test_an_error_takes_nothing_away_that_was_written(release: Path) -> None:
    from licet.portal.programs.models import Application

    browser = client("ada@example.org")
    half = {**WHOLE, "answer_1": "", "answer_2": "x" * 4_001}
    answer = browser.post(APPLY, half)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "Not sent yet" in page and "Which whales?" in page and "x" * 4_001 in page
    kept = Application.objects.get()
    assert (kept.state, kept.answers[0]["said"]) == ("draft", "Which whales?")
    again = browser.get(APPLY).content.decode()
    assert "Which whales?" in again and "Your draft" in again
    assert client("eve@example.org").get(APPLY).content.decode().count("Which whales?") == 0
    sent(browser)
    assert Application.objects.get().state == "sent"


def test_a_draft_is_kept_however_little_is_in_it_and_thrown_away(release: Path) -> None:
    from licet.portal.programs.models import Application

    browser = client("ada@example.org")
    assert browser.post(APPLY, {"answer_0": "Which", "save": "1"}).status_code == 302
    draft = Application.objects.get()
    assert draft.answers[0]["said"] == "Which"
    assert browser.get(f"/my/applications/{draft.pk}")["Location"] == APPLY
    browser.post(f"/my/applications/{draft.pk}/withdraw")
    assert not Application.objects.exists()


def test_whoever_is_not_logged_in_sends_nothing(release: Path) -> None:
    from licet.portal.programs.models import Application

    answer = client().post(APPLY, WHOLE)
    assert answer.status_code == 302 and answer["Location"].startswith("/accounts/login/?next=/programs/")
    assert not Application.objects.exists()


def test_fields_that_no_form_has_change_nothing(release: Path) -> None:
    one = sent(
        client("ada@example.org"), state="approved", holder="hol_x",
        due_s="1", for_whom="hol_x", release="other", program="art", grant="grant_x", by="command",
    )  # fmt: skip
    assert (one.state, one.holder_id, one.program, one.grant_id) == (
        "sent",
        holder("ada@example.org").pk,
        "research",
        None,
    )
    assert one.by == one.holder_id


def everything() -> list[Any]:
    from django.apps import apps

    found: list[Any] = []
    for label in ("programs", "portal"):
        for model in apps.get_app_config(label).get_models():
            if model.__name__ != "Event":
                found += [(model.__name__, *row) for row in model.objects.order_by("pk").values_list()]
    return found


def test_nobody_else_finds_or_changes_an_application_on_any_route(release: Path) -> None:
    from django.urls import reverse

    from licet.portal import events
    from licet.portal.programs import applications
    from licet.portal.programs.urls import urlpatterns

    one = sent(client("ada@example.org"))
    applications.ask_back(one, events.COMMAND, "Whose whales?")
    eve = client("eve@example.org")
    named = [route.name for route in urlpatterns if "application_id" in str(route.pattern)]
    assert len(named) == 3
    before = everything()
    for name in named:
        url = reverse(name, args=[one.pk])
        for method in (eve.get, eve.post):
            answer = method(url, {"words": "mine now"})
            assert answer.status_code in (404, 405), (name, answer.status_code)
            assert "whales" not in answer.content.decode()
        assert client().post(url, {"words": "x"}).status_code in (302, 405)
    assert everything() == before
    assert "whales" not in eve.get("/my/applications").content.decode()


def test_an_organization_applies_through_whoever_manages_its_tier(release: Path) -> None:
    from tests.portal.organizations.conftest import Lab

    lab = Lab()
    lab.joins("bob", "Viewer")
    org = lab.made.pk
    one = sent(client("ada@example.org"), for_whom=org)
    assert one.holder_id == org
    bob = client("bob@example.org")
    assert str(lab.made) in bob.get(f"/my/applications/{one.pk}").content.decode()  # a viewer reads the tier
    assert bob.post(f"/my/applications/{one.pk}/withdraw").status_code == 404  # and does not manage it
    mine = sent(bob, for_whom=org)
    assert mine.holder_id == holder("bob@example.org").pk  # an organization that is not his to act for is not chosen


def test_the_applicant_s_page_tells_every_step(release: Path) -> None:
    from licet.portal import events, grants
    from licet.portal.programs import applications

    browser = client("ada@example.org")
    one = sent(browser)
    page = f"/my/applications/{one.pk}"
    assert "waits for an answer" in browser.get(page).content.decode()
    assert "You have applied" in browser.get(APPLY).content.decode()
    applications.ask_back(one, events.COMMAND, "Whose <b>whales</b>?")
    told = browser.get(page).content.decode()
    assert "your turn" in told and "Whose &lt;b&gt;whales&lt;/b&gt;?" in told
    assert browser.post(f"{page}/reply", {"words": " "}).status_code == 422
    assert browser.post(f"{page}/reply", {"words": "Nobody's."}).status_code == 302
    row = applications.approve(one, events.COMMAND)
    told = browser.get(page).content.decode()
    assert row.pk in told and "Granted: advanced" in told
    grants.revoke(row, events.COMMAND)
    assert "was taken back" in browser.get(page).content.decode()


def test_the_queue_shows_what_waits_longest_first_and_what_is_overdue(release: Path, hands) -> None:
    from licet.portal import accounts, events

    operator = client("op@example.org")
    from licet.portal import operators

    operators.appoint(holder("op@example.org").account, events.COMMAND)
    sent(client("ada@example.org"))
    hands.forward(3 * 86_400)
    sent(client("bob@example.org"))
    client("cyd@example.org").post(APPLY, {"answer_0": "a secret draft", "save": "1"})
    hands.forward(2 * 86_400)
    page = operator.get("/admin/programs/application/").content.decode()
    assert page.index("ada@example.org") < page.index("bob@example.org")
    assert page.count("overdue by") == 1
    assert "cyd@example.org" not in page
    assert "a secret draft" not in operator.get("/admin/programs/application/?turn=all").content.decode()
    late = operator.get("/admin/programs/application/?turn=overdue").content.decode()
    assert "ada@example.org" in late and "bob@example.org" not in late
    first = operator.get("/admin/").content.decode()
    assert "applications waiting" in first and "overdue" in first
    assert client("ada@example.org").get("/admin/programs/application/").status_code in (302, 403)
    accounts.delete(holder("ada@example.org"), events.COMMAND)
    assert "overdue by" not in operator.get("/admin/programs/application/").content.decode()


def test_an_operator_answers_on_the_application_s_page(release: Path, hands) -> None:
    from licet.portal import events, operators
    from licet.portal.models import GrantRow
    from licet.portal.programs.models import Application

    operator = client("op@example.org")
    operators.appoint(holder("op@example.org").account, events.COMMAND)
    one = sent(client("ada@example.org"), evidence_0="javascript:alert(1) http://uni.example/?a=1&b=<x>")
    page = f"/admin/programs/application/{one.pk}/change/"
    told = operator.get(page).content.decode()
    assert "Which whales?" in told and "<x>" not in told
    assert 'href="http://uni.example/?a=1&amp;b=' in told and "nofollow" in told
    assert 'href="javascript' not in told
    assert "Words are missing" in operator.post(page, {"_reject": "1"}, follow=True).content.decode()
    assert "is no date" in operator.post(page, {"_approve": "1", "until": "soon"}, follow=True).content.decode()
    assert Application.objects.get().state == "sent"
    operator.post(page, {"_back": "1", "words": "Whose?"})
    assert Application.objects.get().state == "back"
    client("ada@example.org").post(f"/my/applications/{one.pk}/reply", {"words": "Nobody's."})
    operator.post(page, {"_approve": "1", "words": "", "until": "2090-01-01T12:00:30"})
    row = GrantRow.objects.get()
    assert (row.until_s, row.approver) == (3_786_955_230, holder("op@example.org").pk)
    assert operator.post(page, {"_reject": "1", "words": "No"}).status_code == 403  # it is answered: nothing to change
    assert Application.objects.get().state == "approved"


@pytest.mark.parametrize("path", ["/programs/", APPLY, "/my/applications"])
def test_pages_before_anything_is_published(portal, path: str) -> None:
    assert client("ada@example.org").get(path).status_code == (404 if path == APPLY else 200)
