"""Who hears of a question by mail? Operators of each new one, followers of each answer, each with a way to stop."""

from __future__ import annotations

from functools import partial

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from licet.portal import clock, config, mail, mailbox, postponed
from licet.portal.community.models import Answer, Question, Report, Subscription
from licet.portal.models import Account

STOP = "community.stop"
CODE = "code"  # what a mail with a code is about


def code(to: str, code: str, for_s: int) -> None:
    """The code alone, on a line of its own. It is tried as long as the code works, and a newer one replaces it."""
    postponed.forget(config.current().mail_dir, to, {CODE})
    subject, body = _("Your code: %s") % code, _body("code", {"code": code})
    mail.deliver([postponed.written(to, subject, body, until_s=clock.now_s() + for_s, about=CODE)])


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
    sent = [_mail(subject, "asked", to, told, question.pk) for to in operators]
    if not question.private:
        followers = Subscription.objects.filter(release=question.release, question=None).exclude(writer=question.writer)
        sent += _to(followers, subject, "asked", told, question.pk, {*operators})
    mail.deliver(sent)


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
    about = f"{question.pk} {answer.pk}"
    mail.deliver(_to(followers, who % (question.title or question.release), "answered", told, about, set()))


def reported(id: str) -> None:
    report = Report.objects.select_related("question", "answer").get(pk=id)
    url = f"{config.current().url}/admin/community/report/?settled_s__isempty=1"
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    subject = _("A post was reported: %s") % report.get_reason_display()
    told = {"report": report, "url": url}
    mail.deliver([_mail(subject, "reported", to, told, report.pk) for to in operators])


def stop_url(subscription: Subscription) -> str:
    """Where the mails end with one click; it works without signing in, and for this subscription alone."""
    return f"{config.current().url}/questions/stop/{signing.dumps(subscription.pk, salt=STOP)}"


def unsaid(*ids: str) -> None:
    """What waits and tells of one of these posts is not sent any more, once the transaction stands."""
    transaction.on_commit(partial(postponed.forget, config.current().mail_dir, about=ids))


def end(subscriptions: QuerySet[Subscription]) -> None:
    """No mail for them from now on, not even one that waits."""
    if ids := [_for(one) for one in subscriptions]:
        subscriptions.delete()
        unsaid(*ids)


def left(address: str) -> None:
    """Whoever wrote under the address left: what lies here for it goes too, unless an account has the address."""
    if address and Account.objects.by_email(address) is None:
        for one in (mailbox, postponed):
            transaction.on_commit(partial(one.forget, config.current().mail_dir, address))


def _for(subscription: Subscription) -> str:
    """The id under which mails for a subscription wait."""
    return f"sub_{subscription.pk}"


def _to(
    followers: QuerySet[Subscription], subject: str, template: str, told: dict[str, object], about: str,
    without: set[str],
) -> list[postponed.Waiting]:  # fmt: skip
    return [
        _mail(subject, template, to, {**told, "stop": (url := stop_url(one))}, f"{about} {_for(one)}", url)
        for one in followers.select_related("writer__holder__account")
        if (to := one.writer.address()) and to not in without
    ]


def _mail(
    subject: str, template: str, to: str, told: dict[str, object], about: str, stop: str = ""
) -> postponed.Waiting:
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"} if stop else {}
    short = " ".join(subject.split())[:160]
    return postponed.written(to, short, _body(template, told), headers=headers, about=about)


def _body(template: str, told: dict[str, object]) -> str:
    return render_to_string(f"community/mail/{template}.txt", told)
