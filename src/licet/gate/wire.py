"""What is the same for every call that another server answers? The hold, the client who may leave, and one ending.

A call ends in exactly one of two ways: voided, where nothing of an answer reached the caller; settled, where something
did, with the status that tells how: 200, 499 (the client left), 502 (the answer broke off).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Mapping, Sequence
from typing import Protocol

from licet.gate import problem
from licet.gate.calling import Calling, Send, Sizes, rate_headers
from licet.gate.door import NS, Receive, Visit
from licet.gate.problem import Reply
from licet.gate.upstream_wire import Fault
from licet.gate.watch import Watch, Watches
from licet.ledger.ports import Held
from licet.release.release import Feature

Header = tuple[bytes, bytes]

__all__ = ["Ending", "Header", "Send", "Watch", "Wire", "named", "no_answer"]
log = logging.getLogger("licet.gate")


class Work(Sizes, Protocol):
    """One call of another server, after its hold. It settles or voids by `ending`, and answers."""

    async def run(self, ending: Ending, watch: Watch) -> Reply | int:
        """The reply; or its status, where it has been sent already."""
        ...

    def broken(self, ending: Ending, fault: Fault) -> Awaitable[Reply | int]:
        """What is said when there is no answer, or no more of it."""
        ...

    def gone(self, ending: Ending) -> Awaitable[None]:
        """The client left: what was delivered is counted."""
        ...


class Ending:
    """How a held call ends: once."""

    __slots__ = ("_calling", "_visit", "closed")

    def __init__(self, calling: Calling, visit: Visit) -> None:
        self._calling, self._visit, self.closed = calling, visit, False

    async def settle(self, status: int, amounts: Mapping[str, int] | None = None) -> None:
        """Count it: `amounts` by the takes' meters, the others as held."""
        self.closed = True
        now_ns, took_ms = self._times()
        call_id = self._visit.request_id
        await self._calling.turns.settle(call_id, amounts, now_ns // NS, status=status, took_ms=took_ms)

    async def void(self, status: int) -> None:
        """Count nothing."""
        self.closed = True
        now_ns, took_ms = self._times()
        await self._calling.turns.void(self._visit.request_id, now_ns // NS, status=status, took_ms=took_ms)

    def _times(self) -> tuple[int, int]:
        now_ns = self._calling.door.clock()
        return now_ns, (now_ns - self._visit.now_ns) // 1_000_000


class Wire:
    """Runs calls of other servers through rate, concurrency, hold and one ending."""

    def __init__(self, calling: Calling) -> None:
        self.calling, self._watches = calling, Watches()

    async def held(self, visit: Visit, work: Work, receive: Receive) -> Reply | int:
        """The reply to one call; or its status, where it has been sent already."""
        no = self.calling.door.slow_down(visit)
        if no is not None:
            return no
        limit = visit.seat.limit
        try:
            held = await self.calling.hold(visit, visit.request_id, work)
            reply = await self._run(visit, work, receive) if isinstance(held, Held) else held
        finally:
            limit.alive -= 1
        if limit.rate and not isinstance(reply, int):
            if not isinstance(held, Held) or reply[0] == 429:  # a refusal is not counted, whatever it was for
                limit.give_back()
            else:
                reply[1].extend(rate_headers(visit))
        return reply

    async def _run(self, visit: Visit, work: Work, receive: Receive) -> Reply | int:
        calling, call_id = self.calling, visit.request_id
        calling.alive[call_id] = visit.now_s
        ending = Ending(calling, visit)
        try:
            return await self._watched(visit, work, ending, receive)
        finally:
            del calling.alive[call_id]
            if not ending.closed:  # cancelled, or broken by us: at our cost
                calling.void_soon(call_id)

    async def _watched(self, visit: Visit, work: Work, ending: Ending, receive: Receive) -> Reply | int:
        watch = self._watches.watch(receive)
        try:
            return await work.run(ending, watch)
        except Fault as fault:
            watch.stop()
            log.warning("%s %s: %s", visit.request_id, visit.feature.name, fault)
            return await work.broken(ending, fault)
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if not watch.left or task is None or task.uncancel() > 0:
                raise
            watch.stop()
            if not ending.closed:
                await work.gone(ending)
            return 499
        finally:
            watch.stop()


def no_answer(feature: Feature, fault: Fault, request_id: str) -> Reply:
    """What a caller hears of an upstream that gave no answer. Its address and its words are for the log."""
    name = feature.name
    if fault.kind == "late":
        words = f"`{name}` took longer than the {feature.timeout_s} s that it has. Nothing was charged."
        return problem.problem(504, "feature_timeout", words, request_id)
    if fault.kind == "full":
        retry = [(b"retry-after", b"1")]
        return problem.problem(503, "overloaded", f"Too many calls wait for `{name}`.", request_id, headers=retry)
    words = {
        "unreachable": f"The server behind `{name}` cannot be reached.",
        "too_large": f"The server behind `{name}` answered more than is taken here.",
    }.get(fault.kind, f"The server behind `{name}` gave no answer that can be used.")
    return problem.problem(502, "upstream_failed", f"{words} Nothing was charged.", request_id)


def named(headers: Sequence[Header], name: bytes) -> bytes:
    """The last header of this name; empty where there is none."""
    return next((value for key, value in reversed(headers) if key == name), b"")
