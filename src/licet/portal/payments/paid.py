"""Is a tier that is held paid, and from which moment to which? What `readmodel.py` asks for each tier held."""

from __future__ import annotations

from licet.portal import documents
from licet.portal.models import Held
from licet.portal.payments.life import Stage
from licet.portal.payments.models import Subscription


def steps(held: Held) -> tuple[tuple[int, bool], ...]:
    """(from when, is it paid) while a tier is held; the first from 0, for a clock put back shuts nobody out.

    What an operator gave is paid. Of what was bought each stage is a step, and a step that begins at the end is none.
    """
    row = Subscription.objects.filter(held=held).first() if held.pk else None
    course = tuple(Stage(**told) for told in row.life) if row else ()
    course = tuple(stage for stage in course if stage.name != "ended")
    until_s = held.until_s
    found = [(stage.from_s, stage.paid) for stage in course if until_s is None or stage.from_s < until_s]
    if not found:
        return ((0, not course or course[0].paid),)
    return ((0, found[0][1]), *found[1:])


def seats(held: Held) -> int | None:
    """How many seats were bought with a tier whose price is one of a seat; None where seats are not bought."""
    row = Subscription.objects.filter(held=held).first() if held.pk else None
    tier = documents.read(held.document).tier(held.tier) if row else None
    return row.seats if row is not None and tier is not None and tier.per_seat else None


def priced(document: str, tier: str) -> bool:
    """Does the tier have a price at this document? Only then does it matter whether it is paid."""
    found = documents.read(document).tier(tier)
    return found is not None and found.price is not None


def carry(before: Held, after: Held) -> None:
    """The same tier at another document: what paid for it goes on paying for it."""
    for row in Subscription.objects.filter(held=before):
        row.held, row.moved_to = after, after.document if after.document != row.document else ""
        row.save(update_fields=["held", "moved_to"])
        from licet.portal.certificates import bought
        from licet.portal.events import LICET

        bought.follow(row, LICET)  # a promise is about one version: what is paid is promised of the new one as well
