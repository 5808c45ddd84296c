"""Ranges, for all headers and sizes: what is sent is what RFC 9110 says of one range."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from licet.gate.files_range import span

SIZES = st.integers(0, 300)
ENDS = st.integers(0, 400)


@given(size=SIZES, first=ENDS, last=ENDS)
def test_a_range_with_both_ends_is_the_slice_it_names(size: int, first: int, last: int) -> None:
    content = bytes(range(256)) * 2
    found = span(b"bytes=%d-%d" % (first, last), size)
    wanted = content[:size][first : last + 1]
    if last < first:
        assert found == (0, size, False)
    elif not wanted:
        assert found is None
    else:
        assert found is not None
        assert content[found.start : found.stop] == wanted
        assert found.asked


@given(size=SIZES, last=ENDS)
def test_a_suffix_is_the_end_of_the_file(size: int, last: int) -> None:
    found = span(b"bytes=-%d" % last, size)
    if size == 0 or last == 0:
        assert found is None
    else:
        assert found == (max(0, size - last), size, True)


@given(size=SIZES, first=ENDS)
def test_an_open_range_goes_to_the_end(size: int, first: int) -> None:
    found = span(b"bytes=%d-" % first, size)
    assert found == ((first, size, True) if first < size else None)


@given(header=st.binary(max_size=40), size=SIZES)
def test_whatever_is_sent_lies_inside_the_file(header: bytes, size: int) -> None:
    for asked in (header, b"bytes=" + header, None):
        found = span(asked, size)
        assert found is None or 0 <= found.start <= found.stop <= size
        if asked is None:
            assert found == (0, size, False)
