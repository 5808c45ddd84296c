"""What does a worker process do? It imports the features and runs one call at a time, so that the gate never does.

Started as `python -m licet.gate.worker FD`; the socket FD is its only tie to the gate. What a feature prints goes to
stderr; what it raises is told to the gate's log and never to a caller; when the gate goes, the worker goes.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import re
import select
import socket
import sys
import threading
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import ModuleType
from typing import Any

from licet import MARK
from licet.errors import LicetError, Refused, closest
from licet.gate import frames
from licet.gate.frames import Loaded
from licet.gate.hints import parameters_of


def main() -> None:
    os.dup2(2, 1)  # a feature that prints must not reach anything but the log
    with socket.socket(fileno=int(sys.argv[1])) as gate, suppress(ConnectionError):
        threading.Thread(target=_leave_with, args=(gate.fileno(),), daemon=True).start()
        serve(gate)


def _leave_with(fd: int) -> None:
    """End when the gate does: one that was killed tells nobody, and a feature that hangs would never read of it."""
    gone = select.poll()
    gone.register(fd, select.POLLHUP)
    gone.poll()
    os._exit(0)


def serve(gate: socket.socket) -> None:
    """Answer frames until the gate closes the socket."""
    reader = frames.Reader()
    while data := gate.recv(1 << 18):
        for kind, payload in reader.feed(data):
            if kind == frames.LOAD:
                found = {name: loaded(name) for name in json.loads(payload)}
                gate.sendall(frames.frame(frames.LOADED, json.dumps(found).encode()))
            else:
                name, _, body = payload.partition(b"\n")
                gate.sendall(frames.frame(*run(name.decode(), body)))


@cache
def load(name: str) -> Callable[..., Any]:
    """The callable behind `package.module:callable`. LicetError, ImportError, or whatever its module raises."""
    module, _, path = name.partition(":")
    found: Any = importlib.import_module(module)
    if path.startswith("@"):
        return _marked(found, path[1:])
    for part in path.split("."):
        if not hasattr(found, part):
            raise LicetError(f"there is no `{path}` in `{module}`", mend="name it as `package.module:callable`")
        found = getattr(found, part)
    if not callable(found):
        raise LicetError(f"`{name}` cannot be called")
    return found  # type: ignore[no-any-return]


def _marked(module: ModuleType, name: str) -> Callable[..., Any]:
    """The function of a module that `@feature` marks with this name: made there, or brought there by an import."""
    marked: dict[str, dict[int, Callable[..., Any]]] = {}
    for found in vars(module).values():
        if callable(found) and isinstance(called := getattr(found, MARK, None), str):
            marked.setdefault(called, {})[id(found)] = found
    functions = list(marked.get(name, {}).values())
    if len(functions) == 1:
        return functions[0]
    if functions:
        raise LicetError(f"`{module.__name__}` marks two functions as `{name}`", mend="name one of them differently")
    mend = closest(name, marked) or "write `@licet.feature` above the function"
    raise LicetError(f"`{module.__name__}` marks no function as `{name}`", mend=mend)


def loaded(name: str) -> Loaded:
    """What stands behind the name, or why it cannot be used."""
    try:
        function = load(name)
        kind = "async" if is_async(function) else "plain"
        return Loaded(kind=kind, parameters=parameters_of(function).told())  # type: ignore[typeddict-item]
    except LicetError as unfit:
        return Loaded(kind="broken", detail=str(unfit))
    except ModuleNotFoundError as missing:
        return Loaded(kind="missing", package=(missing.name or "").partition(".")[0], detail=str(missing))
    except Exception:  # whatever a module does when it is imported: it breaks its own features only
        return Loaded(kind="broken", detail=traceback.format_exc(limit=-6))


def is_async(function: Callable[..., Any]) -> bool:
    call = function if inspect.isroutine(function) else getattr(function, "__call__", None)  # noqa: B004
    return inspect.iscoroutinefunction(call)


def run(name: str, body: bytes) -> tuple[int, bytes]:
    """The frame that answers one call."""
    try:
        given = json.loads(body)
    except (ValueError, RecursionError) as error:  # the gate has read it already: only the depth can differ here
        return frames.UNREADABLE, str(error).encode()
    try:
        result = load(name)(**given)
        return frames.ANSWER, dumps(result)
    except Refused as no:
        return frames.REFUSED, str(no).encode()
    except Exception:
        return frames.BROKEN, traceback.format_exc(limit=-12).encode("utf-8", "replace")


def dumps(result: object) -> bytes:
    """The result as JSON, NumPy's arrays and numbers among it. Raises for NaN: a caller could not read it."""
    return _ENCODER.encode(result).encode()


def _plain(value: Any) -> object:
    if hasattr(value, "tolist"):  # numpy arrays and scalars, torch tensors
        return value.tolist()
    if hasattr(value, "_asdict"):
        return value._asdict()
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    shown = re.sub(r"\s+", " ", type(value).__name__)
    raise TypeError(f"a `{shown}` in the result is nothing that JSON can carry")


_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"), default=_plain)

if __name__ == "__main__":
    main()
