"""What does a subscription at Stripe mean in our words? Pure: what was fetched in, a snapshot out.

Facts that need care, all of them from Stripe's documents and the SDK's types. Since the API of 2025 the period stands in
the item, and an invoice names its subscription in `parent`. Stripe does not say when a charge failed first: an invoice is
finalized and tried at once, and `finalized_at` never moves with the retries, so it stands for the first failure. A
period begins whether it is paid or not: what is *paid* is read from the invoices' lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast, get_args

from licet.portal.payments.port import Coming, Dispute, Interval, Payment, PaymentState, Snapshot, Status
from licet.portal.payments.stripe_sdk import Json

PROVIDER = "stripe"
_STATUSES: frozenset[str] = frozenset(get_args(Status))
_STATES: Mapping[str, PaymentState] = {"paid": "paid", "open": "open", "uncollectible": "failed", "void": "void"}
_DISPUTES: Mapping[str, Dispute] = {"won": "won", "lost": "lost", "warning_closed": "won", "prevented": "won"}


def subscription(
    sub: Json, invoices: Iterable[Json], charges: Mapping[str, Json], disputes: Iterable[Json]
) -> Snapshot:
    """`invoices` with their payments, newest first; `charges` by payment intent, with their refunds; all of this one."""
    item = _seat(sub)
    price, said = item["price"], _said(sub)
    sold = price.get("metadata") or {}
    tier = sold.get("licet_tier") or said.get("licet_tier", "")
    payments = tuple(
        _invoice(one, charges, list(disputes)) for one in invoices if one["status"] in _STATES
    )  # a draft is not owed yet
    from_s, until_s = item.get("current_period_start"), item.get("current_period_end")
    status = sub["status"] if sub["status"] in _STATUSES else "unpaid"  # a word we do not know opens nothing
    return Snapshot(
        provider=PROVIDER, ref=sub["id"], customer=_id(sub["customer"]), holder_id=said.get("licet_holder", ""),
        release=sold.get("licet_release") or said.get("licet_release", ""), tier=tier, status=cast(Status, status),
        started_s=sub["start_date"], interval=_interval(price), seats=item.get("quantity") or 1,
        unit_minor=int(price.get("unit_amount") or 0), currency=price["currency"].upper(),
        document=said.get("licet_document", "") if tier == said.get("licet_tier") else "",
        order=said.get("licet_order", ""), period_from_s=from_s, period_until_s=until_s,
        paid_until_s=_paid_until(sub, payments), trial_until_s=sub.get("trial_end"),
        cancel_at_s=sub.get("cancel_at") or (until_s if sub.get("cancel_at_period_end") else None),
        ended_s=sub.get("ended_at"), failed_s=_failed(payments), paused_s=_paused(sub),
        resumes_s=(sub.get("pause_collection") or {}).get("resumes_at"), coming=_coming(sub), payments=payments,
    )  # fmt: skip


def once(intent: Json, charge: Json | None, disputes: Iterable[Json]) -> Snapshot:
    """A one-off purchase: a payment intent. Refunded in full it is over."""
    said = _said(intent)
    paid = intent["status"] == "succeeded"
    refunded_minor, refunded_s = _refunds(charge)
    dispute, disputed_s, judged_s = _dispute(intent["id"], disputes)
    payment = Payment(
        intent["id"], "paid" if paid else "open", intent["amount"], intent["currency"].upper(), intent["created"],
        refunded_minor=refunded_minor, refunded_s=refunded_s, dispute=dispute, disputed_s=disputed_s,
        judged_s=judged_s, url=(charge or {}).get("receipt_url") or "",
    )  # fmt: skip
    back = payment.refunded
    return Snapshot(
        provider=PROVIDER, ref=intent["id"], customer=_id(intent.get("customer")),
        holder_id=said.get("licet_holder", ""), release=said.get("licet_release", ""),
        tier=said.get("licet_tier", ""), status="canceled" if back else "active" if paid else "incomplete",
        started_s=intent["created"], interval="once", seats=int(said.get("licet_seats") or 1),
        unit_minor=int(said.get("licet_unit_minor") or intent["amount"]), currency=intent["currency"].upper(),
        document=said.get("licet_document", ""), order=said.get("licet_order", ""),
        ended_s=refunded_s if back else None, payments=(payment,) if paid else (),
    )  # fmt: skip


def parent(invoice: Json) -> str:
    """The subscription that an invoice belongs to; "" for any other."""
    details = (invoice.get("parent") or {}).get("subscription_details") or {}
    return _id(details.get("subscription"))


def intents(invoice: Json) -> list[str]:
    """The payment intents that paid an invoice, or tried to."""
    told = (invoice.get("payments") or {}).get("data") or []
    return [_id(one["payment"]["payment_intent"]) for one in told if one["payment"].get("payment_intent")]


def seat_item(sub: Json) -> Json:
    """The item that the seats are paid by; the others are metered."""
    return _seat(sub)


def _seat(sub: Json) -> Json:
    items: list[Json] = sub["items"]["data"]
    return next((i for i in items if i["price"]["recurring"]["usage_type"] == "licensed"), items[0])


def _invoice(one: Json, charges: Mapping[str, Json], disputes: list[Json]) -> Payment:
    paid = one["status"] == "paid"
    tried = one["attempt_count"] > (1 if paid else 0)
    mine = intents(one)
    found = [charges[ref] for ref in mine if ref in charges]
    backs = [_refunds(charge) for charge in found]
    dispute, disputed_s, judged_s = next((d for d in (_dispute(r, disputes) for r in mine) if d[0]), ("", None, None))
    lines = one["lines"]["data"]
    periods = [line["period"] for line in lines if not _proration(line)] or [line["period"] for line in lines]
    last: Json = max(
        periods, key=lambda p: (p["end"], p["start"]), default={}
    )  # metered lines tell of the period before
    return Payment(
        one["id"], "failed" if one["status"] == "open" and tried else _STATES[one["status"]],
        one["amount_paid"] if paid else one["amount_due"], one["currency"].upper(), one["created"],
        from_s=last.get("start"), until_s=last.get("end"),
        attempted_s=one["status_transitions"]["finalized_at"] if tried else None,
        refunded_minor=sum(minor for minor, _ in backs), refunded_s=max((s for _, s in backs if s), default=None),
        dispute=dispute, disputed_s=disputed_s, judged_s=judged_s, url=one.get("hosted_invoice_url") or "",
    )  # fmt: skip


def _proration(line: Json) -> bool:
    details = line.get("parent") or {}
    inner = details.get("subscription_item_details") or details.get("invoice_item_details") or {}
    return bool(inner.get("proration"))


def _paid_until(sub: Json, payments: Iterable[Payment]) -> int:
    """The end of the last period that is paid or on trial; where none is, the beginning: never "for ever"."""
    ends = [p.until_s for p in payments if p.state == "paid" and p.until_s is not None]
    if sub["status"] == "trialing" and sub.get("trial_end"):
        ends.append(sub["trial_end"])
    return max(ends, default=int(sub["start_date"]))


def _failed(payments: Iterable[Payment]) -> int | None:
    owed = [p for p in payments if p.state == "failed"]
    return min(owed, key=lambda p: p.at_s).attempted_s if owed else None


def _paused(sub: Json) -> int | None:
    """When it was put on hold. Of collection that is not told: from the beginning on; life keeps what was paid before."""
    paused = (sub.get("status_details") or {}).get("paused") or {}
    if sub["status"] == "paused" and paused.get("transitioned_at"):
        return int(paused["transitioned_at"])
    return int(sub["start_date"]) if sub.get("pause_collection") else None


def _coming(sub: Json) -> Coming | None:
    schedule = sub.get("schedule")
    if not isinstance(schedule, dict) or schedule.get("status") != "active" or not schedule.get("current_phase"):
        return None
    later = [p for p in schedule["phases"] if p["start_date"] >= schedule["current_phase"]["end_date"]]
    if not later:
        return None
    said: Mapping[str, str] = later[0].get("metadata") or {}
    if not said.get("licet_tier"):
        return None  # somebody else's schedule
    seats = next((i["quantity"] for i in later[0]["items"] if i.get("quantity")), 1)
    interval = said.get("licet_interval", "month")
    return Coming(later[0]["start_date"], said["licet_tier"], cast(Interval, interval), seats,
                  said.get("licet_document", ""))  # fmt: skip


def _refunds(charge: Json | None) -> tuple[int, int | None]:
    if charge is None or not charge.get("amount_refunded"):
        return 0, None
    told = [r for r in (charge.get("refunds") or {}).get("data") or [] if r["status"] != "failed"]
    return charge["amount_refunded"], max((r["created"] for r in told), default=None)


def _dispute(intent: str, disputes: Iterable[Json]) -> tuple[Dispute, int | None, int | None]:
    """Of several on one payment the last counts. Stripe does not tell when it was judged: it is noted when it is seen."""
    mine = [d for d in disputes if _id(d.get("payment_intent")) == intent]
    if not mine:
        return "", None, None
    last = max(mine, key=lambda d: d["created"])
    if last["status"].startswith("warning_") and last["status"] != "warning_closed":
        return "", None, None  # a question of the bank's; no money moved
    return _DISPUTES.get(last["status"], "open"), last["created"], None


def _interval(price: Json) -> Interval:
    return "year" if price["recurring"]["interval"] == "year" else "month"


def _said(obj: Json) -> Mapping[str, str]:
    return obj.get("metadata") or {}


def _id(value: object) -> str:
    """The id, of an object that may stand expanded."""
    return str(value["id"]) if isinstance(value, dict) else str(value or "")
