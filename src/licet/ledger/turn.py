"""How do many callers of one event loop share one transaction? What they ask for in a turn is done at its end.

Alone in the loop a caller has its transaction at once, before it waits at all. With others in flight the cost of a commit
is divided among them, and a transaction waits a few turns of the loop for as long as each brings more; no timer is set.
Every answer is given after the commit, so what was promised is on file.
"""

from __future__ import annotations

from asyncio import AbstractEventLoop, CancelledError, Future, get_running_loop
from collections.abc import Mapping, Sequence
from typing import Any

from licet.ledger.ports import BusyError, Call, Close, Closed, Held, Hold, Ledger, Op, Refusal, Renew, Short, Take

_PATIENCE = 5_000  # tries, a millisecond apart, while another process writes
_GATHERS = 4  # turns of the loop, at most, in which others join a transaction


class Turns:
    """The operations of a ledger, awaitable, for one event loop. `ledger` is for the reads, which need no turn.

    A caller that is cancelled while it waits for its hold leaves none behind; a settle, renewal or void is done anyway.
    """

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._ops: list[Op] = []
        self._waiting: list[Future[Any]] = []
        self._loop: AbstractEventLoop | None = None
        self._due = False
        self._tries = 0
        self._others = False  # was the last transaction shared?
        self._alone = ""  # the call that had a transaction to itself in this turn of the loop
        self._gathered = self._known = 0

    async def hold(
        self, call: Call, takes: Sequence[Take], now_s: int, lease_s: int, amounts: Sequence[int] | None = None
    ) -> Held | Short:
        """`Ledger.hold`, decided in order of arrival; `amounts` as in `ports.Hold`."""
        asked = self._ask(Hold(call, takes, now_s, lease_s, amounts))
        try:
            answer: Held | Short = await asked
        except CancelledError:
            if not asked.cancelled() and asked.exception() is None and isinstance(asked.result(), Held):
                self._ask(Close(call.call_id, None, now_s, void=True)).add_done_callback(_heard)
            raise
        return answer

    async def settle(
        self, call_id: str, amounts: Mapping[str, int] | None, now_s: int, *, status: int = 0, took_ms: int = 0
    ) -> Closed:
        """`Ledger.settle`; back when it is committed."""
        closed: Closed = await self._ask(Close(call_id, amounts, now_s, status, took_ms))
        return closed

    async def void(self, call_id: str, now_s: int, *, status: int = 0, took_ms: int = 0) -> Closed:
        """`Ledger.void`; back when it is committed."""
        closed: Closed = await self._ask(Close(call_id, None, now_s, status, took_ms, True))
        return closed

    async def renew(self, call_id: str, now_s: int) -> bool:
        """`Ledger.renew`: False when the call is no longer open."""
        renewed: bool = await self._ask(Renew(call_id, now_s))
        return renewed

    def refused(self, refusal: Refusal) -> None:
        """Note a refusal with the rest of the turn; nobody waits for it, and one that cannot be noted is lost."""
        self._ask(refusal).add_done_callback(_heard)

    def flush(self) -> None:
        """Do now what was asked for. The loop does it by itself; a server that stops does it once more."""
        self._due = False
        self._gathered = self._known = 0
        ops, waiting = self._ops, self._waiting
        if any(future.cancelled() for future in waiting):
            still = [i for i, op in enumerate(ops) if not (waiting[i].cancelled() and isinstance(op, Hold))]
            ops, waiting = [ops[i] for i in still], [waiting[i] for i in still]
        self._ops, self._waiting = [], []
        if not ops:
            return
        try:
            answers = self.ledger.turn(ops)
        except BusyError as error:
            if self._tries < _PATIENCE and self._loop:
                # Not slept here: the loop goes on with everything that needs no ledger. Who asked first stays first.
                self._tries += 1
                self._due = True
                self._ops, self._waiting = ops, waiting
                self._loop.call_later(0.001, self.flush)
                return
            answers = [error] * len(ops)
        except Exception as error:
            answers = [error] * len(ops)
        self._tries = 0
        self._others = len(ops) > 1
        for future, answer in zip(waiting, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)

    def _gather(self) -> None:
        """Once a turn, as long as it brought more than was known; then it is done."""
        asked = len(self._ops)
        if asked == self._known or self._gathered == _GATHERS:
            self.flush()
            return
        self._known = asked
        self._gathered += 1
        assert self._loop is not None
        self._loop.call_soon(self._gather)

    def _ask(self, op: Op) -> Future[Any]:
        if not self._due:
            self._loop = get_running_loop()
        assert self._loop is not None
        future = self._loop.create_future()
        self._ops.append(op)
        self._waiting.append(future)
        if not self._due:
            if self._is_alone(op):
                self.flush()
            else:
                self._due = True
                self._loop.call_soon(self._gather)
        return future

    def _is_alone(self, op: Op) -> bool:
        if self._others or isinstance(op, Refusal):  # nobody waits for a refusal, and a flood of them must be cheap
            return False
        call_id = op.call.call_id if isinstance(op, Hold) else op.call_id
        if not self._alone:
            self._alone = call_id
            assert self._loop is not None
            self._loop.call_soon(self._turn_over)
        return call_id == self._alone

    def _turn_over(self) -> None:
        self._alone = ""


def _heard(future: Future[Any]) -> None:
    """Nobody waits for it: what went wrong has been said to others, or the lease will mend it."""
    if not future.cancelled():
        future.exception()
