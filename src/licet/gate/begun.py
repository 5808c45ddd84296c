"""Does this have to be waited for at all? Most of what a server awaits is there already, and costs no turn of the loop."""

from __future__ import annotations

from collections.abc import Awaitable, Generator


class Begun[T]:
    """Something that has begun and has to be waited for, once: its task is handed what it waits for, as if by it."""

    __slots__ = ("_first", "_steps")

    def __init__(self, first: object, steps: Generator[object, None, T]) -> None:
        self._first, self._steps = first, steps

    def __await__(self) -> Generator[object, None, T]:
        try:
            yield self._first
        except BaseException:
            self._steps.close()
            raise
        return (yield from self._steps)


def at_hand[T](what: Awaitable[T]) -> T | Begun[T]:
    """What the awaitable gives, where that is there without waiting; else the rest of it, to be awaited.

    What it raises without waiting is raised here.
    """
    steps: Generator[object, None, T] = what.__await__()
    try:
        return Begun(next(steps), steps)
    except StopIteration as there:
        given: T = there.value
        return given
