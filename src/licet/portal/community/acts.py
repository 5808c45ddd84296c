"""What can be done to a question? Each function is one transaction; mails go out after it, and never undo it."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock, events
from licet.portal.community import limits, mails, text
from licet.portal.community.models import Answer, Question, Report, Subscription, Writer
from licet.portal.events import By
from licet.portal.masking import masked
from licet.portal.pages.source import Shown

TITLE, BODY, WHY = 140, 10_000, 2_000
AGAIN_S = 600  # the same words sent twice within ten minutes are one question


def _may_write(writer: Writer) -> None:
    if writer.blocked_s is not None:
        raise LicetError(_("you cannot write here"), mend=writer.blocked_why or _("write to the licensor's contact"))


@transaction.atomic
def ask(
    writer: Writer, shown: Shown, title: str, body: str, *, private: bool = False, cite: str = "", asked: str = ""
) -> Question:
    """A new question, followed by its writer. LicetError where nothing is said, TooMany past the limits."""
    _may_write(writer)
    title, body = masked(text.line(title, TITLE)), masked(text.words(body, BODY))  # people paste keys
    if not title or not body:
        raise LicetError(_("a question needs a title and some words"), mend=_("say in a line what you want to know"))
    again = Question.objects.filter(
        writer=writer, title=title, body=body, private=private, made_s__gt=clock.now_s() - AGAIN_S, withdrawn_s=None
    ).first()
    if again:
        return again
    limits.check(writer, Question)
    cite = text.line(cite, 200)
    made = Question.objects.create(
        writer=writer, release=shown.release.name, title=title, body=body, private=private,
        cite=cite if shown.cite_url(cite) else "", asked=text.line(asked, 400), document=shown.release.sha256,
        words=text.folded(f"{title}\n{body}\n{cite}"),
    )  # fmt: skip
    Subscription.objects.create(writer=writer, release=made.release, question=made)
    transaction.on_commit(partial(mails.asked, made.pk))
    return made


@transaction.atomic
def answer(writer: Writer, question: Question, body: str, *, by_licensor: bool) -> Answer:
    """Another word in the thread. The licensor's first one stops the clock."""
    _may_write(writer)
    body = masked(text.words(body, BODY))
    if not body:
        raise LicetError(_("an answer needs some words"), mend=_("write them, then send"))
    again = Answer.objects.filter(
        writer=writer, question=question, body=body, made_s__gt=clock.now_s() - AGAIN_S, withdrawn_s=None
    ).first()
    if again:
        return again
    if not by_licensor:
        limits.check(writer, Answer)
    now = clock.now_s()
    made = Answer.objects.create(
        writer=writer, release=question.release, question=question, body=body, by_licensor=by_licensor, made_s=now
    )
    if by_licensor and question.answered_s is None:
        Question.objects.filter(pk=question.pk).update(answered_s=now, took_s=max(0, now - question.made_s))
    Question.objects.filter(pk=question.pk).update(touched_s=now, replies=F("replies") + 1)
    question.refresh_from_db()
    transaction.on_commit(partial(mails.answered, made.pk))
    return made


@transaction.atomic
def settle(
    question: Question, shown: Shown, by: By, state: str, *, reason: str = "", accept: str = "", cite: str = ""
) -> Question:
    """The licensor's word on a question: its state, the accepted answer, the clause that answer belongs to.

    LicetError for `declined` without a reason, an answer that is not the licensor's, a clause that nobody can open.
    """
    reason, cite = text.words(reason, WHY), text.line(cite, 200)
    if state not in Question.State.values:
        raise LicetError(_("`%s` is no state of a question") % state[:20], mend=_(", ").join(Question.State.values))
    if state == Question.State.DECLINED and not reason:
        raise LicetError(_("a question is declined with a reason"), mend=_("say why in a sentence"))
    chosen = Answer.objects.filter(pk=accept, question=question, hidden_s=None, withdrawn_s=None).first()
    if accept and (chosen is None or not chosen.by_licensor):
        raise LicetError(_("only an answer of the licensor's can be accepted"), mend=_("answer, then accept that"))
    if state == Question.State.ANSWERED and chosen is None:
        raise LicetError(_("an answered question has an accepted answer"), mend=_("choose the answer"))
    if cite and not shown.cite_url(cite):
        raise LicetError(
            _("no clause stands there"), mend=_("write it as on the page: CC-BY-NC-4.0 §1(i), licet.toml:41")
        )
    if cite and chosen is None:
        raise LicetError(_("only an accepted answer can be pinned to a clause"), mend=_("choose the answer"))
    question.state, question.reason, question.accepted = state, reason, chosen
    question.pin_cite, question.pin_document = pin(cite, shown.release.sha256)
    question.settled_s, question.settled_by = clock.now_s(), by.who
    told = f"{question.title}\n{question.body}\n{question.cite}\n{cite}\n{reason}\n{chosen.body if chosen else ''}"
    question.words = text.folded(told)
    question.save()
    events.record("question.settled", by, question.writer.holder, question.release, question=question.pk, after=state)
    return question


