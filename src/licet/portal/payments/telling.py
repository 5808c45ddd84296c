"""Who is told by mail of what became of his money? Each holder, of each note, once; late rather than never."""

from __future__ import annotations

from django.db import transaction

from licet.portal import clock, config, mail, notices
from licet.portal.payments import notes
from licet.portal.payments.models import Subscription
from licet.portal.payments.notes import Note


def tell() -> int:
    """Send what is due; how many mails. Stops at the first that cannot be sent: the next run begins there."""
    sent = 0
    due = Subscription.objects.filter(news_s__lte=clock.now_s()).order_by("news_s", "pk")
    for pk in list(due.values_list("pk", flat=True)):
        told = tell_of(pk)
        if told is None:
            break
        sent += told
    return sent


@transaction.atomic
def tell_of(pk: int) -> int | None:
    """The notes of one subscription, under its lock: two processes tell one after the other. None: mail does not go."""
    row = Subscription.objects.select_for_update().select_related("holder__account").get(pk=pk)
    now_s, sent = clock.now_s(), 0
    known = notes.coming(row, now_s)
    true = [note for note in known if note.at_s <= now_s]
    keys = {note.key for note in true}
    row.told = {key: at_s for key, at_s in row.told.items() if key in keys or not key.startswith(notes.AGAIN)}
    row.news_s = min((note.at_s for note in known if note.at_s > now_s), default=None)
    for note in true:
        if note.key in row.told:
            continue
        if note.at_s > now_s - notes.FORGOTTEN_S:
            if not _send(row, note):
                row.news_s, sent = now_s, -1
                break
            sent += 1
        row.told[note.key] = now_s
    row.save(update_fields=["told", "news_s"])
    return None if sent < 0 else sent


def _send(row: Subscription, note: Note) -> bool:
    """True also where there is nobody to write to: an account that was deleted is told nothing more."""
    to = notices.of(row.holder)
    context = {"note": note, "row": row, "url": f"{config.current().url}{page(row)}"}
    return mail.send(f"{note.subject} ({row.release})", "payment", to, context)


def page(row: Subscription) -> str:
    """Where the holder sees what was bought, and ends it."""
    holder = row.holder
    return "/my/payments" if holder.account_id is not None else f"/my/payments?for={holder.pk}"
