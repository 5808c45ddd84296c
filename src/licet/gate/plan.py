"""What will a call of this feature take from the ledger? The slot's ways, as takes that only wait for a call id."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from licet.access import grant, quota, spend
from licet.access.slot import Slot
from licet.access.standing import Standing
from licet.access.table import Table
from licet.ledger.ports import Take
from licet.release.limits import NOTHING, Limits
from licet.release.policy import ANONYMOUS
from licet.release.release import Anonymous, Feature, Tier
from licet.terms import METER, Clause, Verdict

TOKENS = ("tokens", "tokens_in", "tokens_out")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to yes: all takes, together, and this verdict stands. `told` is its text for the journal, made at need."""

    takes: tuple[Take, ...]
    yes: Verdict
    told: list[str] = field(default_factory=list)
    tokens: tuple[str, ...] = ()  # of each take: the kind of tokens that it counts, "" for none; empty: none does
    priced: spend.Priced = ()  # what has to be paid for, by the take's meter
    owes: tuple[tuple[bytes, bytes], ...] = ()  # the same for the caller, as headers


@dataclass(frozen=True, slots=True)
class Plan:
    """The ways of one feature for one holder, in order; none: the answer is no. Stale from `until_s` on."""

    feature: Feature
    component: str
    ways: tuple[Way, ...]
    uncounted: tuple[Take, ...]  # what is counted in any case, limited by nothing
    until_s: int
    limits: Limits = NOTHING  # what a model may be asked for


def plan(table: Table, standing: Standing, holder_id: str, feature: Feature, now_s: int) -> Plan:
    """The plan in force at `now_s`."""
    component = feature.serves[0] if feature.serves else ""
    known = table.release.feature(feature.name) is not None  # else it is new in a later document than the holder's
    slot = table.slot(feature.name, component, now_s) if known else Slot(())
    until_s = slot.until_s

    def take(counter: str, most: int | None, priced: spend.Priced = ()) -> Take:
        nonlocal until_s
        window = quota.window(quota.period(counter), now_s, standing.anchor_s)
        until_s = min(until_s, window.end_s)
        amount = _amount(counter, feature)
        if counter == spend.SPEND:
            amount = spend.cost_nanos(priced, {name: _amount(name, feature) for name, _ in priced})
        return Take(holder_id, standing.release, counter, window.start_s, window.end_s, amount, most)

    # Every call is counted, also where no quota asks for it: "my usage" would else be empty. Strangers live a day.
    always = "calls/day" if ANONYMOUS in standing.claims else "calls/month"
    # Tokens come in two kinds with two prices, so both are counted where there are any.
    told = [f"{meter}/{always.partition('/')[2]}" for meter in ("tokens_in", "tokens_out") if meter in feature.measures]
    ways = []
    for way in slot.ways:
        priced = spend.priced(table.release, way.yes.duties)
        takes = [take(fact.removeprefix(METER), most, priced) for fact, most in way.takes]
        # Past a quota nothing limits its counter, and it counts on: what is owed is what stands in it above the quota.
        owed = (*(name for name, _ in priced), *([spend.SPEND] if priced else ()))
        takes.extend(take(name, None, priced) for name in owed if all(t.meter != name for t in takes))
        theirs = grant.beside(way.yes, standing.grants, table.quotas())
        if all(t.meter != always for t in takes):
            counted = take(always, None)
            takes.append(replace(counted, amount=0) if always in theirs else counted)
        takes.extend(take(name, None) for name in told if name not in theirs and all(t.meter != name for t in takes))
        kinds = tuple(meter if (meter := t.meter.partition("/")[0]) in TOKENS else "" for t in takes)
        owes = tuple((b"x-licet-duty", f"{d.duty} ({d.cite})".encode()) for d in way.yes.duties if priced and _paid(d))
        ways.append(Way(tuple(takes), way.yes, tokens=kinds if any(kinds) else (), priced=priced, owes=owes))
    level = table.release.anonymous if ANONYMOUS in standing.claims else table.tier
    limits = limits_of(level, feature.name)
    return Plan(feature, component, tuple(ways), (take(always, None),), until_s, limits)


def limits_of(level: Tier | Anonymous | None, feature: str) -> Limits:
    """What a tier limits of a feature."""
    return next((one for one in (level.models if level else ()) if one.feature == feature), NOTHING)


def _paid(duty: Clause) -> bool:
    return any(fact.name.startswith(METER) for fact in duty.when)


def _amount(counter: str, feature: Feature) -> int:
    """What one call takes before it has run: a call, its cost in units; what it will say in tokens is not known yet."""
    meter = counter.partition("/")[0]
    return {"calls": 1, "units": feature.cost_units}.get(meter, 0)
