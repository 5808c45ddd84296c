"""Every route there is, found by asking the resolver: somebody else's ids open none, and no form is taken without its word."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from tests.portal.organizations.conftest import Lab
from tests.portal.security.anothers import CANARY, Anothers, patterns
from tests.portal.test_pages_of_mine import client

# Routes that take a POST without the form's word, each with what keeps it safe instead.
BY_OTHER_MEANS = {
    "device": "a program without a session begins a log-in; a person confirms it on a page with the word",
    "device_token": "a program without a session, by the code that it was given",
    "api_acceptances": "a bearer; with a session it asks for the word (tests/portal/test_api.py)",
    "api_requests": "a bearer; with a session it asks for the word (tests/portal/test_api.py)",
}


# What Eve may write beside a thing of Ada's: everybody may.
ANYBODYS = {"community.Report", "community.Writer", "community.Subscription"}
LEAVES = {"account_logout", "account_delete", "account_inactive"}  # end the session or the account that looks on
OURS = ("portal", "organizations", "sso", "payments", "billing", "certificates", "changes", "community", "outgoing",
        "programs", "mfa", "account")  # fmt: skip


@pytest.fixture
def lab(release: Any) -> Iterator[Lab]:
    """Ada's laboratory, where the sandbox sells."""
    from dataclasses import replace

    from django.conf import settings
    from django.test import override_settings

    with override_settings(LICET=replace(settings.LICET, payments="sandbox")):
        yield Lab()


@pytest.fixture
def anothers(lab: Lab, release: Any) -> Anothers:
    return Anothers(lab, release)


def everything() -> dict[tuple[str, Any], str]:
    """Every row that there is, but for what a look itself leaves behind."""
    from django.apps import apps

    kept: dict[tuple[str, Any], str] = {}
    for label in OURS:
        for model in apps.get_app_config(label).get_models():
            if model.__name__ not in ("ChangeRow", "StandingRow", "Turn"):
                names = [f.attname for f in model._meta.concrete_fields if f.name != "last_login"]
                rows = model.objects.values_list("pk", *names)
                kept |= {(f"{label}.{model.__name__}", row[0]): repr(row[1:]) for row in rows}
    return kept


FORM = {"name": "Pwned", "email": "eve@example.org", "role": "role_owner", "acts": ["call:features"], "sure": "on",
        "tier": "premium", "release": "sana", "reason": "x", "to": "x", "accepted": "on", "nonce": "n", "expires": "",
        "features": ["advanced"], "is_operator": "on", "state": "approved", "words": "yes", "do": "remove", "body": "x",
        "play": "pay", "answer_0": "x", "send": "on", "amount": "1", "action": "delete_selected"}  # fmt: skip


def test_no_route_shows_or_changes_what_is_anothers(lab: Lab, anothers: Anothers) -> None:
    """By its path, below an organization of one's own, and by each name in a query or a form that says whose."""
    eve, stranger = client("eve@example.org"), client()
    eve.get("/my/keys")
    hers = {"for": lab.made.pk, "for_whom": lab.made.pk, "who": lab.ada.pk, "holder": lab.ada.pk, "org_id": lab.made.pk,
            "order": anothers.orders[0]}  # fmt: skip
    before, seen, wrong = everything(), 0, []
    for route, pattern in list(patterns()):
        for path in anothers.paths(route):
            seen += 1
            for who in (eve, stranger):
                for ask in (lambda w, p: w.get(p, hers), lambda w, p: w.get(p, {**hers, "order": anothers.orders[1]}),
                            lambda w, p: w.post(p, FORM | hers), lambda w, p: w.delete(p)):  # fmt: skip
                    if pattern.name in LEAVES:
                        continue
                    answer = ask(who, path)
                    body = b"" if getattr(answer, "streaming", False) else answer.content
                    if CANARY.encode() in body.replace(path.encode(), b"") or answer.status_code >= 500:
                        wrong.append((path, answer.status_code))
    assert seen > 300
    assert wrong == []
    after = everything()
    own = {anothers.eves, lab.person("eve").pk}  # what Eve does to her own is hers to do
    changed = [key for key, row in before.items() if after.get(key) != row]
    assert [key for key in changed if key[1] not in own and not any(one in before[key] for one in own)] == []
    added = {key: row for key, row in after.items() if key not in before and key[0] not in ANYBODYS}
    assert [key for key, row in added.items() if lab.ada.pk in row or lab.made.pk in row] == []


def test_ada_herself_sees_on_those_routes_what_eve_does_not(lab: Lab, anothers: Anothers) -> None:
    """The ids are the right ones: else the test above would pass for a page that shows everything to everybody."""
    ada, shown = client("ada@example.org"), set()
    for route, _ in list(patterns()):
        if route.startswith(("admin/", "accounts/2fa", "accounts/password")):
            continue
        answer = ada.get(anothers.paths(route)[0])
        if not getattr(answer, "streaming", False) and CANARY.encode() in answer.content and "<" in route:
            shown.add(route)
    wanted = {"my/organizations/<str:org_id>/", "my/keys/<str:key_id>", "my/applications/<str:application_id>",
              "my/certificates/<str:id>", "my/webhooks/<str:endpoint_id>", "questions/<str:id>",
              "my/organizations/<str:org_id>/roles", "my/organizations/<str:org_id>/members",
              "my/organizations/<str:org_id>/keys"}  # fmt: skip
    assert wanted - shown == set()


def test_the_console_opens_no_page_to_anybody_but_an_operator(lab: Lab, anothers: Anothers) -> None:
    from django.contrib import admin

    eve = client("eve@example.org")
    paths = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in admin.site._registry]
    assert len(paths) > 8
    for path in ["/admin/", *paths, *(f"{p}{one}/change/" for p in paths for one in ("1", lab.made.pk))]:
        for answer in (eve.get(path), eve.post(path, {"action": "suspend", "_selected_action": [lab.made.pk]})):
            assert answer.status_code in (302, 403, 404), (path, answer.status_code)
            assert answer.status_code != 302 or "/login/" in answer["Location"]


def test_no_form_anywhere_is_taken_without_its_word(lab: Lab, anothers: Anothers) -> None:
    ada = client("ada@example.org", enforce_csrf_checks=True)
    before, taken = everything(), []
    for route, pattern in list(patterns()):
        path = anothers.paths(route)[0]
        answer = ada.post(path, FORM)
        to_log_in = route.startswith(("admin/", "^admin/")) and answer.status_code == 302
        refused = to_log_in or answer.status_code in (401, 403, 404, 405)
        if not refused and pattern.name not in BY_OTHER_MEANS:
            taken.append((path, pattern.name, answer.status_code))
    assert taken == [], taken
    assert {key for key, row in before.items() if everything().get(key) != row} == set()


def test_the_gates_routes_tell_a_key_nothing_of_another_holder(
    lab: Lab, anothers: Anothers, portal: Any, tmp_path: Any
) -> None:
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

    eve = lab.person("eve")
    hers = keys.make(eve, "hers", lab.by(eve), declared={"commercial": False}).secret
    directory, ledger = SqliteDirectory(portal.portal_file), SqliteLedger(tmp_path / "ledger.sqlite3", process_id="g")
    bodies: list[Any] = [None, {"subject": {"type": "key", "id": anothers.ids["my/keys", "key_id"]}, "action": {"name": "basic"},
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
            for value in anothers.ids.values():
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
