"""Who hears of a question by mail? Operators of each new one, followers of each answer, each with a way to stop."""

from __future__ import annotations

import logging
from threading import Thread

from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from licet.portal import config
from licet.portal.community.models import Answer, Question, Report, Subscription
from licet.portal.models import Account

log = logging.getLogger("licet.mail")
STOP = "community.stop"
AT_ONCE = 20  # more mails than these are sent beside the request, not before its answer


def code(to: str, code: str) -> None:
    """The code alone, on a line of its own."""
    _send([_mail(_("Your code: %s") % code, "code", to, {"code": code})])


def asked(id: str) -> None:
    """To operators always, to followers of the release where it is public."""
    question = Question.objects.select_related("writer").get(pk=id)
    url = f"{config.current().url}/questions/{question.pk}"
    told = {"question": question, "url": url, "stop": ""}
    about = {"release": question.release, "title": question.title}
    whom = (
        _("A private question about %(release)s: %(title)s")
        if question.private
        else _("A question about %(release)s: %(title)s")
    )
    subject = whom % about
    operators = list(Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True))
    sent = [_mail(subject, "asked", to, told) for to in operators]
    if not question.private:
        followers = Subscription.objects.filter(release=question.release, question=None).exclude(writer=question.writer)
        sent += _to(followers, subject, "asked", told, {*operators})
    _send(sent)


def answered(id: str) -> None:
    """To everybody who follows the question, but not to whoever wrote the answer."""
    answer = Answer.objects.select_related("question", "writer").get(pk=id)
    question = answer.question
    followers = Subscription.objects.filter(question=question).exclude(writer=answer.writer)
    if question.private:  # nobody else may ever hear of it, whoever came to follow it
        followers = followers.filter(writer=question.writer)
    who = _("The licensor answered: %s") if answer.by_licensor else _("An answer: %s")
    url = f"{config.current().url}/questions/{question.pk}"
    told = {"question": question, "answer": answer, "url": url}
    _send(_to(followers, who % (question.title or question.release), "answered", told, set()))


def reported(id: str) -> None:
    report = Report.objects.select_related("question", "answer").get(pk=id)
    url = f"{config.current().url}/admin/community/report/?settled_s__isempty=1"
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    subject = _("A post was reported: %s") % report.get_reason_display()
    _send([_mail(subject, "reported", to, {"report": report, "url": url})
           for to in operators])  # fmt: skip


def stop_url(subscription: Subscription) -> str:
    """Where the mails end with one click; it works without signing in, and for this subscription alone."""
    return f"{config.current().url}/questions/stop/{signing.dumps(subscription.pk, salt=STOP)}"


def _to(
    followers: QuerySet[Subscription], subject: str, template: str, told: dict[str, object], without: set[str]
) -> list[EmailMessage]:
    return [
        _mail(subject, template, to, {**told, "stop": (url := stop_url(one))}, url)
        for one in followers.select_related("writer__holder__account")
        if (to := one.writer.address()) and to not in without
    ]


def _mail(subject: str, template: str, to: str, told: dict[str, object], stop: str = "") -> EmailMessage:
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if stop else {}
    body = render_to_string(f"community/mail/{template}.txt", told)
    return EmailMessage(" ".join(subject.split())[:160], body, None, [to], headers=headers)


def _send(mails: list[EmailMessage]) -> None:
    if len(mails) > AT_ONCE:
        Thread(target=_each, args=(mails,), name="community-mails", daemon=True).start()
    else:
        _each(mails)


def _each(mails: list[EmailMessage]) -> None:
    for one in mails:
        try:
            one.send()
        except OSError:  # smtplib's errors are OSErrors
            log.exception("a mail could not be sent")
