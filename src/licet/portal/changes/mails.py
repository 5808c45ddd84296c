"""How does each who is to be told get one mail? Rows wait until they are sent: a crash, a restart, a second process.

A row is claimed before its mail is sent and marked after it, so that two processes never send the same. What a crash
leaves claimed is sent again after a while under the same Message-ID: told twice in the worst case, never not at all.
Each address that the mail server took a mail for is noted at once, so that a server that goes away between two addresses
of an organization has the other one told later, and the first one not again.
"""

from __future__ import annotations

import logging
from hashlib import sha256

from django.core.mail import EmailMessage
from django.db.models import F, Q, QuerySet
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock, config, documents, mail
from licet.portal import notices as addresses
from licet.portal.changes import pledge
from licet.portal.changes.models import Notice, Told
from licet.portal.community.mails import stop_url
from licet.portal.community.models import Subscription
from licet.portal.models import Held
from licet.terms.reason import moment

log = logging.getLogger("licet.mail")
AGAIN_S = 600  # before the second attempt, twice that before the third, and so on: 38 of them are five days
MOST = 38  # then an operator has to look: `licet doctor` and the console tell who was not reached
AT_ONCE = 20
ROUND_S = 5  # of the server's chore: then the others have their turn
_BATCH = 200


def send_round() -> int:
    """What goes in one round of the server's chore, however many wait and however slow the mail server is."""
    return send_due(until_s=clock.now_s() + ROUND_S)


def send_due(notice: Notice | None = None, *, until_s: int | None = None) -> int:
    """Send what waits (of one notice, or of all); how many were told. What failed is logged, and tried again later.

    A mail server that does not answer at all is asked once a round, not once a mail. No mail is begun after `until_s`.
    """
    sent = 0
    while rows := list(_due(notice).order_by("tries", "pk")[:_BATCH]):
        for row in rows:  # none of them is due afterwards: each was claimed, by this process or by another
            answer = _one(row)
            sent += answer is mail.Answer.TAKEN
            if answer is mail.Answer.SILENT or (until_s is not None and clock.now_s() >= until_s):
                return sent
    return sent


def waiting(notice: Notice | None = None) -> int:
    """How many are still to be told."""
    rows = Told.objects.filter(sent_s=None, tries__lt=MOST)
    return (rows if notice is None else rows.filter(notice=notice)).count()


def send_soon() -> None:
    """Inside a request: a few are sent before its answer; many are left to the server's chore."""
    if waiting() <= AT_ONCE:
        send_due()


def resume() -> None:
    """At a server's start: who was given up is tried again, since an operator may have mended what was wrong."""
    Told.objects.filter(sent_s=None, tries__gte=MOST).update(tries=MOST // 2, tried_s=None)


def _due(notice: Notice | None) -> QuerySet[Told]:
    free = Q(tried_s=None) | Q(tried_s__lte=clock.now_s() - AGAIN_S * F("tries"))
    rows = Told.objects.filter(free, sent_s=None, tries__lt=MOST).select_related(
        "notice__consultation", "holder__account", "writer__holder__account"
    )
    return rows if notice is None else rows.filter(notice=notice)


def _one(told: Told) -> mail.Answer | None:
    """Claim, send, mark. None where another has it or there is nobody to tell; TAKEN when all of them were told."""
    mine = Told.objects.filter(pk=told.pk, sent_s=None, tried_s=told.tried_s)
    if not mine.update(tried_s=clock.now_s(), tries=F("tries") + 1):
        return None
    row, reached, answers = Told.objects.filter(pk=told.pk), told.reached.split(), []
    for address in _addresses(told):
        if (about := _about_whom(told, address)) in reached:
            continue
        answers.append(_attempt(told, address, about))
        if answers[-1] is mail.Answer.SILENT:
            return mail.Answer.SILENT
        if answers[-1] is mail.Answer.TAKEN:
            row.update(reached=" ".join(reached := [*reached, about]))
    if mail.Answer.LATER in answers:
        return mail.Answer.LATER
    if not reached:  # nobody can be reached: nothing to try again
        row.update(tries=MOST)
        return None
    row.update(sent_s=clock.now_s())
    return mail.Answer.TAKEN


def _attempt(told: Told, address: str, about: str) -> mail.Answer:
    """One mail to one address. What cannot even be written is this one's alone: the others are told all the same."""
    try:
        return mail.attempt(_mail(told, address, about), told.notice_id)
    except (ValueError, LicetError):  # an address that is none, a document that cannot be read
        log.exception("a notice could not be written: %s", told.notice_id)
        return mail.Answer.LATER


def _about_whom(told: Told, address: str) -> str:
    return sha256(f"{told.pk} {address}".encode()).hexdigest()[:24]


def _addresses(told: Told) -> list[str]:
    if told.holder is not None:
        return [] if told.holder.deleted_s is not None else addresses.of(told.holder)
    address = told.writer.address() if told.writer else ""
    return [address] if address else []


def _mail(told: Told, to: str, about: str) -> EmailMessage:
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
    headers = {"Message-ID": f"<{notice.pk}.{about}@{config.current().host}>"}
    if stop:
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(" ".join(subject.split())[:160], body, None, [to], headers=headers)


def _about(notice: Notice) -> tuple[str, str]:
    """The subject, and the page with all of it."""
    talk = f"/changes/consultations/{notice.consultation_id}"
    match notice.kind:
        case Notice.Kind.CHANGE:
            told = {"release": notice.release, "day": moment(notice.from_s) if notice.from_s else ""}
            says = (
                _("The terms of %(release)s change on %(day)s")
                if notice.from_s
                else _("The terms of %(release)s change now")
            )
            return says % told, f"/changes/{notice.publication_id}"
        case Notice.Kind.MOVE:
            return _("You hold newer terms of %s now") % notice.release, "/my/tier"
        case Notice.Kind.DECISION:
            return _("Proposed terms of %s: what was decided") % notice.release, talk
    return _("Proposed terms of %s: what do you think?") % notice.release, talk


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
