"""How is a question put together that somebody asks in words: of a license, of a release, of any policy?

The gate never comes here; it has records and tables. This is for `licet.may`, for `licet may`, and for whoever asks
about others: what nobody said is taken as it would be for somebody who holds the named tier whole.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import and_
from typing import TYPE_CHECKING, NamedTuple

from licet.errors import LicetError, closest
from licet.terms import CLOCK, METER, AllOf, AnyOf, Ask, Policy, Terms, Verdict, clauses_of, may
from licet.terms.action import ACTIONS, DOWNLOAD, SUGAR, unsugared
from licet.terms.clause import Scalar
from licet.terms.fact import askable, bind, row

if TYPE_CHECKING:  # a question about a license never pays for what reads releases
    from licet.release.release import Release


class Asked(NamedTuple):
    """One ask with its answer. `component` is "" where a license or a bare policy was asked."""

    component: str
    policy: Policy
    ask: Ask
    verdict: Verdict


def verdict(
    action: str,
    of: str | Release | Policy,
    component: str | None,
    claims: Iterable[str],
    facts: Mapping[str, Scalar],
) -> Verdict:
    """The body of `licet.may`."""
    if isinstance(claims, str):  # its letters would be claims that nobody has, and the answer a quiet no
        raise LicetError(f"`{claims}` is one text, and claims are several", mend=f'write claims=["{claims}"]')
    claims, facts = frozenset(claims), dict(facts)
    policies = (Terms, AllOf, AnyOf)
    own = {fact.name for clause in clauses_of(of) for fact in clause.when} if isinstance(of, policies) else set[str]()
    for name, value in facts.items():
        if name not in own:
            _fits(name, value)
    facts.setdefault(CLOCK, int(time.time()))  # noqa: TID251 - this is the edge: whoever calls has no clock of ours
    match of:
        case str():
            return of_license(action, of, facts, claims).verdict
        case Terms() | AllOf() | AnyOf():
            bare, implied = unsugared(action)
            return _asked(of, bare, component or "", claims, {**facts, **implied}).verdict
    return together(of_release(action, of, component, holder(claims), whole(of, claims, facts)))


def _fits(name: str, value: Scalar) -> None:
    """LicetError for a fact that no license and no release could ask about, or a value that it never has."""
    known = row(name)
    if known is None:
        raise LicetError(f"`{name}` is not a fact", mend=closest(name, askable()) or "one of " + ", ".join(askable()))
    if type(value) is not known.type:
        kind = {bool: "True or False", int: "a whole number", str: "a text"}[known.type]
        raise LicetError(f"`{name}` is {kind}, not {value!r}", mend="write it so, without quotes around a number")
    if known.choices and value not in known.choices:
        raise LicetError(f"`{name}` is never {value!r}", mend="one of " + ", ".join(known.choices))


def together(parts: Iterable[Asked]) -> Verdict:
    """Every component must allow it."""
    return reduce(and_, (part.verdict for part in parts))


def of_license(
    action: str, expression: str, facts: Mapping[str, Scalar], claims: frozenset[str] = frozenset()
) -> Asked:
    """What a license or an SPDX expression says. LicetError for an unknown action or license."""
    from licet.licenses.expression import policy

    if action not in ACTIONS and action not in SUGAR:
        raise LicetError(
            f"licenses do not speak of `{action}`", mend=closest(action, (*ACTIONS, *SUGAR)) or _all(ACTIONS)
        )
    bare, implied = unsugared(action)
    return _asked(policy(expression), bare, "", claims, {**facts, **implied})


def of_release(
    action: str,
    release: Release,
    component: str | None,
    claims: frozenset[str],
    facts: Mapping[str, Scalar],
    *,
    grants: Iterable[Policy] = (),
    narrow: frozenset[str] | None = None,
    role: Policy | None = None,
    certificates: Sequence[Policy] = (),
    newest: bool = True,
) -> tuple[Asked, ...]:
    """What a release says of an action, a feature or `download`: one answer a component asked about, never none.

    A meter that nobody counted reads 1: the first call of its window. LicetError for an unknown action or component.
    """
    from licet.release.policy import download, released, served

    if component is not None and release.component(component) is None:
        names = [c.name for c in release.components]
        raise LicetError(f"no component `{component}` in `{release.name}`", mend=closest(component, names))
    if feature := release.feature(action):
        if component is not None and component not in feature.serves:
            serves = ", ".join(f"`{name}`" for name in feature.serves)
            raise LicetError(f"feature `{action}` does not serve `{component}`", mend=f"it serves {serves}")
        tree = served(release, action, grants=grants, narrow_features=narrow, role=role, newest=newest)
        return (_asked(tree, action, component or feature.serves[0], claims, facts),)
    bare, implied = unsugared(action)
    if bare != DOWNLOAD and bare not in ACTIONS:
        known = (*(f.name for f in release.features), DOWNLOAD, *ACTIONS, *SUGAR)
        raise LicetError(
            f"`{action}` is neither a feature of `{release.name}` nor an action",
            mend=closest(action, known) or _all([*(f.name for f in release.features), *ACTIONS]),
        )
    names = [c.name for c in release.components] if component is None else [component]
    if bare == DOWNLOAD and component is None:
        names = [n for n in names if any(f.download == n for f in release.features)] or names
    facts = {**facts, **implied}
    asked = []
    for name in names:
        if bare == DOWNLOAD:
            tree = download(release, name, grants=grants, narrow_features=narrow, role=role, newest=newest)
        else:
            tree = released(release, bare, name, certificates=certificates, newest=newest)
        asked.append(_asked(tree, bare, name, claims, facts))
    return tuple(asked)


def holder(claims: frozenset[str]) -> frozenset[str]:
    """The claims of somebody named by a few of them: no claim is a caller without an account, a tier implies one."""
    from licet.release.policy import ANONYMOUS

    if not claims:
        return frozenset({ANONYMOUS})
    return claims | {"account"} if any(c.startswith("tier:") for c in claims) else claims


def whole(release: Release, claims: frozenset[str], facts: Mapping[str, Scalar]) -> dict[str, Scalar]:
    """The facts of somebody who has the tier whole: approved, paid, and all declared that the release asks for.

    What he must do himself (accept a license) or tell (whether it is commercial) is not done for him.
    """
    tiers = [c.removeprefix("tier:") for c in claims if c.startswith("tier:")]
    given = {f"{prefix}:{t}": True for t in tiers for prefix in ("approved", "paid")}
    return {**given, **{f"declared:{d}": True for d in release.declare}, **facts}


def _asked(policy: Policy, action: str, component: str, claims: frozenset[str], facts: Mapping[str, Scalar]) -> Asked:
    meters = {f.name: 1 for c in clauses_of(policy) for f in c.when if f.name.startswith(METER)}
    ask = bind(policy, Ask(action, component, claims, {**meters, **facts}))
    return Asked(component, policy, ask, may(policy, ask))


def _all(names: Iterable[str]) -> str:
    return "known: " + ", ".join(f"`{n}`" for n in names)
