"""What does this `licet.toml` say? Parsed whole at the door: a `Release`, or every finding at once.

Inside, a `Release` is whole or does not exist. Nothing here reads a file, a clock or an environment variable.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import PurePosixPath

from licet.errors import Findings, closest
from licet.release.reader.certificate import bought, promise
from licet.release.reader.component import component
from licet.release.reader.feature import feature
from licet.release.reader.limits import fit
from licet.release.reader.program import once, program
from licet.release.reader.source import Source, opened
from licet.release.reader.spelling import CURRENCY, RELEASE, REPOSITORY, RESERVED, shown
from licet.release.reader.table import Table
from licet.release.reader.tier import anonymous, tier
from licet.release.release import Anonymous, Component, Feature, Program, Release, Tier
from licet.release.served import unserved
from licet.terms.fact import askable


def read(data: bytes, *, path: str = "licet.toml") -> Release:
    """The release that the bytes of a `licet.toml` describe; `path` is the name that findings and cites carry.

    Raises `licet.errors.Findings` with all that is wrong (file, line, what, how to mend it). What is merely odd comes
    back in `Release.warnings`, what this version reads but does not serve in `Release.unserved`.
    """
    source = opened(data, path)
    root = Table(source, (), source.values, "this file")
    head = root.table("release", need=True) or _absent(source)
    parts = root.tables("component", need=True)
    components = tuple(component(t) for t in parts)
    known = _names(parts)
    offers = root.tables("feature")
    features = tuple(feature(t, known) for t in offers)
    served = _names(offers)
    currency = head.spelt("currency", CURRENCY, "three capital letters, such as EUR") or (
        "" if head.has("currency") else "EUR"
    )
    levels = root.tables("tier")
    tiers = tuple(tier(t, served, known, currency) for t in levels)
    nobody = root.table("anonymous")
    callers = anonymous(nobody, served) if nobody else None
    sold = root.tables("certificate")
    promises = tuple(promise(t) for t in sold)
    paths = root.tables("program")
    programs = tuple(program(t, served, known) for t in paths)
    _once(parts)
    _once(offers)
    _once(levels)
    once(paths)
    _apart(parts, components)
    bought(sold, promises, tiers)
    limited = [(table, one.models) for table, one in zip(levels, tiers, strict=True)]
    fit([*limited, *([(nobody, callers.models)] if nobody and callers else [])], features)
    if not source.broken:  # what is odd shows only in what is whole
        _reached(offers, features, (*tiers, *programs), callers)
        _measured(levels, tiers, features)
        if nobody and callers:
            _measured([nobody], [callers], features)
    release = Release(
        name=head.spelt("name", RELEASE, "lower-case letters, digits and `-`, 2 to 64 of them", need=True),
        version=head.text("version", need=True, most=64),
        licensor=head.text("licensor", need=True),
        sha256=hashlib.sha256(data).hexdigest(),
        line=head.line,
        path=path,
        repository=_repository(head),
        contact=head.text("contact"),
        why=head.text("why", most=20_000, many_lines=True),
        currency=currency,
        declare=_declare(head),
        declare_line=head.line_of("declare"),
        notice_days=head.whole("notice_days", 30, 0, 3650),
        pledge=head.flag("pledge"),
        components=components,
        features=features,
        tiers=tiers,
        anonymous=callers,
        promises=promises,
        programs=programs,
        unserved=unserved(tiers, path),
        warnings=tuple(sorted(f for f in source.found if f.level != "error")),
    )
    head.done()
    root.done()
    if source.broken:
        raise Findings(source.found)
    return release


def _absent(source: Source) -> Table:
    """A `[release]` that is not there is one finding, not one for each of its keys."""
    return Table(replace(source, found=[]), ("release",), {}, "`[release]`")


def _names(tables: Iterable[Table]) -> list[str]:
    """The names as written, wrong ones too: a bad name is one finding, not one for each place that uses it."""
    return list(dict.fromkeys(n for t in tables if isinstance(n := t.values.get("name"), str)))


def _once(tables: Iterable[Table]) -> None:
    seen: dict[str, int] = {}
    for table in tables:
        name = table.values.get("name")
        if not isinstance(name, str):
            continue
        if name in seen:
            mend = f"name it differently (the first is on line {seen[name]})"
            table.wrong("twice", f"{table.what} stands twice", mend, "name")
        seen.setdefault(name, table.line)


def _apart(tables: Iterable[Table], components: Iterable[Component]) -> None:
    """One file cannot be of two components. A folder inside another's is: the nearest component says."""
    seen: dict[PurePosixPath, Table] = {}
    for table, part in zip(tables, components, strict=True):
        if not part.path:
            continue
        first = seen.setdefault(PurePosixPath(part.path), table)
        if first is not table:
            says = f"{table.what} and {first.what} are both at {shown(part.path)}"
            table.wrong("path-twice", says, "give each its own path: a file has one license", "path")


def _reached(
    tables: list[Table], features: tuple[Feature, ...], tiers: Iterable[Tier | Program], nobody: Anonymous | None
) -> None:
    """A feature that nobody may call is odd, not wrong."""
    reached = frozenset[str]().union(*(t.features for t in tiers), nobody.features if nobody else ())
    for table, one in zip(tables, features, strict=True):
        if one.name and one.name not in reached:
            mend = "name it in the `features` of a tier or a program"
            table.wrong("feature-unreached", f"no tier and no program has {table.what}", mend, level="warning")


def _measured(tables: list[Table], held: Iterable[Tier | Anonymous], features: tuple[Feature, ...]) -> None:
    """A quota of tokens over features that count none would never be spent."""
    for table, one in zip(tables, held, strict=True):
        for n, quota in enumerate(one.quotas):
            scope = one.features if quota.features is None else quota.features
            if not any(quota.meter in f.measures for f in features if f.name in scope):
                says = f"no feature under this quota of {table.what} counts {quota.meter}: it will never be spent"
                table.wrong("quota-unmeasured", says, "count `calls` or `units`", "quota", n, level="warning")


def _repository(head: Table) -> str:
    name = head.spelt("repository", REPOSITORY, 'write it like `repository = "example-lab/sana"`')
    space = name.partition("/")[0]
    if space.casefold() in RESERVED:
        says = f"no repository can stand under {shown(space)}: Licet serves its own pages there"
        head.wrong("reserved-namespace", says, "choose another namespace", "repository")
    return name


def _declare(head: Table) -> tuple[str, ...]:
    texts = head.texts("declare")
    for name, n in texts:
        if name not in askable():
            says = f"nobody can be asked to declare {shown(name)}"
            mend = closest(name, askable()) or "known: " + ", ".join(f"`{fact}`" for fact in askable())
            head.wrong("unknown-fact", says, mend, "declare", n)
    return tuple(name for name, _ in texts)
