"""Calls of models: who may, what the upstream hears, what is counted, and what is said when something is wrong."""

from __future__ import annotations

import asyncio
import gzip
import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest
from gate_world import World
from scripted import Scripted, chat, counted, delta, raw, says, stop, streams, usage, whole
from wire_world import CHAT, Client, call, talk

from licet.access.key import Secret
from licet.gate.clocks import rfc3339
from licet.ledger.ports import Call, Take
from licet.ledger.sqlite import SqliteLedger


def tokens(world: World, key: Secret) -> tuple[tuple[int, int], tuple[int, int]]:
    return world.used(key, "tokens_in/month"), world.used(key, "tokens_out/month")


# --- which models


async def test_the_list_of_models_holds_only_what_this_caller_may_use(world: World) -> None:
    free, split = world.rights.give("free"), world.rights.give("split")
    listed = await call(world.gate, "/v1/models", key=free, method="GET")
    assert listed.json["object"] == "list"
    assert [m["id"] for m in listed.json["data"]] == ["chat", "keyless", "nowhere"]
    assert set(listed.json["data"][0]) == {"id", "object", "created", "owned_by"}
    assert [m["id"] for m in (await call(world.gate, "/v1/models", key=split, method="GET")).json["data"]] == ["chat"]
    assert (await call(world.gate, "/v1/models", method="GET")).json["data"] == []


async def test_a_model_of_another_tier_is_refused_with_the_way_to_it(world: World) -> None:
    key = world.rights.give("free")
    for answer in (
        await call(world.gate, CHAT, talk(model="chat-big"), key),
        await call(world.gate, "/v1/models/chat-big", key=key, method="GET"),
    ):
        assert (answer.status, answer.json["error"]["code"]) == (403, "feature_not_in_tier")
        assert answer.json["would_allow"][0]["offer"] == "tier:premium"
        assert answer.told["x-should-retry"] == "false"
    assert (await call(world.gate, "/v1/models/chat", key=key, method="GET")).json["id"] == "chat"


@pytest.mark.parametrize("name", ["chatt", "", "../chat", "small/x"])
async def test_an_unknown_model_is_404_and_says_how_to_find_one(world: World, name: str) -> None:
    answer = await call(world.gate, CHAT, talk(model=name), world.rights.give("free"))
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")
    assert "chat" in answer.json["detail"] or "/v1/models" in answer.json["detail"]
    none = (await call(world.gate, CHAT, talk(model=name), world.rights.give("brisk-no-more"))).json["detail"]
    assert none.endswith("; none is yours to call.")
    hinted = (await call(world.gate, CHAT, talk(model="chatt"), world.rights.give("free"))).json["detail"]
    assert hinted == "There is no model `chatt` here; did you mean `chat`?"


@pytest.mark.parametrize("name", ["mean", "echo"])
async def test_a_feature_that_is_no_model_is_404_and_says_where_it_is_called(world: World, name: str) -> None:
    answer = await call(world.gate, CHAT, talk(model=name), world.rights.give("free"))
    assert (answer.status, answer.json["error"]["code"]) == (404, "model_not_found")
    assert f"POST /v1/features/{name} calls it" in answer.json["detail"]


async def test_the_upstreams_name_of_a_model_is_the_feature_that_the_tier_has(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes"))
    assert (await call(world.gate, CHAT, talk(model="small"), world.rights.give("free"))).status == 200


@pytest.mark.parametrize("path", ["/v1/images/generations", "/v1/audio/speech", "/v1/rerank", "/v1/responses/resp_1"])
async def test_what_has_no_meter_is_404_and_never_passed_on(world: World, upstream: Scripted, path: str) -> None:
    assert (await call(world.gate, path, talk(), world.rights.give("premium"))).status == 404
    assert upstream.asked == []


# --- what the upstream hears


async def test_the_upstream_gets_its_own_key_and_name_and_nothing_of_the_callers(
    world: World, upstream: Scripted
) -> None:
    upstream.then = says(200, chat("yes"))
    key = world.rights.give("premium")
    answer = await call(
        world.gate, CHAT, talk(temperature=0.5), key, headers={"cookie": "a=b", "x-forwarded-for": "1.2.3.4", "user-agent": "me"}
    )  # fmt: skip
    assert answer.status == 200
    heard = upstream.asked[0]
    assert heard.target == CHAT
    assert heard.headers["authorization"] == "Bearer sk-canary-upstream"
    assert heard.json == {**talk(temperature=0.5), "model": "small"}
    assert set(heard.headers) == {
        "host", "accept-encoding", "content-type", "accept", "authorization", "x-request-id", "content-length",
    }  # fmt: skip
    assert heard.headers["accept-encoding"] == "identity"
    assert key.reveal().encode() not in heard.head
    assert b"canary" not in answer.body
    assert not any("canary" in value for value in answer.told.values())


async def test_a_model_whose_key_is_not_set_is_503_before_anything_is_held(world: World, upstream: Scripted) -> None:
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(model="keyless"), key)
    assert (answer.status, answer.json["code"]) == (503, "not_available")
    assert world.used(key) == (0, 0)
    assert upstream.asked == []


