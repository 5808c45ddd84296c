"""Reads `models` of a tier: what callers of it may ask a model for, and by which further names they reach it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import cast, get_args

from licet.release.limits import Limits, Modality
from licet.release.reader.spelling import MODEL, NAME, near, shown, spelt
from licet.release.reader.table import Table, worded
from licet.release.release import Feature

RANGES: Mapping[str, tuple[int, int]] = {  # what the wire itself takes
    "temperature": (0, 2),
    "top_p": (0, 1),
    "presence_penalty": (-2, 2),
    "frequency_penalty": (-2, 2),
}
MODALITIES: tuple[Modality, ...] = get_args(Modality)


def limits(table: Table, held: Collection[str]) -> tuple[Limits, ...]:
    """One for each feature that `models` names; `held` are the features of the tier."""
    inner = table.table("models")
    if inner is None:
        return ()
    inner.what = f"`models` of {table.what}"
    found: list[Limits] = []
    for name in inner.values:
        if not spelt(NAME, name) or name not in held:
            mend = near(name, held, "feature")
            inner.wrong(
                "unknown-feature", f"{table.what} does not hold {shown(name)}, which its `models` limit", mend, name
            )
        one = inner.table(name)
        if one is not None:
            one.what = f"the model {shown(name)} of {table.what}"
            found.append(_limits(one, name))
    if not inner.values:
        table.wrong("empty", f"{inner.what} is empty", "name a feature, or leave it out", "models")
    _once(inner, found)
    return tuple(found)


def fit(levels: Iterable[tuple[Table, tuple[Limits, ...]]], features: Iterable[Feature]) -> None:
    """Limits of what is no model say nothing; an alias that is a feature's name would never be reached."""
    known = {f.name: f for f in features}
    for table, told in levels:
        for one in told:
            feature = known.get(one.feature)
            if feature is not None and not feature.openai:
                says = f"`{one.feature}` is no model, so {table.what} cannot limit what it is asked for"
                table.wrong("key-without-use", says, "limit features with `openai = ...`", "models", one.feature)
            for n, alias in enumerate(one.aliases):
                if alias in known:
                    says = f"the alias {shown(alias)} in {table.what} is the name of a feature"
                    table.wrong("twice", says, "choose another", "models", one.feature, "aliases", n)


def _limits(table: Table, feature: str) -> Limits:
    made = Limits(
        feature=feature,
        line=table.line,
        max_tokens=table.whole("max_tokens", 0, 1, 1 << 31) or None,
        prompt_tokens=table.whole("prompt_tokens", 0, 1, 1 << 31) or None,
        answers=table.whole("answers", 0, 1, 128) or None,
        ranges={name: found for name, most in RANGES.items() if (found := _range(table, name, *most)) is not None},
        tools=_tools(table),
        modalities=_modalities(table),
        aliases=tuple(name for name, _ in _aliases(table)),
    )
    table.done()
    if not table.values:
        table.wrong("empty", f"{table.what} is not limited at all", "limit something, or leave it out")
    return made


def _range(table: Table, key: str, least: int, most: int) -> tuple[float, float] | None:
    value = table.get(key, list)
    if value is None:
        return None
    mend = f"write the least and the most, from {least} to {most}: `{key} = [{least}, {most}]`"
    if len(value) != 2 or not all(isinstance(n, int | float) and not isinstance(n, bool) for n in value):
        table.wrong("wrong-type", f"`{key}` of {table.what} is not two numbers", mend, key)
        return None
    low, high = value
    if not least <= low <= high <= most:  # a number that is none is not between any
        table.wrong("out-of-range", f"`{key}` of {table.what} is out of range", mend, key)
        return None
    return float(low), float(high)


def _tools(table: Table) -> frozenset[str] | None:
    """`false`: none. A list: these, by a function's name or a built-in tool's type. Absent: any."""
    if table.values.get("tools") is False:
        table.asked.add("tools")
        return frozenset()
    if isinstance(value := table.values.get("tools"), bool) or (value is not None and not isinstance(value, list)):
        table.asked.add("tools")
        mend = 'write `tools = false`, `tools = ["name", ...]`, or leave it out: then any may be used'
        table.wrong("wrong-type", f"`tools` of {table.what} is `false` or a list, not {worded(value)}", mend, "tools")
        return None
    return frozenset(name for name, _ in table.texts("tools")) if value is not None else None


def _modalities(table: Table) -> frozenset[Modality] | None:
    texts = table.texts("modalities")
    for name, n in texts:
        if name not in MODALITIES:
            mend = "known: " + ", ".join(f"`{one}`" for one in MODALITIES)
            table.wrong("bad-choice", f"`modalities` of {table.what} cannot be {shown(name)}", mend, "modalities", n)
    return frozenset(cast(Modality, name) for name, _ in texts) if texts else None


def _aliases(table: Table) -> list[tuple[str, int]]:
    texts = table.texts("aliases")
    for name, n in texts:
        if not spelt(MODEL, name):
            mend = "a model's name has letters, digits, `.`, `_`, `-`, `:` and `/`, at most 128"
            table.wrong("bad-spelling", f"{table.what} cannot have the alias {shown(name)}", mend, "aliases", n)
    return texts


def _once(table: Table, found: Iterable[Limits]) -> None:
    """Two models of one tier under one name: nobody could tell which is meant."""
    seen: dict[str, str] = {}
    for one in found:
        for n, alias in enumerate(one.aliases):
            if (first := seen.setdefault(alias, one.feature)) != one.feature:
                says = f"{shown(alias)} is an alias of {shown(first)} already"
                table.wrong("twice", says, "keep one", one.feature, "aliases", n)
