"""How does money move, and come back? Payment intents and their charges, refunds, disputes."""

from __future__ import annotations

from licet.testing.stripe.books import Books, Json
from licet.testing.stripe.catalogue import metadata
from licet.testing.stripe.customers import CARDS, attach, declined
from licet.testing.stripe.wrong import Wrong


def intent(books: Books, given: Json) -> Json:
    """POST /v1/payment_intents; with `confirm`, it is charged at once."""
    if given["amount"] < 1:
        raise Wrong("Amount must be at least 1", code="parameter_invalid_integer", param="amount")
    obj = books.add("payment_intent", {
        "amount": given["amount"], "amount_capturable": 0, "amount_received": 0, "application": None,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic",
        "confirmation_method": "automatic", "currency": given["currency"].lower(), "customer": given.get("customer"),
        "description": given.get("description"), "last_payment_error": None, "latest_charge": None,
        "metadata": metadata({}, given), "next_action": None, "on_behalf_of": None,
        "payment_method": given.get("payment_method"), "payment_method_types": ["card"], "payment_record": None,
        "review": None, "setup_future_usage": given.get("setup_future_usage"), "source": None,
        "status": "requires_payment_method",
    })  # fmt: skip
    books.tell("payment_intent.created", obj)
    if given.get("confirm"):
        confirm(books, {"payment_method": given.get("payment_method"), "off_session": given.get("off_session")},
                obj["id"])  # fmt: skip
    return obj


def confirm(books: Books, given: Json, id: str) -> Json:
    """Charge it. A refused card raises Stripe's 402; an extra step leaves it in `requires_action`."""
    obj = books.get("payment_intent", id)
    if obj["status"] in ("succeeded", "canceled"):
        raise Wrong(f"This PaymentIntent's status is {obj['status']}", code="payment_intent_unexpected_state")
    method = given.get("payment_method") or obj["payment_method"]
    if not method:
        raise Wrong("You cannot confirm this PaymentIntent because it's missing a payment method")
    if obj["customer"] and (method not in books.objects or not books.objects[method]["customer"]):
        method = attach(books, {"customer": obj["customer"]}, method)["id"]
    pay(books, obj, books.get("payment_method", method), present=not given.get("off_session"))
    return obj


def pay(books: Books, obj: Json, method: Json, *, present: bool, stepped: bool = False) -> bool:
    """Try one charge. True when the money moved; False when a step is asked for. Raises for a refused card."""
    card = CARDS[method["_number"]]
    obj["payment_method"] = method["id"]
    if card.decline_code:
        refused = declined(card.decline_code)
        _charge(books, obj, method, ok=False, refused=refused)
        books.change(obj, "payment_intent.payment_failed", status="requires_payment_method",
                     last_payment_error={**refused.error, "payment_method": method["id"]})  # fmt: skip
        raise refused
    asked = card.extra_step and not method["_stepped"] if present else card.each_step
    if asked and not stepped:
        books.change(obj, "payment_intent.requires_action", status="requires_action", next_action={
            "type": "redirect_to_url", "redirect_to_url": {"url": f"{books.url}/3ds/{obj['id']}", "return_url": None}
        })  # fmt: skip
        return False
    charge = _charge(books, obj, method, ok=True)
    books.change(obj, "payment_intent.succeeded", status="succeeded", amount_received=obj["amount"],
                 latest_charge=charge["id"], next_action=None, last_payment_error=None)  # fmt: skip
    return True


def cancel(books: Books, given: Json, id: str) -> Json:
    obj = books.get("payment_intent", id)
    if obj["status"] == "succeeded":
        raise Wrong("You cannot cancel a succeeded PaymentIntent", code="payment_intent_unexpected_state")
    return books.change(obj, "payment_intent.canceled", status="canceled", canceled_at=books.now(obj["customer"]),
                        cancellation_reason=given.get("cancellation_reason"))  # fmt: skip


def _charge(books: Books, paid: Json, method: Json, *, ok: bool, refused: Wrong | None = None) -> Json:
    obj = books.add("charge", {
        "amount": paid["amount"], "amount_captured": paid["amount"] if ok else 0, "amount_refunded": 0,
        "application": None, "application_fee": None, "balance_transaction": None,
        "billing_details": method["billing_details"], "captured": ok, "currency": paid["currency"],
        "customer": paid["customer"], "description": paid["description"], "disputed": False,
        "failure_balance_transaction": None, "failure_code": refused and refused.error["code"],
        "failure_message": refused and str(refused), "metadata": dict(paid["metadata"]), "on_behalf_of": None,
        "paid": ok, "payment_intent": paid["id"], "payment_method": method["id"], "refunded": False, "review": None,
        "source": None, "source_transfer": None, "status": "succeeded" if ok else "failed", "transfer": None,
    })  # fmt: skip
    paid["latest_charge"] = obj["id"]
    books.tell("charge.succeeded" if ok else "charge.failed", obj)
    return obj


def refund(books: Books, given: Json) -> Json:
    """POST /v1/refunds. Never more than was charged; a disputed charge cannot be refunded."""
    if given.get("payment_intent"):
        found = books.get("payment_intent", given["payment_intent"])["latest_charge"]
    else:
        found = given.get("charge")
    if not found:
        raise Wrong("One of charge or payment_intent is required", code="parameter_missing", param="payment_intent")
    charge = books.get("charge", found)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = given.get("amount", left)
    if any(not one["is_charge_refundable"] for one in books.all("dispute", charge=charge["id"])):
        raise Wrong(f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed")
    if left == 0:
        raise Wrong(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not 0 < amount <= left:
        raise Wrong(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            code="amount_too_large",
            param="amount",
        )
    obj = books.add("refund", {
        "amount": amount, "balance_transaction": None, "charge": charge["id"], "currency": charge["currency"],
        "customer": charge["customer"], "failure_balance_transaction": None, "metadata": metadata({}, given),
        "payment_intent": charge["payment_intent"], "payment_method": charge["payment_method"], "pending_reason": None,
        "reason": given.get("reason"), "receipt_number": None, "source_transfer_reversal": None,
        "status": "succeeded", "transfer_reversal": None,
    })  # fmt: skip
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]
    books.tell("refund.created", obj)
    books.tell("charge.refunded", charge)
    return obj


def dispute(books: Books, charge: str, reason: str = "fraudulent") -> Json:
    """What a cardholder's bank does: the money of a charge is asked back."""
    held = books.get("charge", charge)
    now = books.now(held["customer"])
    obj = books.add("dispute", {
        "amount": held["amount"], "balance_transactions": [], "charge": charge, "currency": held["currency"],
        "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {"due_by": now + 7 * 86_400, "enhanced_eligibility": {}, "has_evidence": False,
                             "past_due": False, "submission_count": 0, "submission_method": "not_submitted"},
        "is_charge_refundable": False, "metadata": {}, "payment_intent": held["payment_intent"], "reason": reason,
        "status": "needs_response", "_customer": held["customer"],
    }, created=now)  # fmt: skip
    held["disputed"] = True
    books.tell("charge.dispute.created", obj)
    books.tell("charge.dispute.funds_withdrawn", obj)
    return obj


def judge(books: Books, id: str, *, won: bool) -> Json:
    """The bank's answer. A dispute that is lost keeps the money away."""
    obj = books.get("dispute", id)
    books.change(obj, "charge.dispute.updated", status="won" if won else "lost", is_charge_refundable=won)
    books.tell("charge.dispute.closed", obj)
    return obj


def close(books: Books, given: Json, id: str) -> Json:
    """POST /v1/disputes/:id/close: to give in is to lose."""
    return judge(books, id, won=False)
