"""Grants as they are stored: for a domain, with a quota, ended without a job, told of before, gone when revoked."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from tests.portal.conftest import Hands

from licet.access.standing import Budget, Credential
from licet.access.table import Tables
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory
from licet.terms import Answer

DAY_S = 86_400


def person(address: str = "ada@uni.example"):
    from licet.portal import accounts, events

    return accounts.create(address, "correct horse battery", events.COMMAND)


def given(whose, *actions: str, **more):
    from licet.portal import events, grants

    return grants.grant(whose, "sana", actions or ["advanced"], events.COMMAND, reason="a study", **more)


def answer(directory: SqliteDirectory, holder, hands: Hands, action: str = "advanced", **used: int) -> Answer:
    from licet.portal import documents

    key = Credential("key_1", holder.pk, facts={"commercial": False})
    table = Tables().of(documents.in_force("sana"), directory.standing(holder.pk, "sana"), key)
    return table.refusal(action, "code", hands.at_s, used).answer


def test_a_domain_s_grant_is_for_whoever_has_a_confirmed_address_there_now_or_later(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events, grants

    before, others = person(), [person("eve@uni.example.org"), person("bob@sub.uni.example")]
    row = given("uni.example")
    after = person("cyd@UNI.example")
    assert [answer(directory, one, hands) for one in (before, after)] == [Answer.YES] * 2
    assert [answer(directory, one, hands) for one in others] == [Answer.NO] * 2
    first, second = (directory.standing(one.pk, "sana") for one in (before, after))
    assert first.grants == second.grants and first.claims == second.claims  # equals share one table at the gate
    grants.revoke(row, events.COMMAND)
    assert [answer(directory, one, hands) for one in (before, after)] == [Answer.NO] * 2


def test_the_gate_hears_of_a_domain_s_grant_and_of_its_end(release: Path, directory: SqliteDirectory) -> None:
    from licet.portal import events, grants

    seen = directory.last_change()
    row = given("uni.example")
    grants.revoke(row, events.COMMAND)
    assert [(c.what, c.ref) for c in directory.changes(seen)] == [("domain", "uni.example")] * 2


def test_an_address_that_is_not_confirmed_has_no_domain(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from allauth.account.models import EmailAddress

    given("uni.example")
    holder = person()
    address = EmailAddress.objects.get(user=holder.account)
    address.verified = False
    address.save()
    assert answer(directory, holder, hands) is Answer.NO
    address.verified = True
    address.save()
    assert answer(directory, holder, hands) is Answer.YES
    address.delete()
    assert answer(directory, holder, hands) is Answer.NO


def test_an_organization_has_no_domain(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    from licet.portal.events import By
    from licet.portal.organizations import founding

    given("uni.example")
    ada = person()
    lab = founding.found(ada, "Whale Lab", By(ada.pk))
    assert answer(directory, lab.holder, hands) is Answer.NO
    given(lab.holder)
    assert answer(directory, lab.holder, hands) is Answer.YES


def test_it_begins_and_ends_by_itself(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    holder = person()
    given(holder, from_s=hands.at_s + 10, until_s=hands.at_s + 20)
    told = []
    for _ in range(3):
        told.append(answer(directory, holder, hands))
        hands.forward(10 + (len(told) == 2))
    assert told == [Answer.NO, Answer.YES, Answer.NO]


def test_its_quota_is_its_own(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    holder = person()
    row = given(holder, quotas=[Budget(2, "calls", "month"), Budget(9, "units", "day")])
    counted = f"used:calls/month@grant:{row.pk}"
    for used, said in ((1, Answer.YES), (2, Answer.YES), (3, Answer.NO)):
        assert answer(directory, holder, hands, **{counted: used, "used:calls/month": 11}) is said


@pytest.mark.parametrize(
    ("whose", "more", "says"),
    [
        ("", {}, "is no mail domain"),
        ("uni", {}, "is no mail domain"),
        ("fa\N{LATIN SMALL LETTER SHARP S}.example", {}, "is no mail domain"),
        ("uni.example", {"quotas": [Budget(0, "calls", "day")]}, "at least one call"),
        ("uni.example", {"quotas": [Budget(1, "calls", "day"), Budget(2, "calls", "day")]}, "two quotas"),
        ("uni.example", {"components": ["wieghts"]}, "no component"),
        ("uni.example", {"until_s": 5}, "cannot end before"),
    ],
)
def test_what_makes_no_sense_is_refused_and_nothing_is_kept(release: Path, whose: str, more: dict, says: str) -> None:
    from licet.portal.models import GrantRow

    with pytest.raises(LicetError, match=says):
        given(whose, **more)
    with pytest.raises(LicetError, match="no feature `advancd`"):
        given("uni.example", "advancd")
    assert not GrantRow.objects.exists()


def test_whoever_may_is_reminded_once_before_the_end(release: Path, portal: PortalConfig, hands: Hands) -> None:
    from licet.portal import accounts, events, grants
    from licet.portal.programs import reminders

    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    holder = person()
    given(holder, until_s=hands.at_s + 365 * DAY_S, program="research")
    given(holder, "fetch", until_s=hands.at_s + 8 * DAY_S)
    given(holder, "basic")  # without end
    given("uni.example", until_s=hands.at_s + 365 * DAY_S)
    grants.revoke(given(holder, "basic", until_s=hands.at_s + 8 * DAY_S), events.COMMAND)
    told = []
    for days in (0, 5, 1, 1, 327, 1, 1, 60):
        hands.forward(days * DAY_S)
        told.append(reminders.remind())
    assert told == [0, 0, 1, 0, 0, 2, 0, 0]  # the last two days of eight; thirty days before the end of a year
    sent = [
        email.message_from_bytes(p.read_bytes(), policy=email.policy.default)
        for p in sorted(portal.mail_dir.glob("*.eml"))
    ]
    about = {str(m["to"]): m.get_body(("plain",)).get_content() for m in sent if "grant ends" in str(m["subject"])}
    assert about.keys() == {"ada@uni.example", "op@example.org"}
    assert "/programs/sana/research" in about["ada@uni.example"]
    assert "/admin/portal/grantrow/grant_" in about["op@example.org"]
    assert not [text for text in about.values() if "<time" in text]


def test_the_reminder_is_a_chore_of_the_server(release: Path, hands: Hands) -> None:
    from licet.portal import chores
    from licet.portal.models import Event

    given(person(), until_s=hands.at_s + 4 * DAY_S)
    hands.forward(3 * DAY_S + 60)
    (chore,) = [one for one in chores.CHORES if one.name == "grants.remind"]
    assert (chore.every_s, chore.first_s <= 60) == (DAY_S, True)
    assert chores.do(chore)
    assert Event.objects.filter(what="grant.reminded").count() == 1


def test_the_command_makes_shows_and_revokes_for_everybody_it_can_name(
    release: Path, directory: SqliteDirectory, hands: Hands, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    import argparse
    import json

    from licet.cli import grant as command
    from licet.cli import portal as cli_portal
    from licet.portal.events import By
    from licet.portal.organizations import founding

    monkeypatch.setattr(cli_portal, "open_portal", lambda args: None)
    monkeypatch.setattr(command, "open_portal", lambda args: None)
    ada = person()
    founding.found(ada, "Whale Lab", By(ada.pk))

    def run(*words: str) -> str:
        parser = argparse.ArgumentParser()
        command.add(parser.add_subparsers())
        args = parser.parse_args(["grant", *words])
        assert args.run(args) == 0
        return capsys.readouterr().out

    for who, shown in (
        ("ada@uni.example", "ada@uni.example"),
        ("whale lab", "Whale Lab"),
        ("@uni.example", "@uni.example"),
    ):
        told = json.loads(
            run("make", who, "*", "--reason", "x", "--quota", "5 calls / day", "--until", "2090-01-01", "--json")
        )
        assert (told["owner"], told["quota"], told["state"]) == (shown, "5 calls / day", "in force")
        assert "download:weights" in told["features"]
    listed = json.loads(run("list", "--json"))
    assert {one["owner"] for one in listed} == {"ada@uni.example", "Whale Lab", "@uni.example"}
    first = listed[0]["grant"]
    assert "revoked" in run("revoke", first, "--why", "over")
    assert "revoked already" in run("revoke", first)
    assert len(json.loads(run("list", "--json"))) == 2 and len(json.loads(run("list", "--all", "--json"))) == 3
    assert json.loads(run("show", first, "--json"))["state"] == "revoked"
    assert run("remind") == "0 mails about grants that end soon\n"
    for who, says in (("bob@uni.example", "no account"), ("Wale Lab", "no organization"), ("@uni", "no mail domain")):
        with pytest.raises(LicetError, match=says):
            run("make", who, "basic", "--reason", "x")


def test_a_folder_of_before_gets_the_domains_of_those_who_are_there(release: Path, directory: SqliteDirectory) -> None:
    """What the migration writes is what every later change would write."""
    from importlib import import_module

    from django.apps import apps

    from licet.portal.models import StandingRow

    holder, strange = person(), person("eve@other.example")
    written = dict(StandingRow.objects.values_list("holder_id", "domain"))
    assert written == {holder.pk: "uni.example", strange.pk: "other.example"}
    StandingRow.objects.update(domain="")
    import_module("licet.portal.migrations.0004_grants_of_their_own").name_the_domains(apps, None)
    assert dict(StandingRow.objects.values_list("holder_id", "domain")) == written
