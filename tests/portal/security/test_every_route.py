"""Every route there is, found by asking the resolver: somebody else's ids open none, and no form is taken without its word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.portal.organizations.conftest import Lab
from tests.portal.test_pages_of_mine import client

CANARY = "canary-7f3a"
# Routes that take a POST without the form's word, each with what keeps it safe instead.
BY_OTHER_MEANS = {
    "device": "a program without a session begins a log-in; a person confirms it on a page with the word",
    "device_token": "a program without a session, by the code that it was given",
    "api_acceptances": "a bearer; with a session it asks for the word (tests/portal/test_api.py)",
    "api_requests": "a bearer; with a session it asks for the word (tests/portal/test_api.py)",
}


def patterns(resolver: Any = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    from django.urls import get_resolver
    from django.urls.resolvers import URLPattern

    for one in (resolver or get_resolver()).url_patterns:
        if isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one
        else:
            yield from patterns(one, prefix + str(one.pattern))


def path_of(route: str, pattern: Any, ids: dict[str, str]) -> str | None:
    """A path of the route with real ids in it; None for a regular expression of Django's own."""
    if any(sign in route for sign in "^$(\\"):
        return None
    for name, converter in pattern.pattern.converters.items():
        kind = type(converter).__name__
        value = ids.get(name, ids["key_id"] if "String" in kind else "1")
        for form in (
            f"<str:{name}>",
            f"<{name}>",
            f"<int:{name}>",
            f"<slug:{name}>",
            f"<path:{name}>",
            f"<uuid:{name}>",
        ):
            route = route.replace(form, value)
    # what stands inside of an included prefix
    for name, value in ids.items():
        route = route.replace(f"<str:{name}>", value)
    return None if "<" in route else "/" + route


@pytest.fixture
def lab(release: Any) -> Lab:
    """Ada's laboratory, with a canary in everything that she wrote, and one row for every kind of id."""
    return Lab()


def ids(lab: Lab) -> dict[str, str]:
    from licet.portal import events, grants, tiers
    from licet.portal.models import CredentialRow
    from licet.portal.organizations import founding, invitations, roles, service_accounts
    from licet.portal.sso.models import Connection, Domain, GroupRole

    founding.rename(lab.actor(), f"Lab {CANARY}")
    lab.made.refresh_from_db()
    key = lab.key("ada").key
    key.name = CANARY
    key.save()
    from licet.portal import keys

    own = keys.make(lab.ada, CANARY, lab.by(lab.ada), declared={"commercial": False})
    assert CredentialRow.objects.exists()
    server = Connection.objects.create(
        organization=lab.made, issuer=f"https://{CANARY}.example", client_id="x", secret=b""
    )
    grants.grant(lab.made.holder, "sana", ["advanced"], events.COMMAND, reason=CANARY)
    mail = invitations.invite(lab.actor(), f"{CANARY}@example.org", lab.role("Viewer"))
    return {
        "org_id": lab.made.pk, "key_id": own.key.pk, "membership_id": lab.row("ada").pk,
        "invitation_id": mail.invitation.pk, "role_id": roles.make(lab.actor(), CANARY, ["call:features"]).pk,
        "request_id": tiers.request(lab.made.holder, "sana", "vip", CANARY, events.COMMAND).pk,
        "domain_id": Domain.objects.create(organization=lab.made, name=f"{CANARY}.example").pk,
        "group_id": GroupRole.objects.create(connection=server, group=CANARY, role=lab.role("Member")).pk,
        "program_id": service_accounts.make(lab.actor(), CANARY, lab.role("Member")).pk,
        "connection_id": "sso_none", "release": "sana", "component": "weights", "word": "0" * 33,
    }  # fmt: skip


def everything(lab: Lab) -> list[Any]:
    """All rows about Ada and her laboratory, as her export has them: nothing of it may change under another's hands."""
    from django.apps import apps

    kept: list[Any] = []
    for label in ("portal", "organizations", "sso"):
        for model in apps.get_app_config(label).get_models():
            if model.__name__ not in ("Event", "ChangeRow", "StandingRow", "Account", "Held", "Holder"):
                kept += [(model.__name__, *row) for row in model.objects.order_by("pk").values_list()]
    return kept