# --- what is counted


async def test_a_plain_call_is_counted_by_the_upstreams_usage(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 11, 5))
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(), key)
    assert answer.json["choices"][0]["message"]["content"] == "yes"
    assert tokens(world, key) == ((11, 0), (5, 0))
    assert world.used(key, "tokens/month") == (16, 0)
    assert world.used(key) == (1, 0)
    assert answer.told["x-ratelimit-limit-tokens"] == "100"
    assert answer.told["x-ratelimit-remaining-tokens"] == "84"
    assert answer.told["x-request-id"].startswith("call_")


async def test_an_answer_may_be_as_long_as_the_quota_has_left_and_no_longer(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 5, 5))
    key = world.rights.give("free")
    await call(world.gate, CHAT, talk(), key)
    assert upstream.asked[-1].json["max_tokens"] == 95  # 100, less a prompt of one token and four for its message
    await call(world.gate, CHAT, talk(max_completion_tokens=1000), key)
    assert upstream.asked[-1].json["max_completion_tokens"] == 85
    assert "max_tokens" not in upstream.asked[-1].json
    await call(world.gate, CHAT, talk(max_tokens=7), key)
    assert upstream.asked[-1].json["max_tokens"] == 7
    await call(world.gate, CHAT, talk(n=10), key)
    assert upstream.asked[-1].json["max_tokens"] == 6


async def test_without_a_quota_of_tokens_the_callers_word_stands(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 500, 900))
    key = world.rights.give("premium")
    await call(world.gate, CHAT, talk(), key)
    assert "max_tokens" not in upstream.asked[-1].json
    assert tokens(world, key) == ((500, 0), (900, 0))


async def test_what_does_not_fit_into_the_quota_is_refused_and_says_when_it_resets(
    world: World, upstream: Scripted
) -> None:
    upstream.then = says(200, chat("yes", 90, 9))
    key = world.rights.give("free")
    assert (await call(world.gate, CHAT, talk(), key)).status == 200
    answer = await call(world.gate, CHAT, talk(), key)
    assert (answer.status, answer.json["error"]["code"]) == (429, "quota_exhausted")
    assert answer.json["error"]["type"] == "insufficient_quota"
    anew = rfc3339(world.clock.now_s + int(answer.told["ratelimit"].rpartition("=")[2]))
    assert answer.json["error"]["message"] == f"Quota exhausted: at most 100 tokens / month. It begins anew at {anew}."
    assert answer.told["x-should-retry"] == "false"
    assert "retry-after" not in answer.told
    assert answer.told["ratelimit"].startswith('"tokens_month";r=1;t=')
    assert len(upstream.asked) == 1
    assert world.used(key) == (1, 0)


async def test_a_quota_of_prompts_and_one_of_answers_both_bind(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 10, 30))
    key = world.rights.give("split")
    await call(world.gate, CHAT, talk(), key)
    assert upstream.asked[-1].json["max_tokens"] == 40
    await call(world.gate, CHAT, talk(), key)
    assert upstream.asked[-1].json["max_tokens"] == 10
    long = await call(world.gate, CHAT, talk("x" * 400), key)
    assert (long.status, long.json["code"]) == (429, "quota_exhausted")


async def test_calls_at_the_same_time_never_hold_more_than_the_quota_together(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 5, 20))
    key = world.rights.give("free")
    answers = await asyncio.gather(*(call(world.gate, CHAT, talk(max_tokens=20), key) for _ in range(12)))
    statuses = sorted(a.status for a in answers)
    assert statuses.count(200) == 4  # four times 25 is the quota
    assert set(statuses) == {200, 429}
    assert world.used(key, "tokens/month") == (100, 0)


