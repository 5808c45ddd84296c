"""Which id does a request get? A UUIDv7 in base62 behind `call_`, like every id, made for thousands in a second.

What ids of one millisecond have in common is worded once; the rest is random. Two bits of the common part are kept at 01,
so that nothing the random part adds ever reaches the version or the variant.
"""

from __future__ import annotations

from licet.access.key import DIGITS, Dice, base62, uuid7

_LOW, _WIDTH = 62**10, 10  # the random part: a little less than 60 bits
_COMMON = 10  # random bytes of a millisecond
_SETTLED, _CLEARED = 1 << 60, ~(3 << 60)
# A random byte as a digit. Eight digits come up a little more often: ids must differ, nobody has to fail to guess them.
_DIGIT = bytes(ord(DIGITS[byte % 62]) for byte in range(256))


class RequestIds:
    """`call_…` by the moment; `dice` is asked for a hundred milliseconds' and a few hundred ids' worth at a time."""

    def __init__(self, dice: Dice) -> None:
        self._dice = dice
        self._ms, self._head = -1, ""
        self._common, self._common_at = b"", 0
        self._kept, self._at = "", 0

    def __call__(self, now_ns: int) -> str:
        now_ms = now_ns // 1_000_000
        if now_ms != self._ms:
            at = self._common_at
            if at == len(self._common):
                self._common, at = self._dice(100 * _COMMON), 0
            self._common_at = at + _COMMON
            number = uuid7(now_ms, self._common[at : at + _COMMON]) & _CLEARED | _SETTLED
            self._ms, self._head = now_ms, "call_" + base62(number // _LOW, 12)
        begins, self._at = self._at, self._at + _WIDTH
        if self._at > len(self._kept):
            self._kept = self._dice(400 * _WIDTH).translate(_DIGIT).decode()
            begins, self._at = 0, _WIDTH
        return self._head + self._kept[begins : self._at]
