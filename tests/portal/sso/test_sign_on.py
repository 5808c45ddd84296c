"""People sign in through their organization's server: made, known again, in the role that their groups give."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portal.sso.conftest import SsoLab
from tests.portal.sso.idp import Idp
from tests.portal.test_doors import PASSWORD, code_of, mails, reauthenticated
from tests.portal.test_pages_of_mine import client, holder

from licet.access.role import ACTS
from licet.portal.directory import SqliteDirectory


def role_of(home: SsoLab, email: str) -> str | None:
    row = home.made.memberships.filter(person__account__email=email, ended_s=None).first()
    return row.role.name if row else None


def test_whoever_comes_for_the_first_time_gets_an_account_and_a_membership(home: SsoLab) -> None:
    browser, answer = home.signs_in(next_path="/my/usage")
    assert (answer.status_code, answer["Location"]) == (302, "/my/usage")
    ann = holder("ann@whales.example")
    assert not ann.account.has_usable_password()
    assert role_of(home, "ann@whales.example") == "Member"
    assert browser.get(f"/my/organizations/{home.made.pk}/").status_code == 200
    assert ann.held.get().tier == "free"
    what = list(ann.events.values_list("what", flat=True))
    assert {"account.made", "signon.linked", "signon.passed", "login.passed", "member.joined"} <= set(what)


def test_she_is_known_again_by_what_the_server_calls_her_not_by_her_address(home: SsoLab, idp: Idp) -> None:
    from licet.portal.models import Account

    home.signs_in()
    idp.person = {**(idp.person or {}), "email": "ann.newname@whales.example"}
    browser, _ = home.signs_in()
    assert Account.objects.filter(email__endswith="whales.example").count() == 1
    assert browser.get("/my/keys").status_code == 200


def test_an_address_given_to_somebody_else_does_not_open_the_account_of_the_first(home: SsoLab, idp: Idp) -> None:
    home.signs_in()
    idp.person = {**(idp.person or {}), "sub": "u2"}
    browser, answer = home.signs_in()
    assert "/accounts/login/" in answer["Location"]
    assert browser.get("/my/keys").status_code == 302


def test_groups_give_the_role_and_changes_follow_at_each_sign_in(
    home: SsoLab, idp: Idp, directory: SqliteDirectory
) -> None:
    home.maps("leads", "Admin")
    home.maps("staff", "Viewer")
    home.signs_in()
    assert role_of(home, "ann@whales.example") == "Viewer"
    idp.person = {**(idp.person or {}), "groups": ["staff", "leads"]}
    browser, _ = home.signs_in()
    assert role_of(home, "ann@whales.example") == "Admin"
    browser.post(
        "/my/keys", {"name": "k", "nonce": "n", "expires": "", "for_whom": home.made.pk, "fact_commercial": "false"}
    )
    idp.person = {**(idp.person or {}), "groups": ["staff"]}
    home.signs_in(browser)
    assert role_of(home, "ann@whales.example") == "Viewer"
    (key,) = home.made.holder.keys.all()
    row = directory.key(key.pk)
    assert row is not None and "Viewer" in str(row.role)


def test_without_a_group_that_fits_and_without_a_role_for_all_the_membership_ends(home: SsoLab, idp: Idp) -> None:
    from licet.portal.sso import connecting

    home.maps("staff", "Member")
    connecting.connect(home.signed_actor(), idp.issuer, idp.client_id, "", role="")
    home.signs_in()
    assert role_of(home, "ann@whales.example") == "Member"
    idp.person = {**(idp.person or {}), "groups": ["guests"]}
    browser, _ = home.signs_in()
    assert role_of(home, "ann@whales.example") is None
    assert browser.get("/my/keys").status_code == 200  # the account stays a person's own
    assert browser.get(f"/my/organizations/{home.made.pk}/").status_code == 404


def test_no_group_ever_gives_owning_or_what_its_giver_lacks(home: SsoLab) -> None:
    from licet.errors import LicetError
    from licet.portal.organizations import roles
    from licet.portal.sso import connecting

    with pytest.raises(LicetError, match="gives nobody the role"):
        home.maps("staff", "Owner")
    keeper = roles.make(home.actor(), "Keeper", ["manage:sign-in"])
    home.joins("bob", "Member")
    from licet.portal.organizations import people

    people.change_role(home.actor(), home.row("bob"), keeper)
    with pytest.raises(LicetError, match="and yours may not"):
        connecting.map_group(home.actor("bob"), "staff", home.role("Member").pk)


def test_an_owner_stays_an_owner_whatever_the_groups_say(home: SsoLab, idp: Idp) -> None:
    from licet.portal.organizations import people

    home.signs_in()
    row = home.made.memberships.get(person=holder("ann@whales.example"))
    people.change_role(home.actor(), row, home.role("Owner"))
    home.maps("staff", "Viewer")
    home.signs_in()
    assert role_of(home, "ann@whales.example") == "Owner"


def test_a_role_that_came_to_own_something_is_given_to_nobody(home: SsoLab) -> None:
    from licet.portal.organizations import roles

    made = roles.make(home.actor(), "Growing", ["call:features"])
    home.maps("staff", "Growing")
    roles.change(home.actor(), made, "Growing", sorted(ACTS))
    home.signs_in()
    assert role_of(home, "ann@whales.example") == "Member"  # the role of everybody else


def test_an_account_that_has_the_address_is_connected_only_by_its_owner(home: SsoLab, portal: Any) -> None:
    from licet.portal.sso.models import Identity

    browser = client()
    browser.post("/accounts/signup/", {"email": "ann@whales.example", "password1": PASSWORD})
    browser.post("/accounts/confirm-email/", {"code": code_of(mails(portal)[-1])})
    stranger, answer = home.signs_in(client())
    assert answer["Location"].startswith("/accounts/login/?password=")
    assert not Identity.objects.exists() and stranger.get("/my/keys").status_code == 302
    # The owner signs in as ever, in the same browser, and is asked.
    stranger.post("/accounts/login/", {"login": "ann@whales.example", "password": PASSWORD})
    assert not Identity.objects.exists()
    page = stranger.get("/accounts/sso/connect").content.decode()
    assert "Connect your account" in page and "ann@whales.example" in page
    stranger.post("/accounts/sso/connect")
    assert Identity.objects.get().person == holder("ann@whales.example")
    assert role_of(home, "ann@whales.example") == "Member"
    fresh, answer = home.signs_in(client())
    assert fresh.get("/my/keys").status_code == 200


def test_somebody_else_who_signs_in_meanwhile_connects_nothing(home: SsoLab) -> None:
    from licet.portal.sso.models import Identity

    client("ann@whales.example")
    browser, _ = home.signs_in(client())
    client("eve@example.org")
    browser.post("/accounts/login/", {"login": "eve@example.org", "password": PASSWORD})
    assert browser.get("/accounts/sso/connect")["Location"] == "/my/organizations/"
    browser.post("/accounts/sso/connect")
    assert not Identity.objects.exists()
    assert role_of(home, "eve@example.org") is None


def test_a_second_factor_of_the_account_is_asked_for_after_the_server_too(home: SsoLab, portal: Any) -> None:
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import generate_totp_secret

    home.signs_in()
    ann = holder("ann@whales.example").account
    Authenticator.objects.create(user=ann, type="totp", data={"secret": generate_totp_secret()})
    browser, answer = home.signs_in()
    assert "/2fa/authenticate/" in answer["Location"]
    assert browser.get("/my/keys").status_code == 302


def test_addresses_and_groups_that_stand_only_at_userinfo_are_read_there(home: SsoLab, idp: Idp) -> None:
    home.maps("staff", "Viewer")
    idp.slim = True
    home.signs_in()
    assert role_of(home, "ann@whales.example") == "Viewer"
    assert "/userinfo" in idp.asked


def test_the_log_in_page_asks_for_the_address_first_and_leads_to_the_server(home: SsoLab, idp: Idp) -> None:
    page = client().get("/accounts/login/").content.decode()
    assert 'name="login"' in page and 'type="password"' not in page
    answer = client().post("/accounts/login/", {"login": "somebody.new@whales.example"})
    assert answer["Location"].startswith(f"/accounts/sso/{home.connection.pk}/")
    lead = client().get(answer["Location"])
    host = idp.issuer.removeprefix("http://")
    assert f"Continue at {host}" in lead.content.decode()
    assert f"form-action 'self' {idp.issuer};" in lead["Content-Security-Policy"]
    assert "Whale Lab" not in lead.content.decode()  # whose domain it is, is nobody's business
    second = client().post("/accounts/login/", {"login": "ada@example.org"}).content.decode()
    assert 'type="password"' in second and "ada@example.org" in second
    ada = client()
    ada.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert ada.get("/my/keys").status_code == 200


def test_a_server_without_any_connection_asks_for_both_at_once(lab: SsoLab) -> None:
    assert 'type="password"' in client().get("/accounts/login/").content.decode()


def test_the_page_of_the_owner_never_shows_the_secret_and_asks_for_the_password(
    home: SsoLab, idp: Idp, portal: Any
) -> None:
    ada = client("ada@example.org")
    where = f"/my/organizations/{home.made.pk}/sign-in"
    assert "reauthenticate" in ada.get(where)["Location"]
    page = reauthenticated(ada, where)
    assert page.status_code == 200
    assert f"/accounts/sso/{home.connection.pk}/callback" in page.content.decode()
    assert idp.secret.encode() not in page.content and b"a secret between" not in page.content
    raw = portal.portal_file.read_bytes() + portal.portal_file.with_name("portal.sqlite3-wal").read_bytes()
    assert idp.secret.encode() not in raw
    again = {
        "issuer": idp.issuer,
        "client_id": idp.client_id,
        "secret": "",
        "groups_claim": "groups",
        "role": "role_viewer",
    }
    assert ada.post(f"{where}/server", again)["Location"] == where
    home.connection.refresh_from_db()
    assert home.connection.role.name == "Viewer"
    _, answer = home.signs_in()  # the secret that was kept still opens
    assert answer.status_code == 302


def test_a_post_without_a_fresh_password_changes_nothing_and_keeps_no_secret(home: SsoLab, idp: Idp) -> None:
    ada = client("ada@example.org")
    where = f"/my/organizations/{home.made.pk}/sign-in"
    told = {
        "issuer": idp.issuer,
        "client_id": "other",
        "secret": "canary-of-a-secret",
        "groups_claim": "groups",
        "role": "",
    }
    assert ada.post(f"{where}/server", told)["Location"] == where
    home.connection.refresh_from_db()
    assert home.connection.client_id == idp.client_id
    assert "canary-of-a-secret" not in repr(dict(ada.session))


def test_another_issuer_is_another_connection_and_knows_nobody(home: SsoLab, idp: Idp) -> None:
    from licet.errors import LicetError
    from licet.portal.sso import connecting
    from licet.portal.sso.models import Connection, Identity

    home.signs_in()
    other = idp.issuer.replace("127.0.0.1", "127.0.0.2")
    idp.discovery = lambda told: {**told, "issuer": other}
    with pytest.raises(LicetError):  # nothing listens there
        connecting.connect(home.signed_actor(), other, idp.client_id, idp.secret)
    assert Identity.objects.count() == 1  # what was asked and did not answer has changed nothing
    connecting.disconnect(home.signed_actor())
    gone = Connection.objects.get(pk=home.connection.pk)
    assert gone.removed_s is not None and bytes(gone.secret) == b""
    assert not Identity.objects.exists()
    assert client().get(f"/accounts/sso/{home.connection.pk}/").status_code == 404


def test_a_deleted_account_and_a_deleted_organization_leave_nothing_of_it(home: SsoLab) -> None:
    from licet.portal import accounts, events
    from licet.portal.organizations import founding
    from licet.portal.sso.models import Connection, Domain, Identity, Rule

    home.signs_in()
    accounts.delete(holder("ann@whales.example"), events.COMMAND)
    assert not Identity.objects.exists()
    home.asks(factor="any")
    founding.delete(_operator(home))
    assert not any(model.objects.exists() for model in (Connection, Domain, Rule))


def _operator(home: SsoLab) -> Any:
    from licet.portal import events
    from licet.portal.organizations.acting import operator

    return operator(home.made, events.COMMAND)
