"""Features that are marked, not listed: imported in worker processes, as the release's own module would be."""

from __future__ import annotations

from functools import wraps
from typing import Any

from licet import feature


@feature
def middle(data: list[float]) -> float:
    return sorted(data)[len(data) // 2]


@feature("in-the-loop")
async def quick(text: str, times: int = 1) -> str:
    return text * times


def twice(function: Any) -> Any:
    @wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return [function(*args, **kwargs)] * 2

    return inner


@twice
@feature
def doubled(word: str) -> str:
    return word


@feature("same")
def one() -> int:
    return 1


@feature("same")
def other() -> int:
    return 2


again = middle  # a second name of one function is no second function


def unmarked() -> int:
    return 0
