"""How fast, and how many at once? Both protect the server, are no money, live in memory and are lost at a restart.

Rate is GCRA in whole numbers: `60 / minute` lets 60 come at once and then one a second, and never more than 60 in any
minute's worth of credit. Counted per holder, release and tier, over all keys. A refusal is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

from licet.access.table import Table


@dataclass(slots=True, eq=False)
class Limit:
    """What one holder's calls may do at once. Times are in microseconds; `_due` in microseconds times `rate`, so that
    no division ever rounds."""

    rate: int  # calls a window; 0: no limit
    window_us: int
    most: int  # calls alive; 0: no limit
    alive: int = 0
    due: int = 0
    gone: bool = False  # forgotten for want of use: whoever still has it asks for the holder's new one

    def take(self, now_us: int) -> int:
        """Count one call: 0, or the microseconds to wait and nothing is counted."""
        if not self.rate:
            return 0
        now, full = now_us * self.rate, self.window_us * self.rate
        due = self.due
        if due < now or due > now + full:  # idle long enough; or the clock was set back, which must lock nobody out
            due = now
        due += self.window_us
        if due > now + full:
            return -((now + full - due) // self.rate)
        self.due = due
        return 0

    def give_back(self) -> None:
        """The last call is not counted after all: it was refused for another reason."""
        if self.rate:
            self.due -= self.window_us

    def left(self, now_us: int) -> tuple[int, int]:
        """Calls that may come now, and the seconds until all of them may."""
        ahead = max(0, self.due - now_us * self.rate)
        return (self.window_us * self.rate - ahead) // self.window_us, -(-ahead // (self.rate * 1_000_000))


class Limits:
    """The limits of everybody who called lately."""

    def __init__(self) -> None:
        self._limits: dict[tuple[str, str, str], Limit] = {}

    def __len__(self) -> int:
        return len(self._limits)

    def of(self, holder_id: str, table: Table) -> Limit:
        """The holder's limit at this tier; when the tier changed its numbers what was counted stays."""
        tier, standing = table.tier, table.standing
        rate = tier.rate if tier else None
        numbers = (rate.limit, rate.window_s * 1_000_000) if rate else (0, 0)
        most = (tier.concurrency or 0) if tier else 0
        key = (holder_id, standing.release, standing.tier)
        found = self._limits.get(key)
        if found is None:
            found = self._limits[key] = Limit(*numbers, most)
        elif (found.rate, found.window_us, found.most) != (*numbers, most):
            if found.rate != numbers[0]:
                found.due = 0
            found.rate, found.window_us, found.most = *numbers, most
        return found

    def tidy(self, now_us: int) -> None:
        """Forget whoever has nothing counted and no call alive."""
        idle = [k for k, one in self._limits.items() if not one.alive and one.due <= now_us * one.rate]
        for key in idle:
            self._limits.pop(key).gone = True
