"""How late does the loop come to what is due? A beat fifty times a second, and a histogram of how late each was.

Whatever holds the loop up (a slow callback, another thread with the interpreter's lock) holds up every call by as much, and
no call's own time tells why. One beat costs some microseconds.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left

EVERY_S = 0.02
BUCKETS_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Lag:
    """`counts` by bucket, the last being what was later still; `sum_s` and `most_s` in seconds."""

    def __init__(self) -> None:
        self.counts = [0] * (len(BUCKETS_S) + 1)
        self.sum_s = self.most_s = 0.0
        self._beat: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Beat in the loop that runs now."""
        loop = asyncio.get_running_loop()
        due = loop.time() + EVERY_S

        def beat() -> None:
            nonlocal due
            self.noted(max(0.0, loop.time() - due))
            due = loop.time() + EVERY_S
            self._beat = loop.call_at(due, beat)

        self._beat = loop.call_at(due, beat)

    def stop(self) -> None:
        if self._beat is not None:
            self._beat.cancel()
            self._beat = None

    def noted(self, late_s: float) -> None:
        """One beat that came so late."""
        self.counts[bisect_left(BUCKETS_S, late_s)] += 1
        self.sum_s += late_s
        self.most_s = max(self.most_s, late_s)
