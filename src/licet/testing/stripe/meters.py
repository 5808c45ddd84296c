"""What was used? Billing meters and their events: summed by customer, each identifier counted once within a day."""

from __future__ import annotations

from licet.testing.stripe.books import Books, Json, listed
from licet.testing.stripe.wrong import Wrong

ONCE_S, OLDEST_S, AHEAD_S = 24 * 3_600, 35 * 86_400, 5 * 60


def meter(books: Books, given: Json) -> Json:
    if next(books.all("billing.meter", event_name=given["event_name"], status="active"), None):
        raise Wrong("An active meter with this event name already exists", code="resource_already_exists")
    mapping = given.get("customer_mapping") or {"event_payload_key": "stripe_customer_id", "type": "by_id"}
    return books.add("billing.meter", {
        "customer_mapping": mapping, "default_aggregation": {"formula": given["default_aggregation"]["formula"]},
        "display_name": given["display_name"], "event_name": given["event_name"],
        "event_time_window": given.get("event_time_window"), "status": "active",
        "status_transitions": {"deactivated_at": None}, "updated": books.now(),
        "value_settings": given.get("value_settings") or {"event_payload_key": "value"},
    })  # fmt: skip


def deactivate(books: Books, given: Json, id: str) -> Json:
    obj = books.get("billing.meter", id)
    obj |= {"status": "inactive", "status_transitions": {"deactivated_at": books.now()}}
    return obj


def event(books: Books, given: Json) -> Json:
    """POST /v1/billing/meter_events. An identifier that was told already is refused, as Stripe refuses it."""
    known = next(books.all("billing.meter", event_name=given["event_name"], status="active"), None)
    if known is None:
        raise Wrong(f"No active meter found for event name {given['event_name']}.", code="no_meter")
    payload = given["payload"]
    customer, value = payload.get(known["customer_mapping"]["event_payload_key"]), payload.get(
        known["value_settings"]["event_payload_key"])  # fmt: skip
    if not customer or value is None:
        raise Wrong("The payload lacks the customer or the value", code="meter_event_no_customer_defined")
    if not value.isdecimal():
        raise Wrong("The value must be a whole number", code="meter_event_invalid_value")
    books.get("customer", customer)
    now = books.now(customer)
    at_s = given.get("timestamp", now)
    if at_s < now - OLDEST_S:
        raise Wrong("The timestamp must be within the past 35 days", code="timestamp_too_far_in_past")
    if at_s > now + AHEAD_S:
        raise Wrong("The timestamp must be less than 5 minutes ahead", code="timestamp_in_future")
    name = given.get("identifier") or f"idmp_{books.number('identifier')}"
    for other in books.all("billing.meter_event", identifier=name):
        if now - other["created"] < ONCE_S:
            raise Wrong(f"An event already exists with identifier {name}.", headers={"stripe-should-retry": "false"})
    obj = books.add("billing.meter_event", {
        "event_name": given["event_name"], "identifier": name, "payload": payload, "timestamp": at_s,
        "_meter": known["id"], "_customer": customer, "_value": int(value),
    }, created=now)  # fmt: skip
    return {k: v for k, v in obj.items() if k != "id"}


def total(books: Books, meter: str, customer: str, start_s: int, end_s: int) -> int:
    """The units that a customer used in this time."""
    told = books.all("billing.meter_event", _meter=meter, _customer=customer)
    return sum(e["_value"] for e in told if start_s <= e["timestamp"] < end_s)


def summaries(books: Books, given: Json, id: str) -> Json:
    """GET /v1/billing/meters/:id/event_summaries, as one sum over the time asked for."""
    known = books.get("billing.meter", id)
    units = total(books, known["id"], given["customer"], given["start_time"], given["end_time"])
    one = {"id": books.new_id("billing.meter_event_summary"), "object": "billing.meter_event_summary",
           "aggregated_value": units, "end_time": given["end_time"], "livemode": False, "meter": id,
           "start_time": given["start_time"]}  # fmt: skip
    return listed([one] if units else [], f"/v1/billing/meters/{id}/event_summaries")
