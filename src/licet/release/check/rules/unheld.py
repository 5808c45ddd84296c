"""Which clauses can the gate not hold, because nobody is asked for the fact they hang on? They stand as duties only."""

from __future__ import annotations

from collections.abc import Iterator

from licet.errors import Finding
from licet.release.check.view import DOCUMENT, View
from licet.release.lent import OUTPUTS, terms_of
from licet.release.release import Component, Release
from licet.terms import AllOf, AnyOf, Clause, Policy, Says
from licet.terms.fact import Who, askable, row


def find(view: View) -> Iterator[Finding]:
    release = view.release
    if release is None:
        return
    served = {name for feature in release.features if not feature.download for name in feature.serves}
    for component in release.components:
        if component.name not in served:
            continue
        missing: dict[str, list[str]] = {}
        for license in _licenses(release, component):
            for clause in _clauses(terms_of(license)):
                for name in _unasked(clause, release):
                    missing.setdefault(name, []).append(clause.cite)
        for name, cites in missing.items():
            told = row(name)
            asks = f' ("{told.question}")' if told and told.question else ""
            places = ", ".join(sorted(set(cites))[:3])
            yield Finding(
                DOCUMENT,
                component.line,
                "unheld-clause",
                f"the gate cannot hold {places} for `{component.name}`: nobody is asked for `{name}`{asks}, "
                "so it stands as a duty and refuses nobody",
                f'ask for it when a key is made: `declare = ["{name}"]` in [release]',
                "note",
            )


def _licenses(release: Release, component: Component) -> Iterator[str]:
    if component.license:
        yield component.license
    yield from (one.license for one in component.upstream)
    yield from (tier.licenses[component.name] for tier in release.tiers if component.name in tier.licenses)


def _clauses(policy: Policy) -> Iterator[Clause]:
    if isinstance(policy, AllOf | AnyOf):
        for one in policy.of:
            yield from _clauses(one)
        return
    for clause in policy.clauses:
        if clause.says is Says.CANNOT and (clause.actions is None or OUTPUTS in clause.actions):
            yield clause


def _unasked(clause: Clause, release: Release) -> Iterator[str]:
    for fact in clause.when:
        told = row(fact.name)
        asked = told is not None and told.who is Who.ASKER and told.default is None and fact.name in askable()
        if asked and fact.name not in release.declare:
            yield fact.name
