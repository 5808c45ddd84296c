"""Past a quota of tokens a model answers on, is counted on, and stops where the holder's cap pays for no more."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from gate_world import World
from scripted import Scripted, chat, delta, says, stop, streams, usage
from wire_world import CHAT, call, talk, wire_document

from licet.access.key import Secret

ELASTIC = """
[[tier]]
name = "elastic"
features = ["*"]
quota = ["100 tokens / month"]
overage = ["1.00 EUR / 1000 tokens"]

[[tier]]
name = "brief"
features = ["*"]
quota = ["10 tokens / month"]
overage = ["1.00 EUR / 1000 tokens"]
rate = "3 / minute"

[[tier]]
name = "two"
features = ["*"]
quota = ["50 tokens_in / month", "50 tokens_out / month"]
overage = ["1.00 EUR / 1000 tokens_in", "3.00 EUR / 1000 tokens_out"]
"""
TOKEN = 1_000_000  # 1.00 EUR / 1000, in billionths
PROMPT = 5  # what the prompt of `talk()` is estimated at


@pytest.fixture
async def world(tmp_path: Path, upstream: Scripted) -> AsyncIterator[World]:
    made = World(tmp_path, wire_document(upstream.url) + ELASTIC, key_of=lambda _: "secret-of-the-upstream")
    await made.gate.start()
    yield made
    await made.gate.stop()
    made.close()


def cap(world: World, key: Secret, nanos: int) -> None:
    at = world.rights.credentials[key.digest].holder_id
    world.rights.standings[at, "sample"] = replace(world.rights.standings[at, "sample"], cap_nanos=nanos)
    world.rights._changed("standing", at)


async def test_an_answer_is_not_cut_to_what_was_left_of_the_quota(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 5, 90))
    key = world.rights.give("elastic")
    await call(world.gate, CHAT, talk(max_tokens=90), key)
    assert world.used(key, "spend/month") == (0, 0)
    upstream.then = says(200, chat("yes", 5, 50))
    answer = await call(world.gate, CHAT, talk(max_tokens=60), key)
    assert upstream.asked[-1].json["max_tokens"] == 60
    assert answer.told["x-licet-duty"].startswith("pay 1.00 EUR / 1000 tokens (")
    assert world.used(key, "tokens/month") == (150, 0)
    assert world.used(key, "spend/month") == (55 * TOKEN, 0)  # settled: what was said, not what was held
    upstream.then = says(200, chat("yes", 5, 5))
    await call(world.gate, CHAT, talk(), key)
    assert "max_tokens" not in upstream.asked[-1].json
    assert world.used(key, "tokens/month") == (160, 0)


async def test_an_answer_may_be_as_long_as_the_cap_pays_for_and_no_longer(world: World, upstream: Scripted) -> None:
    key = world.rights.give("elastic")
    upstream.then = says(200, chat("yes", 5, 95))
    await call(world.gate, CHAT, talk(max_tokens=95), key)
    cap(world, key, 20 * TOKEN)
    upstream.then = says(200, chat("yes", 5, 15))
    answer = await call(world.gate, CHAT, talk(max_tokens=500), key)
    assert answer.status == 200
    assert upstream.asked[-1].json["max_tokens"] == 20 - PROMPT
    assert world.used(key, "spend/month") == (20 * TOKEN, 0)
    answer = await call(world.gate, CHAT, talk(), key)
    assert (answer.status, answer.json["error"]["code"]) == (402, "budget_exhausted")
    assert answer.told["x-should-retry"] == "false"
    assert len(upstream.asked) == 2


async def test_with_a_cap_of_nothing_the_last_tokens_of_the_quota_are_still_served(
    world: World, upstream: Scripted
) -> None:
    key = world.rights.give("elastic")
    cap(world, key, 0)
    upstream.then = says(200, chat("yes", 5, 85))
    await call(world.gate, CHAT, talk(max_tokens=85), key)
    upstream.then = says(200, chat("yes", 5, 5))
    answer = await call(world.gate, CHAT, talk(max_tokens=500), key)
    assert (answer.status, upstream.asked[-1].json["max_tokens"]) == (200, 10 - PROMPT)
    assert "x-licet-duty" not in answer.told
    assert (await call(world.gate, CHAT, talk(), key)).status == 402
    assert world.used(key, "spend/month") == (0, 0)


async def test_what_the_cap_refuses_is_not_counted_by_the_rate(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 5, 5))
    key = world.rights.give("brief")
    cap(world, key, 0)
    assert (await call(world.gate, CHAT, talk(max_tokens=5), key)).status == 200
    assert {(await call(world.gate, CHAT, talk(max_tokens=5), key)).json["code"] for _ in range(9)} == {
        "budget_exhausted"
    }
    cap(world, key, 10**9)
    answer = await call(world.gate, CHAT, talk(max_tokens=5), key)
    assert (answer.status, answer.told["ratelimit"]) == (200, '"rate";r=1;t=40')


async def test_prompt_and_answer_each_have_their_price(world: World, upstream: Scripted) -> None:
    key = world.rights.give("two")
    upstream.then = says(200, chat("yes", 50, 50))
    await call(world.gate, CHAT, talk(max_tokens=50), key)
    upstream.then = says(200, chat("yes", 10, 20))
    answer = await call(world.gate, CHAT, talk(max_tokens=30), key)
    assert answer.status == 200
    assert answer.told["x-licet-duty"].startswith(
        ("pay 1.00 EUR / 1000 tokens_in (", "pay 3.00 EUR / 1000 tokens_out (")
    )
    assert world.used(key, "spend/month") == (10 * TOKEN + 20 * 3 * TOKEN, 0)
    cap(world, key, 70 * TOKEN + PROMPT * TOKEN + 7 * 3 * TOKEN)
    upstream.then = says(200, chat("yes", 5, 7))
    await call(world.gate, CHAT, talk(max_tokens=500), key)
    assert upstream.asked[-1].json["max_tokens"] == 7
    assert (await call(world.gate, CHAT, talk(), key)).status == 402


async def test_many_at_once_never_hold_more_than_the_cap(world: World, upstream: Scripted) -> None:
    key = world.rights.give("elastic")
    upstream.then = says(200, chat("yes", 5, 95))
    await call(world.gate, CHAT, talk(max_tokens=95), key)
    cap(world, key, 60 * TOKEN)
    upstream.then = says(200, chat("yes", 5, 15))
    answers = await asyncio.gather(*(call(world.gate, CHAT, talk(max_tokens=15), key) for _ in range(9)))
    assert sorted(a.status for a in answers) == [200] * 3 + [402] * 6
    assert world.used(key, "spend/month") == (60 * TOKEN, 0)


async def test_a_stream_past_the_quota_says_its_price_first_and_is_charged_for_what_was_said(
    world: World, upstream: Scripted
) -> None:
    key = world.rights.give("elastic")
    upstream.then = says(200, chat("yes", 5, 95))
    await call(world.gate, CHAT, talk(max_tokens=95), key)
    upstream.then = streams(delta("a"), delta("b"), stop(), {"choices": [], "usage": usage(5, 2)})
    answer = await call(world.gate, CHAT, talk(stream=True, max_tokens=50), key)
    assert answer.told["x-licet-duty"].startswith("pay 1.00 EUR / 1000 tokens (")
    assert world.used(key, "spend/month") == (7 * TOKEN, 0)
