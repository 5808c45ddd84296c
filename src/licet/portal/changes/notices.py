"""Who is told of what? A notice, and one row for each who is to be told: written together, so that nobody is forgotten."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from licet.portal.changes.models import Consultation, Notice, Told
from licet.portal.community.models import Subscription
from licet.portal.events import By
from licet.portal.models import Document, Holder


def holders(release: str) -> QuerySet[Holder]:
    """Everybody who holds a tier of the release."""
    return Holder.objects.filter(held__release=release, held__ended_s=None, deleted_s=None).distinct()


@transaction.atomic
def give(
    kind: Notice.Kind, release: str, by: By, *, before: str = "", document: str = "",
    publication: Document | None = None, consultation: Consultation | None = None, at_once: str = "",
) -> Notice:  # fmt: skip
    """A notice to every holder, and to whoever asked for mails about the release or about the consultation."""
    made = Notice.objects.create(
        kind=kind, release=release, before=before, document=publication.sha256 if publication else document,
        publication=publication, consultation=consultation, from_s=publication.from_s if publication else None,
        at_once=at_once[:500], by=by.who,
    )  # fmt: skip
    told = list(holders(release).values_list("pk", flat=True))
    Told.objects.bulk_create([Told(notice=made, holder_id=pk) for pk in told], batch_size=500)
    follow = Subscription.objects.filter(release=release, question=None)
    if consultation is not None:
        follow = follow | Subscription.objects.filter(question=consultation.question_id)
    writers = set(follow.exclude(writer__holder__in=told).values_list("writer_id", flat=True))
    Told.objects.bulk_create([Told(notice=made, writer_id=pk) for pk in sorted(writers)], batch_size=500)
    return made


@transaction.atomic
def give_one(release: str, holder: Holder, by: By, *, before: str, document: str, at_once: str = "") -> Notice:
    """A notice to one holder: it was moved to newer terms."""
    made = Notice.objects.create(
        kind=Notice.Kind.MOVE, release=release, before=before, document=document, by=by.who,
        at_once=at_once[:500],
    )  # fmt: skip
    Told.objects.create(notice=made, holder=holder)
    return made
