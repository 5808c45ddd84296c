"""Reads `[[tier]]` and `[anonymous]`: who may call what, how much of it, and for what price."""

from __future__ import annotations

from collections.abc import Collection

from licet.release.reader import amount
from licet.release.reader.amount import AmountError
from licet.release.reader.component import normal
from licet.release.reader.limits import limits
from licet.release.reader.spelling import near, shown
from licet.release.reader.table import Table, worded
from licet.release.release import Anonymous, Coupon, Price, Quota, Rate, Tier

EVERY = "*"
_OF_A_PRICE = {
    "grace_days": "no payment to wait for",
    "trial_days": "no payment to come after it",
    "per_seat": "no price to multiply",
    "coupons": "no price to take off",
}


def tier(table: Table, features: Collection[str], components: Collection[str], currency: str) -> Tier:
    """`features` and `components` are the names to speak of; `currency` is the release's, "" when unknown."""
    name = table.name()
    if name == "anonymous":
        table.wrong(
            "reserved-name", "`anonymous` is not a tier's name", "write `[anonymous]` for callers without a key", "name"
        )
    held, every = features_named(table, features)
    quotas = _quotas(table, held)
    prices, overages = _prices(table, currency), _overages(table, quotas, currency)
    requires = table.choice("requires", ("approval",))
    grace_days = table.whole("grace_days", 0, 0, 366)
    trial_days = table.whole("trial_days", 0, 0, 366)
    for key, says in _OF_A_PRICE.items():
        if table.has(key) and not table.has("price"):
            says = f"`{key}` of {table.what} has {says}"
            table.wrong("key-without-use", says, "add a price, or take it out", key, level="warning")
    made = Tier(
        name=name,
        line=table.line,
        features=held,
        every_feature=every,
        requires_approval=bool(requires),
        quotas=quotas,
        rate=_rate(table),
        concurrency=table.whole("concurrency", 0, 1, 10_000) or None,
        overage=overages,
        price=prices[0] if prices else None,
        more_prices=prices[1:],
        per_seat=table.flag("per_seat"),
        trial_days=trial_days,
        coupons=_coupons(table),
        grace_days=grace_days,
        seats=table.whole("seats", 0, 1, 1_000_000) or None,
        licenses=_licenses(table, components),
        models=limits(table, held),
        description=table.text("description", most=2000, many_lines=True),
    )
    table.done()
    return made


def anonymous(table: Table, features: Collection[str]) -> Anonymous:
    held, _ = features_named(table, features)
    quotas = _quotas(table, held)
    for n, quota in enumerate(quotas):
        if quota.period == "month":
            says = "anonymous callers are known for a day, so nothing can be counted by the month"
            table.wrong("anonymous-month", says, "count by the `day`, `hour` or `minute`", "quota", n)
    made = Anonymous(
        table.line, held, quotas, _rate(table), table.whole("concurrency", 0, 1, 10_000) or None, limits(table, held)
    )
    if not quotas and made.rate is None and not (table.has("quota") or table.has("rate")):
        mend = 'add `quota = ["20 calls / day"]` or `rate = "10 / minute"`'
        table.wrong("anonymous-unlimited", "anyone may call without end", mend, level="warning")
    table.done()
    return made


def features_named(table: Table, features: Collection[str]) -> tuple[frozenset[str], bool]:
    texts = table.texts("features", need=True)
    names = [name for name, _ in texts]
    for name, n in texts:
        if name == EVERY and len(names) > 1:
            says = f"`*` in {table.what} names every feature already"
            table.wrong("star-and-more", says, "keep `*` alone, or the names", "features", n)
        elif name != EVERY and name not in features:
            says = f"unknown feature {shown(name)} in {table.what}"
            table.wrong("unknown-feature", says, near(name, features, "feature"), "features", n)
    every = EVERY in names
    if every and not features:
        table.wrong(
            "unknown-feature", f"{table.what} holds every feature, and there is none", "add a `[[feature]]`", "features"
        )
    return frozenset(features if every else names), every


def _quotas(table: Table, held: Collection[str]) -> tuple[Quota, ...]:
    """The quotas that can be read. Two that count the same thing in the same period contradict each other."""
    quotas: dict[str, Quota] = {}
    for n, item in enumerate(table.items("quota")):
        quota = _quota(table, n, item, held)
        if quota is None:
            continue
        if (first := quotas.get(quota.counter)) is not None:
            says = f"{table.what} has two quotas of {quota.meter} per {quota.period}"
            table.wrong("quota-twice", says, f"keep one (the first is on line {first.line})", "quota", n)
        quotas.setdefault(quota.counter, quota)
    return tuple(quotas.values())