async def test_an_answer_without_usage_is_estimated_and_marked(world: World, upstream: Scripted) -> None:
    told = chat("twelve bytes")
    del told["usage"]
    upstream.then = says(200, told)
    key = world.rights.give("free")
    assert (await call(world.gate, CHAT, talk("12345678"), key)).status == 200
    assert tokens(world, key) == ((6, 0), (3, 0))
    assert status_in_ledger(world) == 203


async def test_embeddings_hold_their_prompt_and_no_answer(world: World, upstream: Scripted) -> None:
    told = {"object": "list", "data": [], "model": "m", "usage": {"prompt_tokens": 9, "total_tokens": 9}}
    upstream.then = says(200, told)
    key = world.rights.give("free")
    given = {"model": "chat", "input": ["one", "two"], "encoding_format": "base64"}
    assert (await call(world.gate, "/v1/embeddings", given, key)).json == told
    assert upstream.asked[0].json == {**given, "model": "small"}
    assert tokens(world, key) == ((9, 0), (0, 0))


async def test_responses_are_not_kept_upstream_and_state_is_refused(world: World, upstream: Scripted) -> None:
    told = {"id": "r", "object": "response", "output": [], "usage": {"input_tokens": 4, "output_tokens": 2}}
    upstream.then = says(200, told)
    key = world.rights.give("free")
    assert (await call(world.gate, "/v1/responses", {"model": "chat", "input": "hi"}, key)).status == 200
    assert upstream.asked[0].json["store"] is False
    assert upstream.asked[0].json["max_output_tokens"] == 99
    assert tokens(world, key) == ((4, 0), (2, 0))
    for name in ("previous_response_id", "conversation", "background"):
        refused = await call(world.gate, "/v1/responses", {"model": "chat", "input": "hi", name: "x"}, key)
        assert (refused.status, refused.json["error"]["param"]) == (422, name)
    assert len(upstream.asked) == 1


# --- streams


async def test_a_stream_is_handed_on_and_counted_by_its_last_usage(world: World, upstream: Scripted) -> None:
    upstream.then = streams(delta("a"), delta("b"), stop(), counted(6, 2))
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(stream=True), key)
    assert answer.told["content-type"].startswith("text/event-stream")
    assert answer.events == [delta("a"), delta("b"), stop(), "[DONE]"]
    assert upstream.asked[0].json["stream_options"] == {"include_usage": True}
    assert tokens(world, key) == ((6, 0), (2, 0))
    assert status_in_ledger(world) == 200
    assert answer.whole


async def test_who_asks_for_the_usage_of_a_stream_gets_its_chunk(world: World, upstream: Scripted) -> None:
    upstream.then = streams(delta("a"), counted(6, 1))
    given = talk(stream=True, stream_options={"include_usage": True})
    answer = await call(world.gate, CHAT, given, world.rights.give("free"))
    assert answer.events == [delta("a"), counted(6, 1), "[DONE]"]


async def test_the_first_event_is_forwarded_before_the_second_is_sent(world: World, upstream: Scripted) -> None:
    order: list[str] = []
    seen = asyncio.Event()

    async def then(asked: Any, writer: asyncio.StreamWriter) -> None:
        from scripted import STREAM, chunk, event

        writer.write(STREAM + chunk(event(delta("first"))))
        await seen.wait()  # would wait for ever if the first were kept back
        order.append("second sent")
        writer.write(chunk(event(delta("second"))) + chunk(event(b"[DONE]")) + b"0\r\n\r\n")

    upstream.then = then
    client = Client(world.gate, CHAT, talk(stream=True), world.rights.give("free")).start()
    await client.until(b"first")
    order.append("first seen")
    seen.set()
    await client.answer()
    assert order == ["first seen", "second sent"]
    assert client.events == [delta("first"), delta("second"), "[DONE]"]


