"""Laws of counting and clamping, and the shapes in which real servers tell their usage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.gate import sse
from licet.gate.hints import Problem
from licet.gate.openai_admission import UNASKED, Asked, Left, asked, clamp
from licet.gate.openai_usage import Delivered, Usage, usage_of

CORPUS = json.loads((Path(__file__).parent / "usage_shapes.json").read_text())
counts = st.integers(0, 1 << 30)
lefts = st.lists(
    st.builds(Left, st.sampled_from(["tokens", "tokens_in", "tokens_out"]), st.integers(-50, 10**6)), max_size=5
)
asks = st.builds(Asked, st.integers(0, 2000), st.none() | st.integers(1, 10**6), st.integers(1, 20), st.booleans())


# --- usage


@pytest.mark.parametrize("shape", CORPUS, ids=[shape["name"] for shape in CORPUS])
def test_the_usage_is_found_wherever_a_server_puts_it(shape: Any) -> None:
    heard = Delivered()
    for told in shape["events"]:
        assert heard.hear(json.dumps(told).encode()) is not None
    want = shape["usage"]
    assert heard.usage == (None if want is None else Usage(*want))


@given(st.lists(st.tuples(counts, counts), min_size=1, max_size=6))
def test_the_last_usage_stands_and_nothing_is_ever_added_up(told: list[tuple[int, int]]) -> None:
    heard = Delivered()
    for tokens_in, tokens_out in told:
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out}
        heard.hear(json.dumps({"choices": [], "usage": usage}).encode())
        heard.hear(json.dumps({"choices": [], "usage": None}).encode())
    assert heard.usage == Usage(*told[-1])


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["usage", "choices", "response", "x_groq", "prompt_tokens", "total_tokens", "delta", "output"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(json_values)
def test_whatever_a_server_tells_no_count_is_below_zero(told: Any) -> None:
    usage = usage_of(told)
    assert usage is None or (usage.tokens_in >= 0 and usage.tokens_out >= 0)
    heard = Delivered()
    heard.hear(json.dumps(told).encode())
    assert heard.tokens_out >= 0


# --- clamping


@given(asks, lefts)
def test_a_hold_never_exceeds_what_any_quota_has_left(asks: Asked, left: list[Left]) -> None:
    clamped = clamp(asks, left)
    if clamped is None:
        return
    assert all(clamped.hold.of(one.meter) <= one.tokens for one in left)
    assert clamped.hold.tokens_in == asks.prompt
    if asks.answering and left:
        assert clamped.each is not None
        assert 1 <= clamped.each <= (asks.most_out or UNASKED)
        assert clamped.hold.tokens_out == clamped.each * asks.answers


@given(asks, lefts)
def test_a_call_is_refused_only_where_its_shortest_answer_does_not_fit(asks: Asked, left: list[Left]) -> None:
    shortest = Usage(asks.prompt, asks.answers if asks.answering else 0)
    fits = all(shortest.of(one.meter) <= one.tokens for one in left)
    assert (clamp(asks, left) is not None) == fits


@given(asks, lefts, st.integers(0, 1000))
def test_more_left_never_makes_the_answer_shorter(asks: Asked, left: list[Left], more: int) -> None:
    before, after = clamp(asks, left), clamp(asks, [Left(one.meter, one.tokens + more) for one in left])
    if before is not None:
        assert after is not None
        assert after.hold.tokens_out >= before.hold.tokens_out


@pytest.mark.parametrize(
    ("kind", "body", "want"),
    [
        ("chat", {"messages": [{"role": "user", "content": "x" * 40}]}, Asked(14, None)),
        ("chat", {"messages": [], "max_tokens": 5, "max_completion_tokens": 9, "n": 2}, Asked(0, 5, 2)),
        ("completions", {"prompt": ["a", "b", "c"], "max_tokens": 5}, Asked(3, 5, 3)),
        ("completions", {"prompt": [1, 2, 3]}, Asked(3, None)),
        ("responses", {"input": "12345", "max_output_tokens": 7}, Asked(2, 7)),
        ("embeddings", {"input": ["1234", "1234"]}, Asked(2, 0, 1, False)),
        ("chat", {"messages": "é" * 4}, Asked(2, None)),
        ("chat", {"messages": [{"role": "assistant", "content": None, "refusal": None}]}, Asked(3 + 3, None)),
        ("chat", {"messages": [{"content": 7, "strict": True}]}, Asked(2, None)),
        ("chat", {"messages": [], "n": 128, "max_tokens": 1}, Asked(0, 1, 128)),
        ("completions", {"prompt": "a", "n": 2, "best_of": 3}, Asked(1, None, 3)),
        ("completions", {"prompt": [[1, 2], [3]], "n": 2}, Asked(3, None, 4)),
        ("chat", {"messages": [{"image_url": {"url": "data:image/png;base64," + "A" * 9999}}]}, Asked(1024, None)),
    ],
)
def test_what_a_request_asks_for(kind: Any, body: Any, want: Asked) -> None:
    assert asked(kind, body) == want


@given(json_values, json_values)
def test_no_request_breaks_the_estimate(messages: Any, tools: Any) -> None:
    made = asked("chat", {"messages": messages, "tools": tools})
    assert isinstance(made, Problem) or made.prompt >= 0


# --- events

texts = st.lists(
    st.tuples(st.sampled_from([b"data: ", b"data:", b": ", b"event: ", b"id:"]), st.binary(max_size=8)), max_size=6
)


@given(st.lists(texts, max_size=5), st.sampled_from([b"\n", b"\r\n"]), st.lists(st.integers(0, 200), max_size=8))
def test_however_a_stream_is_torn_its_events_are_the_same_bytes(events: list[Any], end: bytes, cuts: list[int]) -> None:
    clean = [[start + text.translate(None, b"\r\n") + end for start, text in one] for one in events]
    stream = b"".join(b"".join(lines) + end for lines in clean if lines)
    whole = sse.Events().feed(stream)
    torn, at = sse.Events(), 0
    heard = []
    for cut in [*sorted(cuts), len(stream)]:
        heard += torn.feed(stream[at : max(at, min(cut, len(stream)))])
        at = max(at, min(cut, len(stream)))
    assert b"".join(raw for raw, _ in heard) == b"".join(raw for raw, _ in whole) == stream
    assert [e[1] for e in heard if e[1] is not None] == [e[1] for e in whole if e[1] is not None]
    assert not torn.cut


def test_an_event_without_end_is_refused_before_it_fills_the_memory() -> None:
    events = sse.Events()
    with pytest.raises(sse.TooLarge):
        for _ in range(200):
            events.feed(b"data: " + b"x" * (1 << 16))


@pytest.mark.parametrize(
    ("raw", "data"),
    [
        (b"data: a\n\n", b"a"),
        (b"data:a\r\n\r\n", b"a"),
        (b"data: a\ndata: b\n\n", b"a\nb"),
        (b"event: x\nid: 1\ndata:  a\n\n", b" a"),
        (b": keepalive\n\n", None),
        (b"data: a\r\r", b"a"),
        (b"data: [DONE]\n\n", sse.DONE),
    ],
)
def test_the_data_of_an_event(raw: bytes, data: bytes | None) -> None:
    assert sse.Events().feed(raw) == [(raw, data)]
