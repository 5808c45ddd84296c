"""What may be played with a subscription of the sandbox, and when does it come to it? Time is played by its past."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from licet.portal.payments import life
from licet.portal.payments.apply import grace_days
from licet.portal.payments.offer import coin_words
from licet.portal.payments.port import Declined, Payment, Snapshot
from licet.portal.payments.sandbox import machine
from licet.portal.payments.sandbox.machine import Kept

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Play:
    """One button: its name in the form, what it says, and what then happens."""

    name: str
    says: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One subscription on the sandbox's desk."""

    seen: Snapshot
    amount: str
    plays: tuple[Play, ...]
    payments: tuple[tuple[Payment, str, tuple[Play, ...]], ...]


def told(kept: Kept, now_s: int) -> Told:
    seen = kept.seen
    paid = tuple((p, coin_words(p.amount_minor, p.currency), tuple(_of_payment(p))) for p in seen.payments)
    return Told(seen, coin_words(seen.unit_minor * seen.seats, seen.currency), tuple(_plays(kept, now_s)), paid)


def play(name: str, kept: Kept, now_s: int) -> Kept:
    """Do what a button says. LicetError for one that this subscription does not have now."""
    act, _colon, about = name.partition(":")
    acts: dict[str, Callable[[], Kept]] = {
        "renew": lambda: machine.renew(_due(kept, now_s), passes=True),
        "fail": lambda: machine.renew(_due(kept, now_s), passes=False),
        "retry": lambda: machine.retry(kept),
        "pay": lambda: machine.pay(kept, now_s),
        "grace": lambda: machine.sooner(kept, _until_closed(kept, now_s)),
        "week": lambda: machine.sooner(kept, min(7 * DAY_S, _until_next(kept, now_s))),
        "unpaid": lambda: machine.give_up(kept, now_s, ends=False),
        "end": lambda: machine.give_up(kept, now_s, ends=True),
        "pause": lambda: machine.pause(kept, now_s),
        "resume": lambda: machine.resume(kept),
        "refund": lambda: machine.refund(kept, about, None, f"desk-{about}", now_s),
        "dispute": lambda: machine.dispute(kept, about, "open", now_s),
        "won": lambda: machine.dispute(kept, about, "won", now_s),
        "lost": lambda: machine.dispute(kept, about, "lost", now_s),
    }
    if act not in acts:
        raise Declined("the sandbox cannot play that")
    return acts[act]()


def _plays(kept: Kept, now_s: int) -> Iterator[Play]:
    seen = kept.seen
    if seen.status in ("canceled", "incomplete", "incomplete_expired"):
        return
    owes = seen.status in ("past_due", "unpaid")
    if machine.next_s(kept) is not None and not owes:
        if seen.cancel_at_s is not None:
            yield Play("renew", _("Go to the end date"), _("It was cancelled: it ends."))
        elif seen.status == "trialing":
            yield Play("renew", _("End the trial: the payment passes"))
            yield Play("fail", _("End the trial: the payment is declined"))
        else:
            yield Play("renew", _("Go to the next invoice: the payment passes"))
            yield Play("fail", _("Go to the next invoice: the payment is declined"))
    if owes:
        yield Play("pay", _("Pay what is owed"))
        yield Play("retry", _("Retry, declined again"), _("Nothing moves: grace began at the first failure."))
        if _until_closed(kept, now_s) > 0:
            yield Play("grace", _("Go to the end of the days of grace"))
        if seen.status == "past_due":
            yield Play("unpaid", _("Give up: it stays unpaid"))
        yield Play("end", _("Give up: it is ended"))
    if seen.interval != "once":
        yield Play(
            "week", _("Let a week pass"), _("Everything about it is moved a week into the past; no clock is touched.")
        )
        if seen.paused_s is None:
            yield Play("pause", _("Put it on hold"))
        else:
            yield Play("resume", _("Take it off hold"))


def _of_payment(payment: Payment) -> Iterator[Play]:
    if payment.state != "paid" or not payment.amount_minor:
        return
    if payment.dispute == "" and payment.refunded_minor < payment.amount_minor:
        yield Play(f"refund:{payment.ref}", _("Give it back"))
        yield Play(f"dispute:{payment.ref}", _("Dispute it"))
    elif payment.dispute == "open":
        yield Play(f"won:{payment.ref}", _("The payment stands"))
        yield Play(f"lost:{payment.ref}", _("The money goes back"))


def _due(kept: Kept, now_s: int) -> Kept:
    """The next date is now: the subscription's past is moved so far back."""
    at_s = machine.next_s(kept)
    return kept if at_s is None else machine.sooner(kept, at_s - now_s)


def _until_next(kept: Kept, now_s: int) -> int:
    at_s = machine.next_s(kept)
    owes = kept.seen.status in ("past_due", "unpaid")
    return 7 * DAY_S if at_s is None or owes else max(0, at_s - now_s)


def _until_closed(kept: Kept, now_s: int) -> int:
    """How far away the end of its days of grace is."""
    course = life.stages(kept.seen, grace_days(kept.seen.document, kept.seen.tier))
    closed = next((stage.from_s for stage in course if stage.name == "restricted"), now_s)
    return max(0, closed - now_s)
