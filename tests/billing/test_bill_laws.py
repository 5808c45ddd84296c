"""A bill adds up to the ledger, to the last unit, whatever was used in whatever order under whichever terms."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from licet.access.price import line_minor, owed_minor
from licet.ledger.ports import Call, Counter, Held, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.usage import Run, Usage, Window
from licet.portal.billing import bill
from licet.release.release import Price, Quota, Release, Tier

DAY = 86_400
MONTH = (10 * DAY, 40 * DAY)
COUNTERS = ("calls/month", "tokens/month", "units/day", "calls/month@chat")


def release(sha: str, limits: dict[str, int], prices: dict[str, Price]) -> Release:
    """One tier with these quotas and prices past them."""
    quotas = tuple(
        Quota(c.partition("/")[0], n, c.partition("/")[2].partition("@")[0], 7,  # type: ignore[arg-type]
              frozenset({"chat"}) if "@" in c else None)
        for c, n in limits.items()
    )  # fmt: skip
    tier = Tier("premium", 5, frozenset(), quotas=quotas, overage=tuple(prices.values()))
    return Release("sana", "1", "Lab", sha, tiers=(tier, Tier("free", 4, frozenset())))


prices = st.builds(Price, st.integers(1, 9_000_000), st.just("EUR"), st.just(9), st.integers(1, 1_000_000))


@st.composite
def terms(draw: st.DrawFn, sha: str) -> Release:
    limits = draw(st.dictionaries(st.sampled_from(COUNTERS), st.integers(0, 25)))
    meters = {c.partition("/")[0] for c in limits}
    chosen = draw(st.lists(st.sampled_from(sorted(meters)), unique=True)) if meters else []
    return release(sha, limits, {m: draw(prices)._replace(unit=m) for m in chosen})


@st.composite
def used(draw: st.DrawFn) -> list[tuple[int, str, str, int, int, str, bool]]:
    """Calls: when, at which tier and document, tokens held and then counted, how it ended, by a grant or not."""
    return draw(
        st.lists(
            st.tuples(
                st.integers(MONTH[0], MONTH[1] - 1),
                st.sampled_from(("premium", "free")),
                st.sampled_from(("a" * 64, "b" * 64, "")),
                st.integers(0, 9),
                st.integers(0, 12),
                st.sampled_from(("settle", "settle", "settle", "void", "open")),
                st.booleans(),
            ),
            max_size=25,
        )
    )


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(terms("a" * 64), terms("b" * 64), used())
def test_every_unit_of_the_ledger_stands_on_one_line_and_every_price_is_for_its_place(
    one: Release, two: Release, calls: list[tuple[int, str, str, int, int, str, bool]]
) -> None:
    read = {one.sha256: one, two.sha256: two}.get
    with TemporaryDirectory() as folder:
        path = Path(folder) / "ledger.sqlite3"
        ledger = SqliteLedger(path, process_id="test")
        calls = sorted(calls, key=lambda c: c[0])
        for n, (at_s, tier, sha, hold, tokens, end, granted) in enumerate(calls):
            day = at_s - at_s % DAY
            takes = [
                Take("hol_1", "sana", "calls/month", *MONTH, 1, None),
                Take("hol_1", "sana", "tokens/month", *MONTH, hold, None),
                Take("hol_1", "sana", "units/day", day, day + DAY, 3, None),
                Take("hol_1", "sana", "spend/month", *MONTH, 5_000, None),
                Take("hol_1", "sana", "calls/day@key:key_1", day, day + DAY, 1, None),
            ]
            if n % 3 == 0:
                takes.append(Take("hol_1", "sana", "calls/month@chat", *MONTH, 1, None))
            because = [{"cite": "grant_1" if granted else "licet.toml:7", "says": "x"}]
            verdict = json.dumps({"because": because, "document": sha, "tier": tier}, separators=(",", ":"))
            call = Call(f"call_{n:04}", "hol_1", "sana", "chat", "key_1", at_s, verdict)
            assert isinstance(ledger.hold(call, takes, at_s, 60), Held)
            if end == "settle":
                ledger.settle(call.call_id, {"tokens/month": tokens}, at_s)
            elif end == "void":
                ledger.void(call.call_id, at_s)
        windows = Usage(path).runs("hol_1", "sana", *MONTH)
        counters = {(c.meter, c.window_s): c.used for c in ledger.used("hol_1", "sana")}
        ledger.close()
    lines = bill.lines(windows, read)

    for meter in {line.counter for line in lines}:
        assert sum(line.used for line in lines if line.counter == meter) == sum(
            units for (name, _), units in counters.items() if name == meter
        )
    assert all(line.included + line.past == line.used and line.past >= 0 for line in lines)
    assert not {line.counter for line in lines} & {"spend/month", "calls/day@key:key_1"}
    quoted = {quota.counter for terms in (one, two) for tier in terms.tiers for quota in tier.quotas}
    assert {line.counter for line in lines} <= quoted, "what no quota names is counted, and on no bill"

    # The reference: each unit in its turn asks by itself whether it is past the quota that is in force for it.
    owed: dict[tuple[str, str, str], int] = {}
    for meter in COUNTERS:
        places: dict[int, int] = {}
        for n, (at_s, tier, sha, _, tokens, end, granted) in enumerate(calls):
            if end != "settle" or (meter == "calls/month@chat" and n % 3):
                continue
            units = {"tokens": tokens, "units": 3}.get(meter.partition("/")[0], 1)
            window = at_s - at_s % DAY if meter == "units/day" else MONTH[0]
            if granted:
                continue
            level = (found := read(sha)) and found.tier(tier)
            quota = next((q for q in level.quotas if q.counter == meter), None) if level else None
            priced = level is not None and any(p.unit == meter.partition("/")[0] for p in level.overage)
            for _ in range(units):
                places[window] = places.get(window, 0) + 1
                if quota and priced and places[window] > quota.limit:
                    owed[meter, tier, sha] = owed.get((meter, tier, sha), 0) + 1
    assert {(ln.counter, ln.tier, ln.document): ln.past for ln in lines if ln.past} == owed


@given(prices, st.integers(0, 10**12), st.sampled_from(("EUR", "JPY", "KWD")))
def test_a_line_is_rounded_once_half_to_even(price: Price, count: int, currency: str) -> None:
    exact = Fraction(price.micros * count, price.per) / (10**6 // {"EUR": 100, "JPY": 1, "KWD": 1000}[currency])
    assert owed_minor(price._replace(currency=currency), count) == round(exact)


def test_rounding_to_millionths_first_would_have_been_a_cent_wrong() -> None:
    price = Price(10_001, "EUR", 1, 2, "calls")  # one call: 0.0050005 EUR, a little above half a cent
    assert line_minor(price.micros * 1 // price.per, "EUR") == 0
    assert owed_minor(price, 1) == 1


def test_a_tier_that_changes_in_the_middle_of_a_month_changes_only_what_comes_after() -> None:
    price = Price(1_000_000, "EUR", 9, 1, "calls")
    small, large = (
        release("a", {"calls/month": 3}, {"calls": price}),
        release("b", {"calls/month": 8}, {"calls": price}),
    )
    runs = (Run("premium", "a", 5, 5), Run("premium", "b", 5, 5), Run("premium", "a", 1, 1))
    window = Window(Counter("calls/month", 0, 1, 11, 0), runs)
    lines = bill.lines([window], {"a": small, "b": large}.get, newest="b")
    assert [(ln.document, ln.used, ln.past, ln.amount_minor, ln.cite) for ln in lines] == [
        ("a", 6, 3, 300, "licet.toml@a:9"),
        ("b", 5, 2, 200, "licet.toml:9"),
    ]
    assert bill.owed_units(window, {"a": small, "b": large}.get) == 5
    assert bill.totals(lines) == {"EUR": 500}


@pytest.mark.parametrize(
    ("counter", "is_billed"),
    [
        ("calls/month", True),
        ("tokens_out/day@chat", True),
        ("calls/month@key:key_1", False),  # a key's own budget
        ("downloads/month@grant:grant_1", False),  # a grant's own quota
        ("spend/month", False),  # what a cap is held against
    ],
)
def test_only_what_a_tier_counts_is_billed(counter: str, is_billed: bool) -> None:
    assert bill.billed(counter) is is_billed


@pytest.mark.parametrize(
    ("counter", "parts"),
    [
        ("calls/month", ("calls", "month", "")),
        ("units/day", ("units", "day", "")),
        ("calls/month@chat+draw", ("calls", "month", "chat, draw")),
    ],
)
def test_a_line_names_what_was_counted_in_its_parts(counter: str, parts: tuple[str, str, str]) -> None:
    line = bill.Line(counter, "premium", "a" * 64, "licet.toml:7", 5, 8, 3, 8, "", "EUR", 0)
    assert (line.meter, line.period, line.features) == parts
