"""Features of the tests: good, slow, broken and deadly ones. Imported in worker processes."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import sys
import time
from typing import Literal

from licet.errors import Refused


def mean(data: list[float]) -> dict[str, float]:
    if not data:
        raise Refused("the mean of nothing")
    return {"mean": sum(data) / len(data)}


async def echo(text: str = "") -> dict[str, str]:
    return {"text": text}


async def nap(seconds: float) -> str:
    await asyncio.sleep(seconds)
    return "woke"


def sleep(seconds: float) -> int:
    time.sleep(seconds)
    return os.getpid()


def where() -> int:
    return os.getpid()


def fail(how: Literal["raise", "exit", "kill", "nan", "set", "print"]) -> object:
    match how:
        case "raise":
            raise RuntimeError("canary-of-a-traceback")
        case "exit":
            sys.exit(3)
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "nan":
            return math.nan
        case "set":
            return {1, 2}
        case _:
            print("a feature prints")
    return "printed"


async def fail_in_loop(how: Literal["raise", "exit", "refuse", "stubborn"]) -> object:
    if how == "raise":
        raise RuntimeError("canary-of-a-traceback")
    if how == "exit":
        sys.exit(3)
    if how == "refuse":
        raise Refused("not like this")
    for _ in range(20):
        try:
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            pass
    return "ignored"


def numbers() -> object:
    import numpy as np

    return {"array": np.arange(3), "one": np.float64(1.5), "whole": np.int64(2), "yes": np.bool_(True)}


def bytes_please(raw: bytes) -> None: ...


def environment() -> list[str]:
    return sorted(k for k in os.environ if k.startswith("LICET_") or k.endswith("_KEY"))
