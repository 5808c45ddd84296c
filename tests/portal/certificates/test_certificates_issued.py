"""Issued, taken back, rotated, bought: what a holder has in hand is what stands in the portal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.portal.certificates.sold import COMMERCIAL, DAY_S, SOLD, TEXT, organization, publish, somebody
from tests.portal.conftest import Hands
from tests.portal.test_pages_of_mine import client

from licet.certificate import Checked, Keys, Revocations, check, read_keys, read_revocations
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.terms import Clause, Fact, Says, Terms


@pytest.fixture
def document(portal: PortalConfig, tmp_path: Path) -> str:
    return publish(tmp_path)


def issue(who: Any, **more: Any) -> Any:
    from licet.portal import events
    from licet.portal.certificates import issuing

    return issuing.issue(who, "sana", "weights", COMMERCIAL, events.COMMAND, **more)


def public() -> Keys:
    """As anybody gets them."""
    return read_keys(client().get("/.well-known/jwks.json").content)


def listed() -> Revocations:
    found = read_revocations(client().get("/.well-known/licet-revocations.json").content, public())
    assert isinstance(found, Revocations)
    return found


def checked(row: Any, now_s: int | None = None, **more: Any) -> Checked:
    from licet.portal import clock
    from licet.portal.certificates import issuing

    more.setdefault("revocations", listed())
    return check(issuing.file(row), public(), now_s=clock.now_s() if now_s is None else now_s, **more)


def mails(portal: PortalConfig) -> list[Any]:
    from licet.portal import mailbox

    return list(mailbox.read(portal.mail_dir))


def test_what_is_issued_holds_for_whoever_has_the_public_keys(document: str) -> None:
    from hashlib import sha256

    row = issue(somebody())
    told = checked(row, release="sana", version="1.0.0", component="weights")
    assert told.holds
    assert told.certificate is not None
    assert told.certificate.holder.name == "ada@example.org"
    assert told.certificate.license.sha256 == sha256(TEXT.encode()).hexdigest()
    assert told.certificate.document == document
    assert (told.certificate.by, told.certificate.until_s) == ("operator", None)


def test_the_same_promise_again_is_the_first_one(document: str, hands: Hands) -> None:
    from licet.portal.certificates.models import CertificateRow

    ada = somebody()
    first = issue(ada, until_s=hands.at_s + DAY_S)
    hands.forward(10)
    assert issue(ada, until_s=hands.at_s - 10 + DAY_S).pk == first.pk
    assert issue(ada).pk != first.pk
    assert CertificateRow.objects.count() == 2


@pytest.mark.parametrize(
    ("ask", "says"),
    [
        ({"component": "wieghts"}, "did you mean `weights`"),
        ({"license": "MIT OR"}, "MIT OR"),
        ({"release": "other"}, "other"),
        ({"until_s": 5}, "cannot end before"),
    ],
)
def test_what_cannot_be_promised_is_not(document: str, ask: dict[str, Any], says: str) -> None:
    from licet.portal import events
    from licet.portal.certificates import issuing
    from licet.portal.certificates.models import CertificateRow

    told = {"release": "sana", "component": "weights", "license": COMMERCIAL, **ask}
    names = [told.pop(n) for n in ("release", "component", "license")]
    with pytest.raises(LicetError, match=says):
        issuing.issue(somebody(), *names, events.COMMAND, **told)
    assert not CertificateRow.objects.exists()


def test_a_certificate_comes_by_mail_with_its_file(document: str, portal: PortalConfig) -> None:
    import email
    from email.policy import default

    row = issue(somebody())
    (mail,) = [m for m in mails(portal) if "Your certificate" in m.subject]
    assert f"/my/certificates/{row.pk}" in mail.body
    message = email.message_from_bytes(mail.path.read_bytes(), policy=default)
    (part,) = list(message.iter_attachments())
    assert part.get_filename() == f"{row.pk}.json"
    assert check(part.get_content(), public(), now_s=row.from_s).holds


def test_what_is_taken_back_stands_on_the_list_until_it_would_have_ended(document: str, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.certificates import issuing

    ada = somebody()
    short, long = issue(ada, until_s=hands.at_s + DAY_S), issue(ada)
    for row in (short, long):
        issuing.revoke(row, events.COMMAND, "a secret reason")
        issuing.revoke(row, events.COMMAND, "again")
        assert checked(row).code == "revoked"
    assert set(listed().revoked) == {short.pk, long.pk}
    assert b"secret reason" not in client().get("/.well-known/licet-revocations.json").content
    hands.forward(3 * DAY_S)
    assert set(listed().revoked) == {long.pk}
    assert checked(short).code == "expired"
    old = listed()
    hands.forward(7 * DAY_S)
    assert checked(issue(ada, until_s=hands.at_s + DAY_S), revocations=old).code == "revocations_stale"


def test_another_key_signs_and_what_the_old_one_signed_stays_good(document: str, portal: PortalConfig) -> None:
    from licet.portal import events
    from licet.portal.certificates import signing
    from licet.portal.certificates.models import SigningKey

    ada = somebody()
    before = issue(ada, until_s=4_000_000_000)
    secrets = portal.data / "secrets"
    (kept,) = [p for p in secrets.glob("certificate-*.key") if before.kid in p.name]
    assert kept.stat().st_mode & 0o777 == 0o600
    signing.rotate(events.COMMAND)
    assert not kept.exists()
    after = issue(ada)
    assert before.kid != after.kid
    assert checked(before).holds
    assert checked(after).holds
    told = client().get("/.well-known/jwks.json").json()["keys"]
    assert [one["kid"] for one in told] == [after.kid, before.kid]
    assert all("d" not in one for one in told)
    assert SigningKey.objects.filter(retired_s=None).count() == 1


def test_of_a_compromised_key_nothing_is_believed_and_promises_are_signed_anew(document: str) -> None:
    from licet.portal import events
    from licet.portal.certificates import issuing, signing

    row, gone = issue(somebody()), issue(somebody("ben@example.org"))
    issuing.revoke(gone, events.COMMAND)
    stolen = issuing.file(row)
    signing.rotate(events.COMMAND, compromised=True)
    assert check(stolen, public(), now_s=row.from_s).code == "unknown_key"
    row.refresh_from_db()
    assert checked(row).holds
    assert json.loads(issuing.file(row))["certificate"] == json.loads(stolen)["certificate"]
    assert checked(gone).code == "unknown_key"


def test_without_the_secret_of_the_key_nothing_is_signed_and_the_mend_is_told(
    document: str, portal: PortalConfig
) -> None:
    from licet.portal import events
    from licet.portal.certificates import signing

    row = issue(somebody())
    for file in (portal.data / "secrets").glob("certificate-*.key"):
        file.unlink()
    with pytest.raises(LicetError, match="licet certificate rotate"):
        issue(somebody("ben@example.org"))
    assert row.kid in public().by_kid  # what was signed can still be checked
    assert client().get("/.well-known/licet-revocations.json").status_code == 503
    from licet.portal.certificates import issuing

    assert "It holds" in client().post("/verify", {"text": issuing.file(row).decode()}).content.decode()
    from licet.cli.believed import signing as should

    assert should(portal.portal_file) == (row.kid,)
    signing.rotate(events.COMMAND)
    assert checked(row).holds
    assert checked(issue(somebody("cleo@example.org"))).holds


def test_the_private_key_is_in_no_answer_no_event_and_no_export(document: str, portal: PortalConfig) -> None:
    from licet.portal import events, subject
    from licet.portal.models import Event

    ada = somebody()
    row = issue(ada)
    seed = (portal.data / "secrets" / f"certificate-{row.kid}.key").read_text()
    assert len(seed) == 64
    assert row.pk in json.dumps(subject.export(ada, events.COMMAND))  # what the holder has is in its export
    said = [json.dumps(subject.export(ada, events.COMMAND)), client().get("/.well-known/jwks.json").content.decode(),
            *(repr(e.told) for e in Event.objects.all()), *(str(m.path.read_bytes()) for m in mails(portal)),
            portal.portal_file.read_bytes().hex()]  # fmt: skip
    assert not [text for text in said if seed in text or seed in text.lower()]


def test_deleting_an_account_takes_its_name_and_leaves_the_file_good(document: str) -> None:
    from licet.portal import accounts, events
    from licet.portal.certificates import issuing
    from licet.portal.certificates.models import CertificateRow

    ada = somebody()
    row = issue(ada)
    kept = issuing.file(row)
    accounts.delete(ada, events.COMMAND)
    row = CertificateRow.objects.get()
    assert (row.statement, row.signature, row.license) == ("", "", COMMERCIAL)
    assert check(kept, public(), now_s=row.from_s, revocations=listed()).holds
    with pytest.raises(LicetError):
        issuing.file(row)
    with pytest.raises(LicetError, match="deleted"):
        issue(accounts.find(ada.pk))


def test_a_page_shows_as_free_only_what_the_signed_terms_leave_free(
    document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.portal.certificates import issuing, reading

    row, when = issue(somebody()), (Fact("commercial", "is", True),)
    clauses = (
        Clause(Says.CAN, frozenset({"use", "modify", "merge", "distill"}), cite="a"),
        Clause(Says.CAN, frozenset({"distribute", "use"}), when=when, cite="b"),
        Clause(Says.CANNOT, frozenset({"modify", "sublicense"}), cite="c"),
        Clause(Says.CANNOT, frozenset({"merge", "modify"}), when=when, cite="d"),
        Clause(Says.MUST, frozenset({"use"}), duty="Name the lab.", cite="e"),
    )
    value = replace(issuing.read(row), terms=Terms(COMMERCIAL, clauses))
    monkeypatch.setattr(issuing, "read", lambda _: value)
    shown = reading.shown(row)
    assert [action for action, _ in shown.may] == ["use", "distill"]
    assert set(shown.sometimes) == {"distribute", "merge"}
    assert shown.must == ("Name the lab.",)


# --- bought ----------------------------------------------------------------------------------------------------------


class Money:
    """A subscription as the provider has it; `seen` lets Licet fetch it."""

    def __init__(self, who: Any, now_s: int) -> None:
        from licet.portal.payments.port import Payment, Snapshot

        self.turn = 0
        paid = Payment("in_1", "paid", 900, "EUR", now_s, from_s=now_s, until_s=now_s + 30 * DAY_S)
        self.snapshot = Snapshot(
            provider="sandbox", ref="s_1", customer="c_1", holder_id=who.pk, release="sana", tier="premium",
            status="active", started_s=now_s, period_from_s=now_s, period_until_s=now_s + 30 * DAY_S,
            paid_until_s=now_s + 30 * DAY_S, payments=(paid,),
        )  # fmt: skip

    def seen(self, **changed: Any) -> None:
        from licet.portal.events import LICET
        from licet.portal.payments import apply

        self.turn += 1
        self.snapshot = replace(self.snapshot, **changed)
        assert apply.apply(self.snapshot, LICET, self.turn) is not None

    def paid(self, ref: str, from_s: int, **more: Any) -> Any:
        from licet.portal.payments.port import Payment

        told = {"state": "paid", "amount_minor": 900, "currency": "EUR", "at_s": from_s, "until_s": from_s + 30 * DAY_S}
        return Payment(**{"ref": ref, "from_s": from_s, **told, **more})


def rows() -> list[Any]:
    from licet.portal.certificates.models import CertificateRow

    return list(CertificateRow.objects.order_by("from_s", "issued_s", "id"))


def test_what_is_paid_brings_a_certificate_for_exactly_that_time_and_once(document: str, hands: Hands) -> None:
    begun_s = hands.at_s
    money = Money(somebody(), begun_s)
    money.seen()
    money.seen()  # fetched again: nothing new
    (row,) = rows()
    assert (row.from_s, row.until_s, row.basis) == (begun_s, begun_s + 30 * DAY_S, "tier premium")
    assert checked(row, row.until_s - 1).holds or checked(row, row.until_s - 1).code == "revocations_stale"
    assert checked(row, row.until_s).code == "expired"
    hands.forward(30 * DAY_S)
    period = {"period_from_s": begun_s + 30 * DAY_S, "period_until_s": begun_s + 60 * DAY_S}
    money.seen(status="past_due", **period)  # not paid yet: no certificate, whatever the grace
    assert len(rows()) == 1
    hands.forward(DAY_S)
    second = money.paid("in_2", begun_s + 30 * DAY_S)
    money.seen(
        status="active", paid_until_s=begun_s + 60 * DAY_S, payments=(second, *money.snapshot.payments), **period
    )
    _, renewed = rows()
    assert (renewed.from_s, renewed.until_s) == (begun_s + 30 * DAY_S, begun_s + 60 * DAY_S)
    assert checked(renewed).holds


@pytest.mark.parametrize("state", ["open", "failed", "void"])
def test_what_was_billed_and_not_paid_brings_no_certificate(document: str, hands: Hands, state: str) -> None:
    begun_s = hands.at_s
    money = Money(somebody(), begun_s)
    money.seen()
    hands.forward(30 * DAY_S)
    owed = money.paid("in_2", begun_s + 30 * DAY_S, state=state, attempted_s=hands.at_s)
    period = {"period_from_s": begun_s + 30 * DAY_S, "period_until_s": begun_s + 60 * DAY_S}
    money.seen(status="past_due", payments=(owed, *money.snapshot.payments), **period)
    assert [row.until_s for row in rows()] == [begun_s + 30 * DAY_S]
    paid = (replace(owed, state="paid"), *money.snapshot.payments[1:])
    money.seen(status="active", paid_until_s=begun_s + 60 * DAY_S, payments=paid)
    assert [row.until_s for row in rows()] == [begun_s + 30 * DAY_S, begun_s + 60 * DAY_S]


def test_a_lost_key_costs_nobody_what_was_paid_and_the_certificate_comes_later(
    document: str, portal: PortalConfig, hands: Hands
) -> None:
    from licet.portal import acceptances, events, tiers
    from licet.portal.certificates import signing

    ada = somebody()
    kept = signing.key().kid
    (portal.data / "secrets" / f"certificate-{kept}.key").unlink()
    money = Money(ada, hands.at_s)
    money.seen()
    assert rows() == []
    held = tiers.current(ada, "sana")
    assert held is not None and held.tier == "premium"
    text = acceptances.text("sana", "weights", ada)
    assert text is not None
    row = acceptances.accept(ada, "sana", text.license, text.sha256, events.By(ada.pk), how="api")
    assert row.receipt == ""
    signing.rotate(events.COMMAND)
    money.seen()
    (late,) = rows()
    assert checked(late).holds
    row.refresh_from_db()
    assert row.receipt_kid == late.kid


def test_money_that_went_back_takes_the_certificate_with_it_and_nothing_else(document: str, hands: Hands) -> None:
    money = Money(somebody(), hands.at_s)
    money.seen()
    other = issue(somebody("ben@example.org"))
    (paid,) = money.snapshot.payments
    money.seen(payments=(replace(paid, refunded_minor=400, refunded_s=hands.at_s),))
    assert checked(rows()[0]).holds  # a part of it: the time is still paid
    back = replace(paid, refunded_minor=900, refunded_s=hands.at_s)
    money.seen(status="canceled", ended_s=hands.at_s, payments=(back,))
    mine = [row for row in rows() if row.pk != other.pk]
    assert [row.revoked_why for row in mine] == ["the payment was refunded"]
    assert checked(mine[0]).code == "revoked"
    assert checked(other).holds


def test_a_lost_dispute_takes_it_back_and_an_open_one_does_not(document: str, hands: Hands) -> None:
    money = Money(somebody(), hands.at_s)
    money.seen()
    (paid,) = money.snapshot.payments
    money.seen(payments=(replace(paid, dispute="open", disputed_s=hands.at_s),))
    assert checked(rows()[0]).holds
    money.seen(payments=(replace(paid, dispute="lost", disputed_s=hands.at_s, judged_s=hands.at_s),))
    assert checked(rows()[0]).code == "revoked"


def test_a_trial_is_not_paid(document: str, hands: Hands) -> None:
    money = Money(somebody(), hands.at_s)
    end_s = hands.at_s + 14 * DAY_S
    free = replace(money.snapshot.payments[0], amount_minor=0, until_s=end_s)
    money.seen(status="trialing", trial_until_s=end_s, paid_until_s=end_s, period_until_s=end_s, payments=(free,))
    assert rows() == []


def test_what_begins_when_the_trial_ends_is_paid_at_whatever_price(document: str, hands: Hands) -> None:
    money = Money(somebody(), hands.at_s)
    end_s = hands.at_s + 14 * DAY_S
    free = replace(money.snapshot.payments[0], amount_minor=0, until_s=end_s)
    couponed = money.paid("in_2", end_s, amount_minor=0)  # a coupon takes all of it
    hands.forward(14 * DAY_S)
    money.seen(
        trial_until_s=end_s, paid_until_s=couponed.until_s, period_until_s=couponed.until_s, payments=(free, couponed)
    )
    assert [(row.from_s, row.until_s) for row in rows()] == [(end_s, couponed.until_s)]


def test_a_cancelled_subscription_keeps_its_certificate_to_the_end_that_is_paid(document: str, hands: Hands) -> None:
    money = Money(somebody(), hands.at_s)
    money.seen()
    money.seen(cancel_at_s=hands.at_s + 30 * DAY_S)
    hands.forward(DAY_S)
    (row,) = rows()
    assert checked(row).holds


def test_what_is_bought_once_has_no_end(portal: PortalConfig, tmp_path: Path, hands: Hands) -> None:
    publish(tmp_path, SOLD.replace(b'price = "9.00 EUR / month"', b'price = "490.00 EUR once"'))
    money = Money(somebody(), hands.at_s)
    paid = replace(money.snapshot.payments[0], from_s=None, until_s=None)
    money.seen(interval="once", period_from_s=None, period_until_s=None, paid_until_s=None, payments=(paid,))
    (row,) = rows()
    assert (row.from_s, row.until_s) == (hands.at_s, None)
    assert checked(row).holds


def test_who_is_moved_to_a_newer_version_is_promised_that_one_as_well(
    portal: PortalConfig, tmp_path: Path, hands: Hands
) -> None:
    from licet.portal import events, tiers

    publish(tmp_path)
    money = Money(somebody(), hands.at_s)
    money.seen()
    hands.forward(DAY_S)
    publish(tmp_path, SOLD.replace(b'"1.0.0"', b'"1.1.0"'))
    tiers.move("sana", events.COMMAND)
    old, new = rows()
    assert (old.version, new.version) == ("1.0.0", "1.1.0")
    assert (new.from_s, new.until_s) == (hands.at_s, old.until_s)
    money.seen()
    assert len(rows()) == 2


def test_a_tier_without_licenses_brings_none(portal: PortalConfig, tmp_path: Path, hands: Hands) -> None:
    body = SOLD.replace(b'licenses = { weights = "LicenseRef-Example-Commercial-1.0" }', b"")
    publish(tmp_path, body)
    Money(somebody(), hands.at_s).seen()
    assert rows() == []


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_certificate_are_its_holders_alone(document: str) -> None:
    row = issue(somebody())
    for path in (f"/my/certificates/{row.pk}", f"/my/certificates/{row.pk}.json"):
        assert client().get(path).status_code == 302
        assert client("ben@example.org").get(path).status_code == 404
    ada = client("ada@example.org")
    page = ada.get(f"/my/certificates/{row.pk}").content.decode()
    for word in ("ada@example.org", "weights", COMMERCIAL, row.pk, row.kid, "Name the lab.", "fine-tune"):
        assert (word in page) is (word != "fine-tune"), word
    assert row.pk in ada.get("/my/certificates").content.decode()
    assert row.pk not in client("ben@example.org").get("/my/certificates").content.decode()
    answer = ada.get(f"/my/certificates/{row.pk}.json")
    assert "attachment" in answer["Content-Disposition"]
    assert check(answer.content, public(), now_s=row.from_s).holds


def test_members_whose_role_reads_the_tier_read_the_organizations_certificates(document: str) -> None:
    from licet.portal.events import By
    from licet.portal.organizations import invitations, roles
    from licet.portal.organizations.acting import member
    from licet.portal.organizations.models import Membership, Role

    ada, ben = somebody(), somebody("ben@example.org")
    holder = organization(ada)
    row = issue(holder)
    assert client("ada@example.org").get(f"/my/certificates/{row.pk}").status_code == 200
    assert client("ben@example.org").get(f"/my/certificates/{row.pk}").status_code == 404
    mine = Membership.objects.get(person=ada)
    told = {role.name: role for role in Role.objects.all()}
    reads = next(role for role in told.values() if "read:tier" in role.acts and "own:organization" not in role.acts)
    sent = invitations.invite(member(mine, By(ada.pk)), "ben@example.org", roles.find(mine.organization, reads.pk))
    invitations.accept(sent.link.reveal().rpartition("/")[2], ben.account, By(ben.pk))
    assert client("ben@example.org").get(f"/my/certificates/{row.pk}").status_code == 200
    assert "Whale Watch" in client("ben@example.org").get("/my/certificates").content.decode()


def test_anybody_may_check_a_file_and_nothing_of_it_is_stored(document: str) -> None:
    from licet.portal import events
    from licet.portal.certificates import issuing

    row = issue(somebody())
    text = issuing.file(row).decode()
    anybody = client()
    assert anybody.get("/verify").status_code == 200
    page = anybody.post("/verify", {"text": text}).content.decode()
    assert "It holds" in page and row.pk in page
    changed = anybody.post("/verify", {"text": text.replace("ada@", "eve@")}).content.decode()
    assert "It does not hold" in changed and "something in it was changed" in changed
    assert anybody.post("/verify", {"text": ""}).status_code == 422
    for junk in ("{", "<script>alert(1)</script>", "[" * 10_000, '{"certificate": {}, "signature": ""}'):
        answer = anybody.post("/verify", {"text": junk})
        assert answer.status_code == 200
        assert "It does not hold" in answer.content.decode()
        assert "<script>alert" not in answer.content.decode()
    issuing.revoke(row, events.COMMAND)
    assert "taken back" in anybody.post("/verify", {"text": text}).content.decode()


def test_the_page_that_says_no_names_who_sells_the_yes(document: str) -> None:
    page = client().get("/?do=commercial-use&with=weights").content.decode()
    assert f"it brings a certificate: {COMMERCIAL}" in page
    assert "it brings a certificate" not in client().get("/?do=sell&with=weights").content.decode()


def test_programs_of_other_origins_may_read_keys_and_revocations(document: str) -> None:
    for path in ("/.well-known/jwks.json", "/.well-known/licet-revocations.json"):
        answer = client().get(path)
        assert answer.status_code == 200
        assert answer["Access-Control-Allow-Origin"] == "*"
        assert "max-age=300" in answer["Cache-Control"]
        assert client().post(path).status_code == 405


def test_an_operator_issues_and_takes_back_in_the_console(document: str) -> None:
    from licet.portal.certificates.models import CertificateRow

    ada = somebody()
    from tests.portal.test_console import operator

    browser = operator()
    told = {"holder": ada.pk, "component": "sana/weights", "license": COMMERCIAL, "until_0": "", "until_1": ""}
    add = "/admin/certificates/certificaterow/add/"
    assert browser.post(add, {**told, "license": "MIT OR"}).status_code == 200
    assert not CertificateRow.objects.exists()
    assert browser.post(add, told).status_code == 302
    row = CertificateRow.objects.get()
    assert browser.get(f"/admin/certificates/certificaterow/{row.pk}/change/").status_code == 200
    assert browser.get("/admin/certificates/signingkey/").status_code == 200
    act = {"action": "revoke", "_selected_action": row.pk, "words": "terms broken"}
    assert browser.post("/admin/certificates/certificaterow/", act).status_code == 302
    row.refresh_from_db()
    assert row.revoked_why == "terms broken"
    assert checked(row).code == "revoked"
