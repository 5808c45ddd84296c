"""A request is passed on by its bytes and an answer counted by its end: each must mean what the whole would."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from licet.gate import body
from licet.gate.openai_body import rewritten
from licet.gate.openai_usage import Usage, usage_at_end, usage_of

words = st.sampled_from(["model", "a", '"model"', 'x"model":"y', "\\", "é", "\n", "usage", '"usage": {}', ""])
values = st.recursive(
    words | st.none() | st.booleans() | st.integers(-5, 5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(words | st.sampled_from(["max_tokens", "store", "stream_options"]), values, max_size=5)
changes = st.fixed_dictionaries(
    {"model": words},
    optional={"max_tokens": st.integers(1, 9), "store": st.just(False), "stream_options": values},
)
spelled = st.sampled_from([{}, {"ensure_ascii": False}, {"indent": 1}, {"separators": (",", ":")}])


@given(told=objects, model=words, changed=changes, how=spelled, around=st.sampled_from(["", " ", "\r\n"]))
@example(told={"store": 0}, model="a", changed={"model": "a", "store": False}, how={}, around="")
def test_what_is_passed_on_means_the_body_with_the_changes(
    told: dict[str, Any], model: str, changed: dict[str, Any], how: dict[str, Any], around: str
) -> None:
    told = {**told, "model": model}
    raw = (around + json.dumps(told, **how) + around).encode()
    passed = body.parse(rewritten(raw, told, changed))
    wanted = {**told, **changed}
    assert passed == wanted and json.dumps(passed, sort_keys=True) == json.dumps(wanted, sort_keys=True)


def test_a_key_spelled_with_escapes_is_not_taken_for_another() -> None:
    raw = rb'{"\u006dodel": "ours", "messages": [{"model": "theirs"}]}'
    told = body.parse(raw)
    assert json.loads(rewritten(raw, told, {"model": "up"})) == {"model": "up", "messages": [{"model": "theirs"}]}


def test_what_needs_no_change_goes_on_byte_by_byte() -> None:
    raw = b'{ "model":"m",\t"temperature": 1.50, "messages": [] }'
    assert rewritten(raw, body.parse(raw), {"model": "m"}) == raw
    assert rewritten(raw, body.parse(raw), {"model": "n", "max_tokens": 5}) == (
        b'{ "model":"n",\t"temperature": 1.50, "messages": [] ,"max_tokens":5}'
    )


counts = st.fixed_dictionaries({"prompt_tokens": st.integers(0, 9), "completion_tokens": st.integers(0, 9)})


@given(told=objects, last=st.none() | counts, after=objects, how=spelled)
def test_a_usage_read_from_the_end_is_that_of_the_whole(
    told: dict[str, Any], last: dict[str, int] | None, after: dict[str, Any], how: dict[str, Any]
) -> None:
    answer = told if last is None else {**told, "usage": last, **after}
    found = usage_at_end(json.dumps(answer, **how).encode())
    assert found in (None, usage_of(answer))


@pytest.mark.parametrize("after", [{}, {"service_tier": "default"}, {"timings": {"n": [1, {}]}, "ok": True}])
def test_the_usual_places_are_read_from_the_end(after: dict[str, Any]) -> None:
    answer = {"data": ["x" * 100], "usage": {"prompt_tokens": 7, "total_tokens": 7}, **after}
    assert usage_at_end(json.dumps(answer).encode()) == Usage(7, 0)
    assert usage_at_end(json.dumps({"x_groq": answer}).encode()) is None, "another object's"
    assert usage_at_end(json.dumps(answer).encode()[:-1]) is None, "cut short"
    assert usage_at_end(json.dumps({"text": json.dumps(answer)}).encode()) is None, "only a text that looks like it"


@pytest.mark.parametrize(
    "answer",
    [
        b'"usage": {"prompt_tokens": 1}}',
        b'x"usage": {"prompt_tokens": 1}}',
        b'[{}, "usage": {"prompt_tokens": 1}}',
        b'{"a\\"usage": {"prompt_tokens": 1}}',
        b'{"usage" {"prompt_tokens": 1}}',
        b'{"usage": {"prompt_tokens": 1}} {}',
        b'{"usage": {"prompt_tokens": 1}, "a": 1}, "b": 2}',
        b'{"usage": 7}',
        b'{"usage": {}}',
    ],
)
def test_what_only_looks_like_a_usage_at_the_end_is_none(answer: bytes) -> None:
    assert usage_at_end(answer) is None


@given(st.text("eE+-.0123 ", max_size=12).map(str.encode))
def test_every_number_that_may_be_too_large_is_looked_at(text: bytes) -> None:
    if re.search(rb"[eE]\+?\d{3}", text):
        assert body._NEEDS_CARE.search(text)


def test_a_number_with_hundreds_of_digits_is_looked_at() -> None:
    assert body._NEEDS_CARE.search(b"1" * 300) and not body._NEEDS_CARE.search(b"1" * 299)
