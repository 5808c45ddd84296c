"""Inside one set of terms Licet decides as Cedar does: an oracle that others wrote, fuzzed and proved.

*can* is `permit`, *cannot* is `forbid`; duties and missing facts are not Cedar's, so every fact is told here.
"""

from __future__ import annotations

import json

import cedarpy
from hypothesis import given, settings
from hypothesis import strategies as st
from made import ACTIONS, COMPONENTS, TOLD, asks, terms

from licet.terms import Answer, Ask, Clause, Fact, Says, Terms, may

EVERY_FACT = st.fixed_dictionaries(
    {
        **{name: st.booleans() for name in TOLD},
        "employees": st.integers(0, 5),
        "country": st.sampled_from(("DE", "FR", "US")),
    }
)
CONDITIONS = {
    "is": "context.{name} == {value}",
    "is not": "context.{name} != {value}",
    "<=": "context.{name} <= {value}",
    ">": "context.{name} > {value}",
    "in": "{value}.contains(context.{name})",
    "not in": "!({value}.contains(context.{name}))",
}


def condition(fact: Fact) -> str:
    value = json.dumps(sorted(fact.value) if isinstance(fact.value, frozenset) else fact.value)
    return CONDITIONS[fact.test].format(name=fact.name, value=value)


def cedar(clause: Clause) -> str:
    """The clause as a Cedar policy."""
    tests = [condition(f) for f in clause.when]
    for field, variable, names in (
        ("Action", "action", clause.actions),
        ("Component", "resource", clause.components),
        ("Claim", "principal", clause.claims),
    ):
        if names is not None:
            sides = " || ".join(
                f'{variable} {"in" if field == "Claim" else "=="} {field}::"{n}"' for n in sorted(names)
            )
            tests.append(f"({sides})")
    effect = "permit" if clause.says is Says.CAN else "forbid"
    return f"{effect}(principal, action, resource) when {{ {' && '.join(tests) or 'true'} }};"


def decision(body: Terms, ask: Ask) -> bool:
    policies = "\n".join(cedar(c) for c in body.clauses if c.says is not Says.MUST)
    claims = [{"type": "Claim", "id": claim} for claim in sorted(ask.claims)]
    entities = [
        {"uid": {"type": "Asker", "id": "me"}, "attrs": {}, "parents": claims},
        *({"uid": claim, "attrs": {}, "parents": []} for claim in claims),
    ]
    request = {
        "principal": 'Asker::"me"',
        "action": f'Action::"{ask.action}"',
        "resource": f'Component::"{ask.component}"',
        "context": dict(ask.facts),
    }
    answer = cedarpy.is_authorized(request, policies, entities)
    assert not answer.diagnostics.errors, answer.diagnostics.errors
    return bool(answer.allowed)


agreed = {"yes": 0, "no": 0}


# A thousand in the quick profile too: it is the oracle.
@settings(max_examples=1500)
@given(terms, asks, EVERY_FACT)
def test_random_terms_are_decided_as_cedar_decides_them(body: Terms, ask: Ask, told: dict[str, object]) -> None:
    asked = Ask(ask.action, ask.component, ask.claims, told)  # type: ignore[arg-type]
    verdict = may(body, asked)
    assert verdict.answer is not Answer.DEPENDS
    assert (verdict.answer is Answer.YES) == decision(body, asked)
    agreed[verdict.answer.name.lower()] += 1


def test_the_oracle_was_asked_often_and_said_both() -> None:
    if sum(agreed.values()):  # under xdist the other test may run elsewhere
        assert sum(agreed.values()) >= 1000
        assert min(agreed.values()) >= 100


def test_cedar_knows_the_names_that_the_laws_use() -> None:
    can = Terms("t", (Clause(Says.CAN, frozenset(ACTIONS), frozenset(COMPONENTS), cite="c"),))
    assert decision(can, Ask("act", "weights", frozenset(), {}))
