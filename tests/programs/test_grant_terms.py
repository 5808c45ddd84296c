"""A grant's terms: pure. They hold from a second to another, on what they name, within a quota of their own."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.programs.conftest import WITH_PROGRAMS

from licet.access.grant import Granted, actions_of, by_program, counter, domain_of, grant, policy
from licet.access.standing import Budget, Credential, Standing
from licet.access.table import Tables
from licet.release.document import read
from licet.terms import CLOCK, METER, Answer, Ask, may

SANA = read(WITH_PROGRAMS)
ADA = "holder:hol_1"
TEN = Granted("grant_1", ADA, ("advanced",), None, 100, 199, (Budget(2, "calls", "month"),))
USED = METER + counter(TEN.quotas[0], "grant_1")


def asked(
    granted: Granted, action: str, now_s: int, component: str = "code", claims: str = ADA, used: int = 1
) -> Answer:
    facts = {CLOCK: now_s, USED: used}
    return may(policy(granted), Ask(action, component, frozenset({claims}), facts)).answer


@pytest.mark.parametrize(("now_s", "answer"), [(99, Answer.NO), (100, Answer.YES), (199, Answer.YES), (200, Answer.NO)])
def test_it_holds_from_its_first_second_to_its_last(now_s: int, answer: Answer) -> None:
    assert asked(TEN, "advanced", now_s) is answer


def test_it_opens_what_it_names_to_whom_it_is_for_as_often_as_its_quota_says() -> None:
    assert asked(TEN, "basic", 150) is Answer.NO
    assert asked(TEN, "advanced", 150, claims="holder:hol_2") is Answer.NO
    assert [asked(TEN, "advanced", 150, used=n) for n in (1, 2, 3)] == [Answer.YES, Answer.YES, Answer.NO]


def test_a_download_is_opened_for_its_component_whatever_else_is_granted() -> None:
    both = replace(TEN, actions=actions_of(SANA, ["basic", "fetch"]), quotas=())
    assert both.actions == ("basic", "download weights", "fetch")
    assert asked(both, "download", 150, "weights") is Answer.YES
    assert asked(both, "download", 150, "code") is Answer.NO
    assert asked(both, "basic", 150, "code") is Answer.YES
    narrow = replace(TEN, actions=("download",), components=("weights",), quotas=())
    assert (asked(narrow, "download", 150, "weights"), asked(narrow, "download", 150)) == (Answer.YES, Answer.NO)


def test_the_gate_takes_its_quota_only_where_the_tier_has_nothing_to_give() -> None:
    """Two counters, two ways: the tier's ten calls of `basic`, then the grant's two; `advanced` by the grant alone."""
    claims = frozenset({"account", "tier:free", ADA})
    granted = replace(TEN, actions=("advanced", "basic"), from_s=0, until_s=None)
    standing = Standing("hol_1", "sana", "free", SANA.sha256, claims, {"approved:free": True}, grants=(grant(granted),))
    table = Tables().of(SANA, standing, Credential("key_1", "hol_1", facts={"commercial": False}))
    basic, advanced = table.slot("basic", "code", 150), table.slot("advanced", "code", 150)
    assert [dict(way.takes) for way in basic.ways] == [{"used:calls/month": 10}, {USED: 2}]
    assert [dict(way.takes) for way in advanced.ways] == [{USED: 2}]
    spent = {USED: 3, "used:calls/month": 11}
    refused = table.refusal("advanced", "code", 150, spent)
    assert (refused.code, {c.cite for c in refused.because}) == ("quota_exhausted", {"grant_1"})
    assert table.refusal("basic", "code", 150, spent).code == "quota_exhausted"


def test_a_grant_that_ended_is_among_the_reasons_and_one_of_something_else_is_not() -> None:
    claims = frozenset({"account", "tier:free", ADA})
    standing = Standing("hol_1", "sana", "free", SANA.sha256, claims, {"approved:free": True}, grants=(grant(TEN),))
    key = Credential("key_1", "hol_1", facts={"commercial": False})
    refused = Tables().of(SANA, standing, key).refusal("advanced", "code", 500, {})
    assert refused.code == "feature_not_in_tier"
    assert "grant_1" in {c.cite for c in refused.because}
    other = replace(standing, grants=(grant(replace(TEN, actions=("basic",))),))
    refused = Tables().of(SANA, other, key).refusal("advanced", "code", 150, {})
    assert "grant_1" not in {c.cite for c in refused.because}


def test_what_a_program_offers_is_what_its_approval_gives() -> None:
    research = SANA.program("research")
    assert research is not None
    given = by_program(SANA, research, "grant_9", ADA)
    assert given.actions == ("advanced", "download weights", "fetch")
    assert given.quotas == (Budget(3, "calls", "month"),)
    claims = frozenset({"account", "tier:free"})
    standing = Standing("hol_1", "sana", "free", SANA.sha256, claims, {"approved:free": True})
    table = Tables().of(SANA, standing, Credential("key_1", "hol_1", facts={"commercial": False}))
    offered = {o.kind + ":" + o.name: o for o in table.offers("advanced", "code", 150)}
    assert offered["program:research"].url == ""
    assert offered["program:research"].detail == "apply to the program Research: the operator decides"
    assert [o.kind for o in table.offers("advanced", "code", 150)].index("program") < [
        o.name for o in table.offers("advanced", "code", 150)
    ].index("premium")  # what costs nothing comes before what costs
    where = table.offers("advanced", "code", 150, url="http://localhost")
    assert {o.url for o in where if o.kind == "program"} == {
        "http://localhost/programs/sana/research", "http://localhost/programs/sana/art",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ada@uni.example", "uni.example"),
        ("Ada@UNI.Example", "uni.example"),
        ("a@b@uni.example", "uni.example"),
        ("ada@fa\N{LATIN SMALL LETTER SHARP S}.example", ""),  # no other than fass.example to whoever folds it
        ("ada@\N{FULLWIDTH LATIN SMALL LETTER U}ni.example", ""),
        ("ada@uni.example\n", ""),
        ("ada@uni", ""),
        ("ada@-uni.example", ""),
        ("ada@[127.0.0.1]", ""),
        ("", ""),
    ],
)
def test_a_domain_is_held_against_letter_by_letter(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@given(st.text())
def test_a_domain_is_ascii_and_its_own_domain(address: str) -> None:
    found = domain_of(address)
    assert found.isascii() and domain_of(f"x@{found}") == found
