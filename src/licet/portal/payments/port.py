"""What do we ask of whoever takes the money, and what does he tell? The port: values, and one protocol.

Money is in the currency's smallest coin (`_minor`: cents of a euro, whole yen), times are epoch seconds. Nothing here
knows Django, a provider's SDK or a clock. Two adapters satisfy `Provider`: the sandbox and Stripe.

**An event is a hint, `fetch` is the truth.** Acts return nothing that is believed: after each of them, and after each
event, the object is fetched anew and `apply.apply` writes what it says. So whatever is lost, doubled or late, the next
fetch mends it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from licet.errors import LicetError

Status = Literal[
    "incomplete", "incomplete_expired", "trialing", "active", "past_due", "unpaid", "canceled", "paused"
]  # fmt: skip
Interval = Literal["month", "year", "once"]
When = Literal["now", "period_end"]
PaymentState = Literal["open", "paid", "failed", "void"]
Dispute = Literal["", "open", "won", "lost"]
CheckoutState = Literal["open", "complete", "expired"]

STATUSES: tuple[Status, ...] = get_args(Status)


class Unreachable(LicetError):
    """The provider did not answer, or not in time: nothing is known to have happened. Trying again is right."""


class Declined(LicetError):
    """The provider answered no: trying the same again is wrong."""


class NoCustomer(Declined):
    """The provider no longer has this customer: it was deleted there. Asking without one makes a new one."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One charge as fetched: of a period, of a change within it, or of a one-off purchase.

    `ref` is stable over retries (an invoice's id, or a payment's where there is no invoice). `attempted_s` is the first
    failed attempt, None where none failed. `until_s`: the time that is paid by it ends then; None for a one-off.
    """

    ref: str
    state: PaymentState
    amount_minor: int
    currency: str
    at_s: int
    from_s: int | None = None
    until_s: int | None = None
    attempted_s: int | None = None
    refunded_minor: int = 0
    refunded_s: int | None = None  # when the last refund was made
    dispute: Dispute = ""
    disputed_s: int | None = None  # when it was opened
    judged_s: int | None = None  # when it was won or lost
    url: str = ""  # the provider's page of it: the invoice, or where an open one can be paid

    @property
    def refunded(self) -> bool:
        """Was all of it given back?"""
        return self.state == "paid" and 0 < self.amount_minor <= self.refunded_minor


@dataclass(frozen=True, slots=True)
class Coming:
    """What a subscription becomes at its next date: a downgrade that waits for the end of what was paid."""

    at_s: int
    tier: str
    interval: Interval
    seats: int = 1
    document: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A subscription as the provider has it at one moment. A one-off purchase is one too: `interval` "once".

    `holder_id`, `release`, `tier` and `document` are what checkout wrote into the provider's metadata; `document` is ""
    where it is not known. `ref` and `customer` are the provider's ids.

    `paid_until_s` is the end of the last period that was paid (or is on trial), not of the one that is owed; None: paid
    for ever. `cancel_at_s` is when it will end by wish, `ended_s` when it did end. `failed_s` is the first failed
    attempt on the **oldest charge that is still owed**: so no retry moves it; None where nothing is owed or it is not
    told. `resumes_s` is when a pause ends by itself.

    A one-off purchase that was refunded in full has the status `canceled`, with `ended_s` the refund's moment.
    """

    provider: str
    ref: str
    customer: str
    holder_id: str
    release: str
    tier: str
    status: Status
    started_s: int
    interval: Interval = "month"
    seats: int = 1
    unit_minor: int = 0
    currency: str = "EUR"
    document: str = ""
    order: str = ""
    period_from_s: int | None = None
    period_until_s: int | None = None
    paid_until_s: int | None = None
    trial_until_s: int | None = None
    cancel_at_s: int | None = None
    ended_s: int | None = None
    failed_s: int | None = None
    paused_s: int | None = None
    resumes_s: int | None = None
    coming: Coming | None = None
    payments: tuple[Payment, ...] = ()  # newest first; at least those of the running period and all that are owed


@dataclass(frozen=True, slots=True)
class Order:
    """What is bought. `id` is ours: it goes into the provider's metadata and makes every request of it idempotent.

    `unit_minor` is the price of one seat for one interval, before tax and coupon. A coupon takes `percent_off` for
    `coupon_months` (None: for as long as it is held). `customer` is the provider's id of this holder, "" at the first
    purchase; `email` fills in the form.
    """

    id: str
    holder_id: str
    release: str
    document: str
    tier: str
    interval: Interval
    unit_minor: int
    currency: str
    seats: int = 1
    trial_days: int = 0
    coupon: str = ""
    percent_off: int = 0
    coupon_months: int | None = None
    customer: str = ""
    email: str = ""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The provider's page where an order is paid, and what became of it.

    `subscription` is what to `fetch` once it is complete: a subscription's ref, or a one-off purchase's.
    """

    ref: str
    url: str
    state: CheckoutState = "open"
    expires_s: int | None = None
    subscription: str = ""


def metered(release: str, meter: str) -> str:
    """The name under which a release's use past a quota is told: the `meter` of `report_usage`."""
    return f"{release}.{meter}"


class Provider(Protocol):
    """Whoever takes the money. Every act may raise `Unreachable` or `Declined`; each may be repeated with the same
    arguments and then does nothing more.
    """

    @property
    def name(self) -> str:
        """`sandbox` or `stripe`: stands in every row beside the provider's ids."""

    @property
    def test(self) -> bool:
        """Is no real money moved? Then every page says so."""

    def checkout(self, order: Order, *, done_url: str, back_url: str) -> Checkout:
        """Open a page on which this order is paid. The same order again gives the same page. `NoCustomer` where
        `order.customer` is no longer there.
        """

    def checked_out(self, ref: str) -> Checkout:
        """What became of a checkout. One that the provider no longer knows is `expired`."""

    def expire(self, ref: str) -> None:
        """Nobody can pay at this checkout any more: it was left for another. One that is paid already stays so."""

    def desk_url(self, customer: str, back_url: str) -> str:
        """The provider's own page for a customer: change the card, see invoices. "" where there is none."""

    def fetch(self, ref: str) -> Snapshot | None:
        """The subscription (or one-off purchase) as it is now. None where the provider has none of that id."""

    def every(self) -> Iterator[str]:
        """The refs of all subscriptions and one-off purchases that are ours, whatever their status, once each."""

    def change(self, ref: str, order: Order, when: When) -> None:
        """Another tier, interval, number of seats, price or document: at once (with the provider's proration; the same
        request takes a cancellation back), or from the end of the paid period. A later change takes the place of one
        that waits; a change at the period's end to what is held already takes the waiting one back.
        """

    def cancel(self, ref: str, when: When) -> None:
        """End it, at the end of what was paid or now. Ending now gives no money back: that is `refund`."""

    def resume(self, ref: str) -> None:
        """Take a cancellation at the period's end back, or end a pause."""

    def refund(self, payment: str, amount_minor: int | None, key: str) -> None:
        """Give back all (None) or a part of a payment. `key` is the refund's own: the same key refunds once."""

    def report_usage(self, customer: str, meter: str, units: int, at_s: int, identifier: str) -> None:
        """Tell of usage that the provider bills. `identifier` is derived from what was used: the same is counted once."""
