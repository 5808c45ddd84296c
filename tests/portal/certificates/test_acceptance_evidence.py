"""What proves an acceptance, who may see it, how long, and when is it asked anew?"""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from tests.portal.certificates.sold import COMMERCIAL, DAY_S, SOLD, TEXT, organization, publish, somebody
from tests.portal.certificates.test_certificates_issued import mails, public
from tests.portal.conftest import Hands
from tests.portal.test_api import key, post
from tests.portal.test_pages_of_mine import client

from licet.certificate import Broken, Opened, opened
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

ASKS = SOLD.replace(b"accept = true", b'accept = true\nask = ["Your affiliation", "What will you use it for?"]')
NC = "CC-BY-NC-4.0"
ANSWERS = {"Your affiliation": "Whale Watch", "What will you use it for?": "counting whales"}


@pytest.fixture
def document(portal: PortalConfig, tmp_path: Path) -> str:
    return publish(tmp_path, ASKS)


def text(holder: Any = None) -> Any:
    from licet.portal import acceptances

    found = acceptances.text("sana", "weights", holder)
    assert found is not None
    return found


def accept(holder: Any, **more: Any) -> Any:
    from licet.portal import acceptances, events

    one = text(holder)
    more = {"how": "api", "answers": ANSWERS, **more}
    by = more.pop("by", events.By(holder.pk, "203.0.113.9"))
    return acceptances.accept(holder, "sana", one.license, one.sha256, by, **more)


def receipt(row: Any) -> dict[str, Any]:
    from licet.portal.certificates import receipts

    seal = opened("receipt", receipts.file(row), public())
    assert isinstance(seal, Opened)
    return seal.statement


def test_a_promise_on_the_page_is_kept_with_everything_that_proves_it(document: str, portal: PortalConfig) -> None:
    from licet.portal.models import Acceptance

    browser = client("ada@example.org", HTTP_USER_AGENT="Lynx/2.9")
    page = browser.get("/licenses/weights/accept")
    body = page.content.decode()
    for word in ("Your affiliation", "What will you use it for?", "In plain words", "You may not use it commercially"):
        assert word in body, word
    told = {"sha256": page.context["text"].sha256, "accepted": "on", "answer_0": "Whale Watch"}
    assert browser.post("/licenses/weights/accept", told).status_code == 422  # one question is not answered
    assert not Acceptance.objects.exists()
    told["answer_1"] = "counting whales"
    assert browser.post("/licenses/weights/accept", told, REMOTE_ADDR="203.0.113.9").status_code == 302
    row = Acceptance.objects.get()
    summary = client().get(f"/licenses/weights/summary?sha256={row.sha256}").content
    assert row.summary_sha256 == sha256(summary).hexdigest()
    assert (row.component, row.version, row.tier, row.how) == ("weights", "1.0.0", "free", "page")
    assert (row.words, row.answers) == ("I have read this text and I accept it.", ANSWERS)
    assert (row.address, row.agent) == ("203.0.113.9", "Lynx/2.9")
    assert row.sha256 == sha256(client().get("/licenses/weights/text").content).hexdigest()
    assert "Your receipt" in browser.get("/licenses/weights/accept").content.decode()


