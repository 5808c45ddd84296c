"""Who comes in, what it costs, and what is said to those who do not: straight into the ASGI app."""

from __future__ import annotations

import asyncio
import sqlite3
from typing import Any

import pytest
from gate_world import NOW_S, World, ask, document

from licet.access.key import Secret
from licet.access.standing import Credential, Narrow
from licet.gate.calling import _anew_s
from licet.gate.plan import Way
from licet.ledger.ports import Take
from licet.ledger.why import why
from licet.terms import Answer, Verdict

MEAN, ECHO, NAP = "/v1/features/mean", "/v1/features/echo", "/v1/features/nap"
DATA = {"data": [1, 2, 3, 4, 5]}


# --- yes


async def test_a_call_that_may_come_in_is_answered_and_counted_once(world: World) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", MEAN, DATA, key=key)
    assert (answer.status, answer.json) == (200, {"mean": 3.0})
    assert answer.headers["x-request-id"].startswith("call_")
    assert world.used(key) == (1, 0)


async def test_a_tier_without_quotas_is_counted_too(world: World) -> None:
    key = world.rights.give("premium")
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200
    assert world.used(key) == (1, 0)


async def test_a_record_is_loaded_on_first_use_and_kept(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(3):
        assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    assert world.rights.loads == 1


# --- no, by the credential


async def test_a_key_that_nobody_was_given_is_401_and_says_how_to_send_one(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, key=Secret("lic_test_wrong"))
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "checksum" in answer.json["detail"]


@pytest.mark.parametrize("header", ["Basic YTpi", "Bearer", "Bearer ", "lic_test_x", "bearer  "])
async def test_another_kind_of_credential_is_401(world: World, header: str) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, authorization=header)
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert "Authorization: Bearer" in answer.json["detail"]


async def test_a_hugging_face_token_is_refused_without_being_looked_up(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, key=Secret("hf_canary"))
    assert answer.status == 401
    assert "Hugging Face" in answer.json["detail"]
    assert "canary" not in answer.body.decode()
    assert world.rights.loads == 0


async def test_a_key_opens_until_the_second_it_expires_or_was_revoked(world: World) -> None:
    expires = world.rights.give("free", expires_s=NOW_S + 10)
    revoked = world.rights.give("free")
    world.clock.forward(9)
    assert (await ask(world.gate, "POST", ECHO, {}, key=expires)).status == 200
    assert (await ask(world.gate, "POST", ECHO, {}, key=revoked)).status == 200
    world.clock.forward(1)
    world.rights.revoke(revoked, world.clock.now_s)
    told = [await ask(world.gate, "POST", ECHO, {}, key=key) for key in (expires, revoked)]
    assert [(a.status, a.code) for a in told] == [(401, "key_expired"), (401, "key_revoked")]
    told.append(await ask(world.gate, "POST", ECHO, {}, authorization="Bearer lic_test_unknown"))
    for answer in told:
        assert answer.json["detail"].endswith(f" Keys are made at {world.gate.door.config.url.rstrip('/')}/my/keys")
        assert answer.json["error"]["message"] == answer.json["detail"]


async def test_a_revocation_holds_from_the_next_call_on(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(2):
        assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    world.rights.revoke(key, NOW_S)
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).code == "key_revoked"


async def test_a_rotated_key_keeps_what_its_id_has_used(world: World) -> None:
    old = world.rights.give("free", holder_id="hol_1")
    new = world.rights.give("", holder_id="hol_1")
    for key in (old, new):
        assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    assert world.used(new) == (2, 0)


# --- no, by standing and tier


async def test_a_feature_that_the_tier_lacks_is_refused_with_the_way_to_yes(world: World) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", "/v1/features/premium_only", {"data": [1]}, key=key)
    assert (answer.status, answer.code) == (403, "feature_not_in_tier")
    assert answer.headers["content-type"] == "application/problem+json"
    assert "Feature not available in free tier" in answer.json["detail"]
    assert answer.json["because"][0]["cite"].startswith("licet.toml:")
    assert [w["offer"] for w in answer.json["would_allow"]] == ["tier:research", "tier:premium"]
    assert answer.json["would_allow"][0]["url"].startswith("http://licet.test/")
    assert answer.json["error"]["code"] == "feature_not_in_tier"
    assert answer.json["request_id"] == answer.headers["x-request-id"]
    assert answer.headers["x-should-retry"] == "false"
    assert world.used(key) == (0, 0)


