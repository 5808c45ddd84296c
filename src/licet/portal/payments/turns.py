"""Which of two fetches is the newer? The one that was asked later. Numbers from the database, for clocks may jump.

Why that suffices: each change at the provider comes with an event, and its fetch is asked after the change. So the
fetch with the highest number was asked after the last change, and has seen it; a lower one that comes in later may have
seen it or not, and is dropped. What is dropped wrongly was therefore never the last word.
"""

from __future__ import annotations

from django.db import transaction

from licet.portal.payments.models import Turn


@transaction.atomic
def draw() -> int:
    """The next number, in any process of this database."""
    mine = Turn.objects.create()
    Turn.objects.filter(n__lt=mine.n).delete()  # SQLite keeps the highest number that was given, not the rows
    return mine.n
