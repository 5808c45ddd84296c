"""Who comes in, what it costs, and what is said to those who do not: straight into the ASGI app."""

from __future__ import annotations

from gate_world import World, ask

MEAN = "/v1/features/mean"


async def test_a_call_that_may_come_in_is_answered_and_counted_once(world: World) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", MEAN, {"data": [1, 2, 3, 4, 5]}, key=key)
    assert (answer.status, answer.json) == (200, {"mean": 3.0})
    assert answer.headers["x-request-id"].startswith("call_")
    assert world.used(key) == (1, 0)


async def test_a_feature_that_the_tier_lacks_is_refused_with_the_way_to_yes(world: World) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", "/v1/features/premium_only", {"data": [1]}, key=key)
    assert (answer.status, answer.code) == (403, "feature_not_in_tier")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Feature not available in free tier" in answer.json["detail"]
    assert answer.json["because"][0]["cite"].startswith("licet.toml:")
    assert [w["offer"] for w in answer.json["would_allow"]] == ["tier:research", "tier:premium"]
    assert answer.json["error"]["code"] == "feature_not_in_tier"
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-should-retry"] == "false"
    assert world.used(key) == (0, 0)
