"""The operator's console: what is waiting, who is there, and every act through the function that writes its event."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.directory import SqliteDirectory

LISTS = ["request", "holder", "account", "held", "grantrow", "key", "acceptance", "document", "event"]


def operator() -> Any:
    from licet.portal import accounts, events

    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    return client("op@example.org")


def act(browser: Any, model: str, action: str, *rows: Any, **more: str) -> Any:
    told = {"action": action, "_selected_action": [row.pk for row in rows], **more}
    return browser.post(f"/admin/portal/{model}/", told, follow=True)


def everything() -> None:
    """One row of each kind."""
    from licet.portal import acceptances, events, grants, keys, tiers

    client("ada@example.org")
    ada = holder("ada@example.org")
    keys.make(ada, "laptop", events.COMMAND)
    tiers.request(ada, "sana", "vip", "I measure <script>whales</script>.", events.COMMAND)
    grants.grant(ada, "sana", ["advanced"], events.COMMAND, reason="a talk")
    text = acceptances.text("sana", "weights")
    assert text is not None
    acceptances.accept(ada, "sana", text.license, text.sha256, events.By(ada.pk), how="page")


def test_who_comes_to_the_console_signs_in_as_everybody_does_and_comes_back_to_it(release: Path) -> None:
    browser = client()
    assert browser.get("/admin/", follow=True).redirect_chain[-1] == ("/accounts/login/?next=%2Fadmin%2F", 302)
    assert b"Sign In" in browser.get("/admin/", follow=True).content
    assert operator().get("/admin/login/?next=/admin/")["Location"] == "/admin/"
    assert client("ada@example.org").get("/admin/login/").status_code == 403


@pytest.mark.parametrize("at_once", [5_000, 0])
def test_a_search_over_the_events_finds_what_holds_every_word(
    release: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Whoever it concerns by address or organization, who did it, from where, and what was said: many rows or few."""
    from django.contrib import admin
    from django.test import RequestFactory

    from licet.portal import accounts, events
    from licet.portal.console import records
    from licet.portal.events import By
    from licet.portal.models import Event
    from licet.portal.organizations import founding

    monkeypatch.setattr(records, "FOUND_AT_ONCE", at_once)
    ada, bob = (accounts.create(f"{n}@example.org", "correct horse battery", events.COMMAND) for n in ("ada", "bob"))
    lab = founding.found(ada, "Whale Lab", By(ada.pk, "192.0.2.7"))
    accounts.suspend(bob, "sent spam to whales", By(ada.pk, "192.0.2.7", operator=True))
    shown, request = admin.site._registry[Event], RequestFactory().get("/")

    def found(text: str) -> set[tuple[str, str | None]]:
        rows, _ = shown.get_search_results(request, Event.objects.all(), text)
        assert rows.count() == len(list(rows))
        return {(row.what, row.holder_id) for row in rows}

    everything = found("")
    assert found("BOB@example") == {one for one in everything if one[1] == bob.pk} != set()
    assert found("whale lab") >= found('"Whale Lab"') >= {one for one in everything if one[1] == lab.pk} != set()
    assert found("spam") == found("192.0.2 bob@example.org spam") == {("account.suspended", bob.pk)}
    assert found(ada.pk) >= {("account.suspended", bob.pk), ("account.made", ada.pk)}
    assert found("2.0.192") == found("spam ada@example.org") == found("100% 'nothing") == set()


@pytest.mark.parametrize("model", LISTS)
def test_every_list_and_every_row_can_be_looked_at_and_searched(release: Path, model: str) -> None:
    from django.apps import apps

    browser = operator()
    everything()
    page = browser.get(f"/admin/portal/{model}/")
    assert page.status_code == 200
    assert b"<script>whales" not in page.content
    if model != "document":
        assert browser.get(f"/admin/portal/{model}/?q=ada").status_code in (200, 302)
    row = apps.get_model("portal", model).objects.order_by("pk").last()
    assert browser.get(f"/admin/portal/{model}/{row.pk}/change/").status_code == 200
    assert browser.get(f"/admin/portal/{model}/{row.pk}/delete/").status_code == 403


def test_the_first_page_counts_what_waits(release: Path) -> None:
    browser = operator()
    everything()
    counts = {what: n for what, n, _ in browser.get("/admin/").context["counts"]}
    assert counts["requests waiting"] == 1
    assert counts["accounts"] == 2
    assert counts["keys that work"] == 1
    for _, _, where in browser.get("/admin/").context["counts"]:
        assert browser.get(f"/admin/{where}").status_code == 200, where


@pytest.mark.parametrize("path", ["/admin/", *(f"/admin/portal/{model}/" for model in LISTS)])
def test_who_is_no_operator_sees_nothing_of_it(release: Path, path: str) -> None:
    answer = client("eve@example.org").get(path)
    assert answer.status_code in (302, 403)
    assert b"example.org" not in answer.content


