"""A proxy asks before it lets a request through: what it is told, and what that costs."""

from __future__ import annotations

import json

import pytest
from gate_world import World
from wire_world import Client, call

from licet.access.key import Secret


async def forward(world: World, name: str, key: Secret | None = None, method: str = "GET") -> Client:
    return await call(world.gate, f"/v1/forward/{name}", key=key, method=method, raw=b"")


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_yes_is_204_tells_who_calls_and_is_counted_at_once(world: World, method: str) -> None:
    key = world.rights.give("free")
    answer = await forward(world, "echo", key, method)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.told["x-licet-holder"] == world.rights.credentials[key.digest].holder_id
    assert answer.told["x-licet-tier"] == "free"
    assert answer.told["cache-control"] == "no-store"
    assert world.used(key) == (1, 0)


async def test_no_is_the_refusal_as_everywhere_and_costs_nothing(world: World) -> None:
    key = world.rights.give("split")
    answer = await forward(world, "echo", key)
    assert (answer.status, answer.json["code"]) == (403, "feature_not_in_tier")
    assert world.used(key) == (0, 0)


async def test_what_is_counted_in_tokens_cannot_go_past_the_gate(world: World) -> None:
    answer = await forward(world, "chat", world.rights.give("free"))
    assert (answer.status, answer.json["code"]) == (404, "not_found")


async def test_rates_bind_and_calls_are_not_alive_afterwards(world: World) -> None:
    key = world.rights.give("brisk")  # one at once, two a minute
    assert [(await forward(world, "echo", key)).status for _ in range(3)] == [204, 204, 429]


async def test_nginx_hears_401_or_403_and_finds_the_rest_in_headers(world: World) -> None:
    spent = [await forward(world, "echo") for _ in range(4)][-1]
    assert spent.status == 429
    answer = await nginx(world, "echo", None)
    assert answer.status == 403
    assert answer.told["x-licet-status"] == "429"
    assert answer.told["x-licet-code"] == "quota_exhausted"
    problem = json.loads(answer.told["x-licet-problem"])
    assert problem["error"]["code"] == "quota_exhausted"
    assert answer.told["x-licet-problem"].isascii()
    assert (await nginx(world, "echo", Secret("lic_test_wrong"))).status == 401
    assert (await nginx(world, "echo", world.rights.give("premium"))).status == 204


async def nginx(world: World, name: str, key: Secret | None) -> Client:
    return await call(world.gate, f"/v1/forward/{name}", key=key, method="GET", query=b"nginx")
