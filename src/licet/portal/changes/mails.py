"""How does each who is to be told get one mail? Rows wait until they are sent: a crash, a restart, a second process.

A row is claimed before its mail is sent and marked after it, so that two processes never send the same. What a crash
leaves claimed is sent again after a while under the same Message-ID: told twice in the worst case, never not at all.
"""

from __future__ import annotations

import logging
import time
from hashlib import sha256
from threading import Thread

from django.core.mail import EmailMessage
from django.db import connection
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string

from licet.portal import clock, config, documents
from licet.portal import notices as addresses
from licet.portal.changes import pledge
from licet.portal.changes.models import Notice, Told
from licet.portal.community.mails import stop_url
from licet.portal.community.models import Subscription
from licet.portal.models import Held
from licet.terms.reason import moment

log = logging.getLogger("licet.mail")
AGAIN_S = 600  # a claim older than this is of somebody who died, or of a server that was not there
MOST = 12  # then an operator has to look: the console lists what was not sent
AT_ONCE = 20
_BATCH = 200


def send_due(notice: Notice | None = None) -> int:
    """Send what waits (of one notice, or of all); how many were sent. Failures are logged, and tried again later."""
    sent, last = 0, 0
    while rows := list(_due(notice).filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = rows[-1].pk
        sent += sum(_one(row) for row in rows)
    return sent


def waiting(notice: Notice | None = None) -> int:
    """How many are still to be told."""
    rows = Told.objects.filter(sent_s=None, tries__lt=MOST)
    return (rows if notice is None else rows.filter(notice=notice)).count()


def send_soon() -> None:
    """Inside a request: a few are sent before its answer, many beside it."""
    if waiting() > AT_ONCE:
        resume()
    else:
        send_due()


def resume() -> None:
    """At a server's start: what waits is sent beside it, until nothing does."""
    if Told.objects.filter(sent_s=None, tries__lt=MOST).exists():
        Thread(target=_until_sent, name="notices", daemon=True).start()


def _until_sent() -> None:
    try:
        send_due()
        while waiting():
            connection.close()
            time.sleep(AGAIN_S)
            send_due()
    finally:
        connection.close()


def _due(notice: Notice | None) -> QuerySet[Told]:
    free = Q(tried_s=None) | Q(tried_s__lte=clock.now_s() - AGAIN_S)
    rows = Told.objects.filter(free, sent_s=None, tries__lt=MOST).select_related(
        "notice__consultation", "holder__account", "writer__holder__account"
    )
    return rows if notice is None else rows.filter(notice=notice)


def _one(told: Told) -> bool:
    """Claim, send, mark. False where another has it, or it could not be sent."""
    mine = Told.objects.filter(pk=told.pk, sent_s=None, tried_s=told.tried_s)
    if not mine.update(tried_s=clock.now_s(), tries=F("tries") + 1):
        return False
    to = _addresses(told)
    if not to:  # nobody can be reached: nothing to try again
        Told.objects.filter(pk=told.pk).update(tries=MOST)
        return False
    try:
        for address in to:
            _mail(told, address).send()
    except OSError:  # smtplib's errors are OSErrors
        log.exception("a notice could not be sent: %s", told.notice_id)
        return False
    Told.objects.filter(pk=told.pk).update(sent_s=clock.now_s())
    return True


def _addresses(told: Told) -> list[str]:
    if told.holder is not None:
        return [] if told.holder.deleted_s is not None else addresses.of(told.holder)
    address = told.writer.address() if told.writer else ""
    return [address] if address else []


def _mail(told: Told, to: str) -> EmailMessage:
    notice, url = told.notice, config.current().url
    subject, page = _about(notice)
    context = {
        "notice": notice, "url": url, "page": f"{url}{page}", "holder": told.holder, **_theirs(told),
        "consultation": notice.consultation, "begins": moment(notice.from_s) if notice.from_s else "",
        "until": moment(notice.consultation.until_s) if notice.consultation else "",
        "coming": notice.from_s is not None and notice.from_s > clock.now_s(),
    }  # fmt: skip
    stop = _stop(told)
    context["stop"] = stop
    body = render_to_string(f"changes/mail/{notice.kind}.txt", context)
    about = sha256(f"{told.pk} {to}".encode()).hexdigest()[:24]
    headers = {"Message-ID": f"<{notice.pk}.{about}@{config.current().host}>"}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(" ".join(subject.split())[:160], body, None, [to], headers=headers)


def _about(notice: Notice) -> tuple[str, str]:
    """The subject, and the page with all of it."""
    talk = f"/changes/consultations/{notice.consultation_id}"
    match notice.kind:
        case Notice.Kind.CHANGE:
            when = moment(notice.from_s) if notice.from_s else "now"
            return f"The terms of {notice.release} change on {when}", f"/changes/{notice.publication_id}"
        case Notice.Kind.MOVE:
            return f"You hold newer terms of {notice.release} now", "/my/tier"
        case Notice.Kind.DECISION:
            return f"Proposed terms of {notice.release}: what was decided", talk
    return f"Proposed terms of {notice.release}: what do you think?", talk


def _theirs(told: Told) -> dict[str, object]:
    """What of it is this holder's: the tier, the document it is held at, whether the change would take something."""
    held = Held.objects.filter(holder=told.holder, release=told.notice.release, ended_s=None).first()
    if told.holder is None or held is None:
        return {"tier": "", "kept": "", "touched": False, "pledged": False}
    known = told.notice.publication_id is not None or told.notice.kind == Notice.Kind.MOVE
    return {
        "tier": held.tier,
        "kept": held.document[:12],
        "touched": known and pledge.loses(held.document, held.tier, told.notice.document),
        "pledged": documents.read(held.document).pledge,
        "lost": known and _losses(told.notice, held.tier),
    }


def _losses(notice: Notice, tier: str) -> list[str]:
    from licet.portal.changes.history import between

    return [f"{c.subject} {c.says}" for c in between(notice.before, notice.document) if c.loses and tier in c.tiers]


def _stop(told: Told) -> str:
    """Who asked for mails can end them; who holds terms is told of their change as long as he holds them."""
    if told.writer_id is None:
        return ""
    found = Subscription.objects.filter(writer=told.writer_id, release=told.notice.release).order_by("question_id")
    subscription = found.first()
    return stop_url(subscription) if subscription else ""
