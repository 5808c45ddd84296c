"""What a program may write: acceptances and requests, by bearer or session, with the gate's words for every no."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import LICET, Hands
from tests.portal.test_pages_of_mine import client, holder

from licet.portal.directory import SqliteDirectory


def key(email: str = "ada@example.org", **more: Any) -> Any:
    from licet.portal import events, keys

    client(email)
    return keys.make(holder(email), "laptop", events.COMMAND, **more)


def post(path: str, body: object, bearer: str | None = None, **more: Any) -> Any:
    headers = {"Authorization": f"Bearer {bearer}"} if bearer is not None else {}
    return client().post(path, body, content_type="application/json", headers=headers, **more)


def text_sha256() -> str:
    from licet.portal import acceptances

    text = acceptances.text("sana", "weights")
    assert text is not None
    return text.sha256


def test_an_acceptance_by_bearer_is_kept_once_and_opens(release: Path, directory: SqliteDirectory) -> None:
    made = key()
    bearer = made.secret.reveal()
    asked = client().get("/v1/acceptances", headers={"Authorization": f"Bearer {bearer}"}).json()
    (wanted,) = asked["asked"]
    told = {"license": wanted["license"], "sha256": wanted["sha256"]}
    assert post("/v1/acceptances", told, bearer).status_code == 201
    again = post("/v1/acceptances", told, bearer)
    assert again.status_code == 200
    assert again.json()["accepted_at"].endswith("Z")
    standing = directory.standing(made.key.holder_id, "sana")
    assert standing is not None and standing.facts["accepted:CC-BY-NC-4.0"] is True


def test_what_cannot_be_accepted_for_want_of_a_text_is_told_by_api_and_page(release: Path) -> None:
    from licet.portal import documents, events

    bearer = key().secret.reveal()
    asked = {"Authorization": f"Bearer {bearer}"}
    assert "without_text" not in client().get("/v1/acceptances", headers=asked).json()
    document = LICET.replace(b"CC-BY-NC-4.0", b"LicenseRef-Own-1.0").replace(
        b"[release]", b'[release]\ncontact = "ask@lab.example"'
    )
    documents.publish(document, events.COMMAND, folder=release)
    told = client().get(
        "/v1/acceptances", headers={"Authorization": f"Bearer {key('eve@example.org').secret.reveal()}"}
    )
    lacking = {"release": "sana", "component": "weights", "license": "LicenseRef-Own-1.0"}
    assert (told.json()["asked"], told.json()["without_text"]) == ([], [lacking])
    page = client().get("/licenses/weights/accept").content.decode()
    assert "an acceptance of LicenseRef-Own-1.0" in page and "Write to ask@lab.example." in page


def test_a_request_by_bearer_waits_for_its_answer(release: Path) -> None:
    bearer = key().secret.reveal()
    answer = post("/v1/requests", {"tier": "vip", "reason": "whales"}, bearer)
    assert (answer.status_code, answer.json()["state"]) == (202, "pending")
    assert post("/v1/requests", {"tier": "premium", "reason": "whales"}, bearer).status_code == 422
    rows = client().get("/v1/requests", headers={"Authorization": f"Bearer {bearer}"}).json()["requests"]
    assert [row["tier"] for row in rows] == ["vip"]


@pytest.mark.parametrize(
    ("header", "code"),
    [(None, 401), ("", 401), ("Bearer", 401), ("Bearer ", 401), ("Bearer lic_live_x", 401), ("Basic YTpi", 401)],
)
def test_who_is_nobody_gets_401_and_a_reason(release: Path, header: str | None, code: int) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = client().get("/v1/acceptances", headers=headers)
    assert answer.status_code == code
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["code"] == answer.json()["error"]["code"] == "not_authenticated"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_each_end_of_a_key_has_its_own_word(release: Path, hands: Hands) -> None:
    from licet.portal import accounts, events, keys

    made = key(expires_s=hands.at_s + 10)
    told = {"license": "CC-BY-NC-4.0", "sha256": text_sha256()}

    def code() -> str:
        return str(post("/v1/acceptances", told, made.secret.reveal()).json()["code"])

    hands.forward(10)
    assert code() == "key_expired"
    keys.revoke(made.key, events.COMMAND)
    assert code() == "key_revoked"
    made = keys.make(holder("ada@example.org"), "another", events.COMMAND)
    accounts.suspend(holder("ada@example.org"), "unpaid", events.COMMAND)
    assert code() == "suspended"


def test_a_key_that_was_narrowed_to_another_release_accepts_nothing_here(release: Path) -> None:
    bearer = key(releases=["other"]).secret.reveal()
    answer = post("/v1/acceptances", {"license": "CC-BY-NC-4.0", "sha256": text_sha256()}, bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "key_out_of_scope")
    listed = client().get("/v1/acceptances", headers={"Authorization": f"Bearer {bearer}"}).json()
    assert listed == {"accepted": [], "asked": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b" ", 400),
        (b"{", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"[]", 422),
        (b"null", 422),
        (b'{"license": "CC-BY-NC-4.0"}', 422),
        (b'{"license": 1, "sha256": "x"}', 422),
        (b'{"license": "CC-BY-NC-4.0", "sha256": "x"}', 422),
        (b'{"license": "MIT", "sha256": "x"}', 422),
        (b'{"license": "CC-BY-NC-4.0", "sha256": "x", "acept": true}', 422),
        (b'{"license": "CC-BY-NC-4.0", "sha256": "x", "release": "other"}', 404),
    ],
)
def test_bad_input_is_refused_with_a_reason(release: Path, body: bytes, status: int) -> None:
    answer = post("/v1/acceptances", body, key().secret.reveal())
    assert answer.status_code == status
    assert answer.json()["detail"]


def test_other_methods_and_types_are_refused(release: Path) -> None:
    bearer = key().secret.reveal()
    assert client().put("/v1/acceptances", headers={"Authorization": f"Bearer {bearer}"}).status_code == 405
    form = client().post("/v1/acceptances", {"license": "x"}, headers={"Authorization": f"Bearer {bearer}"})
    assert form.status_code == 415


def test_a_session_needs_the_csrf_word_and_a_bearer_does_not(release: Path) -> None:
    browser = client("ada@example.org", enforce_csrf_checks=True)
    told = {"license": "CC-BY-NC-4.0", "sha256": text_sha256()}
    assert browser.post("/v1/acceptances", told, content_type="application/json").status_code == 403
    browser.get("/my/keys")
    word = browser.cookies["csrftoken"].value
    answer = browser.post("/v1/acceptances", told, content_type="application/json", headers={"X-CSRFToken": word})
    assert answer.status_code == 201
    # A cookie beside a bearer changes nothing: the bearer says who it is.
    eve = key("eve@example.org").secret.reveal()
    answer = browser.post(
        "/v1/acceptances", told, content_type="application/json", headers={"Authorization": f"Bearer {eve}"}
    )
    assert answer.status_code == 201
    assert holder("eve@example.org").acceptances.count() == 1


def test_whoever_brings_neither_key_nor_session_is_told_to_bring_one_also_where_forgery_is_checked(
    release: Path,
) -> None:
    answer = client(enforce_csrf_checks=True).post("/v1/acceptances", {}, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_what_curl_sends_by_itself_is_read_as_json_where_a_key_comes_with_it(release: Path) -> None:
    told = f'{{"license": "CC-BY-NC-4.0", "sha256": "{text_sha256()}"}}'
    typed = {"content_type": "application/x-www-form-urlencoded"}
    bearer = {"Authorization": f"Bearer {key().secret.reveal()}"}
    assert client().post("/v1/acceptances", told, headers=bearer, **typed).status_code == 201
    assert client("bea@example.org").post("/v1/acceptances", told, **typed).status_code == 415