def pin(cite: str, sha256: str) -> tuple[str, str]:
    """A line of a `licet.toml` means one document's line for ever; a place in a license needs none."""
    if not cite.startswith("licet.toml"):
        return cite, ""
    file, colon, line = cite.rpartition(":")
    _, at, prefix = file.partition("@")
    return f"licet.toml{colon}{line}", prefix if at else sha256


@transaction.atomic
def withdraw(post: Question | Answer) -> None:
    """Its writer takes the words back: they are gone, a stone stands where they stood."""
    if post.withdrawn_s is not None:
        return
    post.body, post.withdrawn_s = "", clock.now_s()
    if isinstance(post, Question):
        post.title, post.words, post.asked = "", "", ""
        post.pin_cite = ""
    post.save()
    mails.unsaid(post.pk)
    if isinstance(post, Answer):
        _unaccept(post)


def _unaccept(answer: Answer) -> None:
    Question.objects.filter(accepted=answer).update(
        accepted=None, pin_cite="", pin_document="", state=Question.State.OPEN, words=F("title")
    )


@transaction.atomic
def report(writer: Writer, question: Question, answer: Answer | None, reason: str, words: str) -> Report:
    """One report a writer and post; a second one changes nothing."""
    _may_write(writer)
    if reason not in Report.Reason.values:
        raise LicetError(_("a report needs a reason"), mend=_("choose one"))
    known = Report.objects.filter(writer=writer, question=question, answer=answer).first()
    if known:
        return known
    limits.check(writer, Report)
    made = Report.objects.create(
        writer=writer, release=question.release, question=question, answer=answer, reason=reason,
        words=text.line(words, 500),
    )  # fmt: skip
    transaction.on_commit(partial(mails.reported, made.pk))
    return made


@transaction.atomic
def hide(post: Question | Answer, by: By, why: str) -> None:
    """An operator takes a post out of sight; its writer still sees it, with the reason."""
    post.hidden_s, post.hidden_by, post.hidden_why = clock.now_s(), by.who, text.line(why, 500)
    post.save(update_fields=["hidden_s", "hidden_by", "hidden_why"])
    mails.unsaid(post.pk)
    if isinstance(post, Answer):
        _unaccept(post)
    _settle_reports(post, by, "hidden")
    events.record("post.hidden", by, post.writer.holder, post.release, post=post.pk, why=post.hidden_why)


@transaction.atomic
def show(post: Question | Answer, by: By) -> None:
    """In sight again; open reports are answered by that."""
    post.hidden_s, post.hidden_by, post.hidden_why = None, "", ""
    post.save(update_fields=["hidden_s", "hidden_by", "hidden_why"])
    _settle_reports(post, by, "kept")
    events.record("post.shown", by, post.writer.holder, post.release, post=post.pk)


def _settle_reports(post: Question | Answer, by: By, outcome: str) -> None:
    waiting = Report.objects.filter(settled_s=None)
    about = waiting.filter(answer=post) if isinstance(post, Answer) else waiting.filter(question=post, answer=None)
    about.update(settled_s=clock.now_s(), settled_by=by.who, outcome=outcome)


@transaction.atomic
def block(writer: Writer, by: By, why: str) -> None:
    """The writer can read, not write. What was written stays until it is hidden."""
    writer.blocked_s, writer.blocked_by, writer.blocked_why = clock.now_s(), by.who, text.line(why, 500)
    writer.save(update_fields=["blocked_s", "blocked_by", "blocked_why"])
    mails.end(Subscription.objects.filter(writer=writer, question=None))
    events.record("writer.blocked", by, writer.holder, writer=writer.pk, why=writer.blocked_why)


@transaction.atomic
def unblock(writer: Writer, by: By) -> None:
    writer.blocked_s, writer.blocked_by, writer.blocked_why = None, "", ""
    writer.save(update_fields=["blocked_s", "blocked_by", "blocked_why"])
    events.record("writer.unblocked", by, writer.holder, writer=writer.pk)


@transaction.atomic
def follow(writer: Writer, release: str, question: Question | None, *, wanted: bool) -> None:
    """Start or end the mails about one question, or about every public one of the release."""
    if wanted:
        Subscription.objects.get_or_create(writer=writer, question=question, release=release)
    else:
        mails.end(Subscription.objects.filter(writer=writer, question=question, release=release))
