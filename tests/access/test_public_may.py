"""`licet.may`, as other programs call it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import licet
from licet.release.document import read
from licet.terms import Answer, Clause, Fact, Says, Terms

SANA = read((Path(__file__).parents[1] / "cases" / "sana.toml").read_bytes())


def test_a_license_id_an_expression_a_release_and_a_policy_may_be_asked() -> None:
    assert licet.may("sell", "CC-BY-NC-4.0").answer is Answer.NO
    assert licet.may("sell", "MIT OR CC-BY-NC-4.0").answer is Answer.YES
    assert licet.may("look", SANA).answer is Answer.YES
    policy = Terms("mine", (Clause(Says.CAN, frozenset({"use"}), cite="here"),))
    assert licet.may("use", policy).answer is Answer.YES


def test_sugar_is_the_bare_action_asked_commercially() -> None:
    mine = Terms("mine", (Clause(Says.CAN, frozenset({"use"}), when=(Fact("commercial", "is", False),), cite="here"),))
    assert licet.may("use", mine).answer is Answer.DEPENDS
    assert licet.may("commercial-use", mine).answer is Answer.NO
    assert licet.may("use", mine, facts={"commercial": False}).answer is Answer.YES


def test_claims_and_facts_say_who_asks() -> None:
    told = {"commercial": True}
    assert licet.may("paint", SANA, claims=["tier:free"], facts=told).code == "feature_not_in_tier"
    assert licet.may("paint", SANA, claims=["tier:research"], facts=told).code == "license_forbids"
    assert licet.may("paint", SANA, claims=["tier:premium"], facts=told).answer is Answer.YES
    assert licet.may("paint", SANA).code == "not_authenticated"


def test_the_clock_may_be_told() -> None:
    late = {"commercial": True, "now_s": 2_051_222_400}
    assert licet.may("use", SANA, component="weights", facts={**late, "now_s": 0}).answer is Answer.NO
    assert licet.may("use", SANA, component="weights", facts=late).answer is Answer.YES


@pytest.mark.parametrize(
    ("action", "of", "mend"), [("sel", "MIT", "`sell`"), ("use", "MITT", "`MIT`"), ("piant", SANA, "`paint`")]
)
def test_an_unknown_word_is_an_error_with_the_nearest_one(action: str, of: object, mend: str) -> None:
    with pytest.raises(licet.LicetError) as error:
        licet.may(action, of)  # type: ignore[arg-type]
    assert mend in error.value.mend


@pytest.mark.parametrize(
    ("told", "mend"),
    [({"comercial": True}, "`commercial`"), ({"commercial": "yes"}, "write it so"), ({"employees": True}, "write it so"),
     ({"purpose": "fun"}, "research"), ({"now_s": "today"}, "write it so"), ({"": 1}, "commercial")],
)  # fmt: skip
def test_a_fact_that_nothing_asks_about_is_an_error_and_not_passed_over(told: dict[str, Any], mend: str) -> None:
    for of in ("MIT", SANA):
        with pytest.raises(licet.LicetError) as error:
            licet.may("use", of, facts=told)
        assert mend in error.value.mend


def test_a_policy_of_ones_own_may_ask_about_facts_of_its_own() -> None:
    mine = Terms("mine", (Clause(Says.CAN, when=(Fact("colour", "is", "red"),), cite="here"),))
    assert licet.may("use", mine, facts={"colour": "red"}).answer is Answer.YES


def test_one_claim_without_a_list_is_an_error_and_no_quiet_no() -> None:
    with pytest.raises(licet.LicetError) as error:
        licet.may("paint", SANA, claims="tier:premium")
    assert error.value.mend == 'write claims=["tier:premium"]'


def test_what_is_imported_late_is_listed_and_helped_with() -> None:
    import pydoc

    assert set(licet.__all__) <= set(dir(licet))
    told = pydoc.render_doc(licet, renderer=pydoc.plaintext)  # type: ignore[attr-defined]
    assert all(
        f"\n    {name}(" in told for name in ("may", "feature", "explain", "compare", "compat", "identify", "choose")
    )
