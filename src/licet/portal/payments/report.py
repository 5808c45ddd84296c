"""What came in, who buys what, and who owes? The operator's figures, in whole coins, each currency for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from licet.access.price import half_even
from licet.portal import clock
from licet.portal.payments.models import OrderRow, PaymentRow, Subscription
from licet.portal.payments.offer import MONTHS, coin_words

_OVER = ("canceled", "incomplete", "incomplete_expired")


@dataclass(frozen=True, slots=True)
class Month:
    """`2026-11`: what was paid, what of it was given back or lost to a dispute, and what is left."""

    name: str
    currency: str
    payments: int
    paid_minor: int
    back_minor: int

    @property
    def words(self) -> tuple[str, str, str]:
        """(paid, given back, left) in words."""
        amounts = (self.paid_minor, self.back_minor, self.paid_minor - self.back_minor)
        paid, back, left = (coin_words(amount, self.currency) for amount in amounts)
        return paid, back, left


@dataclass(frozen=True, slots=True)
class Sold:
    """One tier: orders begun, paid, and left; how many have it now, on trial, owing, or cancelled to a date.

    `monthly` is what those who have it pay in a month, in words; a year counts a twelfth.
    """

    release: str
    tier: str
    begun: int
    paid: int
    left: int
    living: int
    trial: int
    owing: int
    leaving: int
    monthly: str

    @property
    def percent(self) -> int | None:
        """How many of a hundred orders that came to an end were paid; None before one did."""
        ended = self.paid + self.left
        return half_even(100 * self.paid, ended) if ended else None


def months(rows: Iterable[PaymentRow] | None = None) -> tuple[Month, ...]:
    """By month of the payment (UTC) and currency, the newest first."""
    paid: Counter[tuple[str, str]] = Counter()
    back: Counter[tuple[str, str]] = Counter()
    count: Counter[tuple[str, str]] = Counter()
    for row in PaymentRow.objects.filter(state="paid") if rows is None else rows:
        key = (datetime.fromtimestamp(row.at_s, UTC).strftime("%Y-%m"), row.currency)
        paid[key] += row.amount_minor
        back[key] += row.amount_minor if row.dispute == "lost" else row.refunded_minor
        count[key] += bool(row.amount_minor)
    return tuple(Month(*key, count[key], paid[key], back[key]) for key in sorted(paid, reverse=True))


def sold() -> tuple[Sold, ...]:
    """Every tier that anybody set out to buy, by release and tier."""
    states: Counter[tuple[str, str, str]] = Counter(OrderRow.objects.values_list("release", "tier", "state"))
    rows = list(Subscription.objects.filter(surplus_s=None, gone_s=None).exclude(status__in=_OVER))
    names = {(release, tier) for release, tier, _ in states} | {(row.release, row.tier) for row in rows}
    found = []
    for release, tier in sorted(names):
        mine = [row for row in rows if (row.release, row.tier) == (release, tier)]
        by_state = {state: states[release, tier, state] for state in ("open", "paid", "left")}
        found.append(
            Sold(
                release, tier, sum(by_state.values()), by_state["paid"], by_state["left"], len(mine),
                sum(row.status == "trialing" for row in mine), sum(row.first_failure_s is not None for row in mine),
                sum(row.cancel_at_s is not None for row in mine), _monthly(mine),
            )
        )  # fmt: skip
    return tuple(found)


def used() -> tuple[tuple[str, int, str], ...]:
    """(month, bills, sum) of the final bills of use past the quotas, by the month in which they end, the newest first."""
    from licet.portal.billing.models import Invoice

    sums: Counter[tuple[str, str]] = Counter()
    count: Counter[tuple[str, str]] = Counter()
    for until_s, totals in Invoice.objects.values_list("until_s", "totals"):
        for currency, minor in totals.items():
            if minor:
                key = (datetime.fromtimestamp(until_s, UTC).strftime("%Y-%m"), currency)
                sums[key] += minor
                count[key] += 1
    return tuple((key[0], count[key], coin_words(sums[key], key[1])) for key in sorted(sums, reverse=True))


def failing() -> tuple[Subscription, ...]:
    """Who owes, the longest first."""
    rows = Subscription.objects.exclude(first_failure_s=None).exclude(status__in=_OVER).filter(gone_s=None)
    return tuple(rows.select_related("holder__account").order_by("first_failure_s", "id"))


def given_back(days: int = 90) -> tuple[PaymentRow, ...]:
    """Payments given back or disputed lately, the newest first."""
    since_s = clock.now_s() - days * 86_400
    rows = PaymentRow.objects.filter(at_s__gte=since_s - 365 * 86_400).select_related("subscription__holder__account")
    told = [row for row in rows if (row.refunded_s or row.disputed_s or 0) >= since_s]
    return tuple(sorted(told, key=lambda row: -(row.refunded_s or row.disputed_s or 0)))


def _monthly(rows: Iterable[Subscription]) -> str:
    sums: Counter[str] = Counter()
    for row in rows:
        months = MONTHS.get(row.interval)
        if months is not None and row.status != "trialing" and row.paused_s is None:
            sums[row.currency] += half_even(row.unit_minor * row.seats, months)
    return ", ".join(coin_words(sums[currency], currency) for currency in sorted(sums))
