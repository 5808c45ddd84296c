"""Which branch opened and which stayed shut: each door's own verdict, and together the whole one."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import and_, or_

from hypothesis import given
from hypothesis import strategies as st
from tests.programs.conftest import WITH_PROGRAMS

from licet.access.branches import as_json, branches
from licet.access.grant import Granted, grant
from licet.access.role import Role, terms
from licet.access.standing import Budget, Credential, Narrow, Standing
from licet.access.table import Table, Tables
from licet.release.document import read
from licet.terms import CLOCK, METER, Answer, Ask, clauses_of, may
from licet.terms.fact import bind

SANA = read(WITH_PROGRAMS)
ADA = Standing("hol_1", "sana", "free", SANA.sha256, frozenset({"account", "tier:free"}), {"approved:free": True})
KEY = Credential("key_1", "hol_1", facts={"commercial": False})
PAST = Granted("grant_past", "holder:hol_1", ("advanced",), until_s=5, quotas=(Budget(3, "calls", "day"),))
NOW = Granted("grant_now", "holder:hol_1", ("advanced", "download weights"))


def asked(table: Table, action: str, component: str, used: int = 1) -> tuple[object, Ask]:
    policy = table.policy(action, component)
    meters = {f.name: used for c in clauses_of(policy) for f in c.when if f.name.startswith(METER)}
    return policy, bind(policy, Ask(action, component, table.standing.claims, {**table.facts, **meters, CLOCK: 100}))


def told(standing: Standing, key: Credential | None, action: str, component: str, used: int = 1) -> dict[str, str]:
    policy, ask = asked(Tables().of(SANA, standing, key), action, component, used)
    return {f"{b.kind} {b.name}".strip(): b.verdict.answer.name for b in branches(policy, ask)}  # type: ignore[arg-type]


def test_every_door_is_named_with_its_own_answer() -> None:
    assert told(ADA, KEY, "advanced", "code") == {
        "account": "YES", "level": "YES", "declaration commercial": "YES", "tier": "NO", "license MIT": "YES",
    }  # fmt: skip


def test_a_grant_stands_beside_the_tier_and_one_is_enough() -> None:
    both = replace(ADA, claims=ADA.claims | {"holder:hol_1"}, grants=(grant(PAST), grant(NOW)))
    assert told(both, KEY, "advanced", "code") == {
        "account": "YES", "level": "YES", "declaration commercial": "YES", "tier": "NO", "grant grant_past": "NO",
        "grant grant_now": "YES", "license MIT": "YES",
    }  # fmt: skip
    assert told(both, KEY, "download", "weights")["acceptance weights"] == "NO"
    policy, ask = asked(Tables().of(SANA, both, KEY), "advanced", "code")
    found = as_json(branches(policy, ask), action="advanced", component="code", tier="free")  # type: ignore[arg-type]
    assert [(one["name"], one["one_of"]) for one in found if one["one_of"]] == [
        ("", 1),
        ("grant_past", 1),
        ("grant_now", 1),
    ]
    assert all(one["because"] for one in found)
    assert found[5]["because"][0]["cite"] == "grant_now"


def test_a_role_a_key_and_its_budget_are_doors_of_their_own() -> None:
    role = terms(Role("Viewer", "Whale Lab", frozenset({"read:usage"})))
    narrow = Narrow(frozenset({"basic"}), budgets=(Budget(1, "calls", "day"),))
    found = told(ADA, replace(KEY, role=role, narrow=narrow), "advanced", "code", used=2)
    assert (found["role"], found["key"], found["budget"], found["tier"]) == ("NO", "NO", "NO", "NO")
    assert told(replace(ADA, claims=ADA.claims | {"suspended"}), KEY, "basic", "code")["account"] == "NO"
    assert told(ADA, None, "basic", "code")["declaration commercial"] == "NO"


@given(
    st.sampled_from(("basic", "advanced", "fetch", "download")),
    st.frozensets(st.sampled_from(("tier:free", "tier:vip", "tier:premium", "account", "suspended", "holder:hol_1"))),
    st.lists(st.sampled_from((PAST, NOW)), unique=True),
    st.none() | st.frozensets(st.sampled_from(("basic", "advanced"))),
    st.integers(1, 12),
)
def test_together_the_branches_are_the_whole_answer(
    action: str, claims: frozenset[str], given_: list[Granted], narrow: frozenset[str] | None, used: int
) -> None:
    standing = replace(ADA, claims=claims, grants=tuple(map(grant, given_)))
    component = "weights" if action in ("download", "fetch") else "code"
    table = Tables().of(SANA, standing, replace(KEY, narrow=Narrow(narrow)))
    policy, ask = asked(table, action, component, used)
    found = branches(policy, ask)  # type: ignore[arg-type]
    musts = [b.verdict for b in found if not b.of]
    choices = [b.verdict for b in found if b.of]
    whole = reduce(and_, [*musts, *([reduce(or_, choices)] if choices else [])])
    assert whole.answer is may(policy, ask).answer  # type: ignore[arg-type]
    assert all(b.verdict.answer is not Answer.DEPENDS for b in found)
