"""What may callers of a tier ask a model for? Values only; `reader/limits.py` makes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

Modality = Literal["text", "image", "audio", "video", "file"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one feature in one tier. None limits nothing; an empty `tools` allows none. `aliases` are further names of it."""

    feature: str
    line: int
    max_tokens: int | None = None  # of each answer: clamped
    prompt_tokens: int | None = None
    answers: int | None = None
    ranges: Mapping[str, tuple[float, float]] = field(default_factory=dict)  # parameter -> least and most
    tools: frozenset[str] | None = None
    modalities: frozenset[Modality] | None = None
    aliases: tuple[str, ...] = ()


NOTHING = Limits("", 0)


def steps(old: Limits, new: Limits) -> Iterator[bool]:
    """For each thing that moved: does it leave callers more?"""
    for name in ("max_tokens", "prompt_tokens", "answers"):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            yield now is None or (was is not None and now > was)
    for name in {*old.ranges, *new.ranges}:
        had, has = old.ranges.get(name), new.ranges.get(name)
        low, high = had or (-9.0, 9.0)
        least, most = has or (-9.0, 9.0)
        if low != least:
            yield least < low
        if high != most:
            yield most > high
    for name in ("tools", "modalities"):
        allowed, allows = getattr(old, name), getattr(new, name)
        if allowed != allows:
            if allows is None or (allowed is not None and not allows <= allowed):
                yield True
            if allowed is None or (allows is not None and not allowed <= allows):
                yield False
    if set(old.aliases) - set(new.aliases):
        yield False
    if set(new.aliases) - set(old.aliases):
        yield True
