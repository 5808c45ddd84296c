"""The port, answered by rows of our own database: the sandbox as `Provider`. Card data has no place in it at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from licet.portal import clock
from licet.portal.config import current
from licet.portal.payments.models import SandboxObject
from licet.portal.payments.port import Checkout, Coming, Declined, Order, Payment, Snapshot, When
from licet.portal.payments.sandbox import machine
from licet.portal.payments.sandbox.machine import Kept

OPEN_S = 24 * 3600  # a checkout can be paid for a day


class Sandbox:
    """Satisfies `port.Provider`. No money is moved, and every page of it says so."""

    name = machine.NAME
    test = True

    def checkout(self, order: Order, *, done_url: str, back_url: str) -> Checkout:
        ref = f"chk_{order.id}"
        kept = asdict(replace(order, email=""))  # it writes no mails, so it knows no address
        body = {"order": kept, "done": done_url, "back": back_url, "state": "open", "subscription": "",
                "expires_s": clock.now_s() + OPEN_S}  # fmt: skip
        SandboxObject.objects.get_or_create(
            pk=ref, defaults={"kind": "checkout", "body": body, "holder_id": order.holder_id}
        )
        return self.checked_out(ref)

    def checked_out(self, ref: str) -> Checkout:
        row = SandboxObject.objects.filter(pk=ref, kind="checkout").first()
        if row is None:
            return Checkout(ref, "", "expired")
        state, expires_s = row.body["state"], row.body["expires_s"]
        if state == "open" and expires_s <= clock.now_s():
            state = "expired"
        return Checkout(ref, f"{current().url}/sandbox/checkout/{ref}", state, expires_s, row.body["subscription"])

    @transaction.atomic
    def expire(self, ref: str) -> None:
        row = SandboxObject.objects.select_for_update().filter(pk=ref, kind="checkout").first()
        if row is not None and row.body["state"] == "open":
            row.body["state"] = "expired"
            row.save(update_fields=["body"])

    def desk_url(self, customer: str, back_url: str) -> str:
        return f"{current().url}/sandbox/customer/{customer}"

    def fetch(self, ref: str) -> Snapshot | None:
        """What time alone brings has come when it is asked: that is when it is worked out."""
        if read(ref) is None:
            return None
        return act(ref, lambda kept: machine.caught_up(kept, clock.now_s())).seen

    def every(self) -> Iterator[str]:
        yield from (
            SandboxObject.objects.filter(kind="subscription").order_by("made_s", "ref").values_list("ref", flat=True)
        )

    def change(self, ref: str, order: Order, when: When) -> None:
        act(ref, lambda kept: machine.change(kept, order, when, clock.now_s()))

    def cancel(self, ref: str, when: When) -> None:
        act(ref, lambda kept: kept if _over(kept) else machine.cancel(kept, when, clock.now_s()))

    def resume(self, ref: str) -> None:
        act(ref, machine.resume)

    def refund(self, payment: str, amount_minor: int | None, key: str) -> None:
        act(payment.rpartition("_")[0], lambda kept: machine.refund(kept, payment, amount_minor, key, clock.now_s()))

    def report_usage(self, customer: str, meter: str, units: int, at_s: int, identifier: str) -> None:
        """Counted nowhere: what is owed for usage is read from the ledger, and no money is moved here."""


def _over(kept: Kept) -> bool:
    return kept.seen.status in ("canceled", "incomplete_expired")


@transaction.atomic
def finish(ref: str, *, passes: bool) -> str:
    """Somebody chose how a checkout ends: the subscription's ref. A checkout that is over gives what it gave before."""
    row = SandboxObject.objects.select_for_update().filter(pk=ref, kind="checkout").first()
    if row is None:
        raise Declined("there is no such checkout", where=ref)
    if row.body["subscription"]:
        return str(row.body["subscription"])
    if row.body["state"] != "open" or row.body["expires_s"] <= clock.now_s():
        raise Declined("this checkout is over", mend="begin again from the tiers", where=ref)
    if not passes:
        return ""
    order = Order(**row.body["order"])
    name = f"sbx_{order.id.removeprefix('ord_')}"
    customer = order.customer or f"cus_{order.holder_id.removeprefix('hol_')}"
    _save(name, machine.begin(order, name, customer, clock.now_s()), new=True)
    row.body |= {"state": "complete", "subscription": name}
    row.save(update_fields=["body"])
    return name


def read(ref: str) -> Kept | None:
    row = SandboxObject.objects.filter(pk=ref, kind="subscription").first()
    return _kept(row.body) if row is not None else None


@transaction.atomic
def act(ref: str, does: Callable[[Kept], Kept]) -> Kept:
    """One act on a subscription, under a lock: two tabs act one after the other."""
    row = SandboxObject.objects.select_for_update().filter(pk=ref, kind="subscription").first()
    if row is None:
        raise Declined("the sandbox has no such subscription", where=ref)
    kept = _kept(row.body)
    changed = does(kept)
    if changed != kept:
        _save(ref, changed)
    return changed


def _save(ref: str, kept: Kept, *, new: bool = False) -> None:
    body = asdict(kept)
    if new:
        SandboxObject.objects.create(pk=ref, kind="subscription", body=body, holder_id=kept.seen.holder_id)
    else:
        SandboxObject.objects.filter(pk=ref).update(body=body)


def _kept(body: dict[str, Any]) -> Kept:
    seen = dict(body["seen"])
    seen["payments"] = tuple(Payment(**told) for told in seen["payments"])
    seen["coming"] = Coming(**seen["coming"]) if seen["coming"] else None
    waits = Order(**body["waits"]) if body["waits"] else None
    return replace(
        Kept(Snapshot(**seen), Order(**body["order"]), body["anchor_s"]), turned=body["turned"], waits=waits,
        charged=body["charged"], refunds=tuple(body["refunds"]), discounted=body["discounted"],
    )  # fmt: skip
