"""What does a license say, in plain sentences, each with its place?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from licet.licenses import sentences, shelf
from licet.licenses.alarms import Alarm, alarms
from licet.licenses.ask import may_license
from licet.licenses.clauses import terms_of
from licet.licenses.expression import license_id
from licet.licenses.kinds import DUTIES, KINDS, LIMITS, RIGHTS
from licet.licenses.openness import openness
from licet.licenses.personas import PERSONAS
from licet.licenses.shelf import Reading, Sheet
from licet.terms.clause import Says
from licet.terms.verdict import Answer


@dataclass(frozen=True, slots=True)
class Told:
    """One clause as JSON shows it: `kind, value, cite, pin, items, note`, and the `sentence` that says it."""

    kind: str
    value: str
    cite: str
    pin: str
    items: tuple[str, ...]
    note: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Example:
    """A worked example: somebody asks for something, and the answer with its cites."""

    who: str
    action: str
    answer: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """A license in plain words. The names are those of `licet explain --json`; `permissions`, `conditions` and
    `limitations` are choosealicense.com's tags; `read` says how much of the text was seen.
    """

    id: str
    name: str
    permissions: tuple[str, ...]
    conditions: tuple[str, ...]
    limitations: tuple[str, ...]
    clauses: tuple[Told, ...]
    alarms: tuple[Alarm, ...]
    openness: str
    read: str
    how: str
    you_may: tuple[Told, ...]
    you_must: tuple[Told, ...]
    you_may_not: tuple[Told, ...]
    not_said: tuple[Told, ...]
    nobody_has_read: tuple[Told, ...]
    shut_out: tuple[str, ...]
    examples: tuple[Example, ...]
    remark: str


@lru_cache(4096)
def _explained(id: str) -> Explanation:
    sheet = shelf.sheet(id) or shelf.unread(id)
    told = {kind: _told(sheet, sheet[kind]) for kind in KINDS}
    return Explanation(
        id=sheet.id,
        name=sheet.name,
        permissions=_tags(sheet, _PERMISSIONS),
        conditions=_tags(sheet, _CONDITIONS),
        limitations=_tags(sheet, _LIMITATIONS),
        clauses=tuple(told.values()),
        alarms=alarms(sheet),
        openness=openness(sheet),
        read=sheet.read,
        how=sheet.how,
        you_may=_pick(told, RIGHTS, ("yes", "conditional", "limited-grant")),
        you_must=tuple(t for k, t in told.items() if k in DUTIES and t.value not in ("none", "unknown")),
        you_may_not=(
            *_pick(told, RIGHTS, ("no", "no-grant")),
            *(t for k, t in told.items() if k in LIMITS and t.value == "present"),
        ),
        not_said=tuple(t for k, t in told.items() if t.value == "silent"),
        nobody_has_read=tuple(t for t in told.values() if t.value == "unknown"),
        shut_out=_shut_out(sheet),
        examples=_examples(sheet),
        remark=sheet.remark,
    )


def explain(name: str) -> Explanation:
    """The explanation of one license, by id or any name on the shelf.

    Of a license whose text nobody has read every clause is `unknown`. LicetError for a name that nobody knows, and for
    one that several texts share.
    """
    return _explained(license_id(name))


def _told(sheet: Sheet, reading: Reading) -> Told:
    cite = sheet.cite(reading.section) if reading.section else sheet.id
    return Told(reading.kind, reading.value, cite, reading.pin, reading.items, reading.note, sentences.said(reading))


def _pick(told: Mapping[str, Told], kinds: Mapping[str, Any], values: tuple[str, ...]) -> tuple[Told, ...]:
    return tuple(told[kind] for kind in kinds if told[kind].value in values)


def _shut_out(sheet: Sheet) -> tuple[str, ...]:
    """When the text refuses, in half sentences with the cite: `when it is commercial (CC-BY-NC-4.0 §1(i))`."""
    found: dict[str, None] = {}
    for clause in terms_of(sheet).clauses if sheet.read != "not read" else ():
        if clause.says is Says.CANNOT and clause.when and not any(f.name.startswith("read:") for f in clause.when):
            found[f"when {sentences.when(clause)} ({clause.cite})"] = None
    return tuple(found)


def _examples(sheet: Sheet) -> tuple[Example, ...]:
    """The questions that stand in every model repository, asked for people whom everybody can picture."""
    asked = []
    for who, action in _ASKED:
        facts = dict(PERSONAS[who].facts)
        if action in ("commercial-use", "sell", "sell-outputs"):
            facts.pop("commercial", None)
        verdict = may_license(action, sheet.id, facts=facts)
        answer = {Answer.YES: "yes", Answer.NO: "no", Answer.DEPENDS: "depends"}[verdict.answer]
        asked.append(Example(who, action, answer, tuple(dict.fromkeys(c.cite for c in verdict.because))))
    return tuple(asked)


_ASKED: Final = (
    ("hobbyist", "use"),
    ("researcher", "fine-tune"),
    ("startup", "commercial-use"),
    ("startup", "sell-outputs"),
    ("large company", "commercial-use"),
    ("API host", "host-as-service"),
    ("EU company", "use"),
)

# choosealicense.com's tags: the tag -> the kind and the values that earn it.
_GRANTED = ("yes", "conditional")
_OWED = ("required", "conditional")
_PERMISSIONS: Final = (
    ("commercial-use", "commercial_use", _GRANTED),
    ("modifications", "modify", _GRANTED),
    ("distribution", "distribute", _GRANTED),
    ("private-use", "use", _GRANTED),
    ("patent-use", "patent_grant", ("yes",)),
)
_CONDITIONS: Final = (
    ("include-copyright", "attribution", ("required",)),
    ("include-copyright", "notice_license_copy", ("required",)),
    ("include-copyright--source", "notice_license_copy", ("conditional",)),
    ("document-changes", "state_changes", ("required",)),
    ("disclose-source", "disclose_source", _OWED),
    ("network-use-disclose", "same_license", ("network", "service-stack")),
    ("same-license", "same_license", ("work", "network", "service-stack", "derivatives", "data")),
    ("same-license--file", "same_license", ("file",)),
    ("same-license--library", "same_license", ("library",)),
)
_LIMITATIONS: Final = (
    ("commercial-use", "commercial_use", ("no",)),
    ("trademark-use", "trademark", ("no-grant",)),
    ("patent-use", "patent_grant", ("no",)),
    ("liability", "liability", ("excluded", "capped")),
    ("warranty", "warranty", ("disclaimed", "partly-given")),
)


def _tags(sheet: Sheet, rules: tuple[tuple[str, str, tuple[str, ...]], ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(tag for tag, kind, values in rules if sheet[kind].value in values))
