"""What is kept about somebody can be seen, taken along and erased: all of it, and the tables themselves say so."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import Hands
from tests.portal.test_doors import PASSWORD, mails, sign_up
from tests.portal.test_pages_of_mine import client, make, the_key

from licet.cli import main
from licet.ledger import subject as ledger_subject
from licet.ledger.ports import Call, Take
from licet.ledger.sqlite import SqliteLedger
from licet.portal.config import PortalConfig

NOW = 1_790_000_000


def used(portal: PortalConfig, holder_id: str, key_id: str) -> None:
    portal.ledger_file.unlink(missing_ok=True)
    ledger = SqliteLedger(portal.ledger_file, process_id="test")
    try:
        ledger.hold(Call("call_1", holder_id, "sana", "basic", key_id, NOW),
                    [Take(holder_id, "sana", "calls/month", NOW - 10, NOW + 10, 1, 10)], NOW, 60)  # fmt: skip
        ledger.settle("call_1", None, NOW, status=200, took_ms=3)
    finally:
        ledger.close()


@pytest.fixture
def ada(release: Path, portal: PortalConfig) -> Any:
    """A browser of somebody who has done everything that leaves a row."""
    from licet.portal import acceptances, events, grants, tiers
    from licet.portal.models import Account, Key

    browser = sign_up(portal)
    make(browser)
    holder = Account.objects.get(email="ada@example.org").holder
    by = events.By(holder.pk, "203.0.113.9")
    tiers.request(holder, "sana", "vip", "I, Ada, measure whales.", by)
    grants.grant(holder, "sana", ["advanced"], events.COMMAND, reason="Ada's talk")
    text = acceptances.text("sana", "weights", holder)
    assert text is not None
    acceptances.accept(holder, "sana", text.license, text.sha256, by, how="page")
    used(portal, holder.pk, Key.objects.get().pk)
    yield browser
    portal.ledger_file.unlink(missing_ok=True)


def of(email: str = "ada@example.org") -> Any:
    from licet.portal import accounts

    return accounts.find(email)


def test_every_table_that_points_to_a_holder_or_an_account_is_in_the_export(ada: Any) -> None:
    """Asked of the tables from the other side: of what points at them."""
    from licet.portal import events, subject
    from licet.portal.models import Account, Holder

    told = subject.export(of(), events.COMMAND)["portal"]
    pointing = {r.related_model._meta.label for m in (Holder, Account) for r in m._meta.related_objects}
    assert len(pointing) > 8
    assert pointing <= told.keys()
    assert {"portal.Holder", "portal.Account", "portal.CredentialRow", "portal.StandingRow"} <= told.keys()
    for label in ("Account", "Holder", "Key", "CredentialRow", "StandingRow", "Held", "Request", "GrantRow",
                  "Acceptance", "Event"):  # fmt: skip
        assert told[f"portal.{label}"], f"nothing of {label}"
    assert told["account.EmailAddress"][0]["email"] == "ada@example.org"
    assert told["usersessions.UserSession"]


# Tables that hang on somebody's rows and are nobody's: what they are of.
NOBODYS = {"changes.Consultation": "the licensor's proposal; its thread is the community's",
           "changes.Notice": "the licensor's words; who was told stands in changes.Told"}  # fmt: skip


def test_every_table_that_hangs_on_a_holder_by_whatever_chain_is_in_the_export(ada: Any) -> None:
    """A role hangs on an organization, a group on a sign-in server on it, a delivery on a webhook."""
    from django.apps import apps

    from licet.portal import subject
    from licet.portal.models import Account, Holder

    reached: set[Any] = {Holder, Account}
    while more := {
        model
        for model in apps.get_models()
        if model not in reached and any(f.related_model in reached for f in model._meta.local_fields)
    }:
        reached |= more
    told = {model._meta.label for model, _ in subject.tables()}
    assert {model._meta.label for model in reached} - told == NOBODYS.keys()


def test_an_organization_s_export_has_its_roles_domains_and_server_without_the_secret(
    ada: Any, portal: PortalConfig
) -> None:
    from licet.portal import events, subject
    from licet.portal.events import By
    from licet.portal.organizations import founding, roles
    from licet.portal.organizations.acting import member
    from licet.portal.outgoing.models import Delivery, Endpoint, Message
    from licet.portal.sso.models import Connection, Domain, GroupRole

    def made(name: str) -> Any:
        row = founding.found(of(), name, By(of().pk))
        role = roles.make(member(row.memberships.get(), By(of().pk)), f"Caller of {name}", ["call:features"])
        server = Connection.objects.create(organization=row, issuer=f"https://{name}.example", secret=b"sealed-canary")
        GroupRole.objects.create(connection=server, group=f"{name}-staff", role=role)
        Domain.objects.create(organization=row, name=f"{name}.example", digest=f"canary {name}".encode())
        told = Message.objects.create(type="x", holder=row.holder, body="{}")
        at = Endpoint.objects.create(holder=row.holder, url=f"https://{name}.example/hook", by="x")
        Delivery.objects.create(message=told, endpoint=at, error=f"{name} said 500")
        return row.holder

    whales, seals = made("whales"), made("seals")
    told = json.dumps(subject.export(whales, events.COMMAND))
    for word in ("Caller of whales", "https://whales.example", "whales-staff", "whales said 500", of().pk):
        assert word in told, word
    for word in ("seals", seals.pk, b"sealed-canary".hex(), b"canary whales".hex()):
        assert word not in told, word
    assert "whales-staff" not in json.dumps(subject.export(of(), events.COMMAND)), "a member's export is the member's"


def test_every_row_of_a_holder_is_in_its_export_and_no_row_of_another(ada: Any, portal: PortalConfig) -> None:
    from licet.portal import accounts, events, keys, subject, tiers

    ben = accounts.create("ben@example.org", "correct horse battery", events.COMMAND)
    keys.make(ben, "Ben's desk", events.COMMAND)
    tiers.request(ben, "sana", "vip", "I, Ben, measure seals.", events.COMMAND)
    told = json.dumps(subject.export(of(), events.COMMAND))
    for word in ("ada@example.org", "I, Ada, measure whales.", "Ada's talk", "203.0.113.9", "call_1", "calls/month"):
        assert word in told, word
    for word in ("ben@example.org", ben.pk, "seals", "Ben's"):
        assert word not in told, word


def taken(browser: Any) -> Any:
    """The file from the page, which asks for the password once more."""
    asked = browser.post("/my/export")
    assert asked.status_code == 302 and asked["Location"].startswith("/accounts/reauthenticate/")
    browser.post("/accounts/reauthenticate/?next=/my/export", {"password": PASSWORD})
    assert "Download it" in browser.get("/my/export").content.decode()
    told = browser.post("/my/export")
    assert told.status_code == 200
    return told


def test_no_secret_is_exported(ada: Any, portal: PortalConfig) -> None:
    from licet.portal import subject
    from licet.portal.models import Account, CredentialRow, Event

    secret = the_key(make(ada).content.decode())
    told = taken(ada)
    assert "attachment" in told["Content-Disposition"]
    text = told.content.decode()
    assert text.count(subject.WITHHELD) > 5
    digests = [bytes(row.digest).hex() for row in CredentialRow.objects.all()]
    salts = [salt for event in Event.objects.all() for salt in event.salts.values()]
    for hidden in (secret, secret[-39:], PASSWORD, Account.objects.get().password, *digests, *salts):
        assert hidden not in text


def test_an_export_from_the_command_line_is_a_new_file_for_its_owner_only(
    ada: Any, portal: PortalConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LICET_URL", portal.url)
    file = tmp_path / "ada.json"
    words = ["account", "export", "ada@example.org", str(file), "--data", str(portal.data)]
    assert main(words) == 0
    assert json.loads(file.read_text())["ledger"]["call"][0]["id"] == "call_1"
    assert file.stat().st_mode & 0o777 == 0o600
    assert main(words) == 1


def test_that_data_was_taken_out_is_an_event_of_its_own(ada: Any) -> None:
    taken(ada)
    assert of().events.first().what == "account.exported"
    assert "was exported" in ada.get("/my/events").content.decode()


def test_erasure_leaves_sums_and_promises_and_nothing_that_names_anybody(ada: Any, portal: PortalConfig) -> None:
    from django.db import connection

    from licet.ledger.audit import verify_file
    from licet.portal import accounts, audit, events, subject

    holder = of()
    assert any("ada@example.org" in mail.to for mail in mails(portal))
    accounts.delete(holder, events.By(holder.pk, "203.0.113.9"))
    assert audit.verify().broken == ()
    assert verify_file(portal.ledger_file) == ()
    told = subject.export(accounts.find(holder.pk), events.COMMAND)
    assert told["ledger"]["counter"][0]["used"] == 1
    assert len(told["portal"]["portal.Acceptance"]) == 1
    assert "portal.Account" in told["portal"] and told["portal"]["portal.Account"] == []
    connection.close()
    kept = ""
    for file in (portal.portal_file, portal.ledger_file):
        with closing(sqlite3.connect(file)) as db:
            kept += "\n".join(db.iterdump())
    waiting = "".join(path.read_text() for path in portal.mail_dir.glob("*.eml"))
    for word in ("ada@example.org", "203.0.113.9", "Ada", "whales"):
        assert word not in kept, word
        assert word not in waiting, word


def test_every_stored_field_has_a_line_on_the_privacy_page(portal: PortalConfig) -> None:
    from django.apps import apps

    from licet.portal import stored

    missing, stale = [], []
    for model in apps.get_models(include_auto_created=True):
        label, columns = model._meta.label, {field.column for field in model._meta.local_fields}
        table = stored.tables().get(label)
        lines = set((table.fields or columns) if table else ())
        missing += [f"{label}.{name}" for name in sorted(columns - lines)]
        stale += [f"{label}.{name}" for name in sorted(lines - columns)]
    assert (missing, stale) == ([], [])


def test_what_the_page_calls_machinery_points_to_nobody(portal: PortalConfig) -> None:
    from licet.portal import stored, subject

    about_somebody = {model._meta.label for model, _ in subject.tables()}
    assert not {label for label, table in stored.tables().items() if table.fields is None} & about_somebody


def test_every_column_of_the_ledger_has_a_line_and_every_table_with_a_holder_is_exported(tmp_path: Path) -> None:
    from licet.portal import stored

    SqliteLedger(tmp_path / "ledger.sqlite3", process_id="test").close()
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite3")) as db:
        tables = [name for (name,) in db.execute("select name from sqlite_schema where type = 'table'")]
        columns = {t: {row[1] for row in db.execute(f"pragma table_info({t})")} for t in tables}
    assert stored.LEDGER.keys() == columns.keys()
    for table, names in columns.items():
        if (told := stored.LEDGER[table].fields) is not None:
            assert told.keys() == names, table
        else:
            assert "holder" not in names, table
    assert {t for t, names in columns.items() if "holder" in names} <= ledger_subject.QUERIES.keys()


def test_the_privacy_page_is_open_to_all_and_names_every_column(release: Path) -> None:
    from licet.portal import stored

    page = client().get("/privacy")
    assert page.status_code == 200
    text = page.content.decode()
    assert "forgotten after 180 days" in text
    for table in (*stored.tables().values(), *stored.LEDGER.values()):
        for column in table.fields or ():
            assert f"<code>{column}</code>" in text


def test_a_slash_too_many_leads_to_the_page_and_to_no_other_server(release: Path) -> None:
    browser = client("ada@example.org")
    answer = browser.get("/my/keys/?page=2")
    assert (answer.status_code, answer["Location"]) == (301, "/my/keys?page=2")
    assert browser.get("/privacy//")["Location"] == "/privacy"
    assert browser.get("/nothing/").status_code == 404
    assert browser.post("/my/keys/").status_code == 404
    for path in ("//evil.example/", "//evil.example/my/keys/", "/%2F/evil.example/my/"):
        answer = browser.get(path)
        assert not answer.headers.get("Location", "").startswith("//")


def test_what_has_ended_is_gone_after_the_next_start(ada: Any, hands: Hands) -> None:
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from licet.portal import audit, events, operators
    from licet.portal.models import OperatorLink

    operators.link("http://localhost", events.COMMAND)
    audit.retain()
    before = Session.objects.count()
    assert before and OperatorLink.objects.count() == 1
    Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    hands.forward(3600)
    audit.retain()
    assert (Session.objects.count(), OperatorLink.objects.count()) == (0, 0)
