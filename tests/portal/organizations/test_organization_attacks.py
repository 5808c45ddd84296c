"""Somebody else's ids on every route, fields that no form has, roles that would be more: nothing leaks, nothing changes."""

from __future__ import annotations

from typing import Any

import pytest
from tests.portal.test_pages_of_mine import client

from licet.access.key import digest
from licet.portal.directory import SqliteDirectory


def routes() -> list[str]:
    """The names of every route of an organization."""
    from licet.portal.organizations.desk.urls import OF_ONE

    return [route.name for route in OF_ONE]


def ids(lab: Any) -> dict[str, str]:
    """Real ids of the lab, one for every parameter of a route."""
    from licet.portal import events, tiers
    from licet.portal.organizations import invitations, roles, service_accounts
    from licet.portal.sso.models import Connection, Domain, GroupRole

    lab.joins("bob", "Member")
    server = Connection.objects.create(
        organization=lab.made, issuer="https://idp.example.org", client_id="x", secret=b""
    )
    return {
        "domain_id": Domain.objects.create(organization=lab.made, name="whales.example").pk,
        "group_id": GroupRole.objects.create(connection=server, group="staff", role=lab.role("Member")).pk,
        "org_id": lab.made.pk,
        "membership_id": service_accounts.make(lab.actor(), "nightly", lab.role("Member")).pk,
        "person_id": lab.row("bob").pk,
        "invitation_id": invitations.invite(lab.actor(), "cyd@example.org", lab.role("Viewer")).invitation.pk,
        "role_id": roles.make(lab.actor(), "Caller", ["call:features"]).pk,
        "key_id": lab.key("bob").key.pk,
        "request_id": tiers.request(lab.made.holder, "sana", "vip", "whales", events.COMMAND).pk,
        "release": "sana",
        "component": "weights",
    }


def everything(lab: Any) -> list[Any]:
    """All that a route of the lab could have changed."""
    from django.apps import apps

    found: list[Any] = []
    for label in ("organizations", "portal", "sso"):
        for model in apps.get_app_config(label).get_models():
            if model.__name__ not in ("Event",):
                found += [(model.__name__, *row) for row in model.objects.order_by("pk").values_list()]
    return found


FORM = {"name": "Pwned", "email": "eve@example.org", "role": "role_owner", "acts": ["call:features"], "sure": "on",
        "tier": "free", "release": "sana", "reason": "x", "to": "x", "accepted": "on", "nonce": "n",
        "expires": "", "fact_commercial": "false"}  # fmt: skip


def url(name: str, told: dict[str, str]) -> str:
    from django.urls import reverse

    from licet.portal.organizations.desk.urls import OF_ONE

    route = next(one for one in OF_ONE if one.name == name)
    wanted = {
        **told,
        "membership_id": told["person_id"] if name.startswith("organization_member") else told["membership_id"],
    }
    return reverse(name, kwargs={k: wanted[k] for k in ("org_id", *route.pattern.converters)})


def test_whoever_is_no_member_finds_nothing_on_any_route_and_changes_nothing(lab) -> None:
    from licet.portal.organizations import founding

    told = ids(lab)
    eve = client("eve@example.org")
    founding.found(lab.person("eve"), "Eve's Lab", lab.by(lab.person("eve")))
    eve.get("/my/organizations/")
    before = everything(lab)
    for name in routes():
        for way in (eve.get, eve.post):
            answer = way(url(name, told), FORM)
            assert answer.status_code in (404, 405), (name, answer.status_code)
            assert b"Whale" not in answer.content
    assert everything(lab) == before


def test_an_owner_of_one_organization_reaches_nothing_of_another_through_his_own(lab) -> None:
    """The id of the organization is one's own; every other id is another's."""
    from licet.portal.organizations import founding

    told = ids(lab)
    eve = client("eve@example.org")
    hers = founding.found(lab.person("eve"), "Eve's Lab", lab.by(lab.person("eve")))
    foreign = [n for n in routes() if any(f"<str:{p}>" in url_pattern(n) for p in told if p.endswith("_id"))]
    assert len(foreign) >= 8
    eve.get(f"/my/organizations/{hers.pk}/")
    before = everything(lab)
    for name in foreign:
        for way in (eve.get, eve.post):
            answer = way(url(name, {**told, "org_id": hers.pk}), FORM)
            assert answer.status_code in (404, 405), (name, answer.status_code)
    assert everything(lab) == before


def url_pattern(name: str) -> str:
    from licet.portal.organizations.desk.urls import OF_ONE

    return str(next(one for one in OF_ONE if one.name == name).pattern)


def test_a_member_without_the_act_is_refused_with_the_reason_on_every_route(lab) -> None:
    told = ids(lab)
    bob = client("bob@example.org")
    open_to_members = {"organization", "organization_leave", "organization_members", "organization_roles",
                       "organization_tier", "organization_usage"}  # fmt: skip
    before = everything(lab)
    told = {**told, "key_id": lab.key("ada").key.pk}
    before = everything(lab)
    for name in sorted(set(routes()) - open_to_members):
        for way in (bob.get, bob.post):
            answer = way(url(name, told), FORM)
            assert answer.status_code in (403, 405), (name, answer.status_code)
            if answer.status_code == 403:
                assert "role: Member of Whale Lab" in answer.content.decode()
    for name in ("organization_members", "organization_roles"):  # pages to read, forms to refuse
        assert bob.get(url(name, told)).status_code == 200
        assert bob.post(url(name, told), FORM).status_code == 403
    assert everything(lab) == before


