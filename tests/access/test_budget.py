"""A key's own budget holds beside its holder's quota: never above either, and refused only where one of them is spent."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from licet.access import budget
from licet.access.standing import Budget, Credential, Narrow, Standing
from licet.access.table import Tables
from licet.release.document import read
from licet.terms import Answer
from licet.terms.plain import as_json

NOW_S = 1_795_000_000
RELEASE = read(b"""
[release]
name = "sample"
version = "1.0.0"
licensor = "Example Lab"

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[feature]]
name = "basic"
call = "m:f"
serves = ["code"]
cost = 3

[[tier]]
name = "free"
features = ["*"]
quota = ["7 calls / month", "18 units / day"]

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
""")
HOLDER = Standing("hol_a", "sample", "free", RELEASE.sha256, frozenset({"account", "tier:free"}))
COST = {"calls": 1, "units": 3}

budgets = st.lists(
    st.builds(Budget, st.integers(0, 12), st.sampled_from(("calls", "units")), st.sampled_from(("day", "month"))),
    max_size=3, unique_by=lambda one: (one.meter, one.period),
).map(tuple)  # fmt: skip


@given(st.lists(budgets, min_size=1, max_size=3), st.lists(st.integers(0, 2), max_size=25))
def test_no_key_is_ever_above_its_budget_nor_all_of_them_above_the_tier(
    of_keys: list[tuple[Budget, ...]], calls: list[int]
) -> None:
    tables, counts = Tables(), dict[str, int]()
    for n in calls:
        bounds = of_keys[n % len(of_keys)]
        key_id = f"key_{n % len(of_keys)}"
        table = tables.of(RELEASE, HOLDER, Credential(key_id, "hol_a", narrow=Narrow(budgets=bounds)))
        slot = table.slot("basic", "code", NOW_S)
        needed = {"used:calls/month": 7, "used:units/day": 18}
        needed |= {f"used:{budget.counter(one, key_id)}": one.limit for one in bounds}
        fits = all(counts.get(meter, 0) + cost(meter) <= most for meter, most in needed.items())
        after = {meter: counts.get(meter, 0) + cost(meter) for meter in needed}
        taken = slot.taken(after)
        assert (taken is not None) == fits
        verdict = table.refusal("basic", "code", NOW_S, after)
        assert (verdict.answer is Answer.YES) == fits
        if taken is not None:
            assert dict(taken.takes) == needed
            counts |= after
        else:
            assert verdict.code == "quota_exhausted"


def cost(meter: str) -> int:
    return COST[meter.removeprefix("used:").partition("/")[0]]


def test_a_budget_says_in_words_whose_it_is_and_no_tier_is_offered_against_it() -> None:
    credential = Credential("key_a", "hol_a", narrow=Narrow(budgets=(Budget(2, "calls", "day"),)))
    table = Tables().of(RELEASE, HOLDER, credential)
    counts = {"used:calls/month": 3, "used:units/day": 9, "used:calls/day@key:key_a": 3}
    told = as_json(table.refusal("basic", "code", NOW_S, counts), action="basic", component="code", tier="free")
    assert told["code"] == "quota_exhausted"
    assert "key_a" not in told["detail"]
    assert "calls / day" in told["detail"]
    assert told["because"][0]["cite"] == budget.CITE
    assert "this key, by its owner" in told["because"][0]["says"]
    assert table.offers("basic", "code", NOW_S, counts) == ()


def test_keys_without_a_budget_go_on_sharing_one_table() -> None:
    tables = Tables()
    plain = [tables.of(RELEASE, HOLDER, Credential(f"key_{n}", "hol_a")) for n in range(3)]
    bound = [
        tables.of(RELEASE, HOLDER, Credential(f"key_{n}", "hol_a", narrow=Narrow(budgets=(Budget(1, "calls", "day"),))))
        for n in range(2)
    ]
    assert len({id(t) for t in plain}) == 1
    assert len({id(t) for t in (*plain, *bound)}) == 3
