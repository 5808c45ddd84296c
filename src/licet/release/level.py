"""How do two documents differ in what a tier holds? For `diff.py`, which joins it to the rest."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from fractions import Fraction
from typing import NamedTuple

from licet.release.limits import NOTHING, steps
from licet.release.reader.amount import RATES
from licet.release.release import Anonymous, Price, Quota, Rate, Release, Tier
from licet.release.weigh import Way, weigh
from licet.terms.plain import price_words

ANONYMOUS = "anonymous"  # names callers without an account where tiers are named; no tier may have this name


_WINDOWS = {window_s: word for word, window_s in RATES.items()}


class Step(NamedTuple):
    """One change of one tier, with its line in either document."""

    subject: str
    name: str  # the tier, or "anonymous"
    way: Way
    says: str
    before: int | None
    after: int | None


def levels(old: Release, new: Release) -> Iterator[Step]:
    """Every change of anonymous access, then of each tier, in the order of the old document."""
    # What came or went as a whole is told of the feature, not once more of each tier.
    kept = {f.name for f in old.features} & {f.name for f in new.features}
    yield from _level("anonymous access", ANONYMOUS, old.anonymous, new.anonymous, kept)
    for name in dict.fromkeys(t.name for t in (*old.tiers, *new.tiers)):
        before, after = old.tier(name), new.tier(name)
        yield from _level(f"tier `{name}`", name, before, after, kept)
        if before and after:
            yield from _paid(f"tier `{name}`", name, before, after)


def _level(
    subject: str, name: str, old: Tier | Anonymous | None, new: Tier | Anonymous | None, kept: Collection[str]
) -> Iterator[Step]:
    if old is None or new is None:
        if new:
            yield Step(subject, name, "looser", "is new", None, new.line)
        elif old:
            yield Step(subject, name, "stricter", "is gone", old.line, None)
        return
    lines = (old.line, new.line)
    for feature in sorted((old.features ^ new.features) & set(kept)):
        gained = feature in new.features
        says = f"{'now has' if gained else 'no longer has'} `{feature}`"
        yield Step(subject, name, _way(gained), says, *lines)
    yield from quota_steps(subject, name, old.quotas, new.quotas)
    if _rate(old.rate) != _rate(new.rate):
        places = (old.rate.line if old.rate else old.line, new.rate.line if new.rate else new.line)
        says = _instead("the rate", _rate(old.rate), _rate(new.rate))
        yield Step(subject, name, _limit(_per_second(old.rate), _per_second(new.rate)), says, *places)
    if old.concurrency != new.concurrency:
        says = _instead("the concurrency", str(old.concurrency or ""), str(new.concurrency or ""))
        yield Step(subject, name, _limit(old.concurrency, new.concurrency), says, *lines)
    yield from _models(subject, name, old, new)


def _models(subject: str, name: str, old: Tier | Anonymous, new: Tier | Anonymous) -> Iterator[Step]:
    was, now = {one.feature: one for one in old.models}, {one.feature: one for one in new.models}
    for feature in dict.fromkeys((*was, *now)):
        ways = set(steps(was.get(feature, NOTHING), now.get(feature, NOTHING)))
        if ways:
            way: Way = "other" if len(ways) > 1 else _way(ways == {True})
            lines = (
                was[feature].line if feature in was else old.line,
                now[feature].line if feature in now else new.line,
            )
            yield Step(subject, name, way, f"limits what `{feature}` is asked for otherwise", *lines)


def _instead(what: str, old: str, new: str) -> str:
    return f"has {what} {new}" + (f", not {old}" if old else "") if new else f"has {what} {old} no more"


def _per_second(rate: Rate | None) -> Fraction | None:
    return Fraction(rate.limit, rate.window_s) if rate else None


def _rate(rate: Rate | None) -> str:
    return f"{rate.limit} / {_WINDOWS[rate.window_s]}" if rate else ""


def quota_steps(subject: str, name: str, old: tuple[Quota, ...], new: tuple[Quota, ...]) -> Iterator[Step]:
    was, now = {q.counter: q for q in old}, {q.counter: q for q in new}
    for counter in dict.fromkeys((*was, *now)):
        before, after = was.get(counter), now.get(counter)
        if before and after and before.limit == after.limit:
            continue
        way = _limit(before.limit if before else None, after.limit if after else None)
        says = _instead("the quota", _quota(before), _quota(after))
        yield Step(subject, name, way, says, before.line if before else None, after.line if after else None)


def _quota(quota: Quota | None) -> str:
    if quota is None:
        return ""
    scope = "" if quota.features is None else " of " + ", ".join(f"`{f}`" for f in sorted(quota.features))
    return f"{quota.limit} {quota.meter} / {quota.period}{scope}"


def _paid(subject: str, name: str, old: Tier, new: Tier) -> Iterator[Step]:
    """What only tiers have: approval, price, overage, grace and licenses."""
    lines = (old.line, new.line)
    if old.requires_approval != new.requires_approval:
        says = "needs approval" if new.requires_approval else "needs no approval any more"
        yield Step(subject, name, _way(not new.requires_approval), says, *lines)
    if _terms(old.price) != _terms(new.price):
        says = f"costs {_price(new.price)}, not {_price(old.price)}"
        places = (old.price.line if old.price else old.line, new.price.line if new.price else new.line)
        yield Step(subject, name, _dearer(old.price, new.price, free=True), says, *places)
    yield from _otherwise_paid(subject, name, old, new)
    was, now = {p.unit: p for p in old.overage}, {p.unit: p for p in new.overage}
    for unit in dict.fromkeys((*was, *now)):
        before, after = was.get(unit), now.get(unit)
        if _terms(before) != _terms(after):
            says = f"goes on past its quota of {unit} for {_price(after)}" if after else f"stops at its quota of {unit}"
            places = (before.line if before else old.line, after.line if after else new.line)
            yield Step(subject, name, _dearer(before, after, free=False), says, *places)
    if old.price and new.price and old.grace_days != new.grace_days:
        says = f"goes on for {new.grace_days} days after a failed payment, not {old.grace_days}"
        yield Step(subject, name, _way(new.grace_days > old.grace_days), says, *lines)
    if old.seats != new.seats:
        says = _instead("seats", str(old.seats or ""), str(new.seats or ""))
        yield Step(subject, name, _limit(old.seats, new.seats), says, *lines)
    for component in dict.fromkeys((*old.licenses, *new.licenses)):
        had, has = old.licenses.get(component), new.licenses.get(component)
        if had != has:
            says = f"carries {has or 'no license'} for `{component}`" + (f", no longer {had}" if had else "")
            way: Way = "looser" if had is None else "stricter" if has is None else weigh(had, has)
            yield Step(subject, name, way, says, *lines)


def _otherwise_paid(subject: str, name: str, old: Tier, new: Tier) -> Iterator[Step]:
    """The further prices, whose seats they are for, and the trial before the first of them."""
    lines = (old.line, new.line)
    was, now = {p.unit: p for p in old.more_prices}, {p.unit: p for p in new.more_prices}
    for unit in dict.fromkeys((*was, *now)):
        before, after = was.get(unit), now.get(unit)
        if _terms(before) != _terms(after):
            says = f"may be paid {_price(after)}" if after else f"may no longer be paid {_price(before)}"
            way = _dearer(before, after, free=False) if before and after else _way(before is None)
            places = (before.line if before else old.line, after.line if after else new.line)
            yield Step(subject, name, way, says, *places)
    if old.price and new.price and old.per_seat != new.per_seat:
        says = "is paid for each seat" if new.per_seat else "is paid once for all seats"
        yield Step(subject, name, _way(not new.per_seat), says, *lines)
    if old.price and new.price and old.trial_days != new.trial_days:
        says = f"may be tried for {new.trial_days} days, not {old.trial_days}"
        yield Step(subject, name, _way(new.trial_days > old.trial_days), says, *lines)


def _terms(price: Price | None) -> tuple[int, str, int, str] | None:
    return (price.micros, price.currency, price.per, price.unit) if price else None


def _price(price: Price | None) -> str:
    return price_words(price.micros, price.currency, price.per, price.unit) if price else "nothing"


def _way(looser: bool) -> Way:
    return "looser" if looser else "stricter"


def _limit(old: Fraction | int | None, new: Fraction | int | None) -> Way:
    """`None` is no limit. Two limits of the same size differ only in their grain."""
    if old == new:
        return "other"
    return _way(new is None or (old is not None and new > old))


def _dearer(old: Price | None, new: Price | None, *, free: bool) -> Way:
    """`free`: no price means nothing to pay; otherwise it means that there is nothing to buy."""
    if old is None or new is None:
        # A price past a quota lets holders go on, and lets them owe: neither looser nor stricter.
        return _way(new is None) if free else "other"
    if (old.currency, old.unit) != (new.currency, new.unit):
        return "other"
    was, now = Fraction(old.micros, old.per), Fraction(new.micros, new.per)
    return "other" if was == now else _way(now < was)
