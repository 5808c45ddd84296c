"""What is remembered of a decision, so that `licet why CALL_ID` can tell the verdict as it was?

A verdict's text holds nothing that differs from call to call (no counts, no input), so a call keeps a number and the text
is kept once. Refusals are noted with the turn's other writing and waited for by nobody; in a flood only the first of each
second are, the log has them all.
"""

from __future__ import annotations

import json
from typing import Any

from licet.gate.rights import Record, Seat
from licet.ledger.ports import Refusal
from licet.ledger.turn import Turns

NOTED_A_SECOND = 200


def text_of(verdict: dict[str, Any], seat: Seat | None, **more: Any) -> str:
    """The text that is kept: the verdict in the shape that everybody shares, and by which document for which tier."""
    by = {"tier": seat.standing.tier, "document": seat.table.release.sha256} if seat else {}
    return json.dumps({**verdict, **by, **more}, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


class Journal:
    """Notes refusals."""

    def __init__(self, turns: Turns) -> None:
        self._turns = turns
        self._second, self._noted = 0, 0

    def refused(
        self, request_id: str, record: Record | None, release: str, feature: str, now_s: int, status: int, text: str
    ) -> None:
        """Note one refusal."""
        if now_s != self._second:
            self._second, self._noted = now_s, 0
        self._noted += 1
        if self._noted <= NOTED_A_SECOND:
            holder, key_id = (record.holder_id, record.key_id) if record else ("", "")
            self._turns.refused(Refusal(request_id, holder, release, feature, key_id, now_s, status, text))
