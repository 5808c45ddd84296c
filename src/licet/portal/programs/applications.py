"""How does an application come to its answer? Written, sent, asked back about, approved as a grant, or refused with words.

Each function is one transaction with its event; mails go out after the commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from django.db import transaction

from licet.access.grant import by_program
from licet.access.quota import months_after
from licet.errors import LicetError, closest
from licet.portal import clock, documents, events, grants
from licet.portal.events import By
from licet.portal.masking import masked
from licet.portal.models import GrantRow, Holder
from licet.portal.programs import mails
from licet.portal.programs.models import Application, Words
from licet.release.release import Program

State = Application.State
OPEN = (State.DRAFT, State.SENT, State.BACK)
DAY_S = 24 * 3600
MOST = 4_000  # signs of one answer
MOST_SENT = 20  # applications of one holder in thirty days: a queue is people's time


def program(release: str, name: str) -> Program:
    """A program that is open now. LicetError for one that is not."""
    at = documents.in_force(release)
    found = at.program(name)
    if found is None:
        raise LicetError(
            f"the release `{release}` has no program `{name}`", mend=closest(name, [p.name for p in at.programs])
        )
    return found


def open_one(holder: Holder, release: str, name: str) -> Application | None:
    """The holder's application that is not answered yet, a draft among them."""
    return Application.objects.filter(holder=holder, release=release, program=name, state__in=OPEN).first()


@transaction.atomic
def draft(
    holder: Holder, release: str, name: str, answers: Sequence[str], evidence: Sequence[str], by: By
) -> Application:
    """Keep what was written so far, however little. LicetError where an application waits for its answer already."""
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    wanted, found = program(release, name), open_one(holder, release, name)
    if found is not None and found.state != State.DRAFT:
        raise LicetError("an application of yours waits for its answer already", where=found.pk)
    found = found or Application(holder=holder, release=release, program=name)
    found.by, found.document = by.who, documents.in_force(release).sha256
    found.answers = _beside(wanted.questions, answers)
    found.evidence = _beside(wanted.evidence, evidence)
    found.save()
    return found


@transaction.atomic
def send(application: Application, by: By) -> Application:
    """From now on the operator's clock runs. LicetError where an answer is missing, or too many were sent lately."""
    found = _now(application, State.DRAFT)
    wanted, now = program(found.release, found.program), clock.now_s()
    told = [one for one in (*found.answers, *found.evidence) if one["said"]]
    asked = [*wanted.questions, *wanted.evidence]
    if missing := [question for question in asked if question not in {one["asked"] for one in told}]:
        raise LicetError(f"not answered yet: {missing[0]}", mend="answer it in a few words")
    lately = Application.objects.filter(holder=found.holder, sent_s__gt=now - 30 * DAY_S).count()
    if lately >= MOST_SENT:
        raise LicetError(f"{lately} applications in 30 days are enough", mend="wait for their answers")
    found.state, found.sent_s, found.due_s = State.SENT, now, now + wanted.answer_days * DAY_S
    found.by = by.who
    found.save()
    _note("application.sent", by, found, why=found.answers[0]["said"][:500] if found.answers else "")
    transaction.on_commit(partial(mails.sent, found.pk))
    return found


@transaction.atomic
def ask_back(application: Application, by: By, words: str) -> None:
    """The operator wants to know more: his clock stands still until the applicant has answered."""
    found = _operators(application, by)
    found.left_s = max(0, (found.due_s or 0) - clock.now_s())
    found.state, found.due_s = State.BACK, None
    found.save()
    _say(found, by, _words(words, "say what you want to know"), by_operator=True)
    _note("application.back", by, found, before="sent", after="back", why=words[:500])
    transaction.on_commit(partial(mails.told, found.pk))


@transaction.atomic
def reply(application: Application, by: By, words: str) -> None:
    """The applicant answered: the operator has what was left of his time, and at least a day."""
    found = _now(application, State.BACK)
    _say(found, by, _words(words, "write your answer"), by_operator=False)
    found.state, found.due_s, found.left_s = State.SENT, clock.now_s() + max(found.left_s or 0, DAY_S), None
    found.save()
    _note("application.replied", by, found, before="back", after="sent")
    transaction.on_commit(partial(mails.sent, found.pk))


