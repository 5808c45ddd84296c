"""May holders be moved to what is in force? Nobody who loses before the notice has run, and nobody whose terms pledge."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock, documents, tiers
from licet.portal.changes import notices, pledge
from licet.portal.changes.models import Notice
from licet.portal.community import text
from licet.portal.events import By
from licet.portal.models import Held
from licet.release.notice import DAY_S
from licet.terms.reason import moment


@dataclass(frozen=True, slots=True)
class Moved:
    """How many were moved, and how many stay because the terms they hold pledge it."""

    moved: int
    pledged: int


@transaction.atomic
def move(release: str, by: By, *, tier: str | None = None, at_once: str = "") -> Moved:
    """Move the holders of a tier (or of all) to the document in force. Whoever loses by it is told by mail.

    LicetError where somebody would lose before the notice that its terms promise has run, and `at_once` says no why.
    """
    at, at_once = documents.in_force(release), text.line(at_once, 500)
    kept, losers = 0, []
    for held in Held.objects.filter(release=release, ended_s=None, holder__deleted_s=None).select_related("holder"):
        if tier not in (None, held.tier) or held.document == at.sha256 or at.tier(held.tier) is None:
            continue
        if pledge.keeps(held, at):
            kept += 1
        elif pledge.loses(held.document, held.tier, at.sha256):
            losers.append(held)
    due_s = max((_due_s(held, at.sha256) for held in losers), default=0)
    if due_s > clock.now_s() and not at_once:
        raise LicetError(
            f"{len(losers)} holder{'s' if len(losers) > 1 else ''} would lose by the move, and notice was promised",
            mend=f"move them on {moment(-(-due_s // DAY_S) * DAY_S)} or later; `--at-once WHY` breaks the promise",
        )
    moved = tiers.move(release, by, tier=tier)
    for held in losers:
        why = at_once if due_s > clock.now_s() else ""
        notices.give_one(release, held.holder, by, before=held.document, document=at.sha256, at_once=why)
    return Moved(moved, kept)


def _due_s(held: Held, document: str) -> int:
    """From when on this holder may be moved there: the promised days after it was told, or after now."""
    told = Notice.objects.filter(kind=Notice.Kind.CHANGE, document=document, told__holder=held.holder).order_by(
        "made_s"
    )
    first = told.values_list("made_s", flat=True).first()
    since_s = clock.now_s() if first is None else first
    return since_s + documents.read(held.document).notice_days * DAY_S
