"""A holder's own pages: every story by HTTP, and nobody else's things anywhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import LICET

from licet.access.key import digest
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory


def client(email: str | None = None, **more: Any) -> Any:
    """A browser; with an address, one in which that account is logged in (made on first use)."""
    from django.test import Client

    browser = Client(SERVER_NAME="localhost", **more)
    if email is not None:
        from licet.portal import accounts, events
        from licet.portal.models import Account

        account = Account.objects.by_email(email)
        browser.force_login(account or accounts.create(email, "correct horse battery", events.COMMAND).account)
    return browser


def holder(email: str) -> Any:
    from licet.portal import accounts

    return accounts.find(email)


def the_key(page: str) -> str:
    found = re.search(r"lic_live_\w+", page)
    assert found is not None
    return found[0]


MINE = ["/my/keys", "/my/usage", "/my/tier", "/my/acceptances", "/my/events"]


@pytest.mark.parametrize("path", [*MINE, "/my/delete", "/admin/"])
def test_who_is_not_logged_in_is_asked_to(release: Path, path: str) -> None:
    answer = client().get(path)
    assert answer.status_code == 302
    assert answer["Location"].startswith(("/accounts/login/", "/admin/login/"))


@pytest.mark.parametrize("path", MINE)
def test_every_page_of_mine_stands_before_anything_was_done(release: Path, path: str) -> None:
    answer = client("ada@example.org").get(path)
    assert answer.status_code == 200
    assert "sana" in answer.content.decode()


@pytest.mark.parametrize("path", MINE)
def test_every_page_of_mine_stands_before_anything_was_published(portal: PortalConfig, path: str) -> None:
    assert client("ada@example.org").get(path).status_code == 200


def make(browser: Any, **more: str) -> Any:
    form = browser.get("/my/keys").context["form"]
    told = {"name": "laptop", "expires": "", "fact_commercial": "false", "nonce": form.initial["nonce"]}
    return browser.post("/my/keys", {**told, **more})


def test_a_key_is_shown_once_with_what_was_declared(release: Path, directory: SqliteDirectory) -> None:
    browser = client("ada@example.org")
    answer = make(browser, features="basic")
    assert "no-store" in answer["Cache-Control"]
    found = directory.credential(digest(the_key(answer.content.decode())))
    assert found is not None
    assert found.facts == {"commercial": False}
    assert found.narrow.features == {"basic"}
    again = browser.get(f"/my/keys/{found.key_id}")
    assert the_key(answer.content.decode()) not in again.content.decode()
    assert "Is it for commercial advantage or payment?" in again.content.decode()


def test_a_key_needs_the_facts_that_the_release_asks_for(release: Path) -> None:
    from licet.portal.models import Key

    answer = make(client("ada@example.org"), fact_commercial="")
    assert answer.status_code == 422
    assert not Key.objects.exists()


def test_only_operators_give_scopes(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, operators

    browser = client("ada@example.org")
    found = directory.credential(digest(the_key(make(browser, scopes="decide").content.decode())))
    assert found is not None and found.narrow.scopes == frozenset()
    operators.appoint(holder("ada@example.org").account, events.COMMAND)
    found = directory.credential(digest(the_key(make(browser, scopes="decide").content.decode())))
    assert found is not None and found.narrow.scopes == {"decide"}


def test_a_key_is_rotated_and_revoked_on_its_page(release: Path, directory: SqliteDirectory) -> None:
    browser = client("ada@example.org")
    first = the_key(make(browser).content.decode())
    found = directory.credential(digest(first))
    assert found is not None
    form = browser.get(f"/my/keys/{found.key_id}").context["rotate"]
    told = {"overlap_s": "0", "nonce": form.initial["nonce"]}
    second = the_key(browser.post(f"/my/keys/{found.key_id}/rotate", told).content.decode())
    assert second != first
    old, new = directory.credential(digest(first)), directory.credential(digest(second))
    assert old is not None and old.expires_s is not None
    assert new is not None and new.key_id == found.key_id
    browser.post(f"/my/keys/{found.key_id}/revoke")
    new = directory.credential(digest(second))
    assert new is not None and new.revoked_s is not None
    assert "revoked" in browser.get("/my/keys").content.decode()


def test_another_holders_things_are_not_there(release: Path) -> None:
    from licet.portal import events, keys, tiers

    ada, eve = client("ada@example.org"), client("eve@example.org")
    key = keys.make(holder("ada@example.org"), "ada's", events.COMMAND).key
    asked = tiers.request(holder("ada@example.org"), "sana", "vip", "whales", events.COMMAND)
    assert ada.get(f"/my/keys/{key.pk}").status_code == 200
    for browser in (eve, client("op@example.org")):
        assert browser.get(f"/my/keys/{key.pk}").status_code == 404
        assert browser.post(f"/my/keys/{key.pk}/rotate", {"overlap_s": "0", "nonce": "n"}).status_code == 404
        assert browser.post(f"/my/keys/{key.pk}/revoke").status_code == 404
        assert browser.post(f"/my/requests/{asked.pk}/withdraw").status_code == 404
        for path in MINE:
            assert "ada" not in browser.get(path).content.decode()
    key.refresh_from_db()
    asked.refresh_from_db()
    assert (key.revoked_s, asked.state) == (None, "pending")


def test_no_form_is_taken_without_its_csrf_word(release: Path) -> None:
    from licet.portal import events, keys

    browser = client("ada@example.org", enforce_csrf_checks=True)
    key = keys.make(holder("ada@example.org"), "ada's", events.COMMAND).key
    posts = ["/my/keys", f"/my/keys/{key.pk}/rotate", f"/my/keys/{key.pk}/revoke", "/my/tier/request", "/my/tier/take",
             "/my/delete", "/licenses/weights/accept", "/v1/acceptances", "/v1/requests"]  # fmt: skip
    for path in posts:
        assert browser.post(path, {}).status_code == 403, path
    key.refresh_from_db()
    assert key.revoked_s is None


def test_my_tier_says_of_each_feature_whether_i_may(release: Path) -> None:
    browser = client("ada@example.org")
    (shown,) = browser.get("/my/tier").context["shown"]
    assert {a.feature.name: a.answer for a in shown.allowed} == {"basic": "yes", "advanced": "no"}
    assert {c.tier.name: c.way for c in shown.choices} == {"vip": "request", "free": "held", "premium": "pay"}
    assert "Feature not available in free tier" in shown.allowed[1].spoken.detail


def test_a_request_reaches_the_operators_and_its_answer_the_asker(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import accounts, events, mailbox
    from licet.portal.models import Request

    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    browser = client("ada@example.org")
    assert browser.post("/my/tier/request", {"release": "sana", "tier": "vip", "reason": " "}).status_code == 422
    browser.post("/my/tier/request", {"release": "sana", "tier": "vip", "reason": "I measure <whales> & seals."})
    folder = portal_of(directory)
    (mail,) = mailbox.read(folder)
    assert mail.to == "op@example.org"
    assert "I measure <whales> & seals." in mail.body
    asked = Request.objects.get()
    console = client("op@example.org")
    page = console.get(f"/admin/portal/request/{asked.pk}/change/")
    assert page.status_code == 200 and "Approve" in page.content.decode()
    console.post(f"/admin/portal/request/{asked.pk}/change/", {"words": "Gladly.", "_approve": "Approve"})
    standing = directory.standing(holder("ada@example.org").pk, "sana")
    assert standing is not None and standing.tier == "vip"
    _, answer = mailbox.read(folder)
    assert answer.to == "ada@example.org"
    assert "Gladly." in answer.body and "approved" in answer.subject
    assert "Gladly." in browser.get("/my/tier").content.decode()


def portal_of(directory: SqliteDirectory) -> Path:
    from licet.portal.config import current

    return current().mail_dir


def test_a_tier_that_is_not_open_to_all_cannot_be_taken(release: Path, directory: SqliteDirectory) -> None:
    browser = client("ada@example.org")
    for tier in ("vip", "premium", "gold"):
        assert browser.post("/my/tier/take", {"release": "sana", "tier": tier}).status_code == 404
    standing = directory.standing(holder("ada@example.org").pk, "sana")
    assert standing is not None and standing.tier == "free"


def test_a_license_text_is_read_without_an_account_and_accepted_with_one(
    release: Path, directory: SqliteDirectory
) -> None:
    page = client().get("/licenses/weights/accept")
    assert page.status_code == 200
    assert "&lt;b&gt;as it is&lt;/b&gt;" in page.content.decode()
    assert client().post("/licenses/weights/accept", {"accepted": "on"}).status_code == 302
    browser = client("ada@example.org")
    sha256 = browser.get("/licenses/weights/accept").context["text"].sha256
    assert browser.post("/licenses/weights/accept", {"sha256": sha256}).status_code == 422  # the box is not ticked
    assert browser.post("/licenses/weights/accept", {"sha256": "0" * 64, "accepted": "on"}).status_code == 422
    assert browser.post("/licenses/weights/accept", {"sha256": sha256, "accepted": "on"}).status_code == 302
    standing = directory.standing(holder("ada@example.org").pk, "sana")
    assert standing is not None and standing.facts["accepted:CC-BY-NC-4.0"] is True
    assert "CC-BY-NC-4.0" in browser.get("/my/acceptances").content.decode()
    for path in ("/licenses/code/accept", "/licenses/nothing/accept", "/licenses/weights/accept?release=other"):
        assert browser.get(path).status_code == 404


def test_usage_is_read_from_the_ledger(release: Path, portal: PortalConfig) -> None:
    import time

    from licet.access.quota import window
    from licet.ledger.ports import Call, Take
    from licet.ledger.sqlite import SqliteLedger

    browser = client("ada@example.org")
    ada, now = holder("ada@example.org"), int(time.time())
    anchor = ada.held.get().anchor_s
    month = window("month", now, anchor)
    ledger = SqliteLedger(portal.ledger_file, process_id="test")
    try:
        for n in range(3):
            call = Call(f"call_{n}", ada.pk, "sana", "basic", "key_x", now)
            ledger.hold(call, [Take(ada.pk, "sana", "calls/month", month.start_s, month.end_s, 1, 10)], now, 60)
            ledger.settle(call.call_id, None, now, status=200)
    finally:
        ledger.close()
    (used,) = browser.get("/my/usage").context["used"]
    assert [(m.quota.counter, m.used, m.remaining) for m in used.meters] == [("calls/month", 3, 7)]
    assert used.plot.total == 3
    page = browser.get("/my/usage").content.decode()
    assert "3 of 10 used" in page and "<rect" in page and "call_0" in page
    for suffix in ("", "-wal", "-shm"):
        Path(f"{portal.ledger_file}{suffix}").unlink(missing_ok=True)


def test_leaving_asks_for_the_password_again_and_then_ends_everything(
    release: Path, directory: SqliteDirectory
) -> None:
    from licet.portal.models import Account

    browser = client("ada@example.org")
    key = digest(the_key(make(browser).content.decode()))
    asked = browser.get("/my/delete")
    assert asked.status_code == 302 and "/accounts/reauthenticate/" in asked["Location"]
    assert browser.post(asked["Location"], {"password": "correct horse battery"}).status_code == 302
    assert browser.post("/my/delete", {}).status_code == 422
    browser.post("/my/delete", {"sure": "on"})
    assert not Account.objects.exists()
    found = directory.credential(key)
    assert found is not None and found.revoked_s is not None
    assert browser.get("/my/keys").status_code == 302


def test_the_operators_link_works_once_and_for_a_quarter_of_an_hour(release: Path, hands: Any) -> None:
    from licet.portal import events, operators

    link = operators.link("http://localhost:8000", events.COMMAND).reveal()
    path = link.removeprefix("http://localhost:8000")
    assert client().get(path)["Location"].startswith("/accounts/login/")
    browser = client("ada@example.org")
    assert browser.get("/admin/").status_code in (302, 403)
    assert browser.get(path).status_code == 200
    assert not operators.any_operator()
    assert browser.post(path).status_code == 302
    assert operators.any_operator()
    assert client("eve@example.org").post(path).status_code == 404
    late = operators.link("http://localhost:8000", events.COMMAND).reveal().removeprefix("http://localhost:8000")
    hands.forward(operators.LINK_S)
    assert client("eve@example.org").get(late).status_code == 404


def test_a_download_that_waits_for_an_acceptance_is_no_plain_no_and_leads_to_the_text(release: Path) -> None:
    from licet.portal import documents, events

    feature = b'[[feature]]\nname = "get_weights"\ndownload = "weights"\n\n[[tier]]'
    told = LICET.replace(b"[[tier]]", feature, 1).replace(
        b'features = ["basic"]', b'features = ["basic", "get_weights"]'
    )
    documents.publish(told, events.COMMAND, folder=release)
    table = " ".join(client().get("/").content.decode().split())
    assert "once its license is accepted" in table
    mine = client("ada@example.org").get("/my/tier").content.decode()
    assert 'href="/licenses/weights/accept?release=sana">Read and accept it</a>' in mine