def test_acts_on_people_reach_the_gate(release: Path, directory: SqliteDirectory) -> None:
    browser = operator()
    client("ada@example.org")
    ada = holder("ada@example.org")

    def standing() -> Any:
        return directory.standing(ada.pk, "sana")

    assert "Choose a tier" in act(browser, "holder", "give_tier", ada).content.decode()
    act(browser, "holder", "give_tier", ada, tier="sana/premium", words="a gift")
    assert standing().tier == "premium"
    act(browser, "holder", "suspend", ada, words="unpaid")
    assert "suspended" in standing().claims
    assert ada.events.filter(what="account.suspended", by=holder("op@example.org").pk).exists()
    act(browser, "holder", "unsuspend", ada)
    assert "suspended" not in standing().claims
    act(browser, "holder", "make_operator", ada)
    ada.account.refresh_from_db()
    assert ada.account.is_operator
    act(browser, "account", "end", ada.account)
    assert standing() is None


def test_an_operator_does_not_delete_the_own_account_from_the_list(release: Path) -> None:
    browser = operator()
    act(browser, "account", "end", holder("op@example.org").account)
    assert holder("op@example.org").deleted_s is None


def test_requests_are_answered_from_the_list_too(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal.models import Request

    browser = operator()
    everything()
    act(browser, "request", "reject", Request.objects.get(), words="Not now.")
    asked = Request.objects.get()
    assert (asked.state, asked.words) == ("rejected", "Not now.")
    told = act(browser, "request", "approve", asked).content.decode()
    assert "rejected already" in told
    assert directory.standing(holder("ada@example.org").pk, "sana").tier == "free"


def test_a_key_is_revoked_from_the_console(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, keys

    browser = operator()
    client("ada@example.org")
    made = keys.make(holder("ada@example.org"), "laptop", events.COMMAND)
    act(browser, "key", "revoke", made.key)
    found = directory.credential(made.secret.digest)
    assert found is not None and found.revoked_s is not None


def test_a_grant_is_made_and_revoked_in_the_console(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal.models import GrantRow

    browser = operator()
    client("ada@example.org")
    ada = holder("ada@example.org")
    told = {
        "holder": ada.pk,
        "release": "sana",
        "actions": ["advanced"],
        "reason": "a talk",
        "until_0": "",
        "until_1": "",
    }
    answer = browser.post("/admin/portal/grantrow/add/", told)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    (grant,) = directory.standing(ada.pk, "sana").grants
    row = GrantRow.objects.get()
    assert (grant.grant_id, row.approver) == (row.pk, holder("op@example.org").pk)
    act(browser, "grantrow", "revoke", row)
    assert directory.standing(ada.pk, "sana").grants == ()


def test_an_account_made_in_the_console_has_its_holder_and_tier(release: Path, directory: SqliteDirectory) -> None:
    browser = operator()
    assert browser.post("/admin/portal/account/add/", {"email": "bob@example.org"}).status_code == 302
    bob = holder("bob@example.org")
    assert directory.standing(bob.pk, "sana").tier == "free"
    assert browser.post("/admin/portal/account/add/", {"email": "BOB@example.org"}).status_code == 200


def test_only_our_own_tables_stand_in_the_console(release: Path) -> None:
    """Django's and allauth's forms over addresses, passkeys and sessions would change them without an event."""
    from django.contrib import admin

    browser = operator()
    ours = {"portal", "organizations", "community", "changes", "programs", "certificates", "sso", "payments"}
    ours |= {"billing", "outgoing"}
    assert {model._meta.app_label for model in admin.site._registry} <= ours
    for path in ("account/emailaddress", "mfa/authenticator", "usersessions/usersession", "auth/group"):
        assert browser.get(f"/admin/{path}/").status_code == 404
    assert browser.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_an_operator_signs_somebody_out_of_every_browser_and_it_is_written_down(release: Path) -> None:
    from licet.portal import keys
    from licet.portal.events import By
    from licet.portal.models import Event
    from licet.portal.organizations import founding

    browser, hers, bobs = operator(), [client(), client()], client("bob@example.org")
    client("ada@example.org")  # the account is made
    for one in hers:
        one.post("/accounts/login/", {"login": "ada@example.org", "password": "correct horse battery"})
    ada = holder("ada@example.org")
    key = keys.make(ada, "laptop", By(ada.pk), declared={"commercial": False}).key
    assert [one.get("/my/keys").status_code for one in (*hers, bobs)] == [200, 200, 200]
    lab = founding.found(ada, "Whale Lab", By(ada.pk)).holder
    told = act(browser, "holder", "sign_out", ada, lab, words="a stolen laptop").content.decode()
    assert "1 signed out." in told and "nobody signs in as that" in told
    assert [one.get("/my/keys").status_code for one in (*hers, bobs)] == [302, 302, 200]
    key.refresh_from_db()
    assert key.revoked_s is None
    row = Event.objects.get(what="account.signed_out")
    assert row.holder_id == ada.pk and row.told["why"] == "a stolen laptop"


@pytest.mark.parametrize("model", ["account", "holder", "key", "request"])
@pytest.mark.parametrize("forged", ["nobody", "1; drop", "9" * 40, ""])
def test_an_act_on_a_row_that_is_none_breaks_nothing(release: Path, model: str, forged: str) -> None:
    browser = operator()
    everything()
    actions = {"account": "end", "holder": "suspend", "key": "revoke", "request": "approve"}
    told = {"action": actions[model], "_selected_action": [forged], "words": "x"}
    assert browser.post(f"/admin/portal/{model}/", told, follow=True).status_code == 200
