"""What does somebody see of what he bought? Which tier, for how much, until when, and what the next date brings."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.portal import clock
from licet.portal.models import Holder
from licet.portal.payments import life, notes, orders, pricing, providers, reduced
from licet.portal.payments.apply import stages
from licet.portal.payments.life import Stage
from licet.portal.payments.models import PaymentRow, Subscription
from licet.portal.payments.notes import Note
from licet.portal.payments.offer import coin_words
from licet.release.release import Release

STATES = {"paid": "yes", "open": "no", "failed": "no", "void": "depends"}


@dataclass(frozen=True, slots=True)
class Paid:
    """One payment as a line: `badge` is yes, no or depends."""

    row: PaymentRow
    amount: str
    back: str
    word: str
    badge: str


@dataclass(frozen=True, slots=True)
class Bought:
    """One subscription. `next` is what the next date brings, in a sentence; `desk` whether the provider has a page."""

    row: Subscription
    stage: str
    why: str
    price: str
    next: str
    next_s: int | None
    notes: tuple[Note, ...]
    payments: tuple[Paid, ...]
    living: bool
    may_cancel: bool
    may_resume: bool
    may_change: bool
    desk: bool
    test: bool
    coupon: str = ""  # what it takes off, and for how long


def bought(holder: Holder, release: str = "") -> tuple[Bought, ...]:
    """Everything the holder ever bought (of one release), what lives first, the newest first."""
    rows = Subscription.objects.filter(holder=holder).exclude(status__in=orders.NEVER_BEGUN)
    if release:
        rows = rows.filter(release=release)
    found = [_bought(row) for row in rows.order_by("-started_s", "-id")]
    return tuple(sorted(found, key=lambda one: not one.living))


def news(holder: Holder) -> tuple[Note, ...]:
    """What is still to be said of purchases that are over; one that lives says its own beside itself."""
    return tuple(note for one in bought(holder) if not one.living for note in one.notes)


def sold(release: Release) -> bool:
    """Can anything of this release be bought here now?"""
    return providers.selling() is not None and any(t.price and not t.requires_approval for t in release.tiers)


def _bought(row: Subscription) -> Bought:
    now_s, course = clock.now_s(), stages(row)
    stage = life.at(course, now_s)
    over = stage is None or stage.name == "ended" or row.surplus_s is not None
    provider = providers.named(row.provider)
    says, next_s = _owed(row, course, stage) if stage and stage.why == "failed" else _next(row, now_s)
    on = not over and provider is not None
    coupon = reduced.coupon(row)
    return Bought(
        row=row,
        coupon=reduced.in_words(coupon) if coupon else "",
        stage=stage.name if stage else "",
        why=stage.why if stage else "",
        price=price(row),
        next="" if over else says,
        next_s=None if over else next_s,
        notes=notes.shown(row, now_s),
        payments=tuple(_paid(one, over=over) for one in row.payments.order_by("-at_s", "-id")),
        living=not over,
        may_cancel=on and row.cancel_at_s is None and row.interval != "once",
        may_resume=on and (row.cancel_at_s is not None or row.paused_s is not None),
        may_change=on and row.interval != "once" and row.first_failure_s is None,
        desk=provider is not None and bool(row.customer),
        test=provider is not None and provider.test,
    )


def price(row: Subscription) -> str:
    amount = coin_words(row.unit_minor * row.seats, row.currency)
    says = {
        "month": _("%(amount)s a month"), "year": _("%(amount)s a year"), "once": _("%(amount)s once"),
    }[row.interval]  # fmt: skip
    return says % {"amount": amount}


def _owed(row: Subscription, course: tuple[Stage, ...], stage: Stage) -> tuple[str, int | None]:
    """What comes of a payment that failed."""
    closed_s = next((one.from_s for one in course if one.name == "restricted"), None)
    if stage.name == "grace" and closed_s is not None:
        return _("It is closed, unless what is owed is paid before."), closed_s
    return _("It is open again with the first call after what is owed is paid."), None


def _next(row: Subscription, now_s: int) -> tuple[str, int | None]:
    """What happens at the next date if nobody does anything."""
    if row.cancel_at_s is not None:
        return _("It ends. Nothing more is charged."), row.cancel_at_s
    if row.interval == "once":
        return _("Nothing: it is yours for good."), None
    if row.paused_s is not None:
        return _("It is on hold."), None
    if row.coming is not None:
        return _("It becomes %(tier)s.") % {"tier": notes.becomes(row)}, row.coming["at_s"]
    if (new := pricing.coming(row)) is not None and new.told_s is not None:
        told = {"amount": coin_words(new.chosen.each_minor, row.currency)}
        return _("It costs %(amount)s from then on.") % told, new.from_s
    if row.trial_until_s is not None and now_s < row.trial_until_s:
        return _("The trial ends, and %(price)s is charged.") % {
            "price": _due(row, row.trial_until_s)
        }, row.trial_until_s
    return _("It is renewed: %(price)s is charged.") % {"price": _due(row, row.period_until_s)}, row.period_until_s


def _due(row: Subscription, at_s: int | None) -> str:
    return _("%(price)s, less your coupon,") % {"price": price(row)} if reduced.reduces(row, at_s) else price(row)


def _paid(row: PaymentRow, *, over: bool) -> Paid:
    says = {"paid": _("paid"), "open": _("owed"), "failed": _("failed"), "void": _("dropped")}
    state = "void" if over and row.state in ("open", "failed") else row.state  # of what ended nothing is asked any more
    word, badge = says.get(state, state), STATES.get(state, "depends")
    if row.dispute in ("open", "lost"):
        word, badge = (_("disputed") if row.dispute == "open" else _("taken back")), "no"
    elif row.refunded_minor:
        word, badge = (_("given back") if row.refunded_minor >= row.amount_minor else _("partly given back")), "depends"
    back = coin_words(row.refunded_minor, row.currency) if row.refunded_minor else ""
    return Paid(row, coin_words(row.amount_minor, row.currency), back, word, badge)
