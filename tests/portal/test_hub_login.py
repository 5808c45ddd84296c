"""`hf auth login`: codes for a program, a page for its owner, a key for the program; and everything that could go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import LICET, Hands
from tests.portal.test_pages_of_mine import client, holder

CLIENT_ID = "26be6b09-91c5-47da-9861-d2d2bb7a7e36"
GRANT = "urn:ietf:params:oauth:grant-type:device_code"


@pytest.fixture
def ready(release: Path, hands: Hands) -> Path:
    """A release that asks nothing of a key, and no program that waits from another test."""
    from licet.portal import documents, events
    from licet.portal.hub import device

    documents.publish(LICET.replace(b'declare = ["commercial"]\n', b""), events.COMMAND, folder=release)
    device.pending._waits.clear()
    return release


def begin(**more: str) -> Any:
    return client().post("/oauth/device", {"client_id": CLIENT_ID, **more})


def poll(code: str, **more: str) -> Any:
    return client().post("/oauth/token", {"grant_type": GRANT, "device_code": code, "client_id": CLIENT_ID, **more})


def test_a_program_is_let_in_by_its_owner_and_gets_a_key_once(ready: Path, hands: Hands) -> None:
    from licet.portal.models import CredentialRow, Key

    codes = begin().json()
    assert codes["verification_uri"] == "http://localhost:8000/oauth/device"
    assert codes["verification_uri_complete"].endswith(f"?user_code={codes['user_code']}")
    assert poll(codes["device_code"]).json() == {"error": "authorization_pending"}
    ada = client("ada@example.org")
    page = ada.get("/oauth/device", {"user_code": codes["user_code"].lower()})
    assert codes["user_code"] in page.content.decode()
    said = ada.post("/oauth/device/answer", {"user_code": codes["user_code"], "answer": "yes"})
    assert "It is in" in said.content.decode()
    hands.forward(5)
    answer = poll(codes["device_code"])
    told = answer.json()
    assert told["token_type"] == "bearer"
    assert answer["Cache-Control"] == "no-store"
    key = Key.objects.get(holder=holder("ada@example.org"))
    assert key.name.startswith("hf auth login, ")
    assert CredentialRow.objects.filter(key_id=key.pk).count() == 1
    assert told["access_token"].startswith("lic_")
    assert poll(codes["device_code"]).json()["error"] == "expired_token"  # once


def test_a_no_is_told_to_the_program(ready: Path) -> None:
    from licet.portal.models import Key

    codes = begin().json()
    said = client("ada@example.org").post("/oauth/device/answer", {"user_code": codes["user_code"], "answer": "no"})
    assert "It stays out" in said.content.decode()
    assert poll(codes["device_code"]).json() == {"error": "access_denied"}
    assert not Key.objects.exists()


def test_the_answer_needs_a_log_in_and_the_csrf_word(ready: Path) -> None:
    from django.test import Client

    codes = begin().json()
    told = {"user_code": codes["user_code"], "answer": "yes"}
    assert client().post("/oauth/device/answer", told)["Location"].startswith("/accounts/login/")
    page = client().get("/oauth/device", {"user_code": codes["user_code"]})
    assert page["Location"].startswith("/accounts/login/?next=/oauth/device")
    strict = Client(enforce_csrf_checks=True, SERVER_NAME="localhost", SERVER_PORT="8000")
    strict.cookies = client("ada@example.org").cookies
    assert strict.post("/oauth/device/answer", told).status_code == 403
    assert poll(codes["device_code"]).json() == {"error": "authorization_pending"}


def test_a_code_ends_by_its_time_by_its_answer_and_for_other_programs(ready: Path, hands: Hands) -> None:
    codes = begin().json()
    assert poll("another").json()["error"] == "expired_token"
    assert poll(codes["device_code"], client_id="other").json()["error"] == "invalid_client"
    ada = client("ada@example.org")
    told = {"user_code": codes["user_code"], "answer": "no"}
    assert ada.post("/oauth/device/answer", told).status_code == 200
    assert ada.post("/oauth/device/answer", {**told, "answer": "yes"}).status_code == 404
    late = begin().json()
    hands.forward(901)
    assert poll(late["device_code"]).json()["error"] == "expired_token"
    assert ada.get("/oauth/device", {"user_code": late["user_code"]}).status_code == 404


def test_haste_and_floods_are_slowed_down(ready: Path) -> None:
    from licet.portal.hub import pending

    codes = begin().json()
    assert poll(codes["device_code"]).json()["error"] == "authorization_pending"
    assert poll(codes["device_code"]).json()["error"] == "slow_down"
    answers = [begin().status_code for _ in range(pending.MOST_OF_ONE)]
    assert answers == [200] * (pending.MOST_OF_ONE - 1) + [429]


@pytest.mark.parametrize(
    ("path", "told", "error"),
    [
        ("/oauth/device", {}, "invalid_client"),
        ("/oauth/device", {"client_id": "mine"}, "invalid_client"),
        ("/oauth/token", {"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ("/oauth/token", {"grant_type": "password"}, "unsupported_grant_type"),
        ("/oauth/token", {}, "unsupported_grant_type"),
    ],
)
def test_what_is_no_device_flow_is_refused(ready: Path, path: str, told: dict[str, str], error: str) -> None:
    answer = client().post(path, told)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_who_was_suspended_in_between_gets_no_key(ready: Path, hands: Hands) -> None:
    from licet.portal import accounts, events

    codes = begin().json()
    client("ada@example.org").post("/oauth/device/answer", {"user_code": codes["user_code"], "answer": "yes"})
    accounts.suspend(holder("ada@example.org"), "a test", events.COMMAND)
    assert poll(codes["device_code"]).json()["error"] == "access_denied"


def test_where_a_key_has_to_say_what_it_is_for_its_owner_makes_it_himself(release: Path) -> None:
    codes = begin().json()
    ada = client("ada@example.org")
    page = ada.get("/oauth/device", {"user_code": codes["user_code"]}).content.decode()
    assert "/my/keys" in page
    assert 'value="yes"' not in page
    ada.post("/oauth/device/answer", {"user_code": codes["user_code"], "answer": "yes"})
    assert poll(codes["device_code"]).json() == {"error": "access_denied"}
