"""Which known licenses fit a wish such as "no size threshold" or "may host"? Read from sheets, or asked of `may`.

What nobody has read never fits: a filter promises, and nothing can be promised about an unread clause.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from django.utils.translation import gettext_noop as _later

from licet.licenses import shelf
from licet.licenses.ask import may_license
from licet.licenses.personas import PERSONAS
from licet.licenses.shelf import Sheet
from licet.terms import Answer, Verdict
from licet.terms.action import SUGAR
from licet.terms.clause import Scalar


@dataclass(frozen=True, slots=True)
class Filter:
    """`label` says what the reader wishes for; `holds` tells whether a sheet grants it whoever asks."""

    label: str
    holds: Callable[[Sheet], bool]


def asked(action: str, id: str, who: str = "") -> Verdict:
    """The verdict of one license for somebody of `PERSONAS`; without `who` for a person who tells nothing."""
    facts: dict[str, Scalar] = dict(PERSONAS[who].facts) if who else {}
    if action in SUGAR:  # the question itself says that it is commercial
        facts.pop("commercial", None)
    return may_license(action, id, facts=facts)


def _allows(*actions: str, commercially: bool = True) -> Callable[[Sheet], bool]:
    facts = {"commercial": True} if commercially else {}
    return lambda sheet: all(may_license(a, sheet.id, facts=facts).answer is Answer.YES for a in actions)


def _has_none(*kinds: str) -> Callable[[Sheet], bool]:
    return lambda sheet: all(sheet[kind].value == "none" for kind in kinds)


def _is(kind: str, *values: str) -> Callable[[Sheet], bool]:
    return lambda sheet: sheet[kind].value in values


def _both(*tests: Callable[[Sheet], bool]) -> Callable[[Sheet], bool]:
    return lambda sheet: all(test(sheet) for test in tests)


FILTERS: Final[Mapping[str, Filter]] = {
    "commercial": Filter(_later("Commercial use, whoever you are"), _allows("use")),
    "no-threshold": Filter(_later("No threshold of users or revenue"), _has_none("revenue_or_mau_threshold")),
    "no-barred-uses": Filter(
        _later("No prohibited uses"), _has_none("field_of_use_restrictions", "acceptable_use_policy")
    ),
    "outputs-free": Filter(
        _later("Outputs free: to sell, to publish, to train on"),
        _both(_has_none("output_restrictions"), _allows("use-outputs", "publish-outputs", "train-on-outputs")),
    ),
    "may-host": Filter(_later("May host it for others"), _allows("host-as-service")),
    "may-share-changed": Filter(_later("May fine-tune it and share the result"), _allows("fine-tune", "distribute")),
    "no-places": Filter(_later("No excluded people or places"), _has_none("user_geography_exclusion")),
    "no-same-license": Filter(_later("What you make may carry another license"), _has_none("same_license")),
    "no-passing-on": Filter(
        _later("Its limits need not be passed on"), _has_none("pass_restrictions_downstream")
    ),
    "no-branding": Filter(_later("No name or mark to show"), _has_none("naming_branding")),
    "patents": Filter(_later("Patents are licensed"), _is("patent_grant", "yes")),
    "stays": Filter(
        _later("Cannot be changed or taken back at will"),
        _both(
            _is("revocability", "irrevocable", "silent"),
            _is("unilateral_change_of_terms", "none", "new-version-optional"),
            _is("acceptable_use_policy", "none", "inline", "by-url"),
            _is("termination", "none", "auto-on-breach", "licensor-on-breach"),
        ),
    ),
}  # fmt: skip


@lru_cache(maxsize=1)
def fitting() -> Mapping[str, frozenset[str]]:
    """For each filter the ids that fit it. The shelf does not change while a process lives."""
    sheets = [sheet for id in shelf.known() if (sheet := shelf.sheet(id))]
    return {name: frozenset(s.id for s in sheets if one.holds(s)) for name, one in FILTERS.items()}


def fits(names: Iterable[str], id: str) -> bool:
    """Does the license fit every one of these filters?"""
    return all(id in fitting()[name] for name in names)
