"""From a draft to a grant at the gate: each step in its order, with its clock, its mail and its event."""

from __future__ import annotations

import email
import email.policy
from pathlib import Path

import pytest
from tests.portal.conftest import Hands

from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

DAY_S = 86_400
QUESTIONS = ["Which whales?", "Ada and the lab", "A paper, next year"]
EVIDENCE = ["https://uni.example/ada", "Grant 42"]


def ada():
    from licet.portal import accounts, events

    return accounts.create("ada@example.org", "correct horse battery", events.COMMAND)


def by(holder):
    from licet.portal.events import By

    return By(holder.pk)


def mails(portal: PortalConfig) -> list[str]:
    found = []
    for path in sorted(portal.mail_dir.glob("*.eml")):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        found.append(f"{message['to']}: {message['subject']}\n{message.get_body(('plain',)).get_content()}")
    return found


def sent(holder, name="research"):
    from licet.portal.programs import applications

    answers = QUESTIONS if name == "research" else ["Sound"]
    drafted = applications.draft(holder, "sana", name, answers, EVIDENCE if name == "research" else [], by(holder))
    return applications.send(drafted, by(holder))


def test_an_approval_is_a_grant_of_what_the_program_opens_for_as_long_as_it_says(
    release: Path, directory: SqliteDirectory, hands: Hands
) -> None:
    from licet.portal import events
    from licet.portal.programs import applications

    holder = ada()
    row = applications.approve(sent(holder), events.COMMAND, "Good luck.")
    assert row.actions == ["advanced", "download weights", "fetch"]
    assert row.quotas == [{"limit": 3, "meter": "calls", "period": "month"}]
    assert (row.program, row.from_s) == ("research", hands.at_s)
    assert 180 * DAY_S < row.until_s - hands.at_s < 185 * DAY_S
    (grant,) = directory.standing(holder.pk, "sana").grants
    assert grant.grant_id == row.pk


def test_whoever_takes_the_offered_way_is_answered_yes(release: Path, directory: SqliteDirectory, hands: Hands) -> None:
    from licet.access.standing import Credential
    from licet.access.table import Tables
    from licet.portal import documents, events
    from licet.portal.programs import applications
    from licet.terms import Answer

    holder = ada()

    def table():
        key = Credential("key_1", holder.pk, facts={"commercial": False})
        return Tables().of(documents.in_force("sana"), directory.standing(holder.pk, "sana"), key)

    offered = {o.name for o in table().offers("advanced", "code", hands.at_s) if o.kind == "program"}
    assert offered == {"research", "art"}
    for name in sorted(offered):
        row = applications.approve(sent(holder, name), events.COMMAND)
        assert table().refusal("advanced", "code", hands.at_s, {}).answer is Answer.YES
        from licet.portal import grants

        grants.revoke(row, events.COMMAND)
        assert table().refusal("advanced", "code", hands.at_s, {}).answer is Answer.NO


