"""What an owner kept out of a key holds at every path of the gate: other addresses, and more than its budget."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from ipaddress import ip_network

import pytest
from gate_world import World, ask

from licet.access.grant import Granted, grant
from licet.access.standing import Budget, Narrow, within
from licet.gate.clocks import rfc3339
from licet.ledger.why import why

MEAN, ECHO = "/v1/features/mean", "/v1/features/echo"
DATA = {"data": [1, 2, 3]}
HOME = Narrow(networks=(ip_network("192.0.2.0/24"), ip_network("2001:db8::/32")))


async def test_a_key_is_refused_from_an_address_it_was_not_narrowed_to(world: World) -> None:
    key = world.rights.give("free", narrow=HOME)
    for peer, status in (("192.0.2.7", 200), ("::ffff:192.0.2.7", 200), ("2001:db8::1", 200), ("198.51.100.1", 403)):
        assert (await ask(world.gate, "POST", MEAN, DATA, key=key, peer=peer)).status == status, peer
    answer = await ask(world.gate, "POST", MEAN, DATA, key=key, peer="198.51.100.1")
    assert answer.code == "key_out_of_scope"
    assert "198.51.100.1" in answer.json["detail"]
    assert "192.0.2" not in str(answer.json)  # whoever found the key learns nothing of its owner's networks
    assert world.used(key) == (3, 0)
    world.turns.flush()
    told = why(world.path, answer.headers["x-request-id"])
    assert told is not None and told["verdict"]["code"] == "key_out_of_scope"


@pytest.mark.parametrize("method, path", [("GET", "/v1/me"), ("GET", "/v1/features"), ("POST", ECHO)])
async def test_no_path_asks_less(world: World, method: str, path: str) -> None:
    key = world.rights.give("free", narrow=HOME)
    answer = await ask(world.gate, method, path, {} if method == "POST" else None, key=key, peer="198.51.100.1")
    assert (answer.status, answer.code) == (403, "key_out_of_scope")
    assert (
        await ask(world.gate, method, path, {} if method == "POST" else None, key=key, peer="192.0.2.1")
    ).status == 200


async def test_a_header_that_nobody_vouches_for_moves_no_address(world: World) -> None:
    key = world.rights.give("free", narrow=HOME)
    assert (
        await ask(world.gate, "POST", MEAN, DATA, key=key, peer="198.51.100.1", x_forwarded_for="192.0.2.7")
    ).status == 403


async def test_an_empty_list_lets_nobody_in(world: World) -> None:
    key = world.rights.give("free", narrow=Narrow(networks=()))
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key, peer="127.0.0.1")).status == 403


@pytest.mark.parametrize("address", ["", "unix:/run/x.sock", "localhost", "192.0.2.7:80"])
def test_what_is_no_address_is_in_no_network(address: str) -> None:
    assert not within(address, (ip_network("0.0.0.0/0"), ip_network("::/0")))


async def test_a_key_stops_at_its_budget_while_its_holder_goes_on(world: World) -> None:
    small = world.rights.give("free", holder_id="hol_a", narrow=Narrow(budgets=(Budget(2, "calls", "day"),)))
    wide = world.rights.give("free", holder_id="hol_a")
    answers = await asyncio.gather(*(ask(world.gate, "POST", MEAN, DATA, key=small) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [200, 200, 429, 429, 429, 429]
    no = next(answer for answer in answers if answer.status == 429)
    assert no.code == "quota_exhausted"
    assert no.headers["x-should-retry"] == "false"
    assert no.json["because"][0]["cite"] == "key: budget set by its owner"
    assert world.used(small) == (2, 0)
    for status in (200, 200, 200, 429):  # the tier's five calls a month, of which the small key took two
        assert (await ask(world.gate, "POST", MEAN, DATA, key=wide)).status == status
    world.clock.forward(86_400)
    assert (
        await ask(world.gate, "POST", MEAN, DATA, key=small)
    ).status == 429  # its own day is new, the tier's month not


async def test_a_budget_is_new_in_its_next_window(world: World) -> None:
    key = world.rights.give("premium", narrow=Narrow(budgets=(Budget(1, "calls", "day"),)))
    for _ in range(2):
        assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200
        assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 429
        world.clock.forward(86_400)


async def test_a_key_is_told_what_is_left_of_its_budget(world: World) -> None:
    key = world.rights.give("free", narrow=Narrow(budgets=(Budget(3, "calls", "day"),)))
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200
    told = (await ask(world.gate, "GET", "/v1/me", key=key)).json
    (left,) = told["budgets"]
    assert (left["meter"], left["period"], left["limit"], left["used"], left["remaining"]) == ("calls", "day", 3, 1, 2)
    assert [one["limit"] for one in told["quotas"]] == [5]
    assert told["usage"] == {"calls": 1}


async def test_a_holder_is_told_of_his_grants_in_force_and_what_is_left_of_their_own_quotas(world: World) -> None:
    key = world.rights.give("free", holder_id="hol_1")
    now, whose = world.clock.now_s, "holder:hol_1"
    month = (Budget(2, "calls", "month"),)
    made = (
        Granted("grant_1", whose, ("premium_only",), from_s=now, until_s=now + 60, quotas=month),
        Granted("grant_2", whose, ("mean",)),
        Granted("grant_3", whose, ("mean",), from_s=now + 61, quotas=month),
    )
    world.rights.hold("hol_1", "free", whose)
    known = world.rights.standings["hol_1", "sample"]
    world.rights.standings["hol_1", "sample"] = replace(known, grants=tuple(map(grant, made)))
    assert (await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)).status == 200
    told = (await ask(world.gate, "GET", "/v1/me", key=key)).json
    one, other = told["grants"]
    assert (one["grant"], one["until"]) == ("grant_1", rfc3339(now + 60))
    assert [(q["meter"], q["limit"], q["used"], q["remaining"]) for q in one["quotas"]] == [("calls", 2, 1, 1)]
    assert other == {"grant": "grant_2", "until": None, "quotas": []}
    assert [q["used"] for q in told["quotas"]] == [0]  # nothing of the tier's own
    world.clock.forward(61)
    told = (await ask(world.gate, "GET", "/v1/me", key=key)).json["grants"]
    assert [one["grant"] for one in told] == ["grant_2", "grant_3"]


@pytest.mark.parametrize("own", [(), (Budget(9, "calls", "month"),)])
async def test_what_a_grant_opens_spends_nothing_of_the_tiers_quota(world: World, own: tuple[Budget, ...]) -> None:
    key, whose = world.rights.give("free", holder_id="hol_1"), "holder:hol_1"
    world.rights.hold("hol_1", "free", whose)
    known, given = world.rights.standings["hol_1", "sample"], Granted("grant_1", whose, ("premium_only",), quotas=own)
    world.rights.standings["hol_1", "sample"] = replace(known, grants=(grant(given),))
    for _ in range(6):  # one more than the tier has
        assert (await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)).status == 200
    for n in range(6):
        assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == (200 if n < 5 else 429)
