"""Tables: one for each standing in use, worked out on first use and again when the clock turns."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from licet.access.slot import NEVER_S
from licet.access.standing import Credential, Grant, Narrow, Standing
from licet.access.table import Table, Tables, anonymous
from licet.release.document import read
from licet.terms import CLOCK, Answer, Clause, Fact, Says, Terms

SANA = read((Path(__file__).parents[1] / "cases" / "sana.toml").read_bytes())
OPENS_S = 2_051_222_400  # 2035-01-01, the change date of the weights
PRIVATE = Credential("key_1", "hol_1", facts={"commercial": False})


def standing(tier: str, **facts: bool) -> Standing:
    claims = frozenset({"account", f"tier:{tier}"})
    return Standing(
        "hol_1", SANA.name, tier, SANA.sha256, claims, {f"approved:{tier}": True, f"paid:{tier}": True, **facts}
    )


def table(tier: str, credential: Credential = PRIVATE) -> Table:
    return Tables().of(SANA, standing(tier), credential)


def test_the_gate_finds_a_slot_by_the_features_name_alone() -> None:
    free = table("free")
    assert free.slots.get("look") is None
    worked_out = free.slot("look", "code", 0)
    assert free.slots["look"] is worked_out
    assert free.slot("look", "code", 10**9) is worked_out
    assert [way.takes for way in worked_out.ways] == [(("used:calls/month", 1000),)]
    assert worked_out.until_s == NEVER_S


def test_downloads_of_two_components_are_two_slots() -> None:
    premium = table("premium")
    premium.slot("download", "weights", 0)
    premium.slot("download", "code", 0)
    assert set(premium.slots) == {"download weights", "download code"}


def test_past_its_moment_a_slot_is_worked_out_again() -> None:
    research = Tables().of(SANA, standing("research"), PRIVATE)
    before = research.slot("download", "weights", OPENS_S - 1)
    assert (before.ways, before.until_s) == ((), OPENS_S)
    after = research.slot("download", "weights", OPENS_S)
    assert after is not before
    assert after.ways


def test_a_grant_with_an_end_needs_no_job() -> None:
    can = Clause(Says.CAN, frozenset({"paint"}), when=(Fact(CLOCK, "<=", 100),), cite="g1")
    granted = replace(standing("free"), grants=(Grant("g1", Terms("grant g1", (can,))),))
    one = Tables().of(SANA, granted, PRIVATE)
    assert one.slot("paint", "weights", 100).ways
    assert not one.slot("paint", "weights", 101).ways


def test_past_the_quota_premium_has_a_second_way_that_owes_the_price() -> None:
    first, second = table("premium").slot("look", "code", 0).ways
    assert (first.takes, first.yes.duties) == ((("used:calls/month", 100_000),), ())
    assert (second.takes, [c.duty for c in second.yes.duties]) == ((), ["pay 0.40 EUR / 1000 calls"])


def test_a_refusal_is_mays_with_the_real_counts() -> None:
    free = table("free")
    assert free.refusal("look", "code", 0, {"used:calls/month": 1001}).code == "quota_exhausted"
    assert free.refusal("look", "code", 0, {"used:calls/month": 1000}).answer is Answer.YES
    assert free.refusal("paint", "weights", 0, {}).code == "feature_not_in_tier"


def test_a_refusal_without_counters_is_kept_until_the_clock_turns() -> None:
    research = Tables().of(SANA, standing("research"), PRIVATE)
    refused = research.refusal("download", "weights", 0, {})
    assert refused.code == "license_not_accepted"
    assert research.refusal("download", "weights", OPENS_S - 1, {}) is refused
    assert research.refusal("download", "weights", OPENS_S, {}).answer is Answer.YES
    assert research.refusal("download", "code", 0, {}).code == "feature_not_in_tier"


def test_offers_follow_the_counts_and_are_kept_with_the_slot() -> None:
    free = table("free")

    def names(used: int) -> list[str]:
        return [o.name for o in free.offers("look", "code", 0, {"used:calls/month": used})]

    assert names(1_001) == ["research", "premium"]
    assert names(20_001) == ["premium"]
    assert free.offers("look", "code", 0, {"used:calls/month": 1_001}, "https://sana.example/")[0].url == (
        "https://sana.example/my/tier?tier=research"
    )


def test_offers_are_tried_again_when_the_clock_turns() -> None:
    free = table("free")
    before = [o.detail for o in free.offers("download", "weights", OPENS_S - 1)]
    after = [o.detail for o in free.offers("download", "weights", OPENS_S)]
    assert "then accept" in before[0]
    assert after[0] == "ask for tier `research`: the operator approves it"


@pytest.mark.parametrize(
    "other",
    [
        standing("premium"),
        standing("free", **{"accepted:MIT": True}),
        replace(standing("free"), claims=frozenset({"account", "tier:free", "suspended"})),
        replace(standing("free"), document="1" * 64),
        replace(standing("free"), grants=(Grant("g1", Terms("grant g1", ())),)),
    ],
)
def test_what_decides_makes_another_table(other: Standing) -> None:
    tables = Tables()
    assert tables.of(SANA, other, PRIVATE) is not tables.of(SANA, standing("free"), PRIVATE)


def test_what_a_key_declares_or_is_narrowed_to_makes_another_table() -> None:
    tables = Tables()
    first = tables.of(SANA, standing("free"), PRIVATE)
    assert tables.of(SANA, standing("free"), replace(PRIVATE, facts={"commercial": True})) is not first
    assert tables.of(SANA, standing("free"), replace(PRIVATE, narrow=Narrow(frozenset({"look"})))) is not first
    assert tables.of(SANA, standing("free"), replace(PRIVATE, narrow=Narrow(scopes=frozenset({"decide"})))) is first


def test_a_key_for_other_releases_opens_nothing_here() -> None:
    elsewhere = replace(PRIVATE, narrow=Narrow(releases=frozenset({"other"})))
    assert table("premium", elsewhere).refusal("look", "code", 0, {}).code == "key_out_of_scope"
    here = replace(PRIVATE, narrow=Narrow(releases=frozenset({"sana"})))
    assert table("premium", here).slot("look", "code", 0).ways


def test_an_older_document_is_named_in_every_cite_and_may_be_left_for_the_newest() -> None:
    richer = replace(SANA.tiers[0], features=frozenset({"look", "write", "paint"}))
    newest = replace(SANA, sha256="f" * 64, tiers=(richer, *SANA.tiers[1:]))
    held = Tables().of(SANA, standing("free"), PRIVATE, newest)
    refused = held.refusal("paint", "weights", 0, {})
    assert refused.code == "feature_not_in_tier"
    assert all(c.cite.startswith(f"licet.toml@{SANA.sha256[:6]}:") for c in refused.because)
    first = held.offers("paint", "weights", 0)[0]
    assert (first.name, first.detail) == ("free", "move to tier `free` as it is offered now")
    assert first.cite.startswith("licet.toml:")


def test_the_limits_of_a_standing_are_those_of_its_tier() -> None:
    assert [(q.counter, q.limit) for q in table("free").quotas()] == [("calls/month", 1000)]
    stranger = Tables().of(SANA, anonymous(SANA))
    assert [(q.counter, q.limit) for q in stranger.quotas()] == [("calls/day", 20)]
    assert Tables().of(SANA, standing("gold"), PRIVATE).quotas() == ()


def test_forgetting_all_tables_makes_new_ones() -> None:
    tables = Tables()
    first = tables.of(SANA, standing("free"), PRIVATE)
    tables.clear()
    assert tables.of(SANA, standing("free"), PRIVATE) is not first


@pytest.mark.parametrize(("tier", "offered"), [("free", "key:commercial"), ("premium", "key:commercial")])
def test_who_has_not_declared_what_is_asked_for_is_offered_to_do_so(tier: str, offered: str) -> None:
    silent = table(tier, replace(PRIVATE, facts={}))
    assert silent.refusal("look", "code", 0, {}).code == "declaration_missing"
    assert f"{silent.offers('look', 'code', 0)[0].kind}:{silent.offers('look', 'code', 0)[0].name}" == offered
    assert not [o for o in table(tier).offers("look", "code", 0) if o.kind == "key"], "it has been declared"


def test_who_has_two_facts_to_declare_is_offered_to_declare_both() -> None:
    text = (Path(__file__).parents[1] / "cases" / "sana.toml").read_text()
    both = read(text.replace('declare = ["commercial"]', 'declare = ["commercial", "medical"]').encode())
    held = replace(standing("free"), document=both.sha256)
    (first, *_) = Tables().of(both, held, replace(PRIVATE, facts={})).offers("look", "code", 0)
    assert first.kind == "key"
    assert "`commercial`" in first.detail and "`medical`" in first.detail
    (first, *_) = Tables().of(both, held, PRIVATE).offers("look", "code", 0)
    assert "`commercial`" not in first.detail and "`medical`" in first.detail


def test_what_is_to_be_accepted_is_offered_where_its_component_is() -> None:
    first = table("research").offers("download", "weights", 0, url="https://sana.example")[0]
    assert (first.kind, first.url) == ("acceptance", "https://sana.example/licenses/weights/accept")
    accepted = Tables().of(SANA, standing("research", **{f"accepted:{first.name}": True}), PRIVATE)
    assert accepted.slot("download", "weights", 0).ways


def test_a_stranger_is_offered_to_sign_up_for_what_is_free_and_to_ask_or_buy_for_the_rest() -> None:
    stranger = Tables().of(SANA, anonymous(SANA))
    offers = {o.name: o.detail for o in stranger.offers("look", "code", 0, {"used:calls/day": 21})}
    assert offers["free"].startswith("sign up")
    assert offers["research"].startswith("ask for tier `research`: the operator approves it")
    assert "sign up" not in offers["premium"] and "9.00 EUR / month" in offers["premium"]
    held = {o.name: o.detail for o in table("free").offers("look", "code", 0, {"used:calls/month": 1_001})}
    assert not [detail for detail in held.values() if "sign up" in detail]
    account = Standing("hol_1", SANA.name, "", SANA.sha256, frozenset({"account"}))
    without = {o.name: o.detail for o in Tables().of(SANA, account, PRIVATE).offers("look", "code", 0)}
    assert "`free`" in without["free"] and "sign up" not in without["free"]
