"""Who is told by mail of what became of his money? Each holder, of each note, once; late rather than never.

A mail server may take its time, and a database that is being written waits for nobody: so notes are claimed, sent while
nothing is locked, and noted as sent. Of two processes one sends; what died with its claim is sent when that is over.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from licet.portal import clock, config, mail, notices
from licet.portal.payments import notes
from licet.portal.payments.models import Subscription
from licet.portal.payments.notes import Note

CLAIM_S = 300  # longer than a mail server is waited for


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


def tell_of(pk: int) -> int | None:
    """The notes of one subscription; how many mails. None: mail does not go."""
    row, due = _claimed(pk)
    for n, note in enumerate(due):
        if not _send(row, note):
            _noted(pk, {}, given_up=[one.key for one in due[n:]])
            return None
        _noted(pk, {note.key: clock.now_s()})
    return len(due)


@transaction.atomic
def _claimed(pk: int) -> tuple[Subscription, list[Note]]:
    """What is to be told now, ours for a while: a claim is the moment it was made, with a minus before it."""
    row = Subscription.objects.select_for_update().select_related("holder__account").get(pk=pk)
    now_s = clock.now_s()
    known = notes.coming(row, now_s)
    true = [note for note in known if note.at_s <= now_s]
    keys = {note.key for note in true}
    row.told = {key: at_s for key, at_s in row.told.items() if key in keys or not key.startswith(notes.AGAIN)}
    due = []
    for note in true:
        at_s = row.told.get(note.key)
        if at_s is not None and (at_s >= 0 or now_s - CLAIM_S < -at_s <= now_s):
            continue
        if note.at_s > now_s - notes.FORGOTTEN_S:
            due.append(note)
            row.told[note.key] = -now_s
        else:
            row.told[note.key] = now_s
    later = [note.at_s for note in known if note.at_s > now_s]
    row.news_s = min((*later, *_claims_end(row)), default=None)
    row.save(update_fields=["told", "news_s"])
    return row, due


@transaction.atomic
def _noted(pk: int, sent: dict[str, int], given_up: Sequence[str] = ()) -> None:
    """These were sent; those not, and are nobody's again. News that came meanwhile stay news."""
    row = Subscription.objects.select_for_update().get(pk=pk)
    now_s = clock.now_s()
    row.told = {key: at_s for key, at_s in (row.told | sent).items() if key not in given_up}
    if given_up:
        row.news_s = now_s
    elif row.news_s is None or row.news_s > now_s:
        later = [note.at_s for note in notes.coming(row, now_s) if note.at_s > now_s]
        row.news_s = min((*later, *_claims_end(row)), default=None)
    row.save(update_fields=["told", "news_s"])


def _claims_end(row: Subscription) -> list[int]:
    return [CLAIM_S - at_s for at_s in row.told.values() if at_s < 0]


def _send(row: Subscription, note: Note) -> bool:
    """True also where there is nobody to write to: an account that was deleted is told nothing more."""
    to = notices.of(row.holder)
    context = {"note": note, "row": row, "url": f"{config.current().url}{page(row)}"}
    return mail.send(f"{note.subject} ({row.release})", "payment", to, context)


def page(row: Subscription) -> str:
    """Where the holder sees what was bought, and ends it."""
    holder = row.holder
    return "/my/payments" if holder.account_id is not None else f"/my/payments?for={holder.pk}"