def test_what_no_form_has_changes_nothing(lab, directory: SqliteDirectory) -> None:
    """Mass assignment: fields of the tables beside those of the forms."""
    lab.joins("bob", "Member")
    bob = client("bob@example.org")
    more = {"person": lab.ada.pk, "organization": lab.made.pk, "holder": lab.made.pk, "role_id": "role_owner",
            "membership": lab.row("ada").pk, "scopes": ["decide", "metrics"], "is_operator": "on"}  # fmt: skip
    made = bob.post("/my/keys", {"name": "k", "nonce": "n", "expires": "", "for_whom": lab.made.pk,
                                 "fact_commercial": "false", **more})  # fmt: skip
    secret = made.context["secret"].reveal()
    found = directory.credential(digest(secret))
    assert found is not None and found.holder_id == lab.made.pk
    assert found.narrow.scopes == frozenset()
    assert lab.row("bob").keys.count() == 1 and lab.row("ada").keys.count() == 0
    assert lab.row("bob").role.name == "Member"


@pytest.mark.parametrize("whose", ["no member", "no such act"])
def test_a_key_for_an_organization_needs_the_role_to_make_it(lab, whose: str) -> None:
    lab.joins("bob", "Viewer") if whose == "no such act" else lab.person("bob")
    answer = client("bob@example.org").post(
        "/my/keys", {"name": "k", "nonce": "n", "expires": "", "for_whom": lab.made.pk, "fact_commercial": "false"}
    )
    assert lab.made.holder.keys.count() == 0
    assert answer.status_code in (200, 422)


def test_the_word_of_somebody_elses_form_gives_nobody_his_key(lab) -> None:
    """A repeated form gives its key a new secret: only to whoever sent the first."""
    lab.joins("bob", "Member")
    mine, his = lab.key("ada", nonce="form_1"), lab.key("bob", nonce="form_1")
    assert mine.key.pk != his.key.pk
    assert lab.key("ada", nonce="form_1").key.pk == mine.key.pk


def test_an_operator_gives_no_scope_to_a_key_of_an_organization(lab) -> None:
    from licet.errors import LicetError

    with pytest.raises(LicetError, match="no scopes"):
        lab.key("ada", scopes=["decide"])


def test_a_member_key_promises_nothing_in_the_organizations_name_unless_the_role_may(lab) -> None:
    from licet.portal import acceptances
    from licet.portal.models import Acceptance, Event, Request

    lab.joins("bob", "Member")
    text = acceptances.text("sana", "weights")
    promise = {"license": text.license, "sha256": text.sha256}

    def post(key: Any, path: str, body: dict[str, str]) -> Any:
        bearer = {"HTTP_AUTHORIZATION": f"Bearer {key.secret.reveal()}"}
        return client().post(f"/v1/{path}", body, content_type="application/json", **bearer)

    bobs, adas = lab.key("bob"), lab.key("ada")
    for path, body in (("acceptances", promise), ("requests", {"tier": "vip", "reason": "whales"})):
        answer = post(bobs, path, body)
        assert (answer.status_code, answer.json()["code"]) == (403, "role_forbids")
    assert not Acceptance.objects.exists() and not Request.objects.exists()
    assert post(adas, "acceptances", promise).status_code == 201
    assert Acceptance.objects.get().holder_id == lab.made.pk
    assert Event.objects.get(what="acceptance.made").by == lab.ada.pk  # who it was, not only for whom


def test_the_invitations_page_is_404_for_a_word_that_does_not_work_and_never_joins_by_get(lab) -> None:
    from licet.portal.organizations import invitations

    sent = invitations.invite(lab.actor(), "bob@example.org", lab.role("Member"))
    path = sent.link.reveal().removeprefix("http://localhost:8000")
    assert client().get("/my/organizations/join/" + "0" * 33).status_code == 404
    assert b"Join Whale Lab" in client().get(path).content
    eve = client("eve@example.org")
    assert b"for another address" in eve.get(path).content
    assert eve.post(path).status_code == 422
    bob = client("bob@example.org")
    bob.get(path)
    assert lab.made.memberships.count() == 1
    assert bob.post(path)["Location"] == f"/my/organizations/{lab.made.pk}/"
    assert bob.get(path).status_code == 404


def test_the_console_shows_who_may_what_and_no_more_than_that(lab) -> None:
    from licet.portal import accounts, events

    lab.joins("bob", "Viewer")
    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    operator = client("op@example.org")
    page = operator.get(f"/admin/organizations/organization/{lab.made.pk}/change/").content.decode()
    assert "bob@example.org</strong> (Viewer): read:usage, read:tier, read:members" in page
    assert operator.get("/admin/organizations/organization/?q=Whale").status_code == 200
    assert client("bob@example.org").get("/admin/organizations/organization/").status_code == 302
