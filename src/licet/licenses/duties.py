"""What does a license ask for in return? The *must* clauses of a sheet, in plain words, each with its cite.

And the doubts: a duty or limit that nobody has read might be one, so it holds back the yes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from licet.licenses.kinds import DUTIES, LIMITS
from licet.licenses.kinds import RIGHTS as GRANTS
from licet.licenses.shelf import Reading, Sheet
from licet.licenses.vocabulary import CHANGES, OUTPUTS, RIGHTS, ROOTS, TRAINING
from licet.terms.clause import Clause, Fact, Says

HANDING_ON: Final = frozenset({"distribute"})
SERVING: Final = frozenset({"host-as-service"})
MODIFIED: Final = Fact("modified", "is", True)
COPYLEFT_BY_NETWORK: Final = ("network", "service-stack")


def duties_of(sheet: Sheet, barred: frozenset[str]) -> list[Clause]:
    """Every *must* of a sheet. `barred`: actions whose condition stands as a *cannot*, so it is not said twice."""
    own = {limit.clause for limit in sheet.limits if limit.says == "must"}
    return [
        *(c for kind in DUTIES if kind not in own for c in _duty(sheet, sheet[kind])),
        *(c for kind in LIMITS if kind not in own for c in _limit(sheet, sheet[kind])),
        *_conditions(sheet, barred, own),
    ]


def limits_unread(sheet: Sheet) -> Iterator[Clause]:
    """A *cannot* for each limit or duty that nobody has read: while it is unread, no yes.

    Where the grant itself is unread, that is told once and is enough.
    """
    open_anyway = {a for a, root in ROOTS.items() if any(sheet[kind].value == "unknown" for kind in root.kinds)}
    for kind in (*LIMITS, *DUTIES):
        if sheet[kind].value == "unknown":
            acts = HANDING_ON if kind in DUTIES and kind != "acceptable_use_policy" else RIGHTS
            acts = (OUTPUTS | TRAINING if kind == "output_restrictions" else acts) - open_anyway
            if not acts:
                continue
            unread = Fact(f"read:{sheet.id}.{kind}", "is", False)
            cite = f"{sheet.id}, {kind}: not read"
            yield Clause(Says.CANNOT, acts, when=(unread,), code="license_forbids", cite=cite)


def _duty(sheet: Sheet, reading: Reading) -> Iterator[Clause]:
    if reading.value in ("none", "unknown"):
        return
    words = DUTIES[reading.kind].words
    acts = HANDING_ON | (SERVING if sheet.hosting_is_distribution else frozenset())
    when: tuple[Fact, ...] = ()
    match reading.kind:
        case "same_license":
            words = _copyleft(reading.value)
            acts |= SERVING if reading.value in COPYLEFT_BY_NETWORK else frozenset()
            when = (MODIFIED,)
        case "state_changes":
            when = (MODIFIED,)
        case "disclose_source":
            acts |= SERVING if sheet["same_license"].value in COPYLEFT_BY_NETWORK else frozenset()
        case "naming_branding":
            acts |= SERVING
            acts |= TRAINING if "output" in " ".join((*sheet["output_restrictions"].items, *reading.items)) else set()
        case "indemnity":
            acts = RIGHTS if reading.value == "required" else HANDING_ON | SERVING
        case "acceptable_use_policy":
            acts = RIGHTS | (OUTPUTS | TRAINING if sheet.hosting_is_distribution else frozenset())
            if reading.value.endswith("changeable"):
                words += ", which the licensor may change"
    yield _must(sheet, reading, acts, worded(words, reading), when)


def _limit(sheet: Sheet, reading: Reading) -> Iterator[Clause]:
    if reading.value != "present":
        return
    match reading.kind:
        case "field_of_use_restrictions":
            fields = [i for i in reading.items if i != "commercial use" or sheet["commercial_use"].value != "no"]
            if fields:
                acts = RIGHTS | (OUTPUTS | TRAINING if sheet.hosting_is_distribution else frozenset())
                yield _must(sheet, reading, acts, "do not use it for: " + "; ".join(fields))
        case "output_restrictions":
            words = "keep to its limits on outputs: " + "; ".join(reading.items)
            yield _must(sheet, reading, OUTPUTS | TRAINING, words)
        case "remote_disable_or_update_duty" if any("latest" in i for i in reading.items):
            yield _must(sheet, reading, frozenset({"use"}), "make reasonable efforts to use the latest version")
        case "user_geography_exclusion" | "revenue_or_mau_threshold" | "no_compete" if not _grounded(sheet, reading):
            yield _must(sheet, reading, RIGHTS, worded(f"mind {LIMITS[reading.kind].words}", reading))


def _grounded(sheet: Sheet, reading: Reading) -> bool:
    return any(limit.clause == reading.kind for limit in sheet.limits)


def _conditions(sheet: Sheet, barred: frozenset[str], own: set[str]) -> Iterator[Clause]:
    """A right with a condition that is no fact: the condition is owed, in the reader's words."""
    for kind in GRANTS:
        reading = sheet[kind]
        if reading.value not in ("conditional", "limited-grant") or kind in own or kind == "commercial_use":
            continue
        acts = frozenset(a for a, root in ROOTS.items() if kind in root.kinds)
        acts -= barred - TRAINING  # a bar on some training says nothing of what the rest must keep to
        when: tuple[Fact, ...] = ()
        if kind == "sell":
            acts, when = HANDING_ON - barred, (Fact("commercial", "is", True),)
        if kind == "modify":
            acts |= CHANGES - barred
        if acts:
            words = f"keep to the condition under which you may {GRANTS[kind].words}"
            yield _must(sheet, reading, acts, worded(words, reading), when)


def _must(sheet: Sheet, reading: Reading, acts: frozenset[str], duty: str, when: tuple[Fact, ...] = ()) -> Clause:
    return Clause(Says.MUST, frozenset(acts), when=when, duty=duty, cite=sheet.cite(reading.section))


def worded(words: str, reading: Reading) -> str:
    """The duty with the list that the text gives, else with the reader's remark."""
    told = "; ".join(reading.items) or reading.note
    return f"{words}: {told}" if told else words


def _copyleft(scope: str) -> str:
    return {
        "file": "keep the changed files under this license",
        "library": "keep the changed library under this license",
        "data": "keep data that you make from it under this license",
        "derivatives": "keep what you derive from it under this license",
        "network": "put the whole changed work under this license, also where it is only used over a network",
        "service-stack": "put the whole service, with all that runs it, under this license",
    }.get(scope, "put the whole changed work under this license")
