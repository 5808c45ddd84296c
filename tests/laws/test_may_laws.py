"""The laws of `may`, on random policies."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made import TOLD, asks, facts, policies, terms

from licet.terms import AllOf, Answer, AnyOf, Ask, Clause, Fact, Policy, Says, Terms, clauses_of, may


@given(policies, asks)
def test_a_yes_always_rests_on_a_can_that_holds(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    if verdict.answer is Answer.YES:
        assert any(c.says is Says.CAN and c.covers(ask) and c.holds(ask) for c in verdict.because)


@given(asks)
def test_terms_that_say_nothing_allow_nothing(ask: Ask) -> None:
    assert may(Terms("empty", ()), ask).answer is Answer.NO


@given(terms, asks, st.integers(0, 5))
def test_a_cannot_that_holds_beats_every_can_of_its_terms(body: Terms, ask: Ask, at: int) -> None:
    """Wherever it stands among the others, and whatever they say."""
    cannot = Clause(Says.CANNOT, frozenset({ask.action}), cite="the one that holds")
    verdict = may(replace(body, clauses=(*body.clauses[:at], cannot, *body.clauses[at:])), ask)
    assert verdict.answer is Answer.NO
    assert cannot in verdict.because
    assert all(c.says is Says.CANNOT for c in verdict.because)


@given(terms, asks, st.randoms(use_true_random=False))
def test_the_order_of_clauses_does_not_matter(body: Terms, ask: Ask, dice: random.Random) -> None:
    shuffled = list(body.clauses)
    dice.shuffle(shuffled)
    one, two = may(body, ask), may(replace(body, clauses=tuple(shuffled)), ask)
    assert one.answer is two.answer
    assert one.needs == two.needs
    assert set(one.duties) == set(two.duties)
    assert set(one.because) == set(two.because)


@given(terms, asks)
def test_a_clause_said_twice_says_no_more_than_once(body: Terms, ask: Ask) -> None:
    assert may(replace(body, clauses=body.clauses * 2), ask) == may(body, ask)


@given(policies, asks, facts)
def test_learning_a_fact_only_settles(policy: Policy, ask: Ask, learnt: dict[str, object]) -> None:
    before = may(policy, ask)
    after = may(policy, replace(ask, facts={**learnt, **ask.facts}))
    if before.answer is not Answer.DEPENDS:
        assert after.answer is before.answer


@given(policies, asks)
def test_knowing_everything_leaves_nothing_open(policy: Policy, ask: Ask) -> None:
    everything = {**dict.fromkeys(TOLD, True), "employees": 2, "country": "DE", **ask.facts}
    assert may(policy, replace(ask, facts=everything)).answer is not Answer.DEPENDS


@given(policies, asks)
def test_it_depends_exactly_when_a_fact_is_missing(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    assert (verdict.answer is Answer.DEPENDS) == bool(verdict.needs)
    assert verdict.needs.isdisjoint(ask.facts)


@given(policies, asks)
def test_every_verdict_has_a_reason_with_a_place(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    assert verdict.because
    assert all(c.cite for c in verdict.because)


@given(policies, asks)
def test_a_no_owes_nothing_and_asks_for_nothing(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    if verdict.answer is Answer.NO:
        assert not verdict.duties
        assert not verdict.needs


@given(policies, policies, asks)
def test_over_all_of_the_least_answer_stands_and_over_any_of_the_greatest(one: Policy, two: Policy, ask: Ask) -> None:
    answers = [may(one, ask).answer, may(two, ask).answer]
    assert may(AllOf((one, two)), ask).answer is min(answers)
    assert may(AnyOf((one, two)), ask).answer is max(answers)


@given(policies, policies, asks)
def test_over_all_of_duties_add_up(one: Policy, two: Policy, ask: Ask) -> None:
    both = may(AllOf((one, two)), ask)
    if both.answer is not Answer.NO:
        assert set(both.duties) == {*may(one, ask).duties, *may(two, ask).duties}


@given(policies, policies, policies, asks)
def test_and_and_or_are_associative_on_whole_verdicts(one: Policy, two: Policy, three: Policy, ask: Ask) -> None:
    a, b, c = (may(p, ask) for p in (one, two, three))
    assert (a & b) & c == a & (b & c)
    assert (a | b) | c == a | (b | c)


@given(policies, asks)
def test_and_and_or_are_idempotent_on_whole_verdicts(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    assert verdict & verdict == verdict
    assert verdict | verdict == verdict


@given(policies, policies, asks)
def test_and_and_or_commute_in_what_they_answer(one: Policy, two: Policy, ask: Ask) -> None:
    a, b = may(one, ask), may(two, ask)
    assert (a & b).answer is (b & a).answer
    assert set((a & b).because) == set((b & a).because)
    assert (a | b).answer is (b | a).answer
    assert len((a | b).duties) == len((b | a).duties)


@given(policies, policies, asks)
def test_answers_absorb_and_distribute_like_min_and_max(one: Policy, two: Policy, ask: Ask) -> None:
    a, b = may(one, ask), may(two, ask)
    assert (a & (a | b)).answer is a.answer
    assert (a | (a & b)).answer is a.answer


@given(policies, policies, asks)
def test_a_choice_keeps_the_side_that_asks_for_less(one: Policy, two: Policy, ask: Ask) -> None:
    a, b = may(one, ask), may(two, ask)
    kept = a | b
    if a.answer is b.answer is not Answer.NO:
        assert kept in (a, b)
        assert (len(kept.needs), len(kept.duties)) == min((len(v.needs), len(v.duties)) for v in (a, b))
        if (len(a.needs), len(a.duties)) == (len(b.needs), len(b.duties)):
            assert kept is a


@given(policies, terms, asks)
def test_a_grant_taken_away_leaves_exactly_the_verdict_from_before_it(policy: Policy, grant: Terms, ask: Ask) -> None:
    """A revoked grant is no longer in the tree, never a *cannot*: so nothing of it can stay behind."""
    before = may(policy, ask)
    given_to = AnyOf((policy, grant))
    assert may(given_to, ask).answer >= before.answer
    taken = given_to.of[0]
    assert may(taken, ask) == before


@given(policies, asks)
def test_only_clauses_that_cover_the_ask_are_given_as_reasons(policy: Policy, ask: Ask) -> None:
    verdict = may(policy, ask)
    mine = {c for c in clauses_of(policy) if c.covers(ask)}
    assert all(c in mine or c.cite.endswith(" is silent") for c in (*verdict.because, *verdict.duties))


@pytest.mark.parametrize("join", [AllOf, AnyOf])
def test_a_join_of_nothing_is_refused(join: type[AllOf] | type[AnyOf]) -> None:
    with pytest.raises(ValueError, match="of nothing"):
        join(())


def test_a_no_cites_what_is_about_this_party_before_what_is_about_others() -> None:
    mine = Clause(Says.CAN, claims=frozenset({"p"}), when=(Fact("commercial", "is", True),), cite="mine")
    other = Clause(Says.CAN, claims=frozenset({"q"}), cite="theirs")
    ask = Ask("act", "weights", frozenset({"p"}), {"commercial": False})
    assert may(Terms("t", (other, mine)), ask).because == (mine,)
    assert may(Terms("t", (other,)), ask).because == (other,)
