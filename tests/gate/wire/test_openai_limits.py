"""What a tier lets its callers ask a model for: refused before anything is held, or shortened; and under which names."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from gate_world import World
from hypothesis import given
from hypothesis import strategies as st
from scripted import Asked, Scripted, whole
from wire_world import CHAT, call, talk, wire_document

from licet.gate.openai_admission import Asked as Asks
from licet.gate.openai_admission import asked
from licet.gate.openai_limits import beyond, shortened
from licet.release.limits import NOTHING, Limits

ANSWER = (
    b'{"id":"c","object":"chat.completion","created":1,"model":"small","choices":[{"index":0,"finish_reason":"stop",'
    b'"message":{"role":"assistant","content":"hi"}}],"usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}'
)
LIMITED = """
[[tier]]
name = "small"
features = ["chat", "chat-big"]
quota = ["1000 calls / month"]

[tier.models.chat]
max_tokens = 20
prompt_tokens = 200
answers = 2
temperature = [0, 1]
top_p = [0.1, 0.9]
tools = ["get_weather", "web_search"]
modalities = ["text", "image"]
aliases = ["gpt-4o-mini", "lab/small:1"]

[tier.models.chat-big]
tools = false
aliases = ["big"]
"""
TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": {"type": "object"}}}
IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AA"}}
SOUND = {"type": "input_audio", "input_audio": {"data": "AA", "format": "wav"}}


def saying(*parts: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": list(parts)}]


@pytest.fixture
async def limited(tmp_path: Path, upstream: Scripted) -> AsyncIterator[World]:
    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(200, ANSWER, "application/json"))

    upstream.then = then
    made = World(tmp_path, wire_document(upstream.url) + LIMITED, key_of={"CHAT_KEY": "sk-canary"}.get)
    await made.gate.start()
    yield made
    await made.gate.stop()
    made.close()


@pytest.mark.parametrize(
    ("more", "param", "words"),
    [
        ({"temperature": 1.5}, "temperature", "may be 0 to 1"),
        ({"temperature": True}, "temperature", "may be 0 to 1"),
        ({"temperature": "hot"}, "temperature", "may be 0 to 1"),
        ({"top_p": 0.05}, "top_p", "may be 0.1 to 0.9"),
        ({"n": 3}, "n", "may be 2 at most"),
        ({"tools": [TOOL, {"type": "function", "function": {"name": "rm"}}]}, "tools", "not `rm`"),
        ({"tools": [{"type": "code_interpreter"}]}, "tools", "not `code_interpreter`"),
        ({"functions": [{"name": "rm"}]}, "tools", "not `rm`"),
        ({"tools": {"type": "function", "function": {"name": "rm"}}}, "tools", "not `rm`"),
        ({"tools": ["rm"]}, "tools", "not `?`"),
        ({"messages": saying({"type": "text", "text": "hi"}, SOUND)}, "messages", "not audio"),
        ({"messages": saying({"type": "hologram", "hologram": 1})}, "messages", "not hologram"),
        ({"messages": saying({"file": {"file_id": "x"}, "type": "text"})}, "messages", "not file"),
        ({"messages": [{"role": "user", "content": {"type": "video_url", "video_url": "x"}}]}, "messages", "not video"),
        ({"modalities": ["text", "audio"]}, "modalities", "not audio"),
        ({"audio": {"voice": "x"}}, "audio", "not audio"),
        ({"messages": [{"role": "user", "content": "x" * 1000}]}, "messages", "200 tokens long"),
    ],
)  # fmt: skip
async def test_what_goes_beyond_is_refused_with_its_name_and_line_and_costs_nothing(
    limited: World, upstream: Scripted, more: dict[str, Any], param: str, words: str
) -> None:
    key = limited.rights.give("small")
    no = await call(limited.gate, CHAT, talk(**more), key)
    assert (no.status, no.json["code"]) == (403, "parameter_not_in_tier")
    assert no.json["error"]["param"] == param
    assert words in no.json["detail"]
    assert "of tier `small` (licet.toml:" in no.json["detail"]
    assert "Without this limit: tier `free`" in no.json["detail"]
    assert no.told["x-should-retry"] == "false"
    assert upstream.asked == []
    assert limited.used(key) == (0, 0)


async def test_what_stays_within_goes_through_as_it_is(limited: World, upstream: Scripted) -> None:
    key = limited.rights.give("small")
    more = {
        "temperature": 1, "top_p": 0.9, "n": 2, "tools": [TOOL], "modalities": ["text"], "max_tokens": 20,
        "messages": saying({"type": "text", "text": "hi"}), "web_search_options": {}, "seed": 3,
    }  # fmt: skip
    assert (await call(limited.gate, CHAT, talk(**more), key)).status == 200
    image = await call(limited.gate, CHAT, talk(messages=saying(IMAGE)), limited.rights.give("small"))
    assert "tokens long" in image.json["detail"]  # allowed as such, and estimated at more than the prompt may have
    assert {k: upstream.asked[0].json[k] for k in more} == more
    assert limited.used(key) == (1, 0)


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, {"max_tokens": 20}),
        ({"max_tokens": 500}, {"max_tokens": 20}),
        ({"max_tokens": 5}, {"max_tokens": 5}),
        ({"max_completion_tokens": 500}, {"max_completion_tokens": 20}),
        ({"max_completion_tokens": 500, "max_tokens": 7}, {"max_completion_tokens": 20, "max_tokens": 7}),
    ],
)
async def test_a_longer_answer_is_shortened_as_by_a_quota(
    limited: World, upstream: Scripted, given: dict[str, int], sent: dict[str, int]
) -> None:
    assert (await call(limited.gate, CHAT, talk(**given), limited.rights.give("small"))).status == 200
    heard = upstream.asked[0].json
    assert {k: heard[k] for k in heard if k.startswith("max_")} == sent


async def test_other_tiers_are_not_limited_by_it(limited: World) -> None:
    for tier in ("free", "premium"):
        answer = await call(limited.gate, CHAT, talk(temperature=1.9, n=2, max_tokens=30), limited.rights.give(tier))
        assert answer.status == 200


async def test_no_tools_at_all_means_none(limited: World) -> None:
    key = limited.rights.give("small")
    no = await call(limited.gate, CHAT, talk(model="big", tools=[TOOL]), key)
    assert "`tools` may not be used" in no.json["detail"]
    assert (await call(limited.gate, CHAT, talk(model="big", tools=[], tool_choice="none"), key)).status == 200


async def test_an_alias_is_a_name_for_callers_of_its_tier_alone(limited: World, upstream: Scripted) -> None:
    small, premium = limited.rights.give("small"), limited.rights.give("premium")
    listed = (await call(limited.gate, "/v1/models", key=small, method="GET")).json["data"]
    assert [m["id"] for m in listed] == ["chat", "gpt-4o-mini", "lab/small:1", "chat-big", "big"]
    for alias in ("gpt-4o-mini", "lab/small:1"):
        assert (await call(limited.gate, CHAT, talk(model=alias), small)).status == 200
        assert upstream.asked[-1].json["model"] == "small"
        told = await call(limited.gate, f"/v1/models/{alias}", key=small, method="GET")
        assert told.json["id"] == alias
    assert (await call(limited.gate, CHAT, talk(model="gpt-4o-mini", temperature=2), small)).status == 403
    assert (await call(limited.gate, CHAT, talk(model="gpt-4o-mini"), premium)).status == 404


async def test_shadow_mode_refuses_nobody(tmp_path: Path, upstream: Scripted) -> None:
    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(200, ANSWER, "application/json"))

    upstream.then = then
    made = World(tmp_path, wire_document(upstream.url) + LIMITED, key_of={"CHAT_KEY": "sk"}.get, shadow=True)
    assert (await call(made.gate, CHAT, talk(temperature=2), made.rights.give("small"))).status == 200
    made.gate.upstreams.tidy(every=True)
    made.close()


# --- laws

BODY = st.fixed_dictionaries(
    {"messages": st.just(saying({"type": "text", "text": "hi"}))},
    optional={
        "temperature": st.floats(-1, 3) | st.integers(-1, 3), "n": st.integers(1, 9), "max_tokens": st.integers(1, 99),
        "tools": st.lists(st.sampled_from([TOOL, {"type": "web_search"}]), max_size=2),
        "modalities": st.lists(st.sampled_from(["text", "audio"]), max_size=2),
    },
)  # fmt: skip
LIMITS = st.builds(
    Limits, st.just("chat"), st.just(1),
    max_tokens=st.none() | st.integers(1, 50), prompt_tokens=st.none() | st.integers(1, 50),
    answers=st.none() | st.integers(1, 9),
    ranges=st.dictionaries(st.just("temperature"), st.tuples(st.floats(0, 1), st.floats(1, 2))),
    tools=st.none() | st.frozensets(st.sampled_from(["get_weather", "web_search"])),
    modalities=st.none() | st.frozensets(st.sampled_from(["text", "audio"]), min_size=1),
)  # fmt: skip


@given(BODY, LIMITS)
def test_what_no_limit_forbids_is_within_and_shortening_never_lengthens(body: dict[str, Any], limits: Limits) -> None:
    short = shortened(limits, "chat", body)
    assert {k: v for k, v in short.items() if k != "max_tokens"} == {k: v for k, v in body.items() if k != "max_tokens"}
    if limits.max_tokens is not None:
        assert short["max_tokens"] == min(body.get("max_tokens", limits.max_tokens), limits.max_tokens)
    asks = asked("chat", short)
    assert isinstance(asks, Asks)
    assert beyond(NOTHING, "chat", short, asks) is None
    no = beyond(limits, "chat", short, asks)
    temperature, within = body.get("temperature"), limits.ranges.get("temperature", (-9, 9))
    free = (
        (temperature is None or within[0] <= temperature <= within[1])
        and asks.prompt <= (limits.prompt_tokens or 999)
        and body.get("n", 1) <= (limits.answers or 999)
        and (
            limits.tools is None
            or {t.get("function", {}).get("name", t["type"]) for t in body.get("tools", [])} <= limits.tools
        )
        and (limits.modalities is None or {"text", *body.get("modalities", [])} <= limits.modalities)
    )
    assert (no is None) == free
