"""Is what was worked out at start what callers are then answered by?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from gate_world import NOW_S, World, ask, document

from licet.access import table as tables
from licet.access.key import Secret
from licet.gate.warm import usual, warm


async def told(world: World, key: Secret) -> list[tuple[str, str, list[dict[str, str]]]]:
    listed = (await ask(world.gate, "GET", "/v1/features", key=key)).json["features"]
    return [(f["name"], f["detail"], f["would_allow"]) for f in listed]


async def test_the_first_no_of_a_tiers_plain_holder_and_of_a_stranger_is_a_look_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = world.rights.give("free")
    name = world.rights.credentials[key.digest].holder_id, "sample"
    plain = next(s for s in usual(world.gate.rights.newest("sample", NOW_S)) if s.tier == "free")
    assert plain.claims == {"account", "tier:free"}  # as the portal writes them
    world.rights.standings[name] = replace(plain, holder_id=name[0])
    before = await told(world, key)
    world.gate.rights.forget()
    await warm(world.gate.rights, lambda: NOW_S)

    worked_out: list[str] = []
    monkeypatch.setattr(tables, "slot", lambda *_: worked_out.append("slot"))
    monkeypatch.setattr(tables, "trials", lambda *_: worked_out.append("trials"))
    monkeypatch.setattr(tables.Table, "_asked", lambda *_: worked_out.append("asked"))
    for bearer in (key, None):
        no = await ask(world.gate, "POST", "/v1/features/premium_only", {"data": [1]}, key=bearer)
        assert no.json["would_allow"][0]["offer"] == "tier:research"
    assert await told(world, key) == before
    assert worked_out == []


async def test_a_list_of_features_is_worked_out_with_others_turns_in_between(world: World) -> None:
    turns = 0

    def turn() -> None:
        nonlocal turns
        turns += 1
        again[0] = loop.call_soon(turn)

    loop = asyncio.get_running_loop()
    again = [loop.call_soon(turn)]
    try:
        listed = (await ask(world.gate, "GET", "/v1/features", key=world.rights.give("free"))).json["features"]
    finally:
        again[0].cancel()
    assert turns >= len(listed) > 5


async def test_a_document_that_comes_into_force_while_a_list_is_made_breaks_nothing(world: World) -> None:
    key = world.rights.give("free")
    listing = asyncio.ensure_future(ask(world.gate, "GET", "/v1/features", key=key))
    for _ in range(4):
        await asyncio.sleep(0)
    world.rights.publish(document("\n[[feature]]\nname = 'later'\ncall = 'gate_sample:mean'\nserves = ['code']\n"))
    assert not listing.done()
    names = {f["name"] for f in (await listing).json["features"]}
    assert {"mean", "premium_only"} <= names
    assert "later" in {f["name"] for f in (await ask(world.gate, "GET", "/v1/features", key=key)).json["features"]}
