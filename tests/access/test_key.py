"""A key is well formed, told from any other text, and never printed."""

from __future__ import annotations

import copy
import pickle
import re
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.access.key import DIGITS, Secret, base62, digest, make, new_id, parse, uuid7

NOW_MS = 1_795_000_000_000


def number_of(text: str) -> int:
    """What `base62` wrote, read back."""
    number = 0
    for sign in text:
        number = number * 62 + DIGITS.index(sign)
    return number


@given(st.integers(0, 2**192 - 1), st.integers(33, 40))
def test_base62_is_read_back_as_it_was_written(number: int, width: int) -> None:
    assert number_of(base62(number, width)) == number
    assert len(base62(number, width)) == width
    assert number_of(base62(number)) == number


@given(st.integers(0, 2**128 - 1), st.integers(0, 2**128 - 1))
def test_base62_of_equal_width_sorts_as_the_numbers_do(a: int, b: int) -> None:
    assert (base62(a, 22) < base62(b, 22)) == (a < b)


@given(st.binary(min_size=34, max_size=34), st.sampled_from(["live", "test", "demo"]))
def test_a_made_key_is_parsed_to_its_environment_and_id(rand: bytes, env: str) -> None:
    key_id, secret = make(env, lambda n: rand[:n], NOW_MS)
    parts = parse(secret.reveal())
    assert parts is not None
    assert (parts.env, parts.key_id) == (env, key_id)
    assert secret.digest == digest(secret.reveal())
    assert re.fullmatch(r"lic_[a-z]+_[0-9A-Za-z]{22}_[0-9A-Za-z]{39}", secret.reveal())


@given(st.data())
def test_a_key_with_one_sign_changed_is_no_key(data: st.DataObject) -> None:
    text = make("live", secrets.token_bytes, NOW_MS)[1].reveal()
    at = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(st.sampled_from("0123456789ABCDEFxyz_ é"))
    if text[at] != sign:
        assert parse(text[:at] + sign + text[at + 1 :]) is None


@given(st.text())
def test_any_other_text_is_no_key_and_still_has_a_digest(text: str) -> None:
    assert parse(text) is None or text.startswith("lic_")
    assert len(digest(text) if text.isascii() else b"x" * 32) == 32


def test_a_rotated_key_keeps_its_id_and_changes_its_secret() -> None:
    key_id, old = make("live", secrets.token_bytes, NOW_MS)
    same_id, new = make("live", secrets.token_bytes, NOW_MS + 5, key_id=key_id)
    assert same_id == key_id
    assert new != old


def test_a_secret_is_never_printed_and_never_pickled() -> None:
    secret = Secret("lic_live_canary")
    for shown in (repr(secret), str(secret), f"{secret}", "%s" % secret, repr([secret]), repr({"key": secret})):  # noqa: UP031
        assert "canary" not in shown
    for leak in (lambda: pickle.dumps(secret), lambda: copy.copy(secret)):
        with pytest.raises(TypeError, match="not pickled"):
            leak()


def test_an_id_is_a_uuid7_and_sorts_by_the_moment_it_was_made() -> None:
    early, late = (new_id("call", NOW_MS + ms, secrets.token_bytes) for ms in (0, 1))
    assert early < late
    number = uuid7(NOW_MS, b"\xff" * 10)
    assert number >> 80 == NOW_MS
    assert number >> 76 & 0xF == 7
    assert number >> 62 & 0b11 == 0b10
    assert number < 2**128


@pytest.mark.parametrize("env", ["", "x", "LIVE", "live-2", "l" * 13, "1live"])
def test_an_environment_that_would_not_parse_is_refused_when_a_key_is_made(env: str) -> None:
    with pytest.raises(ValueError, match="lower-case"):
        make(env, secrets.token_bytes, NOW_MS)
