"""What would the answer be, right now, if nothing were spent? For `/v1/me`, `/v1/features` and those who ask for others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from licet.access import budget, grant, quota
from licet.access.standing import Budget, Grant
from licet.gate.clocks import rfc3339
from licet.gate.door import Door
from licet.gate.features import Callee
from licet.gate.plan import Plan
from licet.gate.rights import Record, Seat
from licet.ledger.ports import Counter, Ledger
from licet.release.policy import SPEND
from licet.release.release import Feature, Quota, Release
from licet.terms import METER, Answer, Verdict
from licet.terms.plain import as_json


@dataclass(frozen=True, slots=True)
class Asked:
    """A verdict that spent nothing, and what it was about."""

    seat: Seat
    plan: Plan
    verdict: Verdict
    counts: Mapping[str, int]

    def as_json(self, door: Door, now_s: int) -> dict[str, Any]:
        """The verdict in the shape that command line, pages and gate share; ways to a yes only for a no."""
        feature, component = self.plan.feature, self.plan.component
        no = self.verdict.answer is not Answer.YES
        offers = door.offers(self.seat, self.plan, now_s, self.counts) if no else ()
        tier = Door.tier(self.seat)
        return as_json(self.verdict, action=feature.name, component=component, tier=tier, offers=offers)


class Asking:
    """Answers questions by the same tables as the door, and never spends."""

    def __init__(self, door: Door, ledger: Ledger) -> None:
        self.door, self.ledger = door, ledger

    def feature(self, seat: Seat, feature: Feature, now_s: int) -> Asked:
        """May the holder of the seat call the feature now?"""
        plan = seat.plan(feature, now_s)
        takes = {t.meter: t for way in plan.ways for t in way.takes}
        counters = self.ledger.counters(takes.values()) if takes and seat.holder_id else ()
        counts = {METER + c.meter: c.used + c.held + takes[c.meter].amount for c in counters}
        for way in plan.ways:
            if all(t.most is None or counts.get(METER + t.meter, 1) <= t.most for t in way.takes):
                return Asked(seat, plan, way.yes, counts)
        return Asked(seat, plan, self.door.verdict(seat, plan, now_s, counts), counts)

    async def features(self, record: Record, now_s: int) -> list[dict[str, Any]]:
        """Every feature of the releases: what it is, whether this caller may call it, and who may.

        One at a turn of the loop: each may have to be worked out, and calls must not wait for a whole list.
        """
        told, rights = [], self.door.rights
        for release in rights.releases:
            table = rights.seat(record, release, now_s).table
            names = dict.fromkeys(f.name for r in (table.release, table.newest) for f in r.features)
            for name in names:
                await asyncio.sleep(0)
                rights.look(now_s)
                seat = rights.seat(record, release, now_s)  # rights may have changed meanwhile
                feature = seat.table.release.feature(name) or seat.table.newest.feature(name)
                if feature is not None:
                    told.append(self._feature(seat, feature, now_s))
        return told

    def _feature(self, seat: Seat, feature: Feature, now_s: int) -> dict[str, Any]:
        verdict = self.feature(seat, feature, now_s).as_json(self.door, now_s)
        newest = seat.table.newest
        callee = self.door.features.callee(feature)
        return {
            "name": feature.name,
            "release": newest.name,
            "description": feature.description,
            "url": self.door.config.url + _path(newest, feature),
            "allowed": verdict["answer"] == "yes",
            "detail": verdict["detail"],
            "code": verdict["code"],
            "duties": verdict["duties"],
            "would_allow": verdict["would_allow"],
            "tiers": [t.name for t in newest.tiers if feature.name in t.features],
            "anonymous": newest.anonymous is not None and feature.name in newest.anonymous.features,
            "cost_units": feature.cost_units,
            "max_bytes": feature.max_bytes,
            "timeout_s": feature.timeout_s,
            "input": callee.parameters.schema() if callee and not callee.lacks else None,
            "example": json.loads(feature.example) if feature.example else None,
            "available": self._available(feature, callee),
        }

    def _available(self, feature: Feature, callee: Callee | None) -> bool:
        if feature.openai or feature.http:
            return not feature.key_env or bool(self.door.config.key_of(feature.key_env))
        if feature.download:
            return True  # its files are the Hub wire's
        return callee is not None and not callee.lacks

    def me(self, record: Record, release: str, now_s: int) -> dict[str, Any]:
        """The holder as the gate sees it: tier, quotas with what is left, limits, acceptances, usage."""
        seat = self.door.rights.seat(record, release, now_s)
        standing, table = seat.standing, seat.table
        counters = {c.meter: c for c in self.ledger.used(seat.holder_id, release, now_s)}
        rate = table.tier.rate if table.tier else None
        usage: dict[str, int] = {}
        for counter in counters.values():
            meter, _, period = counter.meter.partition("/")
            if "@" not in period and counter.meter != SPEND:
                usage[meter] = max(usage.get(meter, 0), counter.used)
        accepted = sorted(n.partition(":")[2] for n, v in standing.facts.items() if n.startswith("accepted:") and v)
        return {
            "holder": seat.holder_id,
            "key": record.key_id if record.credential else None,
            "release": release,
            "tier": Door.tier(seat),
            "suspended": "suspended" in standing.claims,
            "document": table.release.sha256,
            "quotas": [self._quota(q, seat, counters, now_s) for q in table.quotas()],
            "budgets": [
                self._left(one, budget.counter(one, record.key_id), seat, counters, now_s) for one in _budgets(record)
            ],
            "grants": [
                self._granted(one, seat, counters, now_s)
                for one in standing.grants
                if one.from_s <= now_s <= (now_s if one.until_s is None else one.until_s)
            ],
            "rate": {"limit": rate.limit, "window_s": rate.window_s} if rate else None,
            "concurrency": {"limit": seat.limit.most} if seat.limit.most else None,
            "acceptances": accepted,
            "usage": usage,
            **self._spending(seat, counters, now_s),
        }

    @staticmethod
    def _spending(seat: Seat, counters: Mapping[str, Counter], now_s: int) -> dict[str, Any]:
        """What was spent past the quotas this month, in billionths of the currency's unit, and the holder's cap; nothing
        where there is neither."""
        found, cap = counters.get(SPEND), seat.standing.cap_in(seat.table.release.currency)
        if found is None and cap is None:
            return {}
        resets_s = quota.window("month", now_s, seat.standing.anchor_s).end_s
        spent = found.used + found.held if found else 0
        currency = seat.table.release.currency
        told = {"currency": currency, "spent_nanos": spent, "cap_nanos": cap, "resets": rfc3339(resets_s)}
        return {"spending": told}

    @staticmethod
    def _quota(one: Quota, seat: Seat, counters: Mapping[str, Any], now_s: int) -> dict[str, Any]:
        told = Asking._left(one, one.counter, seat, counters, now_s)
        return told if one.features is None else {**told, "features": sorted(one.features)}

    @staticmethod
    def _granted(one: Grant, seat: Seat, counters: Mapping[str, Any], now_s: int) -> dict[str, Any]:
        """A grant in force: until when, and what is left of the quotas of its own."""
        return {
            "grant": one.grant_id,
            "until": None if one.until_s is None else rfc3339(one.until_s),
            "quotas": [
                Asking._left(quota, grant.counter(quota, one.grant_id), seat, counters, now_s) for quota in one.quotas
            ],
        }

    @staticmethod
    def _left(one: Quota | Budget, counter: str, seat: Seat, counters: Mapping[str, Any], now_s: int) -> dict[str, Any]:
        found = counters.get(counter)
        used, held = (found.used, found.held) if found else (0, 0)
        return {
            "meter": one.meter,
            "period": one.period,
            "limit": one.limit,
            "used": used,
            "held": held,
            "remaining": max(0, one.limit - used - held),
            "resets": rfc3339(quota.window(one.period, now_s, seat.standing.anchor_s).end_s),
        }


def _path(release: Release, feature: Feature) -> str:
    """Where a feature is: called by its name, named as a model, or fetched from the repository."""
    if feature.download:
        return f"/{release.repository}"
    return "/v1" if feature.openai else f"/v1/features/{feature.name}"


def _budgets(record: Record) -> tuple[Budget, ...]:
    return record.credential.narrow.budgets if record.credential else ()
