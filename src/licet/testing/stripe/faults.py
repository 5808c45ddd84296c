"""What may go wrong between two servers? Faults that a test orders: so many times, for the paths it names."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["down", "lost", "slow", "500", "429"]


@dataclass
class Fault:
    """`down`: cut before anything was done. `lost`: done, and the answer cut. `slow`: done, and answered late.

    `500` and `429` are answered with nothing done.
    """

    kind: Kind
    path: str = ""
    method: str = ""
    times: int = 1
    seconds: float = 0.0

    def meets(self, method: str, path: str) -> bool:
        if self.times < 1 or (self.method and self.method != method) or not re.search(self.path, path):
            return False
        self.times -= 1
        return True
