"""When is a bill made, and how often? Once for each period that is over, a day after its end; never changed.

A window of a day that begins before the period's last moment ends after it: the day of waiting is for that, and for
calls that were still running.
"""

from __future__ import annotations

from django.db import IntegrityError, transaction

from licet.portal import clock, documents, events, ledger_reading
from licet.portal.billing import meters, reading
from licet.portal.billing.models import Invoice
from licet.portal.billing.reading import Bill, Period
from licet.portal.models import Holder

WAITS_S = reading.DAY_S + 3_600
LOOKS_BACK_S = 92 * reading.DAY_S  # a server that was off for so long still bills what was used before


def issue() -> int:
    """Make every bill that is due; how many. Safe to do twice, by two processes at once.

    Only where something is owed: a month in which nothing was is worked out whenever it is asked for, always the same.
    """
    now, made = clock.now_s(), 0
    for release in documents.releases():
        past_it = {counter: limit + 1 for counter, limit in meters.limits(release).items()}
        owing = {holder_id for holder_id, _ in ledger_reading.moving(release, now - LOOKS_BACK_S, past_it)}
        for holder in Holder.objects.filter(pk__in=owing):
            done = of(holder, release)
            periods = reading.periods(holder, release)
            for period in periods:
                if period.until_s + WAITS_S <= now and period.from_s not in done:
                    made += _issued(holder, release, period, periods)
    return made


def of(holder: Holder, release: str) -> dict[int, Invoice]:
    """The bills made, by the beginning of their periods."""
    return {row.from_s: row for row in Invoice.objects.filter(holder=holder, release=release)}


def all_of(holder: Holder, release: str, running: Period | None = None) -> tuple[Bill, ...]:
    """Every period's bill, newest first: as made, or as it stands now; of the running period also where it is empty."""
    made, found = of(holder, release), []
    periods = reading.periods(holder, release)
    if running is not None and running not in periods:
        periods = (running, *periods)
    for period in periods:
        row = made.get(period.from_s)
        found.append(reading.kept(row) if row else reading.worked_out(holder, release, period, periods))
    return tuple(found)


def one_of(holder: Holder, release: str, from_s: int, running: Period | None = None) -> Bill | None:
    """The bill of the period that begins then; None where there is no such period."""
    periods = reading.periods(holder, release)
    if running is not None and running not in periods:
        periods = (running, *periods)
    period = next((one for one in periods if one.from_s == from_s), None)
    row = of(holder, release).get(from_s)
    if row is not None:
        return reading.kept(row)
    return reading.worked_out(holder, release, period, periods) if period else None


def _issued(holder: Holder, release: str, period: Period, periods: tuple[Period, ...]) -> int:
    bill = reading.worked_out(holder, release, period, periods)
    if not any(line.past for line in bill.lines):
        return 0
    try:
        with transaction.atomic():
            row = Invoice.objects.create(
                holder=holder, release=release, from_s=period.from_s, until_s=period.until_s,
                lines=[line.told() for line in bill.lines], totals=dict(bill.totals),
            )  # fmt: skip
            events.record("invoice.issued", events.LICET, holder, release, invoice=row.pk, from_s=period.from_s,
                          until_s=period.until_s)  # fmt: skip
    except IntegrityError:  # another process was first
        return 0
    return 1
