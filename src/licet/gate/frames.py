"""How do gate and worker talk? Frames over one socket: length, kind, payload; the payloads are JSON or text.

gate -> worker   LOAD  ["package.module:callable", …]      CALL  callable, newline, the caller's JSON as it came
worker -> gate   LOADED {callable: Loaded}                 ANSWER  the JSON of the result
                 REFUSED text       BROKEN traceback       UNREADABLE text
never sent       CRASHED, TIMED_OUT, OVERLOADED, GONE: what the gate says where no worker answers
"""

from __future__ import annotations

import struct
from typing import Literal, TypedDict

from licet.errors import LicetError

LOAD, CALL, LOADED, ANSWER, REFUSED, BROKEN, UNREADABLE, CRASHED, TIMED_OUT, OVERLOADED, GONE = range(11)
HEAD = struct.Struct("!IB")
MOST_BYTES = 256 << 20  # a longer answer is a mistake, and must not fill the gate's memory


class Loaded(TypedDict, total=False):
    """What a worker found behind one name."""

    kind: Literal["plain", "async", "missing", "broken"]
    parameters: dict[str, object]  # as `Parameters.told()` gives them
    detail: str  # why it is broken, or which package is missing
    package: str


def frame(kind: int, payload: bytes) -> bytes:
    return HEAD.pack(len(payload), kind) + payload


class Reader:
    """Bytes in, whole frames out."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = bytearray()

    def feed(self, data: bytes) -> list[tuple[int, bytes]]:
        """The frames that are complete now. LicetError for one that is too long."""
        self._bytes += data
        frames: list[tuple[int, bytes]] = []
        while len(self._bytes) >= HEAD.size:
            length, kind = HEAD.unpack_from(self._bytes)
            if length > MOST_BYTES:
                raise LicetError(f"an answer of {length} bytes", mend=f"a feature answers with at most {MOST_BYTES}")
            end = HEAD.size + length
            if len(self._bytes) < end:
                break
            frames.append((kind, bytes(self._bytes[HEAD.size : end])))
            del self._bytes[:end]
        return frames
