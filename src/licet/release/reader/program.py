"""Reads `[[program]]`: for whom there is access beside the tiers, what they are asked, and what an approval gives."""

from __future__ import annotations

from collections.abc import Collection

from licet.release.program import ANSWER_DAYS, MONTHS, PATTERNS
from licet.release.reader import amount
from licet.release.reader.amount import AmountError
from licet.release.reader.spelling import near, shown
from licet.release.reader.table import Table
from licet.release.reader.tier import features_named
from licet.release.release import Program, Quota

MOST = 20  # questions, and pieces of evidence: more than anybody answers


def program(table: Table, features: Collection[str], components: Collection[str]) -> Program:
    """`features` and `components` are the names to speak of."""
    pattern = table.choice("pattern", tuple(PATTERNS))
    ready = PATTERNS.get(pattern)
    alone = not table.has("pattern")  # then it has to say itself what a pattern would
    name = table.name() if alone or table.has("name") else pattern
    questions, evidence = _asked(table, "questions", need=alone), _asked(table, "evidence")
    held, _ = features_named(table, features)
    made = Program(
        name=name,
        line=table.line,
        pattern=pattern,
        features=held,
        components=_components(table, components),
        title=table.text("title", most=80) or (ready.title if ready else name),
        description=table.text("description", most=2000, many_lines=True) or (ready.about if ready else ""),
        questions=questions or (ready.questions if ready else ()),
        evidence=evidence if table.has("evidence") else (ready.evidence if ready else ()),
        quotas=_quotas(table),
        months=table.whole("months", ready.months if ready else MONTHS, 1, 120),
        answer_days=table.whole("answer_days", ready.answer_days if ready else ANSWER_DAYS, 1, 365),
    )
    table.done()
    return made


def name_of(table: Table) -> str:
    """The name as written, or the pattern's: what two programs must not share."""
    for key in ("name", "pattern"):
        if isinstance(value := table.values.get(key), str):
            return value
    return ""


def once(tables: Collection[Table]) -> None:
    seen: dict[str, int] = {}
    for table in tables:
        name = name_of(table)
        if name and name in seen:
            mend = f'give it a `name` of its own: `name = "{name}-2"` (the first is on line {seen[name]})'
            table.wrong("twice", f"there are two programs called {shown(name)}", mend)
        seen.setdefault(name, table.line)


def _asked(table: Table, key: str, *, need: bool = False) -> tuple[str, ...]:
    texts = [text for text, _ in table.texts(key, need=need)]
    if len(texts) > MOST:
        table.wrong("too-many", f"`{key}` of {table.what} asks {len(texts)} things", f"ask at most {MOST}", key)
    return tuple(texts)


def _components(table: Table, components: Collection[str]) -> frozenset[str] | None:
    texts = table.texts("components")
    for name, n in texts:
        if name not in components:
            says = f"unknown component {shown(name)} in {table.what}"
            table.wrong("unknown-component", says, near(name, components, "component"), "components", n)
    return frozenset(name for name, _ in texts) if table.has("components") else None


def _quotas(table: Table) -> tuple[Quota, ...]:
    quotas: dict[str, Quota] = {}
    for text, n in table.texts("quota"):
        try:
            limit, meter, period = amount.quota(text)
        except AmountError as wrong:
            table.wrong("bad-quota", f"{wrong} in {table.what}", wrong.mend, "quota", n)
            continue
        quota = Quota(meter, limit, period, table.line_of("quota", n))
        if (first := quotas.get(quota.counter)) is not None:
            says = f"{table.what} has two quotas of {meter} per {period}"
            table.wrong("quota-twice", says, f"keep one (the first is on line {first.line})", "quota", n)
        quotas.setdefault(quota.counter, quota)
    return tuple(quotas.values())
