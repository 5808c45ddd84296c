"""Which bytes of a file does a request ask for? RFC 9110, one range; of several at once the whole file is the answer."""

from __future__ import annotations

import re
from typing import NamedTuple

_BYTES = re.compile(rb"bytes=\s*(\d{0,19})-(\d{0,19})\s*", re.IGNORECASE)


class Span(NamedTuple):
    """The bytes from `start` up to, not including, `stop`. `asked`: as a range, not for want of one."""

    start: int
    stop: int
    asked: bool


def span(range_header: bytes | None, size: int) -> Span | None:
    """The part of a file of `size` bytes; the whole of it where no range is asked for, or none that can be read.
    None: a range that lies outside (416)."""
    whole = Span(0, size, False)
    found = _BYTES.fullmatch(range_header.strip()) if range_header else None
    if found is None:
        return whole
    first, last = found.groups()
    if not first:  # the last so many bytes
        if not last:
            return whole
        start = max(0, size - int(last))
        return Span(start, size, True) if int(last) and size else None
    start, stop = int(first), int(last) + 1 if last else size
    if last and stop <= start:
        return whole  # no range at all by the grammar's rules: passed over
    return Span(start, min(stop, size), True) if start < size else None
