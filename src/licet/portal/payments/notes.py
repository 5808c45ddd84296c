"""What is there to tell a holder about what was bought? For the page and for the mail alike: the same notes, each once.

A note has a key that names what it tells of. A page shows those that matter now; a mail is sent for each key that was
not told yet (`telling.py`). So nothing is told twice, and what was missed is told late. A wish that was taken back
(`AGAIN`) is told again when it is wished again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.portal.pages import words
from licet.portal.payments import life, reduced
from licet.portal.payments.apply import stages
from licet.portal.payments.models import PaymentRow, Subscription
from licet.portal.payments.offer import coin_words

Level = Literal["good", "warn", "bad", "plain"]
DAY_S = 86_400
TRIAL_NOTICE_S = 3 * DAY_S
SHOWN_S = 14 * DAY_S  # how long a page goes on saying what is over
AGAIN = ("cancelled", "coming")
FORGOTTEN_S = 30 * DAY_S  # what is older than this is news to nobody: it is not mailed any more


@dataclass(frozen=True, slots=True)
class Note:
    """`at_s` is when it became true. `shown`: does a page still say it? `owes`: is there something to pay?"""

    key: str
    level: Level
    subject: str
    says: str
    at_s: int
    shown: bool = True
    owes: bool = False


def notes(row: Subscription, now_s: int) -> tuple[Note, ...]:
    """Everything that is true by now, the oldest first."""
    return tuple(note for note in coming(row, now_s) if note.at_s <= now_s)


def coming(row: Subscription, now_s: int) -> tuple[Note, ...]:
    """That, and what will be true by time alone."""
    if row.surplus_s is not None:
        return (_surplus(row),)
    found = [*_of_stages(row, now_s), *_of_wishes(row, now_s)]
    for payment in row.payments.order_by("at_s", "id"):
        found += _of_payment(row, payment, now_s)
    return tuple(sorted(found, key=lambda note: note.at_s))


def shown(row: Subscription, now_s: int) -> tuple[Note, ...]:
    """Those that a page says now, the newest first."""
    return tuple(note for note in reversed(notes(row, now_s)) if note.shown)


def _of_stages(row: Subscription, now_s: int) -> Iterator[Note]:
    course = stages(row)
    here = life.at(course, now_s)
    tier = {"tier": row.tier, "release": row.release}
    paid = row.payments.filter(state="paid").count()  # tells one failure from the next, whatever the clock says
    for n, stage in enumerate(course):
        now = stage is here
        after = course[n + 1] if n + 1 < len(course) else None
        key = f"{stage.name}:{paid}"
        match stage.name, stage.why:
            case ("trial", _why) if after and row.cancel_at_s is None:
                yield Note(
                    "trial_ends", "plain",
                    _("Your trial of %(tier)s ends soon") % tier,
                    _("The trial of %(tier)s ends on %(day)s. Then %(price)s is charged. Cancel before, and nothing is.")
                    % {**tier, "day": words.day(after.from_s), "price": _price(row, after.from_s)},
                    after.from_s - TRIAL_NOTICE_S, now,
                )  # fmt: skip
            case "grace", "failed":
                until = after.from_s if after else stage.from_s
                yield Note(
                    key, "warn", _("A payment for %(tier)s failed") % tier,
                    _("A payment for %(tier)s failed on %(day)s. Nothing is lost: everything goes on until %(until)s. Pay"
                      " until then, or look after your way to pay.")
                    % {**tier, "day": words.day(stage.from_s), "until": words.day(until)},
                    stage.from_s, now, True,
                )  # fmt: skip
            case "restricted", "failed":
                yield Note(
                    key, "bad", _("%(tier)s is closed until a payment arrives") % tier,
                    _("A payment for %(tier)s is owed since %(day)s, and the days of grace are over: calls are answered"
                      " with 402. Your keys and settings stay. Pay, and the next call is let in.")
                    % {**tier, "day": words.day(row.first_failure_s or stage.from_s)},
                    stage.from_s, now, True,
                )  # fmt: skip
            case "restricted", "disputed":
                yield Note(
                    key, "bad", _("%(tier)s is closed while a payment is disputed") % tier,
                    _("Your bank took a payment for %(tier)s back. Until that is settled, calls are answered with 402.")
                    % tier,
                    stage.from_s, now,
                )  # fmt: skip
            case "paused", _why:
                yield Note(
                    key, "warn", _("%(tier)s is on hold") % tier,
                    _("%(tier)s is on hold since %(day)s: nothing is charged, and its features are closed.")
                    % {**tier, "day": words.day(stage.from_s)},
                    stage.from_s, now,
                )  # fmt: skip
            case "ended", _why:
                yield Note(
                    key, "plain", _("%(tier)s has ended") % tier,
                    _("%(tier)s ended on %(day)s. What needs no payment stays open to you; your keys and settings stay.")
                    % {**tier, "day": words.day(stage.from_s)},
                    stage.from_s, now and now_s < stage.from_s + SHOWN_S,
                )  # fmt: skip


def _of_wishes(row: Subscription, now_s: int) -> Iterator[Note]:
    tier = {"tier": row.tier, "release": row.release}
    if row.life and row.status not in ("incomplete", "incomplete_expired"):
        yield Note(
            "begun", "good", _("%(tier)s is yours") % tier,
            _("You have %(tier)s of %(release)s, for %(price)s. You can end it at any time on the page of your tier; what"
              " you paid for stays open to its end.") % {**tier, "price": _price(row)},
            row.started_s, False,
        )  # fmt: skip
    if row.cancel_at_s is not None and row.status != "canceled":
        yield Note(
            "cancelled", "plain", _("%(tier)s will end") % tier,
            _("%(tier)s is cancelled. It stays open until %(day)s, and nothing more is charged.")
            % {**tier, "day": words.day(row.cancel_at_s)},
            row.applied_s, now_s < row.cancel_at_s,
        )  # fmt: skip
    if row.coming is not None:
        yield Note(
            f"coming:{row.coming['tier']}:{row.coming['interval']}:{row.coming['seats']}", "plain",
            _("%(tier)s will change") % tier,
            _("From %(day)s on you have %(coming)s. Until then all stays as it is.")
            % {"day": words.day(row.coming["at_s"]), "coming": becomes(row)},
            row.applied_s, now_s < row.coming["at_s"],
        )  # fmt: skip


def _of_payment(row: Subscription, payment: PaymentRow, now_s: int) -> Iterator[Note]:
    told = {"tier": row.tier, "amount": coin_words(payment.amount_minor, payment.currency)}
    if payment.refunded_minor and payment.refunded_s is not None:
        yield Note(
            f"refunded:{payment.ref}:{payment.refunded_minor}", "good", _("A payment was given back"),
            _("%(back)s of your payment of %(amount)s for %(tier)s was given back.")
            % {**told, "back": coin_words(payment.refunded_minor, payment.currency)},
            payment.refunded_s, now_s < payment.refunded_s + SHOWN_S,
        )  # fmt: skip
    if payment.attempted_s is not None and payment.state == "paid":
        yield Note(
            f"recovered:{payment.ref}", "good", _("The payment for %(tier)s arrived") % told,
            _("The payment of %(amount)s for %(tier)s arrived. All is as it was before.") % told,
            payment.at_s, now_s < payment.at_s + 3 * DAY_S,
        )  # fmt: skip
    if payment.dispute == "open":
        yield Note(
            f"disputed:{payment.ref}", "warn", _("A payment for %(tier)s is disputed") % told,
            _("Your bank disputes the payment of %(amount)s for %(tier)s. If that is a mistake, tell your bank.") % told,
            payment.disputed_s or payment.at_s, True,
        )  # fmt: skip
    elif payment.dispute:
        says = (
            _("The dispute about %(amount)s for %(tier)s was settled: the payment stands.")
            if payment.dispute == "won"
            else _(
                "The dispute about %(amount)s for %(tier)s was settled: the money went back, and what it paid for ended."
            )
        )
        at_s = payment.judged_s or payment.at_s
        yield Note(
            f"judged:{payment.ref}", "plain", _("A dispute was settled"), says % told, at_s, now_s < at_s + SHOWN_S
        )  # fmt: skip


def _surplus(row: Subscription) -> Note:
    says = _(
        "%(tier)s was bought while something else was bought already. It is ended, and what was paid is given back."
    )
    return Note("surplus", "warn", _("Bought twice"), says % {"tier": row.tier}, row.surplus_s or 0, False)


def becomes(row: Subscription) -> str:
    """What waits for the next date: the tier, for how many, and how it is paid where that changes, too."""
    coming = row.coming or {}
    named = coming["tier"]
    if coming["seats"] > 1 or (row.seats > 1 and named == row.tier):
        seats = ngettext("%(n)s seat", "%(n)s seats", coming["seats"]) % {"n": words.figure(coming["seats"])}
        named = _("%(tier)s for %(seats)s") % {"tier": named, "seats": seats}
    if coming["interval"] == row.interval:
        return str(named)
    says = _("%(tier)s, paid by the year") if coming["interval"] == "year" else _("%(tier)s, paid by the month")
    return says % {"tier": named}


def _price(row: Subscription, at_s: int | None = None) -> str:
    """What it costs; with a moment, what is charged then."""
    if reduced.reduces(row, at_s):
        return _("%(price)s, less your coupon,") % {"price": _price(row)}
    amount = coin_words(row.unit_minor * row.seats, row.currency)
    if row.interval == "once":
        return amount
    return (
        _("%(amount)s a year") % {"amount": amount}
        if row.interval == "year"
        else _("%(amount)s a month") % {"amount": amount}
    )
