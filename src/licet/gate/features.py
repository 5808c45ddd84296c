"""What runs when a call has been admitted? An `async` function in the loop, a plain one in a worker process.

Nothing of a plain feature is ever imported here: a worker reads what stands behind each name and tells its kind and its
type hints. A feature whose package is missing, or that cannot be loaded, is known before any call of it is held.
"""

from __future__ import annotations

import asyncio
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from licet.errors import Refused
from licet.gate import frames, worker
from licet.gate.hints import Parameters
from licet.gate.pool import Pool
from licet.release.release import Feature

Ended = tuple[int, bytes]
"""How a call ended: one of `frames.ANSWER` (with the result's JSON), REFUSED, BROKEN, UNREADABLE, CRASHED, TIMED_OUT,
OVERLOADED."""

_PACKAGES = {"sklearn": "scikit-learn", "PIL": "pillow", "cv2": "opencv-python", "yaml": "pyyaml"}


@dataclass(frozen=True, slots=True)
class Callee:
    """What stands behind `call = "package.module:callable"`. `lacks` says, in the caller's words, why it cannot run."""

    name: str
    parameters: Parameters
    function: Callable[..., Any] | None = None  # of an async feature only
    lacks: str = ""
    detail: str = ""  # for the log
    exact: bool = False  # every number is looked at by `parameters.check`


class Features:
    """The callables of the served releases. `load` what is new, then `begin` calls."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self._callees: dict[str, Callee] = {}
        self._loading: dict[str, asyncio.Task[None]] = {}

    def callee(self, feature: Feature) -> Callee | None:
        """What stands behind a feature; None as long as it is not loaded."""
        return self._callees.get(feature.call)

    async def load(self, features: Iterable[Feature]) -> None:
        """Read what stands behind each feature that is not known yet. Never raises for what is broken: it says so."""
        names = {f.call for f in features if f.call} - self._callees.keys()
        new = sorted(names - self._loading.keys())
        if new:
            task = asyncio.get_running_loop().create_task(self._load(new))
            self._loading.update(dict.fromkeys(new, task))
        for task in {self._loading[name] for name in names if name in self._loading}:
            await asyncio.shield(task)

    async def _load(self, names: list[str]) -> None:
        try:
            for name, found in (await self.pool.load(names)).items():
                self._callees[name] = self._callee(name, found)
        finally:
            for name in names:
                del self._loading[name]

    def _callee(self, name: str, found: frames.Loaded) -> Callee:
        nothing = Parameters({}, frozenset())
        match found["kind"]:
            case "missing":
                package, says = found["package"], found["detail"]
                if not says.startswith("No module named '"):  # its author's own words, not Python's
                    return Callee(name, nothing, None, says, says)
                command = f"pip install {_PACKAGES.get(package, package)}"
                return Callee(
                    name, nothing, None, f"its package `{package}` is not installed here; `{command}`", command
                )
            case "broken":
                return Callee(name, nothing, None, "it cannot be loaded; the server's log says why", found["detail"])
            case "plain":
                parameters = Parameters.heard(found["parameters"])
                return Callee(name, parameters, exact=parameters.exact)
            case "async":
                return self._in_loop(name, Parameters.heard(found["parameters"]))

    def _in_loop(self, name: str, parameters: Parameters) -> Callee:
        folder = str(self.pool.folder) if self.pool.folder is not None else ""
        if folder and folder not in sys.path:
            sys.path.insert(0, folder)
        try:
            return Callee(name, parameters, worker.load(name), exact=parameters.exact)
        except Exception:
            lacks = "it cannot be loaded; the server's log says why"
            return Callee(name, parameters, None, lacks, traceback.format_exc(limit=-6))

    def begin(
        self, callee: Callee, given: dict[str, Any], body: bytes, timeout_s: float
    ) -> Ended | asyncio.Task[Ended]:
        """Start a call. What never had to wait has ended already; else a task that ends within `timeout_s` of its turn.

        Cancelling the task of an async feature ends it; a worker's call should be left to end by itself, for ending it
        means ending the process.
        """
        loop = asyncio.get_running_loop()
        if callee.function is None:
            return loop.create_task(self.pool.call(callee.name, body, timeout_s))
        task = asyncio.Task(_run(callee.function, given), loop=loop, eager_start=True)
        if task.done():
            return task.result()
        return loop.create_task(_within(task, timeout_s))

    async def close(self) -> None:
        await self.pool.close()


async def _run(function: Callable[..., Any], given: dict[str, Any]) -> Ended:
    try:
        return frames.ANSWER, worker.dumps(await function(**given))
    except Refused as no:
        return frames.REFUSED, str(no).encode()
    except (Exception, SystemExit):  # a feature that calls exit() must not end the server
        return frames.BROKEN, traceback.format_exc(limit=-12).encode("utf-8", "replace")


async def _within(task: asyncio.Task[Ended], timeout_s: float) -> Ended:
    try:
        await asyncio.wait((task,), timeout=timeout_s)
    finally:
        late = task.cancel()  # False where it is done; one that ignores being cancelled is not waited for
    return (frames.TIMED_OUT, b"") if late else task.result()
