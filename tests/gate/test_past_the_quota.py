"""Past a quota with a price the gate goes on, counts on, says what is owed, and stops at the cap of the holder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from gate_world import Answer, World, ask, document

from licet.access.key import Secret
from licet.access.spend import NANOS, cost_nanos, nanos
from licet.release.release import Price

PRICED = """
[[tier]]
name = "elastic"
features = ["mean", "echo", "fail", "nap"]
quota = ["3 calls / month", "5 units / day"]
overage = ["0.40 EUR / 1000 calls"]
"""
INPUT = {"data": [1, 2, 3]}
CALL_NANOS = 400_000  # 0.40 EUR / 1000


@asynccontextmanager
async def serving(folder: Path, text: str) -> AsyncIterator[World]:
    world = World(folder, document(text))
    await world.gate.start()
    yield world
    await world.gate.stop()
    world.close()


@pytest.fixture
async def priced(tmp_path: Path) -> AsyncIterator[World]:
    async with serving(tmp_path, PRICED.replace(', "5 units / day"', "")) as world:
        yield world


def holder(world: World, key: Secret) -> str:
    return world.rights.credentials[key.digest].holder_id


def cap(world: World, key: Secret, cap_nanos: int | None) -> None:
    at = holder(world, key)
    world.rights.standings[at, "sample"] = replace(world.rights.standings[at, "sample"], cap_nanos=cap_nanos)
    world.rights._changed("standing", at)


async def call(world: World, key: Secret, feature: str = "mean", given: object = INPUT) -> Answer:
    return await ask(world.gate, "POST", f"/v1/features/{feature}", given, key=key)


async def test_past_the_quota_a_call_is_answered_counted_on_and_says_its_price(priced: World) -> None:
    key = priced.rights.give("elastic")
    within = [await call(priced, key) for _ in range(3)]
    past = [await call(priced, key) for _ in range(4)]
    assert [a.status for a in within + past] == [200] * 7
    assert all("x-licet-duty" not in a.headers for a in within)
    assert {a.headers["x-licet-duty"].split(" (")[0] for a in past} == {"pay 0.40 EUR / 1000 calls"}
    assert priced.used(key) == (7, 0)
    assert priced.used(key, "spend/month") == (4 * CALL_NANOS, 0)


async def test_what_failed_past_the_quota_is_neither_counted_nor_owed(priced: World) -> None:
    key = priced.rights.give("elastic")
    for _ in range(4):
        await call(priced, key)
    failed = await call(priced, key, "fail", {"how": "raise"})
    assert failed.status >= 400
    priced.turns.flush()
    assert priced.used(key) == (4, 0)
    assert priced.used(key, "spend/month") == (CALL_NANOS, 0)


async def test_a_hard_quota_beside_a_priced_one_stays_hard(tmp_path: Path) -> None:
    async with serving(tmp_path, PRICED) as world:
        key = world.rights.give("elastic")
        answers = [await call(world, key) for _ in range(6)]
        assert [a.status for a in answers] == [200] * 5 + [429]
        assert answers[-1].code == "quota_exhausted"
        assert world.used(key) == (5, 0)


async def test_a_cap_stops_what_costs_and_only_that(priced: World) -> None:
    key = priced.rights.give("elastic")
    cap(priced, key, 2 * CALL_NANOS)
    answers = [await call(priced, key) for _ in range(6)]
    assert [a.status for a in answers] == [200] * 5 + [402]
    no = answers[-1]
    assert no.code == "budget_exhausted"
    assert no.json["detail"] == "The budget is used up: at most 0.0008 a month is paid past the quotas."
    (way,) = [one for one in no.json["would_allow"] if one["offer"] == "cap:month"]
    assert way["detail"] == "raise the cap on what a month may cost"
    assert way["url"].endswith("/my/usage")
    assert "cap: set by its holder" in {one["cite"] for one in no.json["because"]}
    assert no.headers["x-should-retry"] == "false"
    assert not any(name.startswith("ratelimit") for name in no.headers)
    assert priced.used(key, "spend/month") == (2 * CALL_NANOS, 0)


@pytest.mark.parametrize(
    ("overage", "code"), [('overage = ["0.40 EUR / 1000 calls"]', "budget_exhausted"), ("", "quota_exhausted")]
)
async def test_what_the_quota_or_the_cap_refuses_is_not_counted_by_the_rate(
    tmp_path: Path, overage: str, code: str
) -> None:
    text = f'[[tier]]\nname = "elastic"\nfeatures = ["mean"]\nquota = ["2 calls / month"]\nrate = "4 / minute"\n{overage}\n'
    async with serving(tmp_path, text) as world:
        key = world.rights.give("elastic")
        cap(world, key, 0)
        assert [(await call(world, key)).status for _ in range(2)] == [200, 200]
        assert {(await call(world, key)).code for _ in range(9)} == {code}, "and never rate_limited"


async def test_a_higher_cap_is_offered_only_where_it_would_help(tmp_path: Path) -> None:
    async with serving(tmp_path, PRICED) as world:  # five units a day stay hard, whatever the month may cost
        key = world.rights.give("elastic")
        cap(world, key, 2 * CALL_NANOS)
        answers = [await call(world, key) for _ in range(6)]
        assert [a.status for a in answers] == [200] * 5 + [402]
        assert not [one for one in answers[-1].json.get("would_allow", ()) if one["offer"].startswith("cap:")]


async def test_a_cap_holds_from_the_next_call_on_and_a_higher_one_opens_again(priced: World) -> None:
    key = priced.rights.give("elastic")
    for _ in range(5):
        assert (await call(priced, key)).status == 200
    cap(priced, key, 0)
    assert (await call(priced, key)).status == 402
    cap(priced, key, NANOS)
    assert (await call(priced, key)).status == 200
    cap(priced, key, None)
    assert (await call(priced, key)).status == 200


async def test_a_cap_of_nothing_leaves_the_quota_whole(priced: World) -> None:
    key = priced.rights.give("elastic")
    cap(priced, key, 0)
    answers = [await call(priced, key) for _ in range(4)]
    assert [a.status for a in answers] == [200, 200, 200, 402]


async def test_many_at_once_never_spend_more_than_the_cap(priced: World) -> None:
    key = priced.rights.give("elastic")
    cap(priced, key, 3 * CALL_NANOS)
    answers = await asyncio.gather(*(call(priced, key, "nap", {"seconds": 0.01}) for _ in range(20)))
    assert sorted(a.status for a in answers) == [200] * 6 + [402] * 14
    assert priced.used(key) == (6, 0)
    assert priced.used(key, "spend/month") == (3 * CALL_NANOS, 0)


async def test_a_new_month_is_a_new_quota_and_a_new_budget(priced: World) -> None:
    key = priced.rights.give("elastic")
    cap(priced, key, CALL_NANOS)
    assert [(await call(priced, key)).status for _ in range(5)] == [200] * 4 + [402]
    priced.clock.forward(32 * 86_400)
    assert [(await call(priced, key)).status for _ in range(5)] == [200] * 4 + [402]


def test_a_price_is_rounded_up_and_never_twice() -> None:
    third = Price(1, "EUR", 1, 3, "calls")
    assert [nanos(third, n) for n in (0, 1, 2, 3)] == [0, 334, 667, 1000]
    assert cost_nanos((("calls/month", third),), {"calls/month": 3, "units/day": 9}) == 1000
