"""What have I used? The counters of each quota, the days as a small plot and as a table, the newest calls."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from licet.access import quota
from licet.ledger.usage import DayUse, Made
from licet.portal import clock, documents, ledger_reading, origin, tiers
from licet.portal.models import Held, Holder
from licet.portal.my.plot import Climb, Plot, climb, plot
from licet.release.policy import past
from licet.release.release import Quota

DAYS = 30
_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Metered:
    """One quota now: `used` and `held` of `limit`, until `resets_s`."""

    quota: Quota
    used: int
    held: int
    resets_s: int
    climb: Climb | None = None  # of a month: how it came to this
    priced: bool = False  # past it use goes on for a price

    @property
    def percent(self) -> int:
        return self.used * 100 // max(1, self.quota.limit)

    @property
    def past(self) -> int:
        """What is used beyond the limit, where the tier goes on for a price."""
        return max(0, self.used - self.quota.limit)

    @property
    def remaining(self) -> int:
        return max(0, self.quota.limit - self.used - self.held)


@dataclass(frozen=True, slots=True)
class Used:
    """One release on the page."""

    held: Held
    meters: tuple[Metered, ...]
    days: tuple[DayUse, ...]
    plot: Plot
    calls: tuple[Made, ...]


@login_required
@require_safe
def usage(request: HttpRequest) -> HttpResponse:
    holder = origin.holder(request)
    held = [now for name in documents.releases() if (now := tiers.current(holder, name))]
    return render(request, "portal/usage.html", {"used": [_used(holder, one) for one in held], "days": DAYS})


def _used(holder: Holder, held: Held) -> Used:
    now = clock.now_s()
    since = now - now % _DAY_S - (DAYS - 1) * _DAY_S
    days = ledger_reading.days(holder.pk, held.release, since)
    counts: dict[int, int] = {}
    for one in days:
        counts[one.day_s] = counts.get(one.day_s, 0) + one.settled
    return Used(
        held,
        metered(holder, held),
        tuple(reversed(days)),
        plot([(day, counts.get(day, 0)) for day in range(since, now + 1, _DAY_S)]),
        ledger_reading.last(holder.pk, held.release),
    )


def metered(holder: Holder, held: Held) -> tuple[Metered, ...]:
    """Each quota of the tier held with its counter now; zeros before the first call."""
    found = {c.meter: c for c in ledger_reading.counters(holder.pk, held.release)}
    tier = documents.read(held.document).tier(held.tier)
    told: list[Metered] = []
    priced = {one for one, _ in past(tier, tier.quotas)} if tier else set()
    month = quota.window("month", clock.now_s(), held.anchor_s)
    days = ledger_reading.days(holder.pk, held.release, month.start_s) if tier and tier.quotas else ()
    for one in tier.quotas if tier else ():
        counter = found.get(one.counter)
        resets_s = quota.window(one.period, clock.now_s(), held.anchor_s).end_s
        used, in_flight = (counter.used, counter.held) if counter else (0, 0)
        drawn = None
        if one.period == "month" and used:
            counts = [(d.day_s, d.amounts[one.counter]) for d in days if d.amounts.get(one.counter)]
            drawn = climb(counts, month.start_s, month.end_s, clock.now_s(), one.limit)
        told.append(Metered(one, used, in_flight, resets_s, drawn, one in priced))
    return tuple(told)