async def test_a_stream_whose_client_left_is_stopped_and_charged_for_what_came(
    world: World, upstream: Scripted
) -> None:
    async def then(asked: Any, writer: asyncio.StreamWriter) -> None:
        from scripted import STREAM, chunk, event

        writer.write(STREAM + b"".join(chunk(event(delta(f"w{n}"))) for n in range(3)))
        await asked.gone.wait()

    upstream.then = then
    key = world.rights.give("free")
    client = Client(world.gate, CHAT, talk(stream=True), key).start()
    await client.until(b"w2")
    client.leaves.set()
    await client.answer()
    async with asyncio.timeout(5):
        await upstream.asked[0].gone.wait()
    assert tokens(world, key) == ((5, 0), (3, 0))
    assert status_in_ledger(world) == 499


async def test_a_stream_without_usage_is_estimated_by_what_was_delivered(world: World, upstream: Scripted) -> None:
    upstream.then = streams(delta("a"), delta("twelve bytes"), stop())
    key = world.rights.give("free")
    await call(world.gate, CHAT, talk(stream=True), key)
    assert tokens(world, key)[1] == (4, 0)  # thirteen bytes
    assert status_in_ledger(world) == 203


@pytest.mark.parametrize(
    ("events", "more"),
    [
        ((delta("a"),), {"end": False, "done": False}),
        ((delta("a"),), {"end": True, "done": False}),
        ((delta("a"), b"{not json"), {}),
        ((delta("a"), {"error": {"message": "sk-canary-upstream is broke"}}), {}),
    ],
    ids=["cut", "ends without saying so", "no json", "an error in the stream"],
)
async def test_a_stream_that_breaks_ends_in_an_error_event_and_is_charged_for_what_came(
    world: World, upstream: Scripted, events: Any, more: Any
) -> None:
    upstream.then = streams(*events, **more)
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(stream=True), key)
    assert answer.status == 200
    assert answer.events[0] == delta("a")
    assert answer.events[-1]["error"]["code"] == "upstream_failed"
    assert "[DONE]" not in answer.events
    assert b"canary" not in answer.body
    assert answer.whole
    assert tokens(world, key)[1] == (1, 0)
    assert status_in_ledger(world) == 502


async def test_a_stream_that_says_it_is_over_without_done_is_whole(world: World, upstream: Scripted) -> None:
    upstream.then = streams(delta("a"), stop(usage=usage(6, 1)), done=False)
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(stream=True), key)
    assert answer.events[-1] == "[DONE]"
    assert tokens(world, key) == ((6, 0), (1, 0))


async def test_a_stream_of_responses_ends_with_its_own_last_event(world: World, upstream: Scripted) -> None:
    last = {"type": "response.completed", "response": {"id": "r", "usage": {"input_tokens": 4, "output_tokens": 2}}}
    upstream.then = streams({"type": "response.output_text.delta", "delta": "yo"}, last, done=False)
    key = world.rights.give("free")
    answer = await call(world.gate, "/v1/responses", {"model": "chat", "input": "hi", "stream": True}, key)
    assert answer.events[-1] == last
    assert "stream_options" not in upstream.asked[0].json
    assert tokens(world, key) == ((4, 0), (2, 0))


async def test_an_event_that_arrives_in_pieces_goes_on_whole(world: World, upstream: Scripted) -> None:
    from scripted import STREAM, chunk, event

    huge = delta("x" * 300_000)
    text = event(huge) + event(counted(6, 1)) + event(b"[DONE]")
    parts = [chunk(text[n : n + 7919]) for n in range(0, len(text), 7919)]
    upstream.then = raw(STREAM, *parts, b"0\r\n\r\n")
    answer = await call(world.gate, CHAT, talk(stream=True), world.rights.give("free"))
    assert answer.events == [huge, "[DONE]"]


async def test_a_server_that_cannot_stream_answers_in_one_piece(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes", 6, 1))
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(stream=True), key)
    assert answer.json == chat("yes", 6, 1)
    assert tokens(world, key) == ((6, 0), (1, 0))


