"""What an organization asks of its members holds on every page, on the API and at the gate, from the next call on."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from tests.portal.organizations.test_organization_at_the_gate import Running
from tests.portal.organizations.test_organization_at_the_gate import gate as _gate
from tests.portal.organizations.test_organization_attacks import routes, url
from tests.portal.sso.conftest import SsoLab
from tests.portal.sso.idp import Idp
from tests.portal.test_pages_of_mine import client, holder

from licet.errors import LicetError

gate = _gate


def factor(person: Any, kind: str) -> Any:
    """A factor on the account, as allauth keeps it, and told of as allauth tells."""
    from allauth.mfa.models import Authenticator
    from allauth.mfa.signals import authenticator_added

    row = Authenticator.objects.create(user=person.account, type=kind, data={})
    authenticator_added.send(
        Authenticator, request=client().get("/").wsgi_request, user=person.account, authenticator=row
    )
    return row


class AtTheGate(SsoLab):
    """The same organization, where there is a gate."""


@pytest.fixture
def served(gate: Running, idp: Idp) -> SsoLab:
    lab = AtTheGate()
    lab.connects(idp)
    while not gate.made.ready:  # a gate that is stopped while its workers start leaves one behind
        gate.runner.run(asyncio.sleep(0.02))
    return lab


def test_a_member_without_the_sign_in_is_refused_on_every_page_and_told_how_to_mend_it(home: SsoLab) -> None:
    home.joins("bob", "Admin")
    bob = client("bob@example.org")
    members = f"/my/organizations/{home.made.pk}/members"
    assert bob.get(members).status_code == 200
    home.asks(sso=True)
    page = bob.get(members)
    assert page.status_code == 403
    text = page.content.decode()
    assert "Sign in through the organization first (sign-in to Whale Lab)." in text
    assert f'href="/accounts/sso/{home.connection.pk}/?next={members}"' in text
    told = {"org_id": home.made.pk, "membership_id": "x", "person_id": "x", "invitation_id": "x", "role_id": "x",
            "key_id": "x", "request_id": "x", "release": "sana", "component": "weights", "domain_id": "x",
            "group_id": "x"}  # fmt: skip
    mine = {"organization", "organization_leave"}  # what it is, and how to be rid of it
    for name in sorted(set(routes()) - mine):
        for way in (bob.get, bob.post):
            assert way(url(name, told), {"name": "Pwned"}).status_code in (403, 404, 405), name
    home.made.refresh_from_db()
    assert home.made.name == "Whale Lab"


def test_a_session_that_signed_in_there_acts_and_another_of_the_same_account_does_not(home: SsoLab) -> None:
    home.signs_in()
    home.asks(sso=True)
    browser, _ = home.signs_in()
    members = f"/my/organizations/{home.made.pk}/members"
    assert browser.get(members).status_code == 200
    other = client()
    other.force_login(holder("ann@whales.example").account)
    assert other.get(members).status_code == 403


def test_a_sign_in_counts_for_a_day(home: SsoLab, hands: Any) -> None:
    home.asks(sso=True)
    browser, _ = home.signs_in()
    members = f"/my/organizations/{home.made.pk}/members"
    hands.forward(24 * 3600 - 1)
    assert browser.get(members).status_code == 200
    hands.forward(1)
    assert browser.get(members).status_code == 403


def test_keys_follow_at_the_gate_from_the_next_call_on(gate: Running, served: SsoLab, idp: Idp) -> None:
    home = served
    home.joins("bob", "Member")
    home.signs_in()
    ann = holder("ann@whales.example")
    bobs = home.key("bob")
    from licet.portal.organizations import member_keys
    from licet.portal.organizations.acting import member

    row = home.made.memberships.get(person=ann)
    anns = member_keys.make(member(row, home.by(ann)), row, "ann's", declared={"commercial": False})
    assert gate.call(bobs) == gate.call(anns) == (200, "")
    home.asks(sso=True)
    assert gate.call(bobs) == (403, "sign_on_required")
    answer = gate.answer(bobs)
    assert "Sign in through the organization first" in answer.json["detail"]
    assert gate.call(anns) == (200, "")  # she came from there, and her key counts for ever
    home.asks(sso=False)
    assert gate.call(bobs) == (200, "")


def test_a_key_ends_some_days_after_the_last_sign_in_and_begins_again_with_the_next(
    home: SsoLab, idp: Idp, hands: Any
) -> None:
    """Whoever is shut out at the sign-in server is shut out here without anybody having to think of it."""
    from licet.access.role import asked
    from licet.portal import clock
    from licet.portal.directory import SqliteDirectory
    from licet.portal.organizations import member_keys
    from licet.portal.organizations.acting import member
    from licet.terms import Answer

    home.signs_in()
    ann = holder("ann@whales.example")
    row = home.made.memberships.get(person=ann)
    made = member_keys.make(member(row, home.by(ann)), row, "ann's", declared={"commercial": False})
    home.asks(sso=True, days=7)

    def may() -> bool:
        from licet.portal.config import current

        directory = SqliteDirectory(current().portal_file)
        found = directory.key(made.key.pk)
        directory.close()
        assert found is not None and found.role is not None
        return asked(found.role, "call:features", clock.now_s()).answer is Answer.YES  # type: ignore[arg-type]

    assert may()
    hands.forward(7 * 24 * 3600)
    assert may()
    hands.forward(24 * 3600)
    assert not may()
    idp.twist = lambda c: {**c, "iat": clock.now_s(), "exp": clock.now_s() + 60}
    home.signs_in()
    assert may()


def test_a_key_that_ended_by_time_is_refused_by_the_portals_api_too(home: SsoLab, hands: Any) -> None:
    from licet.portal.organizations import member_keys
    from licet.portal.organizations.acting import member

    home.signs_in()
    ann = holder("ann@whales.example")
    row = home.made.memberships.get(person=ann)
    made = member_keys.make(member(row, home.by(ann)), row, "ann's", declared={"commercial": False})
    home.asks(sso=True, days=1)
    bearer = {"HTTP_AUTHORIZATION": f"Bearer {made.secret.reveal()}"}
    assert client().get("/v1/requests", **bearer).status_code == 200
    hands.forward(3 * 24 * 3600)
    answer = client().get("/v1/requests", **bearer)
    assert (answer.status_code, answer.json()["code"]) == (403, "sign_on_required")


def test_a_second_factor_is_asked_of_everybody_and_opens_when_it_is_there(gate: Running, served: SsoLab) -> None:
    home = served
    home.joins("bob", "Member")
    bobs, browser = home.key("bob"), client("bob@example.org")
    members = f"/my/organizations/{home.made.pk}/members"
    home.asks(factor="passkey")
    assert gate.call(bobs) == (403, "second_factor_required")
    page = browser.get(members)
    assert page.status_code == 403 and 'href="/accounts/2fa/"' in page.content.decode()
    factor(home.person("bob"), "recovery_codes")
    factor(home.person("bob"), "totp")
    assert gate.call(bobs) == (403, "second_factor_required")  # codes are no passkey
    row = factor(home.person("bob"), "webauthn")
    assert gate.call(bobs) == (200, "") and browser.get(members).status_code == 200
    from allauth.mfa.signals import authenticator_removed

    row.delete()
    authenticator_removed.send(
        type(row), request=browser.get("/").wsgi_request, user=home.person("bob").account, authenticator=row
    )
    assert gate.call(bobs) == (403, "second_factor_required")
    home.asks(factor="any")
    assert gate.call(bobs) == (200, "")


def test_nobody_makes_a_key_for_the_organization_without_what_it_asks(home: SsoLab) -> None:
    home.joins("bob", "Member")
    bob = client("bob@example.org")
    home.asks(factor="any")
    assert "Whale Lab" not in bob.get("/my/keys").content.decode()
    bob.post(
        "/my/keys", {"name": "k", "nonce": "n", "expires": "", "for_whom": home.made.pk, "fact_commercial": "false"}
    )
    assert home.made.holder.keys.count() == 0


def test_service_accounts_sign_in_nowhere_so_nothing_is_asked_of_them(gate: Running, served: SsoLab) -> None:
    from licet.portal.organizations import member_keys, service_accounts

    row = service_accounts.make(served.actor(), "nightly", served.role("Member"))
    made = member_keys.make(served.actor(), row, "nightly", declared={"commercial": False})
    served.asks(sso=True, factor="passkey")
    assert gate.call(made) == (200, "")


def test_an_owner_without_the_sign_in_can_mend_it_and_nothing_else_and_it_is_written_down(
    home: SsoLab, portal: Any
) -> None:
    """Break glass: the server is gone, and everybody would be locked out for good."""
    from tests.portal.test_doors import reauthenticated

    home.asks(sso=True)
    ada = client("ada@example.org")
    for what in ("members", "keys", "hand-over", "delete", "roles"):
        assert ada.get(f"/my/organizations/{home.made.pk}/{what}").status_code == 403, what
    where = f"/my/organizations/{home.made.pk}/sign-in"
    page = reauthenticated(ada, where)
    assert page.status_code == 200 and "the way back in" in page.content.decode()
    assert not home.made.holder.events.filter(what="signon.glass").exists()
    ada.post(f"{where}/rule", {"factor": "", "days": ""})
    assert home.made.holder.events.filter(what="signon.glass", by=home.ada.pk).exists()
    assert ada.get(f"/my/organizations/{home.made.pk}/members").status_code == 200


def test_an_admin_has_no_glass_to_break(home: SsoLab) -> None:
    home.joins("bob", "Admin")
    home.asks(sso=True)
    bob = client("bob@example.org")
    for what in ("", "/rule", "/server", "/server/end"):
        answer = (bob.post if what else bob.get)(f"/my/organizations/{home.made.pk}/sign-in{what}", {"factor": ""})
        assert answer.status_code == 403
    home.made.sign_in.refresh_from_db()
    assert home.made.sign_in.sso


def test_what_nobody_could_do_is_not_asked(lab: SsoLab, idp: Idp) -> None:
    from licet.portal.sso import connecting

    with pytest.raises(LicetError, match="no server"):
        connecting.set_rule(lab.actor(), sso=True, factor="", days=None)
    connecting.connect(lab.actor(), idp.issuer, idp.client_id, idp.secret)
    with pytest.raises(LicetError, match="no domain is confirmed"):
        connecting.set_rule(lab.actor(), sso=True, factor="", days=None)
    for factor_, days in (("sms", None), ("", 0), ("", 366)):
        with pytest.raises(LicetError):
            connecting.set_rule(lab.actor(), sso=False, factor=factor_, days=days)


def test_taking_the_server_out_asks_for_it_no_more(home: SsoLab) -> None:
    from licet.portal.sso import connecting

    home.joins("bob", "Admin")
    home.asks(sso=True)
    connecting.disconnect(home.signed_actor())
    assert client("bob@example.org").get(f"/my/organizations/{home.made.pk}/members").status_code == 200


def test_who_was_suspended_gets_no_role_by_signing_in(home: SsoLab) -> None:
    from licet.portal import accounts, events

    home.signs_in()
    ann = holder("ann@whales.example")
    home.maps("staff", "Admin")
    accounts.suspend(ann, "because", events.COMMAND)
    home.signs_in()
    assert home.made.memberships.get(person=ann).role.name == "Member"


def test_a_full_house_lets_somebody_sign_in_and_says_why_she_is_no_member(home: SsoLab, release: Any) -> None:
    from licet.portal import documents, events, tiers

    text = (release / "licet.toml").read_bytes() + b'\n[[tier]]\nname = "small"\nfeatures = ["basic"]\nseats = 1\n'
    documents.publish(text.replace(b'version = "1.0.0"', b'version = "1.1.0"'), events.COMMAND, folder=release)
    tiers.give(home.made.holder, "sana", "small", events.COMMAND, why="a test")
    browser, answer = home.signs_in()
    assert answer.status_code == 302
    page = browser.get("/my/organizations/").content.decode()
    assert "Quota exhausted" in page or "seats" in page
    assert not home.made.memberships.filter(person=holder("ann@whales.example")).exists()