def test_the_receipt_is_signed_and_comes_by_mail_and_by_page(document: str, portal: PortalConfig) -> None:
    import email
    from email.policy import default

    ada = somebody()
    row = accept(ada)
    told = receipt(row)
    assert told["holder"] == {"id": ada.pk, "kind": "account", "name": "ada@example.org"}
    assert told["license"] == {"id": NC, "sha256": row.sha256}
    assert (told["answers"], told["summary_sha256"], told["by"]) == (ANSWERS, row.summary_sha256, ada.pk)
    assert "203.0.113.9" not in json.dumps(told)  # the address fades; a receipt does not
    (mail,) = [m for m in mails(portal) if "receipt" in m.subject]
    message = email.message_from_bytes(mail.path.read_bytes(), policy=default)
    (part,) = list(message.iter_attachments())
    assert isinstance(opened("receipt", part.get_content(), public()), Opened)
    browser = client("ada@example.org")
    assert f"/my/receipts/{row.pk}" in browser.get("/my/acceptances").content.decode()
    answer = browser.get(f"/my/receipts/{row.pk}")
    assert isinstance(opened("receipt", answer.content, public()), Opened)
    changed = answer.content.replace(b"counting whales", b"hunting whales")
    assert isinstance(opened("receipt", changed, public()), Broken)
    for other in (client("ben@example.org"),):
        assert other.get(f"/my/receipts/{row.pk}").status_code == 404
    assert client().get(f"/my/receipts/{row.pk}").status_code == 302
    checked = client().post("/verify", {"text": answer.content.decode()}).content.decode()
    assert "This receipt was signed by this server." in checked


def test_the_same_promise_twice_is_one_row_one_receipt_and_one_mail(document: str, portal: PortalConfig) -> None:
    ada = somebody()
    assert accept(ada).pk == accept(ada, answers={}).pk
    assert len([m for m in mails(portal) if "receipt" in m.subject]) == 1


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({}, "not answered"),
        ({"Your affiliation": "x"}, "What will you use it for"),
        ({**ANSWERS, "Your affiliation": "  "}, "not answered"),
        ({**ANSWERS, "Your shoe size": "44"}, "nobody asks"),
    ],
)
def test_all_that_is_asked_is_answered_and_nothing_else(document: str, answers: Any, says: str) -> None:
    from licet.portal.models import Acceptance

    with pytest.raises(LicetError, match=says):
        accept(somebody(), answers=answers)
    assert not Acceptance.objects.exists()


def test_for_an_organization_somebody_signs_in_a_capacity(document: str) -> None:
    from licet.portal.events import By

    ada = somebody()
    holder = organization(ada)
    with pytest.raises(LicetError, match="in which capacity"):
        accept(holder, by=By(ada.pk))
    browser = client("ada@example.org")
    path = f"/my/organizations/{holder.pk}/accept/sana/weights"
    path = next(
        p for p in (path, f"/my/organizations/{holder.pk}/licenses/sana/weights") if browser.get(p).status_code == 200
    )
    told = {"sha256": text(holder).sha256, "accepted": "on", "answer_0": "a", "answer_1": "b"}
    assert browser.post(path, told).status_code == 422
    assert browser.post(path, {**told, "authority": "Managing director"}).status_code == 302
    row = holder.acceptances.get()
    assert (row.authority, row.by) == ("Managing director", ada.pk)
    assert row.words == "I have read this text and I accept it in the name of Whale Watch."
    assert receipt(row)["holder"]["name"] == "Whale Watch"
    assert browser.get(f"/my/receipts/{row.pk}").status_code == 200
    assert client("ben@example.org").get(f"/my/receipts/{row.pk}").status_code == 404


def test_a_program_reads_and_accepts_without_a_page(document: str) -> None:
    bearer = key().secret.reveal()

    def asked() -> Any:
        return client().get("/v1/acceptances", headers={"Authorization": f"Bearer {bearer}"}).json()

    (wanted,) = asked()["asked"]
    assert wanted["ask"] == list(ANSWERS)
    assert sha256(client().get(wanted["text"]).content).hexdigest() == wanted["sha256"]
    assert sha256(client().get(wanted["summary"]).content).hexdigest() == wanted["summary_sha256"]
    told = {"license": wanted["license"], "sha256": wanted["sha256"]}
    refused = post("/v1/acceptances", told, bearer)
    assert (refused.status_code, "not answered" in refused.json()["detail"]) == (422, True)
    for wrong in ({"answers": []}, {"answers": {"Your affiliation": 7}}, {"authority": 7}, {"how": None}):
        assert post("/v1/acceptances", {**told, **wrong}, bearer).status_code == 422, wrong
    made = post(
        "/v1/acceptances", {**told, "answers": ANSWERS, "how": "command", "words": "licet accept weights"}, bearer
    )
    assert made.status_code == 201
    assert made.json()["how"] == "command"
    seal = opened("receipt", json.dumps(made.json()["receipt"]).encode(), public())
    assert isinstance(seal, Opened) and seal.statement["words"] == "licet accept weights"
    assert asked()["asked"] == []
    assert asked()["accepted"][0]["answers"] == ANSWERS
    assert post("/v1/requests", {"tier": "vip", "reason": "x", "answers": {}}, bearer).status_code == 422


