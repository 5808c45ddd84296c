"""In which ways are models released? Seven patterns, each a file to begin with: what it is good for and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

from licet.release.init import Part
from licet.release.release import Kind

_YEARS: Final = 2  # until a delayed opening, unless a day is named


@dataclass(frozen=True, slots=True)
class Pattern:
    """`words` say it in a line; `heading` stands as a comment at the top of the file. Without tiers nothing is served yet.

    `sold` are the licenses that the premium tier carries, by kind of component.
    """

    words: str
    heading: tuple[str, ...]
    parts: tuple[Part, ...]
    tiers: tuple[str, ...] = ()
    declare: tuple[str, ...] = ()
    anonymous: bool = False
    sold: Mapping[str, str] | None = None
    opens: bool = False  # its parts with a change license open on a day to come


PATTERNS: Final[Mapping[str, Pattern]] = {
    "permissive": Pattern(
        "everybody may do everything, and names you",
        (
            "Permissive: whoever gets it may use, change, sell and hand it on, and keeps your name in it.",
            "Good for: being built upon. The cost: nobody has to give anything back, and you cannot take it back.",
        ),
        (
            Part("code", "Apache-2.0", contributions="DCO-1.1", remark="Apache-2.0 also gives a patent license."),
            Part("weights", "Apache-2.0", remark="Weights under the same license: one answer for all questions."),
            Part("docs", "CC-BY-4.0"),
        ),
    ),
    "responsible": Pattern(
        "open to all, with barred uses that go along",
        (
            "Responsible: whoever gets it may use and change it, but not for the uses that the license bars; these bars",
            "go along to everybody downstream. Good for: models that can do harm. The cost: it is not open source, two",
            "lists of barred uses seldom match when models are merged, and nobody but you will enforce yours.",
        ),
        (
            Part("code", "Apache-2.0", contributions="DCO-1.1", remark="Code without bars: it does not act by itself."),
            Part(
                "weights",
                "LicenseRef-scancode-bigscience-open-rail-m",
                accept=True,
                remark="A RAIL license: its list of barred uses stands in the text itself, not at an address that may change.",
            ),
        ),
        ("free",),
    ),
    "research": Pattern(
        "for research; commerce has to ask",
        (
            "Research: the model is for non-commercial research, and callers say so when a key is made. Good for: sharing",
            'early. The cost: "non-commercial" is a line that people ask about for years; say in `why` where you draw it.',
        ),
        (
            Part("code", "Apache-2.0", contributions="DCO-1.1", remark="Open code: it shows how results came about."),
            Part("weights", "CC-BY-NC-4.0", accept=True),
        ),
        ("research",),
        declare=("commercial",),
    ),
    "tiered": Pattern(
        "free to try, a commercial license for those who pay",
        (
            "Tiered: everybody may try it, whoever earns with it buys a tier that carries a commercial license.",
            "Good for: paying for the work. The cost: you need all rights, so contributions need terms that let you",
            "sell them, and nothing that upstream forbids can be sold.",
        ),
        (
            Part("code", "Apache-2.0", contributions="DCO-1.1"),
            Part(
                "weights",
                "CC-BY-NC-4.0",
                accept=True,
                contributions="none",
                remark="Sold under another license below: so it takes no contributions until a CLA says that it may.",
            ),
        ),
        ("free", "research", "premium"),
        declare=("commercial",),
        sold={"weights": "LicenseRef-Commercial-1.0"},
    ),
    "open-core": Pattern(
        "an open core, and parts that stay inside",
        (
            "Open core: the core is open source for good, some parts stay inside and are only served. Good for: an open",
            "project with a product. The cost: what stays in must be worth paying for, and never slip into the open",
            "bundle: `licet build` sees to that.",
        ),
        (
            Part("code", "Apache-2.0", "core", contributions="DCO-1.1", remark="The core: useful without the rest."),
            Part("code", "", "extras", remark="Served to those who pay; nobody gets the files."),
            Part("docs", "CC-BY-4.0"),
        ),
        ("free", "premium"),
    ),
    "delayed-opening": Pattern(
        "limited now, open on a day that is promised",
        (
            "Delayed opening: limited for a while, then open on the day that stands below. From that day on the license",
            "*is* the open one, in every answer, on the page and in every build: nobody has to remember it.",
            "Good for: a head start without a lock-in. The cost: the day is a promise; to move it back is stricter terms.",
        ),
        (
            Part(
                "code",
                "PolyForm-Noncommercial-1.0.0",
                contributions="none",
                change_license="Apache-2.0",
                remark="Under other terms later: so it takes no contributions until a CLA says that it may.",
            ),
            Part("weights", "CC-BY-NC-4.0", accept=True, contributions="none", change_license="Apache-2.0"),
        ),
        ("free", "premium"),
        declare=("commercial",),
        opens=True,
    ),
    "data-commons": Pattern(
        "data that stay shared, with the tools to use them",
        (
            "Data commons: whoever changes the data shares the changed data alike; what is made with them is free.",
            "Good for: a collection that many people keep up. The cost: share-alike data mix with few others; choose",
            "CDLA-Permissive-2.0 instead where mixing matters more than giving back.",
        ),
        (
            Part(
                "data",
                "ODbL-1.0",
                contributions="DCO-1.1",
                remark="ODbL is of the collection; say what single entries are.",
            ),
            Part("code", "MIT", "tools", contributions="DCO-1.1"),
            Part("docs", "CC-BY-4.0"),
        ),
        anonymous=True,
    ),
}


def parts(pattern: Pattern, now_s: int, licenses: Mapping[Kind, str], closed: tuple[str, ...] = ()) -> tuple[Part, ...]:
    """The pattern's components, with other licenses where somebody named them, and more that stay in.

    What opens later opens two years from `now_s`, on the first day of a month.
    """
    found = [replace(p, license=licenses[p.kind]) if p.license and p.kind in licenses else p for p in pattern.parts]
    kinds = {p.kind for p in pattern.parts if p.license}
    found += [Part(kind, license) for kind, license in licenses.items() if kind not in kinds]
    found += [Part("code", "", name) for name in closed]
    if pattern.opens:
        day = opening_day(now_s)
        found = [replace(p, change_date=day) if p.change_license else p for p in found]
    return tuple(found)


def opening_day(now_s: int) -> str:
    at = datetime.fromtimestamp(now_s, UTC)
    return f"{at.year + _YEARS:04}-{at.month:02}-01"
