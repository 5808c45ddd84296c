"""What did a holder use in a period, and what is owed for it? The ledger's windows, priced by the documents."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from licet.access import quota
from licet.access.price import minor_words
from licet.errors import LicetError
from licet.portal import clock, documents, ledger_reading
from licet.portal.billing import bill
from licet.portal.billing.models import Invoice
from licet.portal.models import Held, Holder
from licet.release.policy import SPEND, past
from licet.release.release import Release

MONTHLY = "calls/month"  # counted for every holder, whatever the quotas: its windows are the holder's periods
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Period:
    """One month of a holder: `from_s` belongs to it, `until_s` to the next."""

    from_s: int
    until_s: int


@dataclass(frozen=True, slots=True)
class Bill:
    """A period with its lines; `invoice` once it is over and its bill was made."""

    release: str
    period: Period
    lines: tuple[bill.Line, ...]
    totals: tuple[tuple[str, int], ...]
    invoice: Invoice | None = None

    @property
    def priced(self) -> bool:
        """Does any of its lines have a price at all?"""
        return any(line.price for line in self.lines)

    @property
    def owed(self) -> str:
        """`12.50 EUR`; "" where nothing has a price."""
        return ", ".join(minor_words(minor, currency) for currency, minor in self.totals)


def document(sha256: str) -> Release | None:
    """A published document; None where there is none (a call of before the verdicts were kept)."""
    try:
        return documents.read(sha256) if sha256 else None
    except LicetError:
        return None


def periods(holder: Holder, release: str, held: Held | None = None) -> tuple[Period, ...]:
    """The holder's months with any use, and with `held` the running one too; newest first."""
    found = {Period(c.window_s, c.resets_s) for c in ledger_reading.windows(holder.pk, release) if c.meter == MONTHLY}
    if held is not None:
        found.add(running(held))
    return tuple(sorted(found, key=lambda one: one.from_s, reverse=True))


def running(held: Held) -> Period:
    """The month that it is now for a holder of a tier."""
    window = quota.window("month", clock.now_s(), held.anchor_s)
    return Period(window.start_s, window.end_s)


def worked_out(holder: Holder, release: str, period: Period, all_periods: Iterable[Period] = ()) -> Bill:
    """The bill as the ledger has it now.

    Every window stands on one bill: that of the last period that began before it, or of the first there is.
    """
    others = list(all_periods)
    until_s = min((p.from_s for p in others if period.from_s < p.from_s), default=period.until_s)
    before = max((p.until_s for p in others if p.from_s < period.from_s), default=period.from_s - DAY_S)
    windows = ledger_reading.runs(
        holder.pk, release, min(before, period.from_s), min(until_s, period.until_s)
    )  # fmt: skip
    newest = documents.newest(release)
    lines = bill.lines(windows, document, newest.sha256 if newest else "")
    return Bill(release, period, lines, tuple(sorted(bill.totals(lines).items())))


def kept(row: Invoice) -> Bill:
    """The bill that was made of a period that is over."""
    lines = tuple(bill.Line(**told) for told in row.lines)
    return Bill(row.release, Period(row.from_s, row.until_s), lines, tuple(sorted(row.totals.items())), row)


def spent_nanos(holder: Holder, release: str) -> int:
    """What calls past the quotas have cost in the running month, as the cap counts it: held ones with them."""
    counters = ledger_reading.counters(holder.pk, release)
    return sum(c.used + c.held for c in counters if c.meter == SPEND)


def priced_tier(held: Held) -> bool:
    """Can anything be owed at this tier at all?"""
    tier = documents.read(held.document).tier(held.tier)
    return tier is not None and bool(past(tier, tier.quotas))