FORM = {"name": "Pwned", "email": "eve@example.org", "role": "role_owner", "acts": ["call:features"], "sure": "on",
        "tier": "premium", "release": "sana", "reason": "x", "to": "x", "accepted": "on", "nonce": "n", "expires": "",
        "features": ["advanced"], "is_operator": "on", "state": "approved", "words": "yes"}  # fmt: skip


def test_no_route_shows_or_changes_what_is_anothers(lab: Lab) -> None:
    told = ids(lab)
    eve, stranger = client("eve@example.org"), client()
    eve.get("/my/keys")
    before, seen, wrong = everything(lab), 0, []
    for route, pattern in list(patterns()):
        path = path_of(route, pattern, told)
        if path is None or (not pattern.pattern.converters and "<" not in route):
            continue
        seen += 1
        for who in (eve, stranger):
            for way in (who.get, who.post):
                answer = way(path, FORM)
                body = b"" if getattr(answer, "streaming", False) else answer.content
                if CANARY.encode() in body.replace(path.encode(), b"") or answer.status_code >= 500:
                    wrong.append((path, answer.status_code))
    assert seen > 60
    assert wrong == []
    assert everything(lab) == before


def test_the_console_opens_no_page_to_anybody_but_an_operator(lab: Lab) -> None:
    from django.contrib import admin

    told, eve = ids(lab), client("eve@example.org")
    paths = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry]
    assert len(paths) > 8
    for path in ["/admin/", *paths, *(f"{p}{told['key_id']}/change/" for p in paths)]:
        for answer in (eve.get(path), eve.post(path, {"action": "suspend", "_selected_action": [told["org_id"]]})):
            assert answer.status_code in (302, 403, 404), (path, answer.status_code)
            assert answer.status_code != 302 or "/login/" in answer["Location"]


def test_no_form_anywhere_is_taken_without_its_word(lab: Lab) -> None:
    told = {**ids(lab), "org_id": lab.made.pk}
    ada = client("ada@example.org", enforce_csrf_checks=True)
    before, taken = everything(lab), []
    for route, pattern in list(patterns()):
        path = path_of(route, pattern, told)
        if path is None:
            continue
        answer = ada.post(path, FORM)
        refused = answer.status_code in (403, 404, 405) or (route.startswith("admin/") and answer.status_code == 302)
        if not refused and pattern.name not in BY_OTHER_MEANS:
            taken.append((path, pattern.name, answer.status_code))
    assert taken == [], taken
    assert everything(lab) == before


def test_the_gates_routes_tell_a_key_nothing_of_another_holder(lab: Lab, portal: Any, tmp_path: Any) -> None:
    import asyncio
    import secrets
    import time

    from tests.gate.gate_world import ask

    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.gate.routes import ROUTES
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns
    from licet.portal import keys
    from licet.portal.directory import SqliteDirectory

    told = ids(lab)
    eve = lab.person("eve")
    hers = keys.make(eve, "hers", lab.by(eve), declared={"commercial": False}).secret
    directory, ledger = SqliteDirectory(portal.portal_file), SqliteLedger(tmp_path / "ledger.sqlite3", process_id="g")
    bodies: list[Any] = [None, {"subject": {"type": "key", "id": told["key_id"]}, "action": {"name": "basic"},
                                "resource": {"type": "component", "id": "code"}},
                         {"subject": {"type": "account", "id": lab.ada.pk}, "action": {"name": "basic"},
                          "resource": {"type": "feature", "id": "basic"}}]  # fmt: skip
    with asyncio.Runner() as runner:
        gate = Gate(directory, Turns(ledger), ["sana"], clock=time.time_ns, dice=secrets.token_bytes,
                    config=GateConfig(url_key=b"k" * 32, url="http://licet.test", folder=tmp_path))  # fmt: skip
        runner.run(gate.start())
        while not gate.ready:
            runner.run(asyncio.sleep(0.02))
        for route in ROUTES:
            for value in told.values():
                path = route.path.replace("{name}", value).replace("{id}", value)
                for body in bodies if route.method == "POST" else [None]:
                    answer = runner.run(ask(gate, route.method, path, body, key=hers))
                    assert answer.status < 500 or answer.status == 503, (path, answer.status)
                    assert CANARY.encode() not in answer.body, path
                    if body is not None and path.endswith("/evaluation"):
                        assert answer.status != 200 or not answer.json["decision"], path
                if "{" not in route.path:
                    break
        runner.run(gate.stop())
    ledger.close()
    directory.close()