async def test_each_standing_that_opens_nothing_has_its_code(world: World) -> None:
    rights = world.rights
    rights.hold("hol_stopped", "free", "suspended")
    rights.hold("hol_waits", "research")
    rights.hold("hol_lost", "gone")
    cases = {
        "suspended": rights.give("", holder_id="hol_stopped"),
        "approval_pending": rights.give("", holder_id="hol_waits"),
        "unknown_tier": rights.give("", holder_id="hol_lost"),
        "key_out_of_scope": rights.give("free", narrow=Narrow(features=frozenset({"echo"}))),
    }
    for code, key in cases.items():
        answer = await ask(world.gate, "POST", MEAN, DATA, key=key)
        assert (answer.status, answer.code) == (403, code)
    elsewhere = rights.give("free", narrow=Narrow(releases=frozenset({"another"})))
    assert (await ask(world.gate, "POST", MEAN, DATA, key=elsewhere)).code == "key_out_of_scope"
    rights.hold("hol_waits", "research", approved__research=True)
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", MEAN, DATA, key=cases["approval_pending"])).status == 200


async def test_an_account_without_a_tier_is_told_so(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, key=world.rights.give(""))
    assert (answer.status, answer.code) == (403, "unknown_tier")
    assert "Invalid user level" in answer.json["detail"]


async def test_an_unknown_feature_is_404(world: World) -> None:
    answer = await ask(world.gate, "POST", "/v1/features/upscale", {}, key=world.rights.give("free"))
    assert (answer.status, answer.code) == (404, "not_found")


async def test_a_feature_of_a_missing_package_is_decided_first_and_then_503(world: World) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", "/v1/features/absent", {}, key=key)
    assert (answer.status, answer.code) == (503, "not_available")
    assert "pip install surely_no_such_package" in answer.json["detail"]
    stranger = await ask(world.gate, "POST", "/v1/features/absent", {})
    assert stranger.status == 401
    assert world.used(key) == (0, 0)


# --- callers without an account


async def test_strangers_have_their_own_features_and_quota_by_day_and_address(world: World) -> None:
    for _ in range(3):
        assert (await ask(world.gate, "POST", ECHO, {}, peer="203.0.113.9")).status == 200
    refused = await ask(world.gate, "POST", ECHO, {}, peer="203.0.113.9")
    assert (refused.status, refused.code) == (429, "quota_exhausted")
    assert (await ask(world.gate, "POST", ECHO, {}, peer="203.0.113.10")).status == 200
    world.clock.forward(86_400)
    assert (await ask(world.gate, "POST", ECHO, {}, peer="203.0.113.9")).status == 200


async def test_a_stranger_is_told_to_sign_in_for_the_rest(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA)
    assert (answer.status, answer.code) == (401, "not_authenticated")
    assert answer.json["would_allow"][0]["offer"] == "tier:free"


async def test_cookies_are_not_looked_at(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, cookie="sessionid=x")
    assert answer.status == 401


# --- quota


