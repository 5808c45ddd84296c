"""What is not whole, readable JSON is refused with its reason."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.gate import body
from licet.gate.body import Bad

BROKEN = {
    b"": "empty",
    b"  \n": "empty",
    b"{": "line 1, column 2",
    b"{'a': 1}": "line 1, column 2",
    b'{"a": 1,}': "line 1, column ",  # of the comma, or of what follows it: Python 3.13 changed its mind
    b"[1]\n ]": "something follows the value at line 1, column 4",
    b" nope": "expecting value at line 1, column 2",
    b"[1,\n nope]": "expecting value at line 2, column 2",
    b'{"a": NaN}': "NaN is not a number",
    b'{"a": -Infinity}': "-Infinity is not a number",
    b'{"a": 1e999}': "1e999 is too large",
    b'{"a": -1E+400}': "too large",
    b'{"a": ' + b"9" * 5000 + b"}": "too many digits",
    b'{"a": 1, "a": 2}': 'the key "a" stands twice',
    b'{"a": "\xff"}': "not UTF-8 (byte 7)",
    b"\xef\xbb\xbf{}": "line 1, column 1",
    b'{"a": "\\ud800"}': "surrogate",
    b"[" * 200_000: "nested too deeply",
    b"data=1": "line 1, column 1",
    b"{} {}": "column 3",
    '{"a": 1}'.encode("utf-16"): "not UTF-8",
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda t: repr(t[:20]))
def test_a_broken_body_is_refused_with_its_reason(text: bytes) -> None:
    bad = body.parse(text)
    assert isinstance(bad, Bad)
    assert (bad.status, bad.code) == (400, "invalid_json")
    assert BROKEN[text] in bad.detail


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values, st.booleans())
def test_every_json_value_is_read_as_it_was_written(value: object, ascii_only: bool) -> None:
    assert body.parse(json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")) == value


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused_and_never_raise(text: bytes) -> None:
    body.parse(text)


def arriving(*parts: bytes, gone: bool = False) -> body.Receive:
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": part, "more_body": n + 1 < len(parts) or gone} for n, part in enumerate(parts)
    ]
    if gone:
        messages.append({"type": "http.disconnect"})

    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


@pytest.mark.parametrize(
    ("parts", "headers", "expected"),
    [
        ((b"{}",), [], b"{}"),
        ((b"{", b"", b"}"), [], b"{}"),
        ((b"12345",), [], 413),
        ((b"123", b"45"), [], 413),
        ((b"1",), [(b"content-length", b"5")], 413),
        ((b"1",), [(b"content-length", b"-1")], 413),
        ((b"1",), [(b"content-length", b"9" * 5000)], 413),
        ((b"1",), [(b"content-encoding", b"gzip")], 415),
        ((b"1",), [(b"content-encoding", b"identity"), (b"content-length", b"1")], b"1"),
    ],
)
async def test_a_body_is_read_whole_or_refused(parts: tuple[bytes, ...], headers: Any, expected: bytes | int) -> None:
    found = await body.read(arriving(*parts), dict(headers), 4)
    assert (found.status if isinstance(found, Bad) else found) == expected


async def test_a_client_that_leaves_in_the_middle_is_noticed() -> None:
    assert await body.read(arriving(b"1", gone=True), {}, 4) is body.GONE


@pytest.mark.parametrize("pause_s", [60, 0.001], ids=["never begins", "never ends"])
async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch, pause_s: float) -> None:
    monkeypatch.setattr(body, "PATIENCE_S", 0.02)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(pause_s)
        return {"type": "http.request", "body": b"", "more_body": True}

    found = await body.read(receive, {}, 4)
    assert isinstance(found, Bad)
    assert found.status == 408


async def test_a_body_that_comes_later_is_read_and_who_leaves_meanwhile_leaves_nothing_behind() -> None:
    there, closed = asyncio.Event(), list[str]()

    async def receive() -> dict[str, Any]:
        try:
            await there.wait()
            await asyncio.sleep(0)
        finally:
            closed.append("closed")
        return {"type": "http.request", "body": b"123", "more_body": False}

    reading = asyncio.create_task(body.read(receive, {}, 4))
    await asyncio.sleep(0)
    assert closed == []
    there.set()
    assert await reading == b"123"
    there.clear()
    left = asyncio.create_task(body.read(receive, {}, 4))
    await asyncio.sleep(0)
    left.cancel()
    with pytest.raises(asyncio.CancelledError):
        await left
    assert closed == ["closed", "closed"]


async def test_a_body_that_is_there_is_taken_without_an_alarm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body, "within", None)
    assert await body.read(arriving(b"1234"), {}, 4) == b"1234"


@pytest.mark.parametrize(
    ("kind", "status"),
    [(b"application/json", 0), (b"Application/JSON; charset=utf-8", 0), (b"application/problem+json", 0),
     (b"application/x-www-form-urlencoded", 0), (b"text/plain", 415), (b"multipart/form-data; boundary=x", 415)],
)  # fmt: skip
def test_only_json_is_taken(kind: bytes, status: int) -> None:
    bad = body.media_type({b"content-type": kind})
    assert (bad.status if bad else 0) == status
