"""Laws of the whole shelf: what must hold for every license that was read, and for every question put to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.licenses import compare, compat, explain, known, may_license, policy, sheet
from licet.licenses.kinds import DUTIES, LIMITS, RIGHTS
from licet.licenses.vocabulary import ROOTS
from licet.licenses.witness import best
from licet.terms.action import ACTIONS
from licet.terms.clause import Says, Scalar, Terms, clauses_of
from licet.terms.code import CODES
from licet.terms.fact import FACTS, Who
from licet.terms.verdict import Answer

LICENSES = known()
licenses = st.sampled_from(LICENSES)
actions = st.sampled_from(tuple(ACTIONS))


def values(name: str) -> st.SearchStrategy[Scalar]:
    row = FACTS[name]
    if row.choices:
        return st.sampled_from(row.choices)
    if row.type is bool:
        return st.booleans()
    if row.type is int:
        return st.sampled_from((0, 99, 100, 999_999, 1_000_001, 10_000_001, 100_000_001, 700_000_001, 10**11))
    return st.sampled_from({"country": ("US", "DE", "GB", "KR"), "hardware": ("nvidia", "amd")}[name])


ASKABLE = tuple(row.name for row in FACTS.values() if row.who is Who.ASKER)
facts = st.fixed_dictionaries({}, optional={name: values(name) for name in ASKABLE})


def terms(id: str) -> Terms:
    found = policy(id)
    assert isinstance(found, Terms)
    return found


@pytest.mark.parametrize("id", LICENSES)
def test_a_license_does_not_differ_from_itself(id: str) -> None:
    compared = compare(id, id)
    assert (compared.changes, compared.who_gains, compared.who_loses, compared.shifts) == ((), (), (), ())


@given(licenses, licenses)
def test_a_comparison_turned_round_turns_its_directions_round(a: str, b: str) -> None:
    there, back = compare(a, b), compare(b, a)
    turned = {"looser": "stricter", "stricter": "looser", "other": "other"}
    assert [(c.kind, turned[c.direction]) for c in there.changes] == [(c.kind, c.direction) for c in back.changes]
    assert set(there.who_gains) == set(back.who_loses)


@pytest.mark.parametrize("id", LICENSES)
def test_what_may_be_handed_on_changed_may_go_out_under_its_own_license(id: str) -> None:
    verdict = compat(id, id)
    assert verdict.answer is best(terms(id), "distribute", {"modified": True}).answer


@given(licenses, actions, facts, st.data())
def test_learning_a_fact_only_settles(id: str, action: str, told: dict[str, Scalar], data: st.DataObject) -> None:
    before = may_license(action, id, facts=told)
    more = data.draw(st.sampled_from(ASKABLE))
    if more in told or FACTS[more].default is not None:  # a default is an answer already
        return
    after = may_license(action, id, facts={**told, more: data.draw(values(more))})
    if before.answer is not Answer.DEPENDS:
        assert after.answer is before.answer


@given(licenses, actions, facts)
def test_what_widens_never_takes_away(id: str, action: str, told: dict[str, Scalar]) -> None:
    widening = {row.name: True for row in FACTS.values() if row.default is False}
    narrow = may_license(action, id, facts={**told, **dict.fromkeys(widening, False)})
    wide = may_license(action, id, facts={**told, **widening})
    assert wide.answer >= narrow.answer


@pytest.mark.parametrize("id", LICENSES)
def test_for_each_clause_shown_as_you_may_may_says_yes_or_depends(id: str) -> None:
    shown = {told.kind for told in explain(id).you_may}
    for action, root in ROOTS.items():
        if action == "remove-safety-filter":
            continue  # a change that some texts single out
        if set(root.kinds) <= shown:
            assert may_license(action, id).answer is not Answer.NO, action
    if "commercial_use" in shown:
        assert may_license("commercial-use", id).answer is not Answer.NO


@pytest.mark.parametrize("id", LICENSES)
def test_for_each_right_shown_as_refused_may_says_no(id: str) -> None:
    refused = {told.kind for told in explain(id).you_may_not} & set(RIGHTS)
    for action, root in ROOTS.items():
        if refused & set(root.kinds):
            assert may_license(action, id).answer is Answer.NO, action
    if "commercial_use" in refused:
        assert may_license("commercial-use", id).answer is Answer.NO


@given(licenses, actions, facts)
def test_unknown_stays_unknown(id: str, action: str, told: dict[str, Scalar]) -> None:
    """A yes never rests on a clause that nobody has read, and neither does a no."""
    found = sheet(id)
    assert found is not None
    unread = {kind for kind, reading in found.readings.items() if reading.value == "unknown"}
    verdict = may_license(action, id, facts=told)
    if unread & set(ROOTS[action].kinds) and not any(c.says is Says.CANNOT for c in verdict.because):
        assert verdict.answer is Answer.DEPENDS
    if verdict.answer is not Answer.DEPENDS:
        assert not any(f.name.startswith(("read:", "unsaid:")) for c in verdict.because for f in c.when)


@pytest.mark.parametrize("id", LICENSES)
def test_every_clause_that_nobody_has_read_is_missed_by_some_question(id: str) -> None:
    found = sheet(id)
    assert found is not None
    asked = {**RIGHTS, **DUTIES, **LIMITS}.keys() - {"patent_grant"}
    unread = {kind for kind in asked if found[kind].value == "unknown"}
    if unread:
        for action in ("use", "distribute"):
            assert may_license(action, id, facts={"commercial": False}).answer is not Answer.YES


@given(licenses, actions, facts)
def test_every_verdict_has_reasons_with_places_and_codes_of_ours(id: str, action: str, told: dict[str, Scalar]) -> None:
    verdict = may_license(action, id, facts=told)
    assert verdict.because
    assert all(clause.cite for clause in (*verdict.because, *verdict.duties))
    assert all(duty.duty for duty in verdict.duties)
    assert verdict.code in (*CODES, "")
    assert bool(verdict.needs) is (verdict.answer is Answer.DEPENDS)


@pytest.mark.parametrize("id", LICENSES)
def test_every_clause_of_a_license_can_be_shown(id: str) -> None:
    for clause in clauses_of(policy(id)):
        assert clause.cite.startswith(id)
        assert clause.actions and clause.actions <= set(ACTIONS)
        assert (clause.says is Says.MUST) == bool(clause.duty)
        assert (clause.says is Says.MUST) == (clause.code == "")


@given(licenses, licenses)
def test_two_licenses_together_allow_no_more_than_each_alone(a: str, b: str) -> None:
    for action in ("use", "distribute", "host-as-service"):
        both, either = may_license(action, f"{a} AND {b}"), may_license(action, f"{a} OR {b}")
        one, other = may_license(action, a), may_license(action, b)
        alone = {one.answer, other.answer}
        assert either.answer is max(alone)
        if not any(found and found.addendum for found in (sheet(a), sheet(b))):
            assert both.answer is min(alone)