def _quota(table: Table, n: int, item: object, held: Collection[str]) -> Quota | None:
    line, scope = table.line_of("quota", n), None
    if isinstance(item, dict):
        inner = Table(table.source, (*table.at, "quota", n), item, f"a quota of {table.what}")
        text = inner.text("limit", need=True, mend='add `limit = "1000 calls / month"`')
        texts = inner.texts("features", need=True)
        inner.done()
        for name, k in texts:
            if name not in held:
                says = f"unknown feature {shown(name)} in a quota: {table.what} does not hold it"
                inner.wrong("unknown-feature", says, near(name, held, "feature"), "features", k)
        scope = frozenset(name for name, _ in texts)
        if not text or not scope:
            return None
    elif isinstance(item, str):
        text = item
    else:
        mend = 'write each like `"1000 calls / month"`, or as `{ limit = "...", features = ["..."] }`'
        table.wrong("wrong-type", f"a quota of {table.what} is text, not {worded(item)}", mend, "quota", n)
        return None
    try:
        limit, meter, period = amount.quota(text)
    except AmountError as wrong:
        table.wrong("bad-quota", f"{wrong} in {table.what}", wrong.mend, "quota", n)
        return None
    return Quota(meter, limit, period, line, scope)


def _rate(table: Table) -> Rate | None:
    if not (text := table.text("rate")):
        return None
    try:
        limit, window_s = amount.rate(text)
    except AmountError as wrong:
        table.wrong("bad-rate", f"{wrong} in {table.what}", wrong.mend, "rate")
        return None
    if limit > 1_000_000:
        table.wrong("bad-rate", f"the rate of {table.what} is too large", "at most 1000000", "rate")
    return Rate(limit, window_s, table.line_of("rate"))


def _prices(table: Table, currency: str) -> tuple[Price, ...]:
    """One price, or a list of them: the same tier by the month, by the year, or once."""
    mend = 'write it in quotes, so that no digit is lost: `price = "9.00 EUR / month"`'
    if not isinstance(table.values.get("price"), list):
        text = table.text("price", mend=mend)
        found = [_price(table, text, currency, "price")] if text else []
    else:
        found = [_price(table, text, currency, "price", n) for text, n in table.texts("price")]
    prices: dict[str, Price] = {}
    for n, price in enumerate(found):
        if price is None:
            continue
        if price.unit in prices:
            table.wrong("twice", f"{table.what} has two prices {_per(price.unit)}", "keep one", "price", n)
        prices.setdefault(price.unit, price)
    return tuple(prices.values())


def _per(unit: str) -> str:
    return unit if unit == "once" else f"a {unit}"


def _price(table: Table, text: str, currency: str, *key: str | int) -> Price | None:
    try:
        micros, paid, unit = amount.price(text)
    except AmountError as wrong:
        table.wrong("bad-price", f"{wrong} in {table.what}", wrong.mend, *key)
        return None
    _same_currency(table, paid, currency, *key)
    return Price(micros, paid, table.line_of(*key), unit=unit)


def _coupons(table: Table) -> tuple[Coupon, ...]:
    coupons: dict[str, Coupon] = {}
    for text, n in table.texts("coupons"):
        try:
            code, percent, months = amount.coupon(text)
        except AmountError as wrong:
            table.wrong("bad-coupon", f"{wrong} in {table.what}", wrong.mend, "coupons", n)
            continue
        if code in coupons:
            table.wrong("twice", f"{table.what} has two coupons {code}", "keep one", "coupons", n)
        coupons.setdefault(code, Coupon(code, percent, table.line_of("coupons", n), months))
    return tuple(coupons.values())


def _overages(table: Table, quotas: Collection[Quota], currency: str) -> tuple[Price, ...]:
    prices: dict[str, Price] = {}
    for text, n in table.texts("overage"):
        try:
            micros, paid, per, meter = amount.overage(text)
        except AmountError as wrong:
            table.wrong("bad-price", f"{wrong} in {table.what}", wrong.mend, "overage", n)
            continue
        _same_currency(table, paid, currency, "overage", n)
        if meter in prices:
            table.wrong("twice", f"{table.what} has two prices for {meter} past a quota", "keep one", "overage", n)
        elif quotas and all(q.meter != meter for q in quotas):
            says = f"{table.what} has a price for {meter} past a quota, and no quota of {meter}"
            table.wrong("overage-without-quota", says, f"add a quota of {meter}", "overage", n)
        prices[meter] = Price(micros, paid, table.line_of("overage", n), per, meter)
    if prices and not table.has("quota"):
        table.wrong("overage-without-quota", f"{table.what} has no quota to go past", "add a `quota`", "overage")
    return tuple(prices.values())


def _same_currency(table: Table, paid: str, currency: str, *key: str | int) -> None:
    if currency and paid != currency:
        says = f"{table.what} is paid in {paid}, the release in {currency}"
        table.wrong("two-currencies", says, "one release has one currency: change one of them", *key)


def _licenses(table: Table, components: Collection[str]) -> dict[str, str]:
    inner = table.table("licenses")
    if inner is None:
        return {}
    inner.what = f"`licenses` of {table.what}"
    licenses: dict[str, str] = {}
    for name in inner.values:
        if name not in components:
            says = f"unknown component {shown(name)} in {inner.what}"
            inner.wrong("unknown-component", says, near(name, components, "component"), name)
        licenses[name] = normal(inner, inner.text(name, most=1000), name)
    return licenses
