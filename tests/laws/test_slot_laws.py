"""What is worked out ahead of time equals the specification in answer and duties, for all counts, while it is fresh."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import event, given, settings
from hypothesis import strategies as st
from made import METERS, TOLD, counts, metered_policies

from licet.access.slot import NEVER_S, slot
from licet.terms import CLOCK, AllOf, Answer, AnyOf, Ask, Clause, Fact, Policy, Says, Terms, may

standings = st.builds(
    Ask,
    st.just("act"),
    st.just("weights"),
    st.sampled_from([frozenset(), frozenset({"p"}), frozenset({"p", "q"})]),
    st.fixed_dictionaries({CLOCK: st.integers(0, 6)}, optional={name: st.booleans() for name in TOLD}),
)


often = settings(max_examples=max(1000, settings.default.max_examples))  # the law that money hangs on


def agree(policy: Policy, ask: Ask, used: dict[str, int], way_of: Ask | None = None) -> None:
    """The way taken and the verdict of `may` say the same."""
    worked_out = slot(policy, way_of or ask)
    verdict = may(policy, replace(ask, facts={**ask.facts, **used}))
    way = worked_out.taken(used)
    assert (verdict.answer is Answer.YES) == (way is not None)
    if way is not None:
        assert way.yes.answer is Answer.YES
        assert set(way.yes.duties) == set(verdict.duties)


@often
@given(metered_policies, standings, counts)
def test_the_way_taken_owes_exactly_what_may_says(policy: Policy, ask: Ask, used: dict[str, int]) -> None:
    worked_out = slot(policy, ask)
    event(f"ways: {min(len(worked_out.ways), 4)}")
    event(f"turns: {worked_out.until_s != NEVER_S}")
    agree(policy, ask, used)


@often
@given(metered_policies, standings, counts, st.integers(0, 8))
def test_a_slot_holds_at_every_moment_before_it_turns(
    policy: Policy, ask: Ask, used: dict[str, int], later: int
) -> None:
    worked_out = slot(policy, ask)
    if int(ask.facts[CLOCK]) <= later < worked_out.until_s:
        agree(policy, replace(ask, facts={**ask.facts, CLOCK: later}), used, way_of=ask)


@given(metered_policies, standings, counts, st.sampled_from(METERS))
def test_more_use_never_helps(policy: Policy, ask: Ask, used: dict[str, int], meter: str) -> None:
    worked_out = slot(policy, ask)
    more = {**used, meter: used[meter] + 1}
    if worked_out.taken(used) is None:
        assert worked_out.taken(more) is None


@given(metered_policies, standings)
def test_no_way_is_there_in_vain(policy: Policy, ask: Ask) -> None:
    """Each way is taken by some counts: those that it only just allows."""
    worked_out = slot(policy, ask)
    for way in worked_out.ways:
        edge = {**dict.fromkeys(METERS, 10**9), **dict(way.takes)}
        assert worked_out.taken(edge) is way


def test_a_shared_duty_weighs_once_and_the_choice_is_still_that_of_may() -> None:
    """Sorting ways by duties alone would take `y` here: `z` owes its duty anyway, so `y` looks free of charge."""

    def of(name: str, duty: str, *when: Fact) -> Terms:
        return Terms(name, (Clause(Says.CAN, when=when, cite=name), Clause(Says.MUST, duty=duty, cite=duty)))

    x, y, z = of("x", "pay", Fact("used:a", "<=", 3)), of("y", "name"), of("z", "name")
    policy = AllOf((AnyOf((x, y)), z))
    ask = Ask("act", "weights", frozenset(), {CLOCK: 0})
    for a in range(6):
        agree(policy, ask, {"used:a": a})
    above = AnyOf((policy, of("w", "tell", Fact("used:b", "<=", 2))))
    for a in range(6):
        for b in range(4):
            agree(above, ask, {"used:a": a, "used:b": b})


def test_a_price_past_the_quota_is_a_way_of_its_own() -> None:
    quota = Terms(
        "quota",
        (
            Clause(Says.CAN, when=(Fact("used:a", "<=", 3),), cite="within"),
            Clause(Says.CAN, cite="past"),
            Clause(Says.MUST, when=(Fact("used:a", ">", 3),), duty="pay", cite="price"),
        ),
    )
    ask = Ask("act", "weights", frozenset(), {CLOCK: 0})
    first, second = slot(quota, ask).ways
    assert (first.takes, first.yes.duties) == ((("used:a", 3),), ())
    assert (second.takes, [c.duty for c in second.yes.duties]) == ((), ["pay"])


def test_a_slot_turns_at_the_second_at_which_a_test_on_the_clock_does() -> None:
    until = Terms("grant", (Clause(Says.CAN, when=(Fact(CLOCK, "<=", 9),), cite="until 9, the last one included"),))
    ask = Ask("act", "weights", frozenset(), {CLOCK: 4})
    assert slot(until, ask).until_s == 10
    assert slot(until, replace(ask, facts={CLOCK: 9})).ways
    assert not slot(until, replace(ask, facts={CLOCK: 10})).ways
    assert slot(until, replace(ask, facts={CLOCK: 10})).until_s == NEVER_S
