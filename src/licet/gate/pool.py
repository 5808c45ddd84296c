"""Which worker process runs a call of a plain function? One call at a time each: nobody delays or ends another's call.

A feature runs at most `workers` calls at once; the rest of its calls wait, in order. A call never waits behind another
feature's: where no worker is idle a further one is started, and it goes again after a minute without work. A worker
that overruns its time or crashes takes its own call with it and nothing else.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import sys
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

from licet.errors import LicetError
from licet.gate import frames

IDLE_S = 60
WAITING_MOST = 256  # calls of one feature that wait for a worker; more are refused at once
LOADING_S = 120


class Worker(asyncio.Protocol):
    """One process, seen from the gate. `ask` sends one frame and waits for the one that answers it."""

    def __init__(self, process: asyncio.subprocess.Process, sock: socket.socket) -> None:
        self.process, self._sock = process, sock
        self.knows: set[str] = set()
        self.idle_since = 0.0
        self._reader = frames.Reader()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        try:
            for kind, payload in self._reader.feed(data):
                self._end(kind, payload)
        except LicetError as error:
            self._end(frames.BROKEN, str(error).encode())
            self.kill()

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._end(frames.CRASHED)

    def _end(self, kind: int, payload: bytes = b"") -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((kind, payload))

    @property
    def alive(self) -> bool:
        return self._transport is not None

    @property
    def died(self) -> bool:
        """Has it ended while it was idle, although the loop has not been told yet? A call must not be lost on it."""
        try:
            return self._transport is None or not self._sock.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    async def ask(self, kind: int, payload: bytes, timeout_s: float) -> tuple[int, bytes]:
        """Kind and payload of the answer; CRASHED, or TIMED_OUT: then it is killed."""
        if self._transport is None:
            return frames.CRASHED, b""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[tuple[int, bytes]] = loop.create_future()
        self._answer = answer
        alarm = loop.call_later(timeout_s, self._overrun)
        try:
            self._transport.write(frames.frame(kind, payload))
            return await answer
        except asyncio.CancelledError:
            self.kill()  # nobody knows what it is doing now
            raise
        finally:
            alarm.cancel()
            self._answer = None

    def _overrun(self) -> None:
        self._end(frames.TIMED_OUT)
        self.kill()

    def kill(self) -> None:
        if self._transport is not None:
            self._transport.abort()
            self._transport = None
        try:
            os.killpg(self.process.pid, signal.SIGKILL)  # whatever it started goes with it
        except ProcessLookupError:
            pass


@dataclass(slots=True)
class _Line:
    """The calls of one feature: how many run, and who waits."""

    running: int = 0
    waiting: deque[asyncio.Future[None]] = field(default_factory=deque)


class Pool:
    """The worker processes of one gate. `folder` is where the features' own modules are found."""

    def __init__(self, workers: int, folder: Path | None) -> None:
        self.workers, self.folder = workers, folder
        self._idle: list[Worker] = []
        self._all: set[Worker] = set()
        self._lines: dict[str, _Line] = {}
        self._closed = False
        self.withheld: set[str] = set()  # names of variables that hold other servers' keys (`key_env`)
        self._ends: set[asyncio.Task[int]] = set()  # of every process, until it is reaped

    @property
    def pids(self) -> frozenset[int]:
        """The living workers' process numbers."""
        return frozenset(w.process.pid for w in self._all if w.alive)

    async def load(self, names: Sequence[str]) -> Mapping[str, frames.Loaded]:
        """What stands behind each `package.module:callable`, read in a worker."""
        worker = await self._take("")
        try:
            kind, payload = await worker.ask(frames.LOAD, json.dumps(list(names)).encode(), LOADING_S)
            if kind != frames.LOADED:
                lost = frames.Loaded(kind="broken", detail="its worker process ended while it was loaded")
                return dict.fromkeys(names, lost)
            worker.knows.update(names)
            return cast("Mapping[str, frames.Loaded]", json.loads(payload))
        finally:
            self._give_back(worker)

    async def call(self, name: str, body: bytes, timeout_s: float) -> tuple[int, bytes]:
        """Kind and payload of the answer; CRASHED, TIMED_OUT, or OVERLOADED: then nothing was begun."""
        line = self._lines.setdefault(name, _Line())
        if line.running >= self.workers:
            if len(line.waiting) >= WAITING_MOST:
                return frames.OVERLOADED, b""
            turn = asyncio.get_running_loop().create_future()
            line.waiting.append(turn)
            try:
                await turn  # whoever ends hands the place over, so `running` stays as it is
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._next(line)
                else:
                    line.waiting.remove(turn)
                raise
        else:
            line.running += 1
        try:
            worker = await self._take(name)
            try:
                answer = await worker.ask(frames.CALL, name.encode() + b"\n" + body, timeout_s)
                worker.knows.add(name)
                return answer
            finally:
                self._give_back(worker)
        finally:
            self._next(line)

    def _next(self, line: _Line) -> None:
        while line.waiting:
            turn = line.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        line.running -= 1

    async def _take(self, name: str) -> Worker:
        """An idle worker, one that has the feature loaded if there is; else a new one."""
        self._idle = [w for w in self._idle if not w.died]
        for n in range(len(self._idle) - 1, -1, -1):
            if name in self._idle[n].knows:
                return self._idle.pop(n)
        return self._idle.pop() if self._idle else await self._start()

    def _give_back(self, worker: Worker) -> None:
        if worker.alive and not self._closed:
            worker.idle_since = asyncio.get_running_loop().time()
            self._idle.append(worker)
        else:
            self._all.discard(worker)

    async def _start(self) -> Worker:
        ours, theirs = socket.socketpair()
        try:
            with theirs:
                ours.setblocking(False)
                process = await self._process(theirs)
        except BaseException:
            ours.close()
            raise
        loop, worker = asyncio.get_running_loop(), Worker(process, ours)
        self._all.add(worker)
        end = loop.create_task(process.wait())
        self._ends.add(end)
        end.add_done_callback(self._ends.discard)
        try:
            await loop.create_connection(lambda: worker, sock=ours)
        except BaseException:  # called off between the two: nobody else knows of the process
            self._all.discard(worker)
            worker.kill()
            ours.close()
            raise
        if self._closed:  # closed meanwhile: whoever waits for it is told that it is gone
            worker.kill()
        return worker

    async def _process(self, theirs: socket.socket) -> asyncio.subprocess.Process:
        # Settings and other servers' keys are secrets that a feature's code has no business with.
        environ = {k: v for k, v in os.environ.items() if not k.startswith("LICET_") and k not in self.withheld}
        if self.folder is not None:
            environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(self.folder), environ.get("PYTHONPATH")]))
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "licet.gate.worker",
            str(theirs.fileno()),
            pass_fds=[theirs.fileno()],
            stdin=asyncio.subprocess.DEVNULL,
            env=environ,
            start_new_session=True,  # Ctrl-C on a terminal is for the gate, which then ends its workers
        )

    def tidy(self) -> None:
        """Let go of workers beyond `workers` that had nothing to do for a minute."""
        now = asyncio.get_running_loop().time()
        for worker in [w for w in self._idle if not w.alive or now - w.idle_since > IDLE_S][: self._spare()]:
            self._idle.remove(worker)
            self._all.discard(worker)
            worker.kill()

    def _spare(self) -> int:
        return max(0, len(self._all) - self.workers)

    async def close(self) -> None:
        """End every worker and wait until all are gone."""
        self._closed = True
        for worker in self._all:
            worker.kill()
        self._all.clear()
        self._idle.clear()
        await asyncio.gather(*self._ends)