@transaction.atomic
def approve(application: Application, by: By, words: str = "", *, until_s: int | None = None) -> GrantRow:
    """A grant of what the program opens, from the next call on; where one of the program still runs, from its end on.

    It lasts for the program's months, or until `until_s`. An application for a program that was closed since is held to
    the document it was made at.
    """
    found = _operators(application, by)
    at = documents.in_force(found.release)
    wanted = at.program(found.program) or documents.read(found.document).program(found.program)
    if wanted is None:
        raise LicetError(f"the program `{found.program}` is in no document", where=found.document[:12])
    from_s = _begins_s(found)
    given = by_program(at, wanted, "", "")
    row = grants.grant(
        found.holder, found.release, given.actions, by, reason=f"{wanted.title or wanted.name} ({found.pk})",
        components=given.components, from_s=from_s, until_s=until_s or months_after(from_s, wanted.months) - 1,
        quotas=given.quotas, program=found.program,
    )  # fmt: skip
    found.grant = row
    _answer(found, by, State.APPROVED, words)
    _note("application.approved", by, found, before="sent", after="approved", grant=row.pk, until_s=row.until_s,
          why=words[:500])  # fmt: skip
    transaction.on_commit(partial(mails.told, found.pk))
    return row


@transaction.atomic
def reject(application: Application, by: By, words: str) -> None:
    """Refused, with words: nobody is told no without a reason."""
    found = _operators(application, by)
    _answer(found, by, State.REJECTED, _words(words, "say why: the applicant reads it"))
    _note("application.rejected", by, found, before="sent", after="rejected", why=words[:500])
    transaction.on_commit(partial(mails.told, found.pk))


@transaction.atomic
def withdraw(application: Application, by: By) -> None:
    """The applicant takes it back. A draft is forgotten."""
    found = Application.objects.select_for_update().get(pk=application.pk)
    if found.state == State.DRAFT:
        found.delete()
        return
    if not found.open:
        raise LicetError(f"the application is {found.get_state_display()} already", where=found.pk)
    before, found.state, found.due_s = found.state, State.WITHDRAWN, None
    found.answered_s = clock.now_s()
    found.save()
    _note("application.withdrawn", by, found, before=before, after="withdrawn")


def forget(holder: Holder) -> None:
    """What a deleted account wrote goes; that it applied, and what came of it, stays under its id."""
    mine = Application.objects.filter(holder=holder)
    mine.filter(state=State.DRAFT).delete()
    mine.filter(state__in=OPEN).update(state=State.WITHDRAWN, due_s=None, answered_s=clock.now_s())
    mine.update(answers=[], evidence=[])
    Words.objects.filter(application__holder=holder).delete()


def _begins_s(application: Application) -> int:
    """Now, or when the grant that the holder has by this program ends: a renewal adds time, not a second quota."""
    now = clock.now_s()
    mine = GrantRow.objects.filter(holder=application.holder, release=application.release, revoked_s=None)
    running = mine.filter(program=application.program, until_s__gte=now).order_by("-until_s").first()
    return now if running is None or running.until_s is None else running.until_s + 1


def _beside(asked: Sequence[str], said: Sequence[str]) -> list[Mapping[str, str]]:
    """Each question with what was said to it; a key that somebody pasted goes to no table."""
    words = [masked(text.strip())[:MOST] for text in said]
    return [{"asked": q, "said": words[n] if n < len(words) else ""} for n, q in enumerate(asked)]


def _words(words: str, mend: str) -> str:
    if not words.strip():
        raise LicetError("words are missing", mend=mend)
    return words


def _say(application: Application, by: By, words: str, *, by_operator: bool) -> None:
    Words.objects.create(
        application=application, by_operator=by_operator, by=by.who, words=masked(words.strip())[:MOST]
    )


def _answer(application: Application, by: By, state: str, words: str) -> None:
    if words.strip():
        _say(application, by, words, by_operator=True)
    application.state, application.due_s = state, None
    application.answered_s, application.answered_by = clock.now_s(), by.who
    application.save()


def _operators(application: Application, by: By) -> Application:
    if not by.operator:
        raise LicetError("only an operator answers an application")
    return _now(application, State.SENT)


def _now(application: Application, state: str) -> Application:
    """As it stands, locked. LicetError where it is no longer in that state: two people answered at once."""
    found = Application.objects.select_for_update().select_related("holder__account").get(pk=application.pk)
    if found.state != state:
        raise LicetError(f"the application is: {found.get_state_display()}", where=found.pk)
    return found


def _note(what: str, by: By, application: Application, **detail: object) -> None:
    events.record(what, by, application.holder, application.release, request=application.pk, name=application.program,
                  **detail)  # fmt: skip