async def test_a_quota_is_refused_when_it_is_used_up_and_comes_back_with_its_window(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(5):
        assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200
    answer = await ask(world.gate, "POST", MEAN, DATA, key=key)
    assert (answer.status, answer.code) == (429, "quota_exhausted")
    assert answer.headers["x-should-retry"] == "false"
    assert "retry-after" not in answer.headers
    month_s = 30 * 86_400  # from 18 November to 18 December
    assert answer.headers["ratelimit"] == f'"calls_month";r=0;t={month_s}'
    assert answer.headers["ratelimit-policy"] == f'"calls_month";q=5;w={month_s}'
    assert answer.json["error"]["type"] == "insufficient_quota"
    assert [w["offer"] for w in answer.json["would_allow"]] == ["tier:brisk", "tier:research", "tier:premium"]
    assert world.used(key) == (5, 0)
    world.clock.forward(month_s)
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200
    assert world.used(key) == (1, 0)


async def test_calls_at_once_never_exceed_the_quota(world: World) -> None:
    key = world.rights.give("free")
    answers = await asyncio.gather(*(ask(world.gate, "POST", ECHO, {}, key=key) for _ in range(40)))
    assert sorted(a.status for a in answers) == [200] * 5 + [429] * 35
    assert world.used(key) == (5, 0)


async def test_what_is_left_of_a_quota_counts_the_calls_that_are_still_running(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(3):
        await ask(world.gate, "POST", ECHO, {}, key=key)
    running = [asyncio.create_task(ask(world.gate, "POST", NAP, {"seconds": 0.2}, key=key)) for _ in range(2)]
    await asyncio.sleep(0.05)
    assert world.used(key) == (3, 2)
    no = await ask(world.gate, "POST", ECHO, {}, key=key)
    assert no.code == "quota_exhausted"
    assert no.headers["ratelimit"].startswith('"calls_month";r=0;')
    assert [one.status for one in await asyncio.gather(*running)] == [200, 200]


async def test_another_tier_is_in_force_from_the_next_call_and_refills_nothing(world: World) -> None:
    key = world.rights.give("free", holder_id="hol_1")
    for _ in range(5):
        await ask(world.gate, "POST", ECHO, {}, key=key)
    world.rights.hold("hol_1", "premium")
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    world.rights.hold("hol_1", "free")
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).code == "quota_exhausted"
    assert world.used(key) == (6, 0)


# --- rate and concurrency


async def test_a_rate_says_when_to_come_back_and_does_not_count_refusals(world: World) -> None:
    key = world.rights.give("brisk")
    for left in (1, 0):
        answer = await ask(world.gate, "POST", ECHO, {}, key=key)
        assert answer.status == 200
        assert answer.headers["ratelimit"] == f'"rate";r={left};t={60 - 30 * left}'
        assert answer.headers["ratelimit-policy"] == '"rate";q=2;w=60'
    for _ in range(5):
        answer = await ask(world.gate, "POST", ECHO, {}, key=key)
        assert (answer.status, answer.code) == (429, "rate_limited")
        assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == ("30", "true")
        assert answer.headers["ratelimit"] == '"rate";r=0;t=30'
    world.clock.forward(30)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 429
    assert world.used(key) == (3, 0)


async def test_bad_input_is_not_counted_by_the_rate(world: World) -> None:
    key = world.rights.give("brisk")
    for _ in range(5):
        assert (await ask(world.gate, "POST", MEAN, {"data": "x"}, key=key)).status == 422
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200


async def test_concurrency_counts_calls_alive_and_is_given_back(world: World) -> None:
    key = world.rights.give("brisk")
    slow = asyncio.create_task(ask(world.gate, "POST", NAP, {"seconds": 0.1}, key=key))
    await asyncio.sleep(0.02)
    refused = await ask(world.gate, "POST", ECHO, {}, key=key)
    assert (refused.status, refused.code, refused.headers["retry-after"]) == (429, "concurrency", "1")
    assert (await slow).status == 200
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200


async def test_a_client_that_leaves_ends_an_async_feature_and_the_call_counts(world: World) -> None:
    key = world.rights.give("brisk")
    left = await asyncio.wait_for(ask(world.gate, "POST", NAP, {"seconds": 1.9}, key=key, stays=False), 1.5)
    assert left.status == 499
    assert world.used(key) == (1, 0)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200


# --- input and failures


@pytest.mark.parametrize(
    ("raw", "status", "words"),
    [
        (b"", 400, "empty"),
        (b"[1]", 422, "must be an object"),
        (b'{"data": [1, "x"]}', 422, "`data[1]` must be a number, not text"),
        (b'{"data": [NaN]}', 400, "NaN"),
        (b'{"data": [1e999]}', 422, "`data[0]` must be a finite number"),
        (b'{"data": [1], "dat": 2}', 422, "did you mean `data`?"),
        (b'{"data": []}', 422, "the mean of nothing"),
        (b'{"data": [1], "data": [2]}', 400, "twice"),
        (b"[" * 60_000, 400, "deeply"),
        (b'{"data": "\xff"}', 400, "UTF-8"),
        (b" " * 70_000, 413, "65,536"),
    ],
)
async def test_bad_input_is_refused_with_its_reason_and_costs_nothing(
    world: World, raw: bytes, status: int, words: str
) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", MEAN, raw=raw, key=key)
    assert answer.status == status
    assert words in answer.json["detail"]
    assert answer.json["error"]["message"] == answer.json["detail"]
    assert world.used(key) == (0, 0)


async def test_every_problem_of_an_input_stands_in_the_answer(world: World) -> None:
    answer = await ask(world.gate, "POST", NAP, {"second": 1, "x": 2}, key=world.rights.give("free"))
    assert (answer.status, answer.code) == (422, "invalid_input")
    assert [p["path"] for p in answer.json["problems"]] == ["seconds", "second", "x"]
    assert answer.json["error"]["param"] == "seconds"


@pytest.mark.parametrize(
    ("path", "given", "status", "code"),
    [
        ("fail", {"how": "raise"}, 500, "feature_failed"),
        ("fail", {"how": "exit"}, 500, "feature_failed"),
        ("fail", {"how": "nan"}, 500, "feature_failed"),
        ("fail_in_loop", {"how": "raise"}, 500, "feature_failed"),
        ("fail_in_loop", {"how": "refuse"}, 422, "input_refused"),
        ("sleep", {"seconds": 30}, 504, "feature_timeout"),
        ("nap", {"seconds": 30}, 504, "feature_timeout"),
    ],
)
async def test_a_feature_that_fails_is_told_with_a_request_id_and_costs_nothing(
    world: World, path: str, given: object, status: int, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    key = world.rights.give("free")
    answer = await ask(world.gate, "POST", f"/v1/features/{path}", given, key=key)
    assert (answer.status, answer.code) == (status, code)
    assert "canary" not in answer.body.decode()
    assert world.used(key) == (0, 0)
    if status >= 500:
        assert answer.headers["x-request-id"] in caplog.text
    assert (await ask(world.gate, "POST", MEAN, DATA, key=key)).status == 200


# --- Idempotency-Key


async def test_a_repeated_call_runs_again_and_is_counted_once(world: World) -> None:
    key = world.rights.give("free")
    ids = set()
    for _ in range(4):
        answer = await ask(world.gate, "POST", MEAN, DATA, key=key, idempotency_key="one")
        assert (answer.status, answer.json) == (200, {"mean": 3.0})
        ids.add(answer.headers["x-request-id"])
    assert len(ids) == 1
    assert world.used(key) == (1, 0)


async def test_another_body_feature_or_key_under_one_idempotency_key_is_another_call(world: World) -> None:
    key, other = world.rights.give("free"), world.rights.give("free")
    await ask(world.gate, "POST", MEAN, DATA, key=key, idempotency_key="one")
    await ask(world.gate, "POST", MEAN, {"data": [7]}, key=key, idempotency_key="one")
    await ask(world.gate, "POST", ECHO, {"text": "a"}, key=key, idempotency_key="one")
    await ask(world.gate, "POST", MEAN, DATA, key=other, idempotency_key="one")
    assert (world.used(key), world.used(other)) == ((3, 0), (1, 0))


async def test_a_repeat_after_a_failure_is_counted_like_any_call(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(3):
        answer = await ask(world.gate, "POST", "/v1/features/fail", {"how": "raise"}, key=key, idempotency_key="f")
        assert answer.status == 500
        told = why(world.path, answer.headers["x-request-id"])
        assert told is not None
        assert told["state"] == "voided"
    assert world.used(key) == (0, 0)


async def test_a_call_that_lives_long_keeps_its_lease(world: World) -> None:
    key = world.rights.give("free")
    slow = asyncio.create_task(ask(world.gate, "POST", NAP, {"seconds": 0.15}, key=key))
    await asyncio.sleep(0.02)
    for _ in range(4):
        world.clock.forward(30)
        await world.gate.calling.renew()
    assert world.ledger.sweep(world.clock.now_s) == 0
    assert (await slow).status == 200
    assert world.used(key) == (1, 0)


async def test_a_quota_that_comes_back_soon_says_when(world: World) -> None:
    world.rights.publish(document().replace("5 calls / month", "1 calls / minute"))
    key = world.rights.give("free")
    world.clock.forward(60 - NOW_S % 60)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    answer = await ask(world.gate, "POST", ECHO, {}, key=key)
    assert (answer.code, answer.headers["retry-after"]) == ("quota_exhausted", "60")
    assert answer.headers["x-should-retry"] == "false"


def at_most(counter: str, most: int | None, resets_s: int) -> Take:
    return Take("hol_1", "sample", counter, NOW_S, resets_s, 1, most)


@pytest.mark.parametrize(
    ("ways", "used", "anew_s"),
    [
        ([], {}, 0),
        ([[("day", 5, 10)]], {"day": 5}, 0),  # the fifth of five still fits
        ([[("day", 5, 10)]], {"day": 6}, 10),
        ([[("day", None, 10)]], {"day": 6}, 0),
        ([[("day", 5, 10), ("month", 9, 90)]], {"day": 6, "month": 9}, 10),
        ([[("day", 5, 10), ("month", 9, 90)]], {"day": 6, "month": 10}, 90),  # a way opens with the last of its quotas
        ([[("month", 9, 90)], [("day", 5, 10)]], {"day": 6, "month": 10}, 10),  # and of the ways the first one counts
        ([[("month", 9, 90)], [("day", 5, 10)]], {"day": 1, "month": 10}, 90),
    ],
)
def test_a_refusal_says_when_the_first_of_the_ways_is_open_again(ways: Any, used: dict[str, int], anew_s: int) -> None:
    counts = {f"used:{counter}": count for counter, count in used.items()}
    yes = Verdict(Answer.YES)
    assert _anew_s([Way(tuple(at_most(*take) for take in takes), yes) for takes in ways], counts) == anew_s


async def test_a_repeat_of_a_running_call_is_409(world: World) -> None:
    key = world.rights.give("free")
    slow = asyncio.create_task(ask(world.gate, "POST", NAP, {"seconds": 0.1}, key=key, idempotency_key="n"))
    await asyncio.sleep(0.02)
    answer = await ask(world.gate, "POST", NAP, {"seconds": 0.1}, key=key, idempotency_key="n")
    assert (answer.status, answer.code) == (409, "repeated_while_running")
    assert (await slow).status == 200
    assert world.used(key) == (1, 0)


async def test_an_unfit_idempotency_key_is_400(world: World) -> None:
    answer = await ask(world.gate, "POST", MEAN, DATA, key=world.rights.give("free"), idempotency_key="a b")
    assert (answer.status, answer.code) == (400, "idempotency_key")


# --- documents


async def test_a_holder_keeps_the_document_that_the_tier_is_held_at(world: World) -> None:
    key = world.rights.give("free", holder_id="hol_old")
    await ask(world.gate, "POST", ECHO, {}, key=key)
    world.rights.publish(document().replace("5 calls / month", "1 calls / month"))
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    newcomer = world.rights.give("free")
    assert (await ask(world.gate, "POST", ECHO, {}, key=newcomer)).status == 200
    assert (await ask(world.gate, "POST", ECHO, {}, key=newcomer)).code == "quota_exhausted"


async def test_a_document_comes_into_force_by_the_clock(world: World) -> None:
    world.rights.publish(document().replace('features = ["echo"]', 'features = ["nap"]'), from_s=NOW_S + 60)
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {})).status == 200
    world.clock.forward(60)
    await asyncio.sleep(0)
    assert (await ask(world.gate, "POST", ECHO, {})).status == 401
    assert (await ask(world.gate, "POST", NAP, {"seconds": 0})).status == 200


async def test_a_feature_of_a_later_document_is_not_in_the_holders_tier(world: World) -> None:
    key = world.rights.give("premium")
    text = document() + '\n[[feature]]\nname = "fresh"\ncall = "gate_sample:echo"\nserves = ["code"]\n'
    world.rights.publish(text)
    await asyncio.sleep(0)
    answer = await ask(world.gate, "POST", "/v1/features/fresh", {}, key=key)
    assert (answer.status, answer.code) == (403, "feature_not_in_tier")
    assert "tier:premium" in [w["offer"] for w in answer.json["would_allow"]]


# --- shadow


async def test_shadow_mode_refuses_nobody_counts_all_and_logs_every_no(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    object.__setattr__(world.gate.config, "shadow", True)
    key = world.rights.give("free")
    for _ in range(7):
        assert (await ask(world.gate, "POST", ECHO, {}, key=key)).status == 200
    assert (await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)).status == 200
    assert (await ask(world.gate, "POST", MEAN, DATA, key=Secret("lic_nobody"))).status == 200
    assert (await ask(world.gate, "POST", MEAN, {"data": "x"}, key=key)).status == 422
    assert world.used(key) == (8, 0)
    for code in ("quota_exhausted", "feature_not_in_tier", "not_authenticated"):
        assert code in caplog.text


async def test_a_credential_says_what_was_declared_when_it_was_made(world: World) -> None:
    text = document().replace('why = "Because', 'declare = ["commercial"]\nwhy = "Because')
    world.rights.publish(text)
    silent = world.rights.give("free")
    spoken = world.rights.give("free", facts={"commercial": False})
    assert (await ask(world.gate, "POST", ECHO, {}, key=silent)).code == "declaration_missing"
    assert (await ask(world.gate, "POST", ECHO, {}, key=spoken)).status == 200


def test_a_credential_is_a_value() -> None:
    assert Credential("key_1", "hol_1") == Credential("key_1", "hol_1")


# --- why


async def test_why_tells_the_verdict_of_an_allowed_call_as_it_was(world: World) -> None:
    key = world.rights.give("free", holder_id="hol_1")
    answer = await ask(world.gate, "POST", MEAN, DATA, key=key)
    world.rights.hold("hol_1", "premium")
    told = why(world.path, answer.headers["x-request-id"])
    assert told is not None
    assert told["verdict"]["answer"] == "yes"
    assert told["verdict"]["tier"] == "free"
    assert told["verdict"]["document"] == world.rights.documents[0][1]
    assert (told["holder"], told["feature"], told["state"], told["status"]) == ("hol_1", "mean", "settled", 200)
    assert told["amounts"] == {"calls/month": 1}


async def test_why_tells_every_refusal_and_holds_no_input(world: World) -> None:
    key = world.rights.give("free")
    brisk = world.rights.give("brisk")
    cases = {
        "feature_not_in_tier": await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key),
        "not_authenticated": await ask(world.gate, "POST", MEAN, DATA, key=Secret("lic_wrong")),
        "": await ask(world.gate, "POST", MEAN, {"data": "canary-input"}, key=key),
    }
    for _ in range(3):
        cases["rate_limited"] = await ask(world.gate, "POST", ECHO, {}, key=brisk)
    for _ in range(6):
        cases["quota_exhausted"] = await ask(world.gate, "POST", ECHO, {}, key=key)
    world.turns.flush()
    for code, answer in cases.items():
        told = why(world.path, answer.headers["x-request-id"])
        assert told is not None, code
        assert (told["state"], told["status"], told["verdict"]["code"]) == ("refused", answer.status, code)
    assert cases["quota_exhausted"].json["would_allow"] == told["verdict"]["would_allow"]
    assert b"canary-input" not in b"".join(p.read_bytes() for p in world.path.parent.iterdir() if p.is_file())
    assert why(world.path, "call_nobody") is None


async def test_why_tells_a_failed_call_and_what_shadow_mode_let_in(world: World) -> None:
    key = world.rights.give("free")
    failed = await ask(world.gate, "POST", "/v1/features/fail", {"how": "raise"}, key=key)
    object.__setattr__(world.gate.config, "shadow", True)
    let_in = await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)
    told = [why(world.path, a.headers["x-request-id"]) for a in (failed, let_in)]
    assert told[0] is not None and told[1] is not None
    assert (told[0]["state"], told[0]["status"], told[0]["verdict"]["answer"]) == ("voided", 500, "yes")
    assert (told[1]["state"], told[1]["verdict"]["code"], told[1]["verdict"]["shadow"]) == (
        "settled", "feature_not_in_tier", True,
    )  # fmt: skip


async def test_a_flood_of_refusals_is_noted_in_part_and_refused_in_full(world: World) -> None:
    key = world.rights.give("free")
    for _ in range(300):
        assert (await ask(world.gate, "POST", "/v1/features/premium_only", DATA, key=key)).status == 403
    world.turns.flush()
    with sqlite3.connect(world.path) as db:
        assert db.execute("select count(*), count(distinct verdict) from refusal").fetchone() == (200, 1)
    db.close()
