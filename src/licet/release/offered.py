"""How do two documents differ in what may be asked for by application? For `diff.py`; grants that were given stay."""

from __future__ import annotations

from collections.abc import Iterator

from licet.release.level import Step, quota_steps
from licet.release.release import Program, Release
from licet.release.weigh import FLIPPED, Way


def programs(old: Release, new: Release) -> Iterator[Step]:
    """Every change of each program, in the order of the old document; seen by whoever may apply."""
    for name in dict.fromkeys(p.name for p in (*old.programs, *new.programs)):
        before, after = old.program(name), new.program(name)
        subject = f"program `{name}`"
        if before and after:
            yield from _program(subject, before, after)
        elif after:
            yield Step(subject, name, "looser", "is new", None, after.line)
        elif before:
            yield Step(subject, name, "stricter", "is gone", before.line, None)


def _program(subject: str, old: Program, new: Program) -> Iterator[Step]:
    lines = (old.line, new.line)
    for feature in sorted(old.features ^ new.features):
        gained = feature in new.features
        says = f"{'opens' if gained else 'no longer opens'} `{feature}`"
        yield Step(subject, old.name, "looser" if gained else "stricter", says, *lines)
    if old.components != new.components:
        says = "is for all components" if new.components is None else "is for " + ", ".join(sorted(new.components))
        yield Step(subject, old.name, _narrowed(old.components, new.components), says, *lines)
    yield from quota_steps(subject, old.name, old.quotas, new.quotas)
    if old.months != new.months:
        way: Way = "looser" if new.months > old.months else "stricter"
        yield Step(subject, old.name, way, f"lasts {new.months} months, not {old.months}", *lines)
    if old.answer_days != new.answer_days:
        way = "looser" if new.answer_days < old.answer_days else "stricter"
        yield Step(subject, old.name, way, f"is answered in {new.answer_days} days, not {old.answer_days}", *lines)
    if (old.questions, old.evidence) != (new.questions, new.evidence):
        yield Step(subject, old.name, "other", "asks other questions", *lines)


def _narrowed(old: frozenset[str] | None, new: frozenset[str] | None) -> Way:
    if old is None or new is None:
        return "looser" if new is None else "stricter"
    way: Way = "looser" if old < new else "other"
    return FLIPPED["looser"] if new < old else way