# --- an upstream that fails before its first byte costs nothing


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("script", "status", "code"),
    [
        (says(500, {"error": {"message": "Traceback sk-canary-upstream"}}), 502, "upstream_failed"),
        (says(401, {"error": {"message": "Incorrect key sk-canary-upstream"}}), 502, "upstream_failed"),
        (says(404, {"error": "no such model"}), 502, "upstream_failed"),
        (says(302, {}, "location: http://127.0.0.1:1/"), 502, "upstream_failed"),
        (says(429, {"error": "too fast"}, "retry-after: 7"), 503, "overloaded"),
        (says(400, {"error": {"message": "bad `x` sk-canary-upstream", "param": "x"}}), 400, "upstream_refused"),
        (says(422, b"<html>no</html>"), 422, "upstream_refused"),
        (says(200, b"<html>"), 502, "upstream_failed"),
        (says(200, b"[1]"), 502, "upstream_failed"),
        (raw(whole(200, gzip.compress(b"{}", mtime=0), "application/json", "content-encoding: gzip")), 502, "upstream_failed"),
        (raw(b""), 502, "upstream_failed"),
        (raw(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"), 502, "upstream_failed"),
        (raw(b"garbage\r\n\r\n"), 502, "upstream_failed"),
        (raw(b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n"), 502, "upstream_failed"),
        (streams({"error": {"message": "sk-canary-upstream"}}), 502, "upstream_failed"),
        (streams(end=False, done=False), 502, "upstream_failed"),
    ],
)  # fmt: skip
async def test_an_upstream_that_fails_before_its_first_event_costs_nothing(
    world: World, upstream: Scripted, script: Any, status: int, code: str, stream: bool
) -> None:
    upstream.then = script
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, talk(stream=stream), key)
    assert (answer.status, answer.json["error"]["code"]) == (status, code)
    assert answer.json["code"] == code
    assert b"canary" not in answer.body
    assert world.used(key) == (0, 0)
    assert world.used(key, "tokens/month") == (0, 0)


@pytest.mark.parametrize("stream", [False, True])
async def test_an_upstream_that_is_too_slow_or_not_there_costs_nothing(
    world: World, upstream: Scripted, stream: bool
) -> None:
    async def never(asked: Any, writer: Any) -> None:
        await asked.gone.wait()

    upstream.then = never
    key = world.rights.give("free")
    late = await call(world.gate, CHAT, talk(stream=stream), key)
    assert (late.status, late.json["code"]) == (504, "feature_timeout")
    await upstream.asked[0].gone.wait()
    nowhere = await call(world.gate, CHAT, talk(model="nowhere", stream=stream), key)
    assert (nowhere.status, nowhere.json["code"]) == (502, "upstream_failed")
    assert world.used(key) == (0, 0)


async def test_a_client_that_leaves_before_the_answer_stops_the_upstream(world: World, upstream: Scripted) -> None:
    async def never(asked: Any, writer: Any) -> None:
        await asked.gone.wait()

    upstream.then = never
    key = world.rights.give("premium")
    client = Client(world.gate, CHAT, talk(model="chat-big"), key).start()
    while not upstream.asked:
        await asyncio.sleep(0.01)
    client.leaves.set()
    await client.answer()
    await upstream.asked[0].gone.wait()
    assert world.used(key) == (1, 0)
    assert status_in_ledger(world) == 499


async def test_a_kept_connection_that_died_is_replaced_once(world: World, upstream: Scripted) -> None:
    upstream.then = says(200, chat("yes"))
    key = world.rights.give("premium")
    await call(world.gate, CHAT, talk(), key)
    answered = 0

    async def dies_when_reused(asked: Any, writer: asyncio.StreamWriter) -> None:
        nonlocal answered
        if upstream.connections == 1:
            writer.close()
        else:
            answered += 1
            writer.write(whole(200, json.dumps(chat("again")).encode()))

    upstream.then = dies_when_reused
    answer = await call(world.gate, CHAT, talk(), key)
    assert (answer.status, answered, upstream.connections) == (200, 1, 2)
    assert world.used(key) == (2, 0)


# --- limits and input


async def test_rate_and_concurrency_bind_models_too(world: World, upstream: Scripted) -> None:
    upstream.then = streams(delta("a"), counted(6, 1))
    key = world.rights.give("brisk")
    first = await call(world.gate, CHAT, talk(stream=True), key)
    assert first.told["x-ratelimit-limit-requests"] == "2"
    assert first.told["x-ratelimit-remaining-requests"] == "1"
    assert first.told["ratelimit"] == '"rate";r=1;t=30'
    await call(world.gate, CHAT, talk(stream=True), key)
    third = await call(world.gate, CHAT, talk(stream=True), key)
    assert (third.status, third.json["code"], third.told["x-should-retry"]) == (429, "rate_limited", "true")


@pytest.mark.parametrize(
    ("given", "param"),
    [
        ({"messages": []}, "model"),
        ({"model": 7}, "model"),
        (talk(max_tokens=-1), "max_tokens"),
        (talk(max_tokens=True), "max_tokens"),
        (talk(n=0), "n"),
        (talk(n=10**9), "n"),
        (talk(stream="yes"), "stream"),
        (talk(stream=True, stream_options=[]), "stream_options"),
    ],
)
async def test_input_that_does_not_fit_is_refused_before_anything_is_held(
    world: World, upstream: Scripted, given: Any, param: str
) -> None:
    key = world.rights.give("free")
    answer = await call(world.gate, CHAT, given, key)
    assert (answer.status, answer.json["error"]["param"]) == (422, param)
    assert world.used(key) == (0, 0)
    assert upstream.asked == []


async def test_a_body_above_the_features_size_is_413(world: World, upstream: Scripted) -> None:
    key = world.rights.give("premium")
    assert (await call(world.gate, CHAT, talk("x" * 100_001), key)).status == 413
    assert (await call(world.gate, CHAT, talk("x" * 100_001, model="chat-big"), key)).status == 200
    assert (await call(world.gate, CHAT, talk("x" * 10_000_001, model="chat-big"), key)).status == 413


async def test_a_model_called_as_a_feature_is_told_its_path(world: World) -> None:
    answer = await call(world.gate, "/v1/features/chat", {}, world.rights.give("free"))
    assert answer.status == 404
    assert CHAT in answer.json["detail"]


def status_in_ledger(world: World) -> int:
    """The status of the one call that there was."""
    world.turns.flush()
    with closing(sqlite3.connect(world.path)) as db:
        return int(db.execute("select status from call").fetchone()[0])


async def test_what_another_process_holds_and_gives_back_is_what_decides(world: World, upstream: Scripted) -> None:
    """The quota (100 tokens): what this process has in mind is only a guess."""
    upstream.then = says(200, chat("yes", 2, 3))
    key = world.rights.give("free")
    holder = world.rights.credentials[key.digest].holder_id
    assert (await call(world.gate, CHAT, talk(max_tokens=20), key)).status == 200
    stands = {counter.meter: counter for counter in world.ledger.used(holder, "sample")}["tokens/month"]
    take = Take(holder, "sample", stands.meter, stands.window_s, stands.resets_s, 90, 100)
    now_s = world.clock.now_s
    with closing(SqliteLedger(world.path, process_id="another")) as other:
        other.hold(Call("call_other", holder, "sample", "chat", "key_1", now_s), [take], now_s, 60)
        assert (await call(world.gate, CHAT, talk(), key)).status == 429
        assert len(upstream.asked) == 1
        other.void("call_other", now_s)
        assert (await call(world.gate, CHAT, talk(max_tokens=20), key)).status == 200
        other.hold(Call("call_more", holder, "sample", "chat", "key_1", now_s), [replace(take, amount=75)], now_s, 60)
        assert (await call(world.gate, CHAT, talk(max_tokens=20), key)).status == 200
    assert [heard.json["max_tokens"] for heard in upstream.asked] == [20, 20, 10]


@pytest.mark.parametrize(
    "then",
    [
        says(200, chat("canary-answer")),
        says(200, b"canary-answer that is no JSON"),
        says(400, b'{"error": {"message": "I do not like canary-answer"}}'),
        says(500, b"canary-answer"),
        streams(delta("canary-answer"), stop(usage=usage(6, 1))),
        streams(delta("canary-answer"), end=False, done=False),
    ],
    ids=["answered", "unreadable", "refused", "broken", "streamed", "broken off"],
)
async def test_neither_requests_nor_answers_are_logged_or_kept(
    world: World, upstream: Scripted, caplog: pytest.LogCaptureFixture, then: Any
) -> None:
    caplog.set_level("DEBUG")
    key = world.rights.give("premium")
    for asks in (talk("canary-prompt"), talk("canary-prompt", stream=True), talk("x", stream="canary-prompt")):
        upstream.then = then
        await call(world.gate, CHAT, asks, key)
    await call(world.gate, CHAT, raw=b'{"model": "chat", "canary-prompt', key=key)
    upstream.then = then
    await call(world.gate, "/v1/features/echo", {"text": "canary-prompt"}, key)
    assert "canary" not in caplog.text
    for file in world.path.parent.glob("ledger.sqlite3*"):
        assert b"canary" not in file.read_bytes()
