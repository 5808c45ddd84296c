"""What does this Stripe know? Every object by its id, in the order they were made, and every event that told of one."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from licet.testing.stripe.wrong import missing

type Json = dict[str, Any]
API_VERSION = "2026-10-28.endive"
PREFIXES = {
    "product": "prod", "price": "price", "customer": "cus", "payment_method": "pm", "checkout.session": "cs_test",
    "subscription": "sub", "subscription_item": "si", "invoice": "in", "line_item": "il", "payment_intent": "pi",
    "charge": "ch", "refund": "re", "dispute": "du", "coupon": "coup", "promotion_code": "promo", "discount": "di",
    "billing.meter": "mtr", "billing.meter_event": "mevt", "billing.meter_event_summary": "mtrusg",
    "billing_portal.session": "bps", "billing_portal.configuration": "bpc", "webhook_endpoint": "we", "event": "evt",
    "test_helpers.test_clock": "clock", "subscription_schedule": "sub_sched", "invoice_payment": "inpay",
    "invoiceitem": "ii",
}  # fmt: skip

LACKS = {"subscription_item": ("livemode",), "refund": ("livemode",), "discount": ("created", "livemode")}


@dataclass
class Rules:
    """What an account of Stripe's can be set to: when a failed payment is tried again, and what happens after."""

    retries_s: tuple[int, ...] = (3 * 86_400, 5 * 86_400, 7 * 86_400)  # after the failure before
    after_retries: str = "canceled"  # canceled | unpaid | past_due
    incomplete_expires_s: int = 23 * 3_600
    session_expires_s: int = 24 * 3_600


@dataclass(repr=False)
class Books:
    """The state of one account. `clock` gives epoch seconds; a customer on a test clock lives at that clock's time."""

    clock: Callable[[], int]
    url: str = ""
    rules: Rules = field(default_factory=Rules)
    objects: dict[str, Json] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    told: list[Callable[[Json], None]] = field(default_factory=list)  # who is called with each new event
    moment_s: int | None = None  # while due moments are lived through
    request: Json = field(default_factory=lambda: {"id": None, "idempotency_key": None})

    def now(self, customer: str | None = None) -> int:
        """The time at which this customer lives."""
        known = self.objects.get(customer or "")
        clock = self.objects.get(str((known or {}).get("test_clock") or ""))
        if clock is not None:
            return int(clock["frozen_time"])
        return self.clock() if self.moment_s is None else self.moment_s

    def new_id(self, kind: str) -> str:
        return f"{PREFIXES[kind]}_{secrets.token_hex(12)}"

    def number(self, kind: str) -> int:
        """1, 2, 3 …: invoice numbers and the like."""
        self.numbers[kind] = self.numbers.get(kind, 0) + 1
        return self.numbers[kind]

    def add(self, kind: str, values: Json, *, id: str = "", created: int | None = None) -> Json:
        """A new object of this kind, kept. `values` follow id, object, created and livemode."""
        made = self.now(values.get("customer")) if created is None else created
        obj: Json = {"id": id or self.new_id(kind), "object": kind, "created": made, "livemode": False} | values
        for name in LACKS.get(kind, ()):
            del obj[name]
        self.objects[obj["id"]] = obj
        return obj

    def get(self, kind: str, id: object) -> Json:
        """The object; `Wrong` 404 where there is none of this kind, as Stripe answers it."""
        found = self.objects.get(str(id))
        if found is None or found["object"] != kind or found.get("deleted"):
            raise missing(kind, str(id))
        return found

    def all(self, kind: str, **where: object) -> Iterator[Json]:
        """Every object of a kind whose fields are these, oldest first."""
        for obj in list(self.objects.values()):
            if obj["object"] == kind and not obj.get("deleted") and all(obj.get(k) == v for k, v in where.items()):
                yield obj

    def tell(self, type: str, obj: Json, before: Json | None = None) -> Json:
        """Something happened: an event, with the object as it is now. It goes to who listens."""
        data: Json = {"object": seen(obj)}
        if before is not None:
            data["previous_attributes"] = {k: v for k, v in before.items() if obj.get(k) != v}
        event = self.add("event", {
            "account": None, "api_version": API_VERSION, "data": data, "pending_webhooks": 1,
            "request": dict(self.request), "type": type,
        }, created=self.now(obj.get("customer")))  # fmt: skip
        for listener in self.told:
            listener(event)
        return event

    def change(self, obj: Json, type: str, **values: Any) -> Json:
        """Set fields, and tell of it when anything moved."""
        before = seen(obj)
        obj.update(values)
        if seen(obj) != before:
            self.tell(type, obj, before)
        return obj


def seen(obj: Json) -> Json:
    """The object as a client sees it: a copy, without what only this server keeps (names with an underscore)."""
    return {k: copy.deepcopy(v) for k, v in obj.items() if not k.startswith("_")}


def listed(data: list[Json], url: str) -> Json:
    """A whole list, as it stands inside another object."""
    return {"object": "list", "data": data, "has_more": False, "url": url}
