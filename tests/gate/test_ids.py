"""A request id is a UUIDv7, unlike any other, and sorts by its moment."""

from __future__ import annotations

import secrets

from hypothesis import given
from hypothesis import strategies as st
from tests.access.test_key import number_of

from licet.gate.ids import RequestIds

NOW_NS = 1_795_000_000_000_000_000


@given(st.sampled_from([b"\x00", b"\xff", b"\x80", b"\x55"]), st.integers(0, 2**47))
def test_every_id_is_a_uuid7_of_its_moment(byte: bytes, ms: int) -> None:
    ids = RequestIds(lambda n: byte * n)
    for _ in range(2):
        number = number_of(ids(ms * 1_000_000).removeprefix("call_"))
        assert number >> 80 == ms
        assert number >> 76 & 0xF == 7
        assert number >> 62 & 0b11 == 0b10


def test_ids_of_one_moment_differ_and_later_ones_sort_after_them() -> None:
    ids = RequestIds(secrets.token_bytes)
    now, later = [ids(NOW_NS) for _ in range(2000)], [ids(NOW_NS + 1_000_000) for _ in range(2000)]
    assert len({*now, *later}) == 4000
    assert max(now) < min(later)
    assert {len(one) for one in now} == {27}
