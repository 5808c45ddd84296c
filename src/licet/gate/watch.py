"""Is the client of a long call still there? One alarm looks after all calls: most have ended before it rings."""

from __future__ import annotations

import asyncio

from licet.gate.door import Receive

LOOK_S = 0.125  # after twice that at most the client is seen: most calls have ended by then, and never pay for looking
STALLED_S = 60.0  # a client that takes nothing for so long has left, whatever its socket says


class Watch:
    """Cancels the task that made it when the client leaves, or takes nothing for `STALLED_S`; `left` says so."""

    __slots__ = ("_loop", "_receive", "_seeing", "_sending_since", "_task", "_watches", "left")

    def __init__(self, watches: Watches, receive: Receive) -> None:
        self._loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        self._task, self._receive, self._watches = task, receive, watches
        self.left = False
        self._sending_since = 0.0  # 0: not sending
        self._seeing: asyncio.Task[None] | None = None

    def look(self) -> None:
        """From now on the client is seen when it leaves; it is told here that it takes nothing."""
        if self._seeing is None:
            self._seeing = self._loop.create_task(self._see())
        if self._sending_since and self._loop.time() - self._sending_since > STALLED_S:
            self._leave()

    async def _see(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._leave()

    def _leave(self) -> None:
        if not self.left:
            self.left = True
            self._task.cancel()

    def sending(self) -> None:
        """From now on the client is waited for."""
        self._sending_since = self._loop.time()

    def sent(self) -> None:
        """It took what it was sent."""
        self._sending_since = 0.0

    def stop(self) -> None:
        """Look no more."""
        self._watches.forget(self)
        if self._seeing is not None:
            self._seeing.cancel()


class Watches:
    """The calls that are watched. Each is looked at after `LOOK_S` to twice that, then four times in `STALLED_S`."""

    def __init__(self) -> None:
        self._new: set[Watch] = set()  # since the last ring
        self._next: set[Watch] = set()  # since the one before: to be looked at
        self._old: set[Watch] = set()
        self._old_since_s = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None  # in which the alarm is set

    def watch(self, receive: Receive) -> Watch:
        """The running task's call, whose client is heard by `receive`. `stop` the watch when the call is over."""
        one = Watch(self, receive)
        self._new.add(one)
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(LOOK_S, self._ring)
        return one

    def forget(self, one: Watch) -> None:
        self._new.discard(one)
        self._next.discard(one)
        self._old.discard(one)

    def _ring(self) -> None:
        loop = asyncio.get_running_loop()
        due, self._next, self._new = self._next, self._new, set()
        if loop.time() - self._old_since_s >= STALLED_S / 4:
            self._old_since_s = loop.time()
            due |= self._old
        for one in due:
            self._old.add(one)
            one.look()
        if self._next or self._old:
            loop.call_later(LOOK_S, self._ring)
        else:
            self._loop = None
