"""Where does one event of a stream end and the next begin? Bytes go through unchanged; only whole events are told.

An event is told the moment it is whole. Lines end in LF, CR LF or CR; comments and other fields belong to the event they
stand in. A tail that never ends in an empty line is never told: whoever reads the stream hears that it was cut.
"""

from __future__ import annotations

import re

MOST_BYTES = 8 << 20  # of one event: an image in base64 fits, and no upstream fills the memory
DONE = b"[DONE]"

# Atomic, or CR LF would be taken for an empty line.
_EMPTY_LINE = re.compile(rb"(?>\r\n|\n|\r)(?>\r\n|\n|\r)")
_LINE_END = re.compile(rb"\r\n|\n|\r")


type Event = tuple[bytes, bytes | None]
"""The bytes as they came, and the event's `data` (None: a comment, or other fields alone)."""


class TooLarge(Exception):
    """One event is larger than `MOST_BYTES`."""


class Events:
    """Cuts what comes into events."""

    __slots__ = ("_tail",)

    def __init__(self) -> None:
        self._tail = bytearray()

    @property
    def cut(self) -> bool:
        """Is there a part of an event that has not ended?"""
        return bool(self._tail.strip())

    def feed(self, part: bytes) -> list[Event]:
        """The events that are whole now. `TooLarge` where one never ends."""
        # Nearly every part is one event of one line.
        if (
            part[-2:] == b"\n\n"
            and part[:6] == b"data: "
            and not self._tail
            and part.find(b"\n") == len(part) - 2
            and b"\r" not in part
        ):
            return [(part, part[6:-2])]
        return self._cut(part)

    def _cut(self, part: bytes) -> list[Event]:
        tail = self._tail
        looked = max(0, len(tail) - 3)
        tail += part
        events: list[Event] = []
        at = 0
        while (end := _EMPTY_LINE.search(tail, max(at, looked))) is not None:
            if end.end() == len(tail) and end.group() == b"\r\n\r":
                break  # the LF is on its way
            raw = bytes(tail[at : end.end()])
            events.append((raw, _data(raw)))
            at = end.end()
        del tail[:at]
        if len(tail) > MOST_BYTES:
            raise TooLarge
        return events


def event(data: bytes) -> bytes:
    """The bytes of an event with this one line of data."""
    return b"data: %s\n\n" % data


def _data(raw: bytes) -> bytes | None:
    lines = [line[5:] for line in _LINE_END.split(raw) if line.startswith(b"data:")]
    if not lines:
        return None
    return b"\n".join(line.removeprefix(b" ") for line in lines)