def test_text_and_summary_are_read_without_an_account(document: str) -> None:
    anybody = client()
    assert anybody.get("/licenses/weights/accept").status_code == 200
    assert b"commercially" in anybody.get("/licenses/weights/summary").content
    assert anybody.get("/licenses/weights/text").content == b"The text, as it is.\n"
    for path in (
        "/licenses/nothing/summary",
        "/licenses/weights/summary?sha256=0",
        "/licenses/weights/summary?release=x",
    ):
        assert anybody.get(path).status_code == 404


def test_of_a_license_that_nobody_has_read_the_summary_says_so_and_proves_nothing(release: Path) -> None:
    """`LicenseRef-Own-1.0` is the licensor's own: words that are not his reading must not look like one."""
    from licet.portal import documents, events

    own = (release / "licet.toml").read_text().replace("CC-BY-NC-4.0", "LicenseRef-Own-1.0")
    (release / "LICENSES" / "LicenseRef-Own-1.0.txt").write_text("My own words.\n")
    documents.publish(own.encode(), events.COMMAND, folder=release)
    said = client().get("/licenses/weights/summary")
    assert said.status_code == 200 and "Nobody has read this license" in said.content.decode()
    assert client().get("/licenses/weights/text").content == b"My own words.\n"


# --- what fades ------------------------------------------------------------------------------------------------------


def test_address_and_program_fade_after_the_days_of_the_settings_and_the_promise_stays(
    document: str, hands: Hands
) -> None:
    from licet.portal import audit

    row = accept(somebody(), agent="Lynx/2.9")
    audit.retain()
    row.refresh_from_db()
    assert (row.address, row.agent) == ("203.0.113.9", "Lynx/2.9")
    hands.forward(181 * DAY_S)
    audit.retain()
    row.refresh_from_db()
    assert (row.address, row.agent) == ("", "")
    assert row.answers == ANSWERS
    assert receipt(row)["license"]["id"] == NC


def test_export_has_it_all_and_erasure_leaves_the_bare_promise(document: str) -> None:
    from licet.portal import accounts, events, subject

    ada = somebody()
    row = accept(ada, agent="Lynx/2.9", words="the words that stood there")
    told = json.dumps(subject.export(ada, events.COMMAND))
    for word in ("counting whales", "203.0.113.9", "Lynx/2.9", "the words that stood there", row.receipt_signature):
        assert word in told, word
    accounts.delete(ada, events.COMMAND)
    left = json.dumps(subject.export(accounts.find(ada.pk), events.COMMAND)["portal"]["portal.Acceptance"])
    assert row.sha256 in left
    for word in ("counting whales", "203.0.113.9", "Lynx/2.9", "the words", "ada@example.org", row.receipt_signature):
        assert word not in left, word


def test_a_secret_among_the_answers_is_not_kept(document: str) -> None:
    secret = key("ben@example.org").secret.reveal()
    row = accept(somebody(), answers={**ANSWERS, "Your affiliation": secret}, agent=secret, words=secret)
    assert secret not in repr((row.answers, row.agent, row.words, row.receipt))


def test_the_privacy_page_tells_of_each_column(document: str) -> None:
    page = client().get("/privacy").content.decode()
    for column in ("authority", "answers", "summary_sha256", "agent", "statement"):
        assert f">{column}<" in page, column


