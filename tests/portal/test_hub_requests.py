"""The owner's side of access requests: who may read and answer them, in the shapes of the Hub's clients."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import LICET, Hands
from tests.portal.test_pages_of_mine import client, holder

from licet.errors import LicetError

AT = "/api/models/lab/sana/user-access-request"
NAMED = LICET.replace(b'version = "1.0.0"', b'version = "1.0.0"\nrepository = "lab/sana"')


@pytest.fixture
def repository(release: Path) -> str:
    from licet.portal import documents, events

    documents.publish(NAMED, events.COMMAND, folder=release)
    return "lab/sana"


def operator(*scopes: str, email: str = "op@example.org", **more: Any) -> str:
    from licet.portal import accounts, events, keys

    made = accounts.create(email, None, events.COMMAND, operator=True)
    return keys.make(made, "owner", events.COMMAND, scopes=scopes, **more).secret.reveal()


def asks(email: str, tier: str = "vip") -> Any:
    from licet.portal import events, tiers

    client(email)
    return tiers.request(holder(email), "sana", tier, "whales", events.By(holder(email).pk))


def get(path: str, bearer: str) -> Any:
    return client().get(path, headers={"Authorization": f"Bearer {bearer}"})


def post(what: str, body: object, bearer: str) -> Any:
    headers = {"Authorization": f"Bearer {bearer}"}
    return client().post(f"{AT}/{what}", body, content_type="application/json", headers=headers)


def test_requests_are_listed_with_who_asks_for_what_and_why(repository: str) -> None:
    bearer = operator("requests")
    row = asks("ada@example.org")
    (told,) = get(f"{AT}/pending", bearer).json()
    assert told["requestId"] == row.pk
    assert told["status"] == "pending"
    assert told["user"]["user"] == row.holder_id
    assert told["user"]["email"] == "ada@example.org"
    assert told["fields"] == {"tier": "vip", "reason": "whales"}
    assert told["timestamp"].endswith(".000Z")
    assert get(f"{AT}/accepted", bearer).json() == []


def test_an_answer_is_the_same_as_one_of_the_console(repository: str) -> None:
    from licet.portal import tiers
    from licet.portal.models import Request

    bearer = operator("requests")
    ada, bob = asks("ada@example.org"), asks("bob@example.org")
    assert post("handle", {"user": ada.holder_id, "status": "accepted"}, bearer).status_code == 200
    no = post("handle", {"requestId": bob.pk, "status": "rejected", "rejectionReason": "no whales"}, bearer)
    assert (no.status_code, no.json()["status"]) == (200, "rejected")
    held = tiers.current(holder("ada@example.org"), "sana")
    assert held is not None and held.tier == "vip"
    row = Request.objects.get(pk=bob.pk)
    assert (row.state, row.words) == ("rejected", "no whales")
    assert row.answered_by.startswith("hol_")
    assert [r["requestId"] for r in get(f"{AT}/accepted", bearer).json()] == [ada.pk]
    assert post("handle", {"requestId": ada.pk, "status": "accepted"}, bearer).status_code == 404
    back = post("handle", {"requestId": ada.pk, "status": "pending"}, bearer)
    assert (back.status_code, "not reopened" in back.headers["X-Error-Message"]) == (422, True)


def test_the_tier_is_given_without_having_been_asked_for(repository: str) -> None:
    from licet.portal import tiers

    bearer = operator("requests")
    client("ada@example.org")
    assert post("grant", {"user": "ada@example.org"}, bearer).json()["tier"] == "vip"
    held = tiers.current(holder("ada@example.org"), "sana")
    assert held is not None and held.tier == "vip"
    assert post("grant", {"user": "nobody@example.org"}, bearer).status_code == 404


def test_only_an_operators_key_with_the_scope_comes_in(repository: str) -> None:
    from licet.portal import events, keys
    from licet.portal.models import Account

    row = asks("ada@example.org")
    body = {"requestId": row.pk, "status": "accepted"}
    assert client().post(f"{AT}/handle", body, content_type="application/json").status_code == 401
    own = keys.make(row.holder, "own", events.COMMAND).secret.reveal()
    scoped = keys.make(row.holder, "own", events.COMMAND, scopes=["requests"]).secret.reveal()
    bare = operator(email="bare@example.org")
    elsewhere = operator("requests", email="e@example.org", releases=["other"])
    gone = operator("requests", email="gone@example.org")
    Account.objects.filter(email="gone@example.org").update(is_operator=False)
    with pytest.raises(LicetError, match="only an operator"):
        keys.make(row.holder, "own", events.By(row.holder_id), scopes=["requests"])
    for bearer, code in (
        (own, "role_forbids"), (scoped, "role_forbids"), (bare, "key_out_of_scope"), (gone, "role_forbids"),
        (elsewhere, "key_out_of_scope"), ("hf_" + "x" * 34, "not_authenticated"), ("lic_live_x", "not_authenticated"),
    ):  # fmt: skip
        for answer in (post("handle", body, bearer), get(f"{AT}/pending", bearer), post("grant", body, bearer)):
            assert answer.json()["code"] == code
            assert answer.headers["X-Error-Message"] == answer.json()["detail"]
    row.refresh_from_db()
    assert row.state == "pending"
    # Who is signed in on the page is nobody here: no site can answer in an operator's name.
    assert client("op2@example.org").post(f"{AT}/handle", body, content_type="application/json").status_code == 401


def test_a_long_list_is_told_in_pages(repository: str, hands: Hands, monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.portal.hub import requests

    monkeypatch.setattr(requests, "PAGE", 2)
    bearer = operator("requests")
    made = []
    for n, name in enumerate("abcde"):
        hands.forward(n % 2)  # some in the same second
        made.append(asks(f"{name}@example.org").pk)
    path, seen = f"{AT}/pending", []
    while path:
        page = get(path, bearer)
        assert len(page.json()) <= 2
        seen += [row["requestId"] for row in page.json()]
        path = page.headers.get("Link", "").partition(">")[0].removeprefix("<http://localhost:8000")
    assert sorted(seen) == sorted(made)
    assert len(seen) == 5


@pytest.mark.parametrize("body", [[], {"user": 1}, {"who": "x"}, '"x"'])
def test_what_cannot_be_read_is_told(repository: str, body: object) -> None:
    bearer = operator("requests")
    assert post("handle", body, bearer).status_code == 422
    assert post("grant", body, bearer).status_code == 422


def test_another_repository_or_method_is_not_there(repository: str) -> None:
    bearer = operator("requests")
    other = get("/api/models/lab/other/user-access-request/pending", bearer)
    assert (other.status_code, other.headers["X-Error-Code"]) == (404, "RepoNotFound")
    assert get(f"{AT}/handle", bearer).status_code == 405
    assert get(f"{AT}/other", bearer).status_code == 404
