"""Which calls does the provider have to hear of? Those past a quota with a price, each once, for ever.

`gather` reads the ledger and writes one row a call: the outbox. What a window owes (`bill.owed_units`), less what its
rows add up to, is laid on its newest calls that have no row yet; so the rows of a window always add up to what it owes,
whatever was lost, doubled or late in between, and no place in the ledger has to be remembered. An identifier is derived
from the call, never from the telling. `send` tells them, and tries again where the provider is away.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from hashlib import sha256

from django.db import transaction
from django.db.models import Sum

from licet.ledger.ports import Counter
from licet.portal import clock, documents, ledger_reading
from licet.portal.billing import bill, reading
from licet.portal.billing.models import MeterEvent
from licet.portal.models import Document, Holder
from licet.portal.payments import providers
from licet.portal.payments.models import Subscription
from licet.portal.payments.port import Declined, Provider, Unreachable, metered
from licet.release.policy import past

LOOKS_BACK_S = 34 * reading.DAY_S  # providers take no usage that is older than 35 days
A_TIME, BUDGET_S = 500, 10.0  # other chores wait meanwhile
AWAY_S = (10, 60, 300, 1_800, 7_200, 21_600)  # how long to wait after so many attempts; then as long as the last

_seen: dict[tuple[str, str, str, int], int] = {}  # what each window read when it was gathered: no need to look again


def identifier(call: str, counter: str) -> str:
    """The same for the same call and counter, whoever asks and whenever."""
    return f"{call}-{sha256(counter.encode()).hexdigest()[:12]}"


def gather() -> int:
    """Write a row for each call past a quota that has none; how many."""
    made = 0
    for release in documents.releases():
        past_it = {counter: limit + 1 for counter, limit in limits(release).items()}
        for holder_id, counter in ledger_reading.moving(release, clock.now_s() - LOOKS_BACK_S, past_it):
            key = (holder_id, release, counter.meter, counter.window_s)
            if _seen.get(key) != counter.used:
                made += _gathered(holder_id, release, counter)
                _seen[key] = counter.used
    return made


def owed(holder_id: str, release: str, counter: Counter) -> int:
    """How many units of one window are past a quota with a price."""
    windows = ledger_reading.runs(holder_id, release, counter.window_s, counter.window_s + 1)
    return sum(bill.owed_units(w, reading.document) for w in windows if w.counter.meter == counter.meter)


def _gathered(holder_id: str, release: str, counter: Counter) -> int:
    units = owed(holder_id, release, counter)
    holder = Holder.objects.filter(pk=holder_id).first()
    if not units or holder is None:
        return 0
    here = {"holder": holder, "release": release, "counter": counter.meter, "window_s": counter.window_s}
    with transaction.atomic():  # IMMEDIATE: of two processes the second finds the rows of the first
        left = units - (MeterEvent.objects.filter(**here).aggregate(n=Sum("units"))["n"] or 0)
        rows = list(_rows(here, left, counter)) if left > 0 else []
        MeterEvent.objects.bulk_create(rows, batch_size=500)
    return len(rows)


def _rows(here: dict[str, object], left: int, counter: Counter) -> Iterator[MeterEvent]:
    holder = here["holder"]
    assert isinstance(holder, Holder)
    with closing(ledger_reading.newest(holder.pk, str(here["release"]), counter.meter, counter.window_s)) as calls:
        for call, at_s, units in calls:
            name = identifier(call, counter.meter)
            if units and not MeterEvent.objects.filter(pk=name).exists():
                yield MeterEvent(**here, identifier=name, call=call, units=min(units, left), at_s=at_s)
                left -= min(units, left)
            if left <= 0:
                return


def send() -> int:
    """Tell each provider of what waits for him; how many were told. What he refuses is kept with his words.

    A holder is billed where it bought the tier. Without a subscription there is nobody to send a bill to (an operator gave
    the tier): such rows wait, and nothing is asked for them.
    """
    bought: dict[str, dict[tuple[str, str], str]] = {}
    for name, holder, release, customer in Subscription.objects.order_by("started_s", "id").values_list(
        "provider", "holder", "release", "customer"
    ):
        bought.setdefault(name, {})[holder, release] = customer
    began, told = time.monotonic(), 0
    for name, customers in sorted(bought.items()):
        provider = providers.named(name)
        if provider is not None:
            told += _told(provider, customers, began + BUDGET_S)
    return told


def _told(provider: Provider, customers: Mapping[tuple[str, str], str], until: float) -> int:
    told, now = 0, clock.now_s()
    waiting = MeterEvent.objects.filter(state=MeterEvent.State.WAITS, next_s__lte=now)
    for row in waiting.filter(holder__in={holder for holder, _ in customers}).order_by("next_s", "at_s")[:A_TIME]:
        customer = customers.get((row.holder_id, row.release))
        if customer is None:
            continue
        if time.monotonic() > until:
            break
        try:
            meter = metered(row.release, row.counter.partition("/")[0])
            provider.report_usage(customer, meter, row.units, row.at_s, row.identifier)
        except Unreachable as away:
            row.tries += 1
            row.next_s, row.error = now + AWAY_S[min(row.tries, len(AWAY_S)) - 1], str(away)[:300]
            row.save(update_fields=["tries", "next_s", "error"])
            break  # the others would wait for the same nobody
        except Declined as no:
            row.state, row.error = MeterEvent.State.REFUSED, str(no)[:300]
            row.save(update_fields=["state", "error"])
        else:
            row.state, row.sent_s, row.error = MeterEvent.State.SENT, clock.now_s(), ""
            row.save(update_fields=["state", "sent_s", "error"])
            told += 1
    return told


def limits(release: str) -> dict[str, int]:
    """Each counter with a price past it in any document, with its lowest limit: below that there is nothing to tell."""
    found: dict[str, int] = {}
    for sha256_ in Document.objects.filter(release=release).values_list("sha256", flat=True):
        for tier in documents.read(sha256_).tiers:
            for quota, _ in past(tier, tier.quotas):
                found[quota.counter] = min(quota.limit, found.get(quota.counter, quota.limit))
    return found
