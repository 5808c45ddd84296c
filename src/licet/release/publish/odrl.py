"""How do the terms read in ODRL 2.2? The very policies that the gate asks, as JSON-LD; one way, never read back by us.

A set of terms is an `odrl:Set`: can is permission, cannot prohibition, must obligation; in a conflict the prohibition wins,
as it does inside one set of ours. ODRL has no word for "all of these apply" and "any of these may be chosen", so policies
are joined by two of our own, `licet:AllOf` and `licet:AnyOf`, with their parts in order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from licet.release import policy
from licet.release.publish.told import open_components, rfc3339
from licet.release.release import Release
from licet.terms import CLOCK, AllOf, Clause, Fact, Policy, Says, Terms
from licet.terms.action import ACTIONS

NAME: Final = "odrl.jsonld"
CONTEXT: Final = "http://www.w3.org/ns/odrl.jsonld"
PROFILE: Final = "urn:licet:ns:"

# Where ODRL has a word that means the same, it is used.
_ACTIONS: Final[Mapping[str, str]] = {
    "use": "odrl:execute",
    "reproduce": "odrl:reproduce",
    "distribute": "odrl:distribute",
    "modify": "odrl:modify",
    "sublicense": "odrl:grantUse",
}
_ANY: Final = "odrl:use"  # ODRL's action that includes all others
_OPERANDS: Final[Mapping[str, str]] = {CLOCK: "odrl:dateTime", "country": "odrl:spatial", "purpose": "odrl:purpose"}
_OPERATORS: Final[Mapping[str, str]] = {
    "is": "eq",
    "is not": "neq",
    "<=": "lteq",
    ">": "gt",
    "in": "isAnyOf",
    "not in": "isNoneOf",
}
_RULES: Final[Mapping[Says, str]] = {Says.CAN: "permission", Says.CANNOT: "prohibition", Says.MUST: "obligation"}


def odrl(release: Release, now_s: int) -> str:
    """The policy of every open component and of every feature, as JSON-LD text."""
    base = f"urn:licet:{release.name}:{release.sha256[:32]}"
    graph: list[dict[str, Any]] = []
    for component, _ in open_components(release, now_s):
        tree = policy.released(release, "", component.name)
        graph += _Made(f"{base}:component:{quote(component.name, safe='')}", base, component.name).root(tree, release)
    for feature in release.features:
        tree = policy.served(release, feature.name)
        served = feature.serves[0] if feature.serves else feature.name
        graph += _Made(f"{base}:feature:{quote(feature.name, safe='')}", base, served).root(tree, release)
    told = {
        "licet": PROFILE,
        "licet:of": {"@type": "@id", "@container": "@list"},
        "licet:for": {"@type": "@id"},
        "dct": "http://purl.org/dc/terms/",
    }
    return json.dumps({"@context": [CONTEXT, told], "@graph": graph}, indent=2, ensure_ascii=False) + "\n"


class _Made:
    """The nodes of one tree: every part has an id of its own below that of the whole."""

    def __init__(self, uid: str, base: str, component: str) -> None:
        self.uid, self.base, self.component = uid, base, component

    def root(self, tree: Policy, release: Release) -> Iterator[dict[str, Any]]:
        first, *rest = self.nodes(tree, self.uid)
        yield {**first, "dct:creator": release.licensor, "dct:hasVersion": release.version}
        yield from rest

    def nodes(self, tree: Policy, uid: str) -> Iterator[dict[str, Any]]:
        if isinstance(tree, Terms):
            yield self.leaf(tree, uid)
            return
        parts = [f"{uid}:{n}" for n in range(len(tree.of))]
        yield {"@id": uid, "@type": "licet:AllOf" if isinstance(tree, AllOf) else "licet:AnyOf", "licet:of": parts}
        for part, place in zip(tree.of, parts, strict=True):
            yield from self.nodes(part, place)

    def leaf(self, terms: Terms, uid: str) -> dict[str, Any]:
        rules: dict[str, list[dict[str, Any]]] = {}
        for clause in terms.clauses:
            rules.setdefault(_RULES[clause.says], []).append(self.rule(clause))
        told = {"@id": uid, "@type": "Set", "uid": uid, "profile": PROFILE, "conflict": "prohibit"}
        return {**told, "dct:title": terms.name, **rules}

    def rule(self, clause: Clause) -> dict[str, Any]:
        names = sorted(clause.components) if clause.components is not None else [self.component]
        told: dict[str, Any] = {"target": _one([f"{self.base}:asset:{quote(n, safe='')}" for n in names])}
        actions = [_action(a) for a in sorted(clause.actions)] if clause.actions is not None else [_ANY]
        if clause.says is Says.MUST:
            told |= {"action": "licet:owe", "dct:description": clause.duty, "licet:for": _one(actions)}
        else:
            told["action"] = _one(actions)
        if clause.claims is not None:
            told["assignee"] = _one([f"{PROFILE}party:{quote(claim, safe='')}" for claim in sorted(clause.claims)])
        if clause.when:
            told["constraint"] = [_constraint(fact) for fact in clause.when]
        told["dct:source"] = clause.cite
        return told


def _one(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _action(name: str) -> str:
    kind = "" if name in ACTIONS else "feature:"
    return _ACTIONS.get(name) or f"{PROFILE}{kind}{quote(name, safe='')}"


def _constraint(fact: Fact) -> dict[str, Any]:
    left = _OPERANDS.get(fact.name) or f"{PROFILE}fact:{quote(fact.name, safe='')}"
    right: Any = sorted(fact.value, key=str) if isinstance(fact.value, frozenset) else fact.value
    if fact.name == CLOCK and isinstance(fact.value, int):
        right = {"@value": rfc3339(fact.value), "@type": "xsd:dateTime"}
    return {"leftOperand": left, "operator": _OPERATORS[fact.test], "rightOperand": right}
