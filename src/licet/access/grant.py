"""What does a grant say? A *can* of one holder's, or of one mail domain's, beside the tier: cited by the grant's id.

It holds from a second on until another, the last one included, so its end needs no job. A quota of its own is counted
under each holder by a counter that names the grant: one more way of the slot, and one that spends nothing of the tier's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from licet.access.standing import Budget, Grant
from licet.release.release import Program, Quota, Release
from licet.terms import CLOCK, METER, AllOf, Clause, Fact, Policy, Says, Terms, Verdict
from licet.terms.action import DOWNLOAD

_DOMAIN = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Granted:
    """A grant as it is stored. `actions`: features by name, `download` (of `components`), `download NAME` (of one)."""

    grant_id: str
    whose: str  # the claim of those it is for: "holder:hol_…" or "domain:uni.example"
    actions: tuple[str, ...]
    components: tuple[str, ...] | None = None
    from_s: int = 0
    until_s: int | None = None
    quotas: tuple[Budget, ...] = ()


def counter(quota: Budget, grant_id: str) -> str:
    """The ledger's name of its counter. No feature has a colon in its name, so no tier's counter is called so."""
    return f"{quota.meter}/{quota.period}@grant:{grant_id}"


def beside(yes: Verdict, grants: Iterable[Grant], quotas: Iterable[Quota]) -> frozenset[str]:
    """The tier's counters, where one of these grants let in: what it opens spends nothing of the tier's. Else none."""
    ids = {one.grant_id for one in grants}
    let_in = bool(ids) and any(clause.cite in ids for clause in yes.because)
    return frozenset(quota.counter for quota in quotas) if let_in else frozenset()


def policy(granted: Granted) -> Policy:
    """Its terms; with quotas, AllOf: what it opens, and each quota, so that a refusal cites the one that stopped it."""
    when = [Fact(CLOCK, ">", granted.from_s - 1)]
    if granted.until_s is not None:
        when.append(Fact(CLOCK, "<=", granted.until_s))
    cans = tuple(_can(granted, actions, components, *when) for actions, components in _opened(granted))
    terms = Terms(f"grant {granted.grant_id}", cans)
    if not granted.quotas:
        return terms
    return AllOf((terms, *(_within(granted, quota) for quota in granted.quotas)))


def grant(granted: Granted) -> Grant:
    """The same as a standing carries it."""
    return Grant(granted.grant_id, policy(granted), granted.quotas, granted.from_s, granted.until_s)


def _within(granted: Granted, quota: Budget) -> Terms:
    most = Fact(METER + counter(quota, granted.grant_id), "<=", quota.limit)
    cans = tuple(
        _can(granted, actions, components, most, code="quota_exhausted") for actions, components in _opened(granted)
    )
    return Terms(f"quota of grant {granted.grant_id}: {quota.meter}/{quota.period}", cans)


def _can(
    granted: Granted, actions: Iterable[str], components: Iterable[str] | None, *when: Fact, code: str = ""
) -> Clause:
    on = None if components is None else frozenset(components)
    return Clause(
        Says.CAN, frozenset(actions), on, frozenset({granted.whose}), tuple(when), code=code, cite=granted.grant_id
    )


def _opened(granted: Granted) -> list[tuple[list[str], list[str] | None]]:
    """(actions, components) of each *can*: `download NAME` opens the download of that component, whatever else."""
    fetched = [a.partition(" ")[2] for a in granted.actions if a.startswith(f"{DOWNLOAD} ")]
    others = [a for a in granted.actions if not a.startswith(f"{DOWNLOAD} ")]
    on = None if granted.components is None else list(granted.components)
    found = [(others, on)] if others else []
    return [*found, ([DOWNLOAD], fetched)] if fetched else found


def actions_of(release: Release, features: Iterable[str]) -> tuple[str, ...]:
    """What a grant of these features opens, sorted: the features by name, and the download of what they download."""
    named = set(features)
    return tuple(
        sorted(named | {f"{DOWNLOAD} {f.download}" for f in release.features if f.download and f.name in named})
    )


def by_program(release: Release, program: Program, grant_id: str, whose: str) -> Granted:
    """What an approved application of this program gives, but for its end: the offer and the approval make the same."""
    return Granted(
        grant_id,
        whose,
        actions_of(release, program.features),
        None if program.components is None else tuple(sorted(program.components)),
        quotas=tuple(Budget(q.limit, q.meter, q.period) for q in program.quotas),
    )


def domain_of(address: str) -> str:
    """The domain of a mail address in the form that grants are held against; "" for one that no grant can name.

    ASCII only, letter by letter: whatever falls together when it is folded (a sharp s with two, a Kelvin sign with a k)
    may be two domains with two owners. A domain in another script is named by its `xn--` form.
    """
    domain = address.rpartition("@")[2].lower()
    return domain if domain.isascii() and _DOMAIN.fullmatch(domain) else ""