# --- asked anew ------------------------------------------------------------------------------------------------------


def moved(holder: Any) -> None:
    from licet.portal import events, tiers

    tiers.move("sana", events.COMMAND)


def opens(directory: SqliteDirectory, holder: Any, license: str, at_s: int) -> bool:
    directory._clock = lambda: at_s
    standing = directory.standing(holder.pk, "sana")
    assert standing is not None
    return standing.facts.get(f"accepted:{license}") is True


def test_where_terms_became_looser_nothing_is_asked_anew(
    portal: PortalConfig, tmp_path: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import acceptances

    publish(tmp_path)
    ada = somebody()
    accept(ada, answers={})
    hands.forward(DAY_S)
    publish(tmp_path, SOLD.replace(b'"CC-BY-NC-4.0"', b'"CC-BY-4.0"'), **{"CC-BY-4.0": "Freer words.\n"})
    moved(ada)
    assert acceptances.asked_for(ada) == []
    assert opens(directory, ada, "CC-BY-4.0", hands.at_s + 9_999 * DAY_S)


@pytest.mark.parametrize("change", ["license", "text"])
def test_where_they_became_stricter_it_is_asked_anew_and_the_old_counts_until_the_notice_is_over(
    portal: PortalConfig, tmp_path: Path, directory: SqliteDirectory, hands: Hands, change: str
) -> None:
    from licet.portal import acceptances

    publish(tmp_path)
    ada = somebody()
    accept(ada, answers={})
    hands.forward(DAY_S)
    if change == "license":
        license, body = "CC-BY-NC-ND-4.0", SOLD.replace(b'"CC-BY-NC-4.0"', b'"CC-BY-NC-ND-4.0"')
        publish(tmp_path, body, **{license: "Stricter words.\n"})
    else:
        license = NC
        publish(tmp_path, SOLD + b"\n", **{NC: "Other words under the same name.\n"})
    hands.forward(31 * DAY_S)  # as long as notice was promised, nobody is moved
    moved(ada)
    (asked,) = acceptances.asked_for(ada)
    grace_s = hands.at_s + 30 * DAY_S
    (mail,) = [m for m in mails(portal) if "Accept anew until" in m.subject]
    assert license in mail.body and "/my/acceptances" in mail.body
    assert (asked.text.license, asked.until_s) == (license, grace_s)
    assert opens(directory, ada, license, grace_s - 1)
    assert not opens(directory, ada, license, grace_s)
    assert "has become stricter" in client("ada@example.org").get("/my/acceptances").content.decode()
    hands.forward(40 * DAY_S)
    assert acceptances.asked_for(ada)[0].until_s is None
    accept(ada, answers={})
    assert acceptances.asked_for(ada) == []
    assert opens(directory, ada, license, grace_s + 9_999 * DAY_S)


def test_who_accepts_the_old_words_after_the_new_ones_are_his_has_no_grace(
    portal: PortalConfig, tmp_path: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import acceptances, events

    publish(tmp_path)
    ada = somebody()
    hands.forward(DAY_S)
    publish(tmp_path, SOLD + b"\n", **{NC: "Other words under the same name.\n"})
    hands.forward(DAY_S)
    old = text(ada)
    moved(ada)
    hands.forward(5)
    assert text(ada).sha256 != old.sha256
    acceptances.accept(ada, "sana", NC, old.sha256, events.By(ada.pk), how="api")
    assert not opens(directory, ada, NC, hands.at_s)
    assert acceptances.asked_for(ada)[0].until_s is None


def test_who_accepted_nothing_has_nothing_that_counts(
    portal: PortalConfig, tmp_path: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import acceptances

    publish(tmp_path)
    ada = somebody()
    hands.forward(DAY_S)
    publish(tmp_path, SOLD.replace(b'"CC-BY-NC-4.0"', b'"CC-BY-4.0"'), **{"CC-BY-4.0": "Freer words.\n"})
    moved(ada)
    assert not opens(directory, ada, "CC-BY-4.0", hands.at_s)
    assert [one.text.license for one in acceptances.asked_for(ada)] == ["CC-BY-4.0"]


def test_a_tier_with_a_license_of_its_own_asks_for_that_text(
    portal: PortalConfig, tmp_path: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events, tiers

    publish(tmp_path)
    ada = somebody()
    assert text(ada).license == NC
    tiers.give(ada, "sana", "premium", events.COMMAND)
    assert (text(ada).license, text(ada).sha256) == (COMMERCIAL, sha256(TEXT.encode()).hexdigest())
    row = accept(ada, answers={})
    assert row.tier == "premium"
    assert opens(directory, ada, COMMERCIAL, hands.at_s)
    assert b"You may, commercially too: use, modify." in client().get(
        f"/licenses/weights/summary?sha256={row.sha256}"
    ).content  # fmt: skip
    assert client().get("/licenses/weights/text").content == b"The text, as it is.\n"  # the component's own comes first


def test_what_a_tier_carries_is_not_shown_as_the_text_of_a_component_that_has_none(release: Path) -> None:
    publish(release, SOLD.replace(NC.encode(), b"LicenseRef-Own-1.0"))
    assert client().get("/licenses/weights/text").status_code == 404
    carried = client().get(f"/licenses/weights/text?sha256={sha256(TEXT.encode()).hexdigest()}")
    assert carried.content == TEXT.encode()


def test_rows_of_before_stay_and_count(document: str, directory: SqliteDirectory, hands: Hands) -> None:
    """As the first version wrote them: no proof beside them, no receipt."""
    from licet.portal import readmodel
    from licet.portal.models import Acceptance

    ada = somebody()
    one = text(ada)
    Acceptance.objects.create(
        holder=ada, release="sana", license=NC, sha256=one.sha256, document=one.document, how="page", by=ada.pk
    )
    readmodel.restate(ada)
    assert opens(directory, ada, NC, hands.at_s)
    page = client("ada@example.org").get("/my/acceptances").content.decode()
    assert NC in page and "/my/receipts/" not in page


def test_a_key_of_an_organization_signs_in_its_role_unless_more_is_said(document: str) -> None:
    from licet.portal.events import By
    from licet.portal.organizations import member_keys
    from licet.portal.organizations.acting import member
    from licet.portal.organizations.models import Membership

    ada = somebody()
    holder = organization(ada)
    row = Membership.objects.get(person=ada)
    made = member_keys.make(member(row, By(ada.pk)), row, "ci", declared={"commercial": False})
    told = {"license": NC, "sha256": text(holder).sha256, "answers": ANSWERS}
    answer = post("/v1/acceptances", told, made.secret.reveal())
    assert answer.status_code == 201
    assert answer.json()["authority"] == "Owner, by key"
    assert holder.acceptances.get().by == ada.pk


def test_who_accepted_the_components_own_license_is_not_asked_for_that_of_the_tier(
    portal: PortalConfig, tmp_path: Path, hands: Hands
) -> None:
    from licet.portal import acceptances, events, tiers

    publish(tmp_path)
    ada = somebody()
    accept(ada, answers={})
    hands.forward(DAY_S)
    tiers.give(ada, "sana", "premium", events.COMMAND)
    assert acceptances.asked_for(ada) == []


def test_who_is_moved_and_has_nothing_to_accept_anew_gets_no_mail_about_it(
    portal: PortalConfig, tmp_path: Path, hands: Hands
) -> None:
    publish(tmp_path)
    ada = somebody()
    accept(ada, answers={})
    hands.forward(DAY_S)
    publish(tmp_path, SOLD + b"\n# a comment\n")
    moved(ada)
    assert not [m for m in mails(portal) if "anew" in m.subject]
