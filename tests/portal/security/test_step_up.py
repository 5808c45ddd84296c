"""A session that was opened long ago looks, and does not act: operators and makers of keys show again who they are."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.config import PortalConfig

KEY = {"name": "k", "nonce": "n", "expires": "", "fact_commercial": "false"}
PASSWORD = "correct horse battery"


def long_ago(email: str) -> Any:
    """A browser that signed in two hours ago."""
    browser = client(email)
    session = browser.session
    session["signed_in_at"] = time.time() - 7200
    session.save()
    return browser


@pytest.fixture
def operator(release: Path) -> None:
    from licet.portal import accounts, events

    accounts.create("op@example.org", PASSWORD, events.COMMAND, operator=True)


def test_an_operator_of_long_ago_sees_everything_and_changes_nothing_until_he_confirms_it(operator: None) -> None:
    ada = client("ada@example.org")
    ada.get("/my/keys")
    browser = long_ago("op@example.org")
    assert browser.get("/admin/portal/holder/").status_code == 200
    act = {"action": "suspend", "_selected_action": [holder("ada@example.org").pk], "words": "a test"}
    answer = browser.post("/admin/portal/holder/", act)
    assert "/accounts/reauthenticate/" in answer["Location"]
    assert holder("ada@example.org").suspended_s is None
    browser.post(answer["Location"], {"password": "wrong horse battery"})
    assert holder("ada@example.org").suspended_s is None
    browser.post(answer["Location"], {"password": PASSWORD})  # and what was about to be done is done
    browser.post("/admin/portal/holder/", act)
    assert holder("ada@example.org").suspended_s is not None


def test_what_was_shown_by_a_clock_that_is_set_back_since_is_asked_anew(operator: None) -> None:
    browser = client("op@example.org")
    session = browser.session
    session["signed_in_at"] = time.time() + 7200
    session.save()
    act = {"action": "suspend", "_selected_action": [], "words": "a test"}
    assert "/accounts/reauthenticate/" in browser.post("/admin/portal/holder/", act)["Location"]


def test_a_key_is_made_by_who_showed_of_late_who_it_is(release: Path, portal: PortalConfig) -> None:
    browser = long_ago("ada@example.org")
    answer = browser.post("/my/keys", KEY)
    assert "/accounts/reauthenticate/" in answer["Location"]
    assert holder("ada@example.org").keys.count() == 0
    made = browser.post(answer["Location"], {"password": PASSWORD})
    assert b"lic_live_" in made.content and holder("ada@example.org").keys.count() == 1
    assert browser.post("/my/keys", {**KEY, "nonce": "m"}).status_code == 200


def test_whoever_just_signed_in_is_not_asked_again(release: Path, operator: None) -> None:
    assert client("ada@example.org").post("/my/keys", KEY).status_code == 200
    assert client("op@example.org").post("/admin/portal/holder/", {"action": ""}).status_code in (200, 302)


def test_a_proof_of_another_account_in_the_same_session_is_none(release: Path, portal: PortalConfig) -> None:
    browser = long_ago("ada@example.org")
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = "somebody-else"
    session.save()
    assert browser.post("/my/keys", KEY).status_code == 302
    assert holder("ada@example.org").keys.count() == 0
