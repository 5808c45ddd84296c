"""Whose grant ends soon, and does he know? One mail before the end, with the way to ask for more.

Run at start and every day (`portal/chores.py`). Nothing depends on it: a grant ends by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from licet.portal import clock, config, documents, events, mail
from licet.portal.models import Account, GrantRow
from licet.portal.notices import of as addresses_of

DAY_S = 24 * 3600
AHEAD_S = 30 * DAY_S  # of a long grant; a short one is told of in its last quarter


@dataclass(frozen=True, slots=True)
class Told:
    """What the mail of one grant says."""

    grant: GrantRow
    to: tuple[str, ...]
    url: str


def due(row: GrantRow, now_s: int) -> bool:
    """Is it time? From a quarter of its length before its end, and no earlier than 30 days before."""
    if row.until_s is None or row.revoked_s is not None or row.reminded_s is not None:
        return False
    ahead_s = min(AHEAD_S, (row.until_s - row.from_s) // 4)
    return row.until_s - ahead_s <= now_s <= row.until_s


def remind(now_s: int | None = None) -> int:
    """Mail whoever is due, each once; how many mails. Marked before it is sent: a mail that fails is not sent again."""
    now = clock.now_s() if now_s is None else now_s
    waiting = GrantRow.objects.filter(
        revoked_s=None, reminded_s=None, until_s__gte=now, until_s__lte=now + AHEAD_S, from_s__lte=now
    )
    told = [one for row in waiting.select_related("holder__account") if due(row, now) and (one := _marked(row, now))]
    sent = 0
    for one in told:
        about = {"what": ", ".join(one.grant.actions), "release": one.grant.release}
        subject = _("Your grant ends: %(what)s of %(release)s") % about
        mail.send(subject, "programs/ends", one.to, {"grant": one.grant, "url": one.url})
        sent += len(one.to)
    return sent


@transaction.atomic
def _marked(row: GrantRow, now_s: int) -> Told | None:
    fresh = GrantRow.objects.select_for_update().get(pk=row.pk)
    if not due(fresh, now_s) or (row.holder is not None and row.holder.deleted_s is not None):
        return None
    row.reminded_s = now_s
    row.save(update_fields=["reminded_s"])
    events.record("grant.reminded", events.LICET, row.holder, row.release, grant=row.pk, until_s=row.until_s)
    if row.holder is not None:
        return Told(row, tuple(addresses_of(row.holder)), config.current().url + _page(row))
    operators = Account.objects.filter(is_operator=True, is_active=True).values_list("email", flat=True)
    return Told(row, tuple(operators), f"{config.current().url}/admin/portal/grantrow/{row.pk}/change/")


def _page(row: GrantRow) -> str:
    """Where to ask for more: the program it came by, while that is open, else the holder's own page."""
    open_now = row.program and documents.newest(row.release) and documents.in_force(row.release).program(row.program)
    return f"/programs/{row.release}/{row.program}" if open_now else "/my/tier"