def test_the_clock_runs_while_it_is_the_operator_s_turn_and_stands_still_otherwise(release: Path, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application

    holder = ada()
    first = sent(holder)
    assert first.due_s == hands.at_s + 4 * DAY_S
    hands.forward(DAY_S)
    applications.ask_back(first, events.COMMAND, "Whose whales?")
    now = Application.objects.get()
    assert (now.state, now.due_s, now.overdue(hands.at_s + 90 * DAY_S)) == ("back", None, False)
    hands.forward(60 * DAY_S)
    applications.reply(now, by(holder), "Nobody's.")
    now = Application.objects.get()
    assert (now.state, now.due_s) == ("sent", hands.at_s + 3 * DAY_S)
    assert not now.overdue(now.due_s) and now.overdue(now.due_s + 1)
    hands.forward(4 * DAY_S)  # late: the next question still leaves the operator a day
    applications.ask_back(now, events.COMMAND, "And now?")
    applications.reply(now, by(holder), "Still.")
    assert Application.objects.get().due_s == hands.at_s + DAY_S


def test_each_step_is_told_to_whom_it_concerns(release: Path, portal: PortalConfig) -> None:
    from licet.portal import accounts, events
    from licet.portal.programs import applications

    accounts.create("op@example.org", "correct horse battery", events.COMMAND, operator=True)
    holder = ada()
    first = sent(holder)
    applications.ask_back(first, events.COMMAND, "Whose whales?")
    applications.reply(first, by(holder), "Nobody's.")
    applications.reject(first, events.COMMAND, "Whales are full.")
    applications.approve(sent(holder), events.COMMAND, "Now there is room.")
    told = mails(portal)
    assert [line.partition("\n")[0] for line in told] == [
        "op@example.org: ada@example.org applies to the program research of sana",
        "ada@example.org: Your application to the program research of sana arrived",
        "ada@example.org: A question about your application to the program research of sana",
        "op@example.org: ada@example.org applies to the program research of sana",
        "ada@example.org: Not approved: the program research of sana",
        "op@example.org: ada@example.org applies to the program research of sana",
        "ada@example.org: Your application to the program research of sana arrived",
        "ada@example.org: Approved: the program research of sana",
    ]
    assert "Which whales?" in told[0] and "/admin/programs/application/app_" in told[0]
    assert "Whose whales?" in told[2] and "/my/applications/app_" in told[2]
    assert "Nobody's." in told[3]
    assert "Whales are full." in told[4] and "What you had before stays" in told[4]
    assert "Now there is room." in told[7] and "advanced, fetch, from" in told[7]
    assert not [line for line in told if "<time" in line or "&#x27;" in line]


def test_what_is_written_down_is_in_the_chain(release: Path) -> None:
    from licet.portal import audit, events
    from licet.portal.models import Event
    from licet.portal.programs import applications

    holder = ada()
    first = sent(holder)
    applications.reject(first, events.COMMAND, "No.")
    second = sent(holder)
    applications.approve(second, events.COMMAND)
    applications.withdraw(sent(holder, "art"), by(holder))
    told = list(Event.objects.filter(what__startswith="application.").order_by("id").values_list("what", flat=True))
    assert told == [
        "application.sent", "application.rejected", "application.sent", "application.approved", "application.sent",
        "application.withdrawn",
    ]  # fmt: skip
    assert (
        Event.objects.get(what="application.approved").detail["grant"]
        == second.__class__.objects.get(pk=second.pk).grant_id
    )
    assert not audit.verify().broken


def test_a_renewal_adds_time_and_no_second_quota(release: Path, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.programs import applications

    holder = ada()
    first = applications.approve(sent(holder), events.COMMAND)
    hands.forward(150 * DAY_S)
    second = applications.approve(sent(holder), events.COMMAND)
    assert second.from_s == first.until_s + 1
    assert second.until_s > first.until_s + 180 * DAY_S


def test_an_application_is_held_to_the_document_it_was_made_at(release: Path) -> None:
    from tests.portal.conftest import LICET

    from licet.portal import documents, events
    from licet.portal.programs import applications

    holder = ada()
    asked = sent(holder, "art")
    documents.publish(LICET.replace(b'version = "1.0.0"', b'version = "1.1.0"'), events.COMMAND)
    with pytest.raises(LicetError, match="has no program `art`"):
        applications.draft(holder, "sana", "art", ["Sound"], [], by(holder))
    assert applications.approve(asked, events.COMMAND).actions == ["advanced"]


@pytest.mark.parametrize("act", ["approve", "reject", "ask_back"])
def test_only_an_operator_answers_and_only_what_waits(release: Path, act: str) -> None:
    from licet.portal import events
    from licet.portal.models import GrantRow
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application

    holder = ada()
    asked, do = sent(holder), getattr(applications, act)
    with pytest.raises(LicetError, match="only an operator"):
        do(asked, by(holder), "words")
    do(asked, events.COMMAND, "words")
    for again in ("approve", "reject", "ask_back"):
        with pytest.raises(LicetError, match="the application is"):
            getattr(applications, again)(asked, events.COMMAND, "words")
    assert Application.objects.get().state in ("approved", "rejected", "back")
    assert GrantRow.objects.count() == (act == "approve")


def test_nobody_is_refused_or_asked_back_without_words(release: Path) -> None:
    from licet.portal import events
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application

    asked = sent(ada())
    for act in (applications.reject, applications.ask_back):
        with pytest.raises(LicetError, match="words are missing"):
            act(asked, events.COMMAND, "  ")
    assert Application.objects.get().state == "sent"


def test_what_is_not_answered_is_not_sent_and_stays_a_draft(release: Path) -> None:
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application

    holder = ada()
    half = applications.draft(holder, "sana", "research", ["Which whales?"], [], by(holder))
    with pytest.raises(LicetError, match="not answered yet: Who carries it out"):
        applications.send(half, by(holder))
    kept = Application.objects.get()
    assert (kept.state, kept.answers[0]["said"]) == ("draft", "Which whales?")
    applications.withdraw(kept, by(holder))
    assert not Application.objects.exists()


def test_one_application_at_a_time_and_not_without_end(release: Path, hands: Hands) -> None:
    from licet.portal import events
    from licet.portal.programs import applications

    holder = ada()
    asked = sent(holder)
    with pytest.raises(LicetError, match="waits for its answer already"):
        applications.draft(holder, "sana", "research", QUESTIONS, EVIDENCE, by(holder))
    applications.reject(asked, events.COMMAND, "No.")
    for _ in range(applications.MOST_SENT - 1):
        applications.reject(sent(holder), events.COMMAND, "No.")
    with pytest.raises(LicetError, match="20 applications in 30 days"):
        sent(holder)
    hands.forward(31 * DAY_S)
    assert applications.open_one(holder, "sana", "research").state == "draft"


def test_a_key_that_was_pasted_goes_to_no_table_and_no_mail(release: Path, portal: PortalConfig) -> None:
    from licet.portal import events, keys
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application, Words

    holder = ada()
    secret = keys.make(holder, "k", events.COMMAND).secret.reveal()
    drafted = applications.draft(holder, "sana", "art", [f"I have {secret}"], [], by(holder))
    asked = applications.send(drafted, by(holder))
    applications.ask_back(asked, events.COMMAND, "What?")
    applications.reply(asked, by(holder), f"This: {secret}")
    everything = repr([*Application.objects.values(), *Words.objects.values(), *mails(portal)])
    assert secret not in everything


def test_a_deleted_account_takes_its_words_along(release: Path) -> None:
    from licet.portal import accounts, events
    from licet.portal.programs import applications
    from licet.portal.programs.models import Application, Words

    holder = ada()
    applications.ask_back(sent(holder), events.COMMAND, "Whose whales?")
    applications.draft(holder, "sana", "art", ["Sound"], [], by(holder))
    accounts.delete(holder, events.COMMAND)
    left = Application.objects.get()
    assert (left.state, left.answers, left.evidence, left.due_s) == ("withdrawn", [], [], None)
    assert not Words.objects.exists()


def test_what_is_kept_of_an_application_is_in_the_export(release: Path) -> None:
    from licet.portal import events, subject
    from licet.portal.programs import applications

    holder = ada()
    applications.ask_back(sent(holder), events.COMMAND, "Whose whales?")
    told = subject.export(holder, events.COMMAND)["portal"]
    assert told["programs.Application"][0]["answers"][0]["said"] == "Which whales?"
    assert told["programs.Words"][0]["words"] == "Whose whales?"
