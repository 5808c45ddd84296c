"""How does Licet learn what a provider has? It fetches anew, always: for an event, after an act, and in the night.

`refresh` is all that a webhook, a page or a chore may do about a subscription; `reconcile` is the same for every one of
them, so whatever events were lost, it heals.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace

from licet.errors import LicetError
from licet.portal import clock, events
from licet.portal.events import By
from licet.portal.payments import providers, turns
from licet.portal.payments.apply import Applied, apply
from licet.portal.payments.models import PaymentRow, Subscription
from licet.portal.payments.port import Payment, Provider, Snapshot, Unreachable

log = logging.getLogger("licet.payments")


@dataclass(frozen=True, slots=True)
class Reconciled:
    """How many were fetched, how many of them were not as we had them, how many the provider no longer has, and what
    could not be asked.
    """

    fetched: int = 0
    mended: int = 0
    gone: int = 0
    wrong: tuple[str, ...] = ()


def refresh(provider: Provider, ref: str, by: By = events.LICET) -> Applied | None:
    """Fetch one subscription and apply it. None for one that is not ours. `Unreachable` where nobody answers."""
    turn = turns.draw()
    seen = provider.fetch(ref)
    if seen is not None:
        return apply(seen, by, turn)
    row = Subscription.objects.filter(provider=provider.name, ref=ref).first()
    return _gone(row, turn, by) if row is not None else None


def reconcile(provider: Provider, by: By = events.LICET) -> Reconciled:
    """Fetch everything that the provider has of ours, and everything that we have of his."""
    known = set(Subscription.objects.filter(provider=provider.name).values_list("ref", flat=True))
    fetched, mended, gone, wrong = 0, 0, 0, []
    try:
        refs = dict.fromkeys((*provider.every(), *sorted(known)))
    except LicetError as error:
        return Reconciled(wrong=(str(error),))
    for ref in refs:
        try:
            applied = refresh(provider, ref, by)
        except LicetError as error:
            log.warning("%s %s could not be fetched: %s", provider.name, ref, error)
            wrong.append(f"{ref}: {error}")
            if isinstance(error, Unreachable):
                break  # nobody is there: the next run asks again
            continue
        fetched += 1
        mended += applied is not None and applied.changed
        gone += applied is not None and applied.subscription.gone_s is not None
    return Reconciled(fetched, mended, gone, tuple(wrong))


def everything(by: By = events.LICET, *, shut: bool = False) -> dict[str, Reconciled]:
    """`reconcile` for each provider that something was ever bought from.

    `shut`: what was bought in a sandbox ends where there is none any more. For the server only: a command at a shell does
    not know how the server was started.
    """
    names = dict.fromkeys((*providers.MAKERS, *Subscription.objects.values_list("provider", flat=True).distinct()))
    found: dict[str, Reconciled] = {}
    for name in names:
        provider = providers.named(name)
        if provider is not None:
            found[name] = reconcile(provider, by)
        elif shut and name == "sandbox" and (ended := _shut(by)):
            found[name] = Reconciled(ended, ended)
    return found


def as_kept(row: Subscription) -> Snapshot:
    """The snapshot that a row was written from, as far as it is kept."""
    names = (
        "provider", "ref", "customer", "release", "tier", "status", "started_s", "interval", "seats", "unit_minor",
        "currency", "document", "order", "period_from_s", "period_until_s", "paid_until_s", "trial_until_s",
        "cancel_at_s", "ended_s", "paused_s",
    )  # fmt: skip
    return Snapshot(
        **{name: getattr(row, name) for name in names},
        holder_id=row.holder_id,
        failed_s=row.first_failure_s,
        payments=tuple(_payment(one) for one in row.payments.order_by("-at_s", "-id")),
    )


def _payment(row: PaymentRow) -> Payment:
    return Payment(**{name: getattr(row, name) for name in Payment.__dataclass_fields__})


def _gone(row: Subscription, turn: int, by: By) -> Applied:
    """The provider no longer has it (a customer was deleted there): nothing is charged any more, what was paid is kept."""
    if row.gone_s is not None:
        return Applied(row, changed=False)
    seen = replace(as_kept(row), status="canceled", ended_s=row.ended_s or clock.now_s(), failed_s=None)
    applied = apply(seen, by, turn)
    assert applied is not None
    if not applied.stale:
        Subscription.objects.filter(pk=row.pk).update(gone_s=clock.now_s())
        applied.subscription.gone_s = clock.now_s()
    return applied


def _shut(by: By) -> int:
    """No money was moved in the sandbox: where it is not allowed, nothing that was bought in it is worth anything."""
    living = Subscription.objects.filter(provider="sandbox").exclude(status__in=("canceled", "incomplete_expired"))
    rows, now = list(living), clock.now_s()
    for row in rows:
        seen = as_kept(row)
        apply(replace(seen, status="canceled", ended_s=now, paid_until_s=now, failed_s=None), by, turns.draw())
    return len(rows)
