"""How do terms travel? Policies as JSON and back, so that a promise is answered alike by whoever has the file.

    {"name": "LicenseRef-…", "clauses": [{"says": "can", "actions": ["use"], "cite": "licet.toml@3f2a9c:41"}]}

`{"all": […]}` and `{"any": […]}` join them. What is read back is checked like any document: an unknown member, test or
fact is refused, for it may narrow what is allowed.
"""

from __future__ import annotations

from typing import Any

from licet.terms.clause import TESTS, AllOf, AnyOf, Clause, Fact, Policy, Says, Scalar, Terms, Value
from licet.terms.code import CODES
from licet.terms.fact import row

_SAYS = {one.value: one for one in Says}
_MEMBERS = frozenset({"says", "actions", "when", "duty", "code", "cite"})
DEEPEST = 20


class Wrong(ValueError):
    """What is wrong with a statement, as half a sentence."""


def written(policy: Policy) -> dict[str, Any]:
    """A policy as JSON. ValueError where it speaks of components or parties: the certificate around it says those."""
    match policy:
        case AllOf(of):
            return {"all": [written(p) for p in of]}
        case AnyOf(of):
            return {"any": [written(p) for p in of]}
        case Terms(name, clauses):
            return {"name": name, "clauses": [_written(c) for c in clauses]}


def policy_of(told: object, depth: int = 0) -> Policy:
    """The policy that JSON says. ValueError for anything it does not know."""
    if not isinstance(told, dict) or depth > DEEPEST:
        raise Wrong("its terms are none")
    for name, join in (("all", AllOf), ("any", AnyOf)):
        if told.keys() == {name} and isinstance(told[name], list) and told[name]:
            made: Policy = join(tuple(policy_of(one, depth + 1) for one in told[name]))
            return made
    if told.keys() != {"name", "clauses"} or not isinstance(told["name"], str) or not isinstance(told["clauses"], list):
        raise Wrong("its terms are neither clauses nor terms that are joined")
    return Terms(told["name"], tuple(_clause(one) for one in told["clauses"]))


def _written(clause: Clause) -> dict[str, Any]:
    if clause.components is not None or clause.claims is not None:
        raise ValueError("a license speaks of actions and facts, not of components and parties")
    told: dict[str, Any] = {"says": clause.says.value}
    if clause.actions is not None:
        told["actions"] = sorted(clause.actions)
    if clause.when:
        told["when"] = [{"fact": f.name, "test": f.test, "value": _plain(f.value)} for f in clause.when]
    told |= {name: text for name, text in (("duty", clause.duty), ("code", clause.code)) if text}
    return {**told, "cite": clause.cite}


def _plain(value: Value) -> Any:
    return sorted(value, key=lambda one: (str(type(one)), one)) if isinstance(value, frozenset) else value


def _clause(told: object) -> Clause:
    if not isinstance(told, dict) or not told.keys() <= _MEMBERS:
        raise Wrong("a clause has a member that nobody knows")
    says, actions, when = told.get("says"), told.get("actions"), told.get("when", [])
    texts = {name: told.get(name, "") for name in ("duty", "code", "cite")}
    if says not in _SAYS or not all(isinstance(text, str) for text in texts.values()) or not texts["cite"]:
        raise Wrong("a clause says nothing, or does not say where")
    if texts["code"] and texts["code"] not in CODES:
        raise Wrong("a clause has a code that nobody knows")
    if actions is not None and not (isinstance(actions, list) and actions and all(isinstance(a, str) for a in actions)):
        raise Wrong("a clause names no action")
    if not isinstance(when, list):
        raise Wrong("the conditions of a clause are none")
    return Clause(
        _SAYS[says], None if actions is None else frozenset(actions), None, None, tuple(_fact(one) for one in when),
        texts["duty"], texts["code"], texts["cite"],
    )  # fmt: skip


def _fact(told: object) -> Fact:
    if not isinstance(told, dict) or told.keys() != {"fact", "test", "value"}:
        raise Wrong("a condition is no test on a fact")
    name, test, value = told["fact"], told["test"], told["value"]
    known = row(name) if isinstance(name, str) else None
    if known is None or test not in TESTS:
        raise Wrong("a condition tests what nobody knows")
    several = test in ("in", "not in")
    values: list[Any] = value if several and isinstance(value, list) else [value]
    if several is not isinstance(value, list) or not all(type(one) is known.type for one in values):
        raise Wrong(f"a condition tests `{name}` against a value of another type")
    scalars: list[Scalar] = values
    return Fact(name, test, frozenset(scalars) if several else scalars[0])
