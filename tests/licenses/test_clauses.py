"""Does a sheet become the clauses that it should: for every value, scope and kind of silence?"""

from __future__ import annotations

import tomllib
from dataclasses import replace
from typing import Any

import pytest

from licet.licenses import shelf
from licet.licenses.clauses import terms_of
from licet.licenses.shelf import Limit, Reading, Sheet
from licet.terms.clause import Ask, Says, Scalar
from licet.terms.fact import bind
from licet.terms.may import may
from licet.terms.verdict import Answer, Verdict


def sheet(scope: str = "unrestricted", limits: tuple[Limit, ...] = (), **values: Any) -> Sheet:
    """A made-up license: MIT's sheet under another id, with other readings."""
    row = tomllib.loads((shelf.SHELF / "MIT.toml").read_text(encoding="utf-8"))
    row |= {"id": "LicenseRef-made-up", "scope": scope}
    made = shelf.sheet_of(row)
    readings = {k: Reading(k, v, section="7") for k, v in values.items() if k in made.readings}
    return replace(made, readings={**made.readings, **readings}, limits=limits, **{
        k: v for k, v in values.items() if k not in made.readings
    })  # fmt: skip


def ask(made: Sheet, action: str, *, beside: bool = False, **facts: Scalar) -> Verdict:
    terms = terms_of(made, beside=beside)
    return may(terms, bind(terms, Ask(action, "", frozenset(), facts)))


@pytest.mark.parametrize("scope", ["field-limited", "purpose-limited", "threshold-limited"])
@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("reproduce", "reproduce"),
        ("distribute", "distribute"),
        ("modify", "modify"),
        ("modify", "merge"),
        ("modify", "quantize"),
        ("derivatives_finetune", "fine-tune"),
        ("sublicense", "sublicense"),
    ],
)
def test_silence_of_a_limited_grant_on_a_reserved_act_is_no(scope: str, kind: str, action: str) -> None:
    verdict = ask(sheet(scope, **{kind: "silent"}), action)
    assert verdict.answer is Answer.NO
    assert verdict.because[0].cite == "LicenseRef-made-up is silent"


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("output_ownership", "use-outputs"),
        ("output_ownership", "publish-outputs"),
        ("train_other_models_on_outputs", "train-on-outputs"),
        ("train_other_models_on_outputs", "distill"),
        ("host_as_service", "host-as-service"),
    ],
)
def test_silence_of_a_limited_grant_on_what_the_law_may_not_reserve_is_depends(kind: str, action: str) -> None:
    verdict = ask(sheet("purpose-limited", **{kind: "silent"}), action)
    assert (verdict.answer, verdict.needs) == (Answer.DEPENDS, {f"unsaid:LicenseRef-made-up.{kind}"})


def test_silence_on_hosting_is_no_where_hosting_is_distribution() -> None:
    made = sheet("field-limited", host_as_service="silent", hosting_is_distribution=True)
    assert ask(made, "host-as-service").answer is Answer.NO


@pytest.mark.parametrize("kind", ["reproduce", "distribute", "modify", "host_as_service", "sublicense"])
def test_silence_of_an_unlimited_grant_is_the_general_grant(kind: str) -> None:
    made = sheet("unrestricted", **{kind: "silent"})
    verdict = ask(made, kind.replace("_", "-"))
    assert verdict.answer is Answer.YES
    assert verdict.because[0].cite == "LicenseRef-made-up, ¶1"


def test_no_grant_however_wide_lends_a_name() -> None:
    verdict = ask(sheet("unrestricted", trademark="silent"), "use-trademark")
    assert verdict.needs == {"unsaid:LicenseRef-made-up.trademark"}


@pytest.mark.parametrize(
    ("kind", "action"),
    [
        ("use", "use"),
        ("modify", "fine-tune"),
        ("output_ownership", "use-outputs"),
        ("host_as_service", "host-as-service"),
    ],
)
def test_what_nobody_has_read_depends_on_that(kind: str, action: str) -> None:
    verdict = ask(sheet(**{kind: "unknown"}), action)
    assert (verdict.answer, verdict.needs) == (Answer.DEPENDS, {f"read:LicenseRef-made-up.{kind}"})


@pytest.mark.parametrize("kind", ["hardware_lock", "no_compete", "field_of_use_restrictions", "acceptable_use_policy"])
def test_a_limit_that_nobody_has_read_holds_back_the_yes(kind: str) -> None:
    verdict = ask(sheet(**{kind: "unknown"}), "use")
    assert (verdict.answer, verdict.needs) == (Answer.DEPENDS, {f"read:LicenseRef-made-up.{kind}"})


def test_a_duty_that_nobody_has_read_holds_back_handing_it_on_but_not_its_use() -> None:
    made = sheet(attribution="unknown")
    assert ask(made, "use").answer is Answer.YES
    assert ask(made, "distribute").needs == {"read:LicenseRef-made-up.attribution"}


def test_a_refusal_cites_its_section_and_carries_the_code() -> None:
    verdict = ask(sheet(host_as_service="no"), "host-as-service")
    assert (verdict.answer, verdict.code) == (Answer.NO, "license_forbids")
    assert verdict.because[0].cite == "LicenseRef-made-up §7"


def test_a_fine_tune_needs_the_right_to_change_and_to_derive() -> None:
    assert ask(sheet(derivatives_finetune="no"), "fine-tune").answer is Answer.NO
    assert ask(sheet(derivatives_finetune="no"), "quantize").answer is Answer.YES
    assert ask(sheet(modify="no"), "fine-tune").answer is Answer.NO
    assert ask(sheet(modify="no"), "quantize").answer is Answer.NO


def test_a_changed_version_is_handed_on_only_with_the_right_to_change() -> None:
    made = sheet("purpose-limited", modify="silent")
    assert ask(made, "distribute", modified=False).answer is Answer.YES
    assert ask(made, "distribute", modified=True).answer is Answer.NO
    assert ask(made, "distribute").needs == {"modified"}


def test_non_commercial_shuts_out_commerce_and_asks_for_it() -> None:
    made = sheet("purpose-limited", commercial_use="no", sell="no")
    assert ask(made, "use", commercial=True).answer is Answer.NO
    assert ask(made, "use", commercial=False).answer is Answer.YES
    assert ask(made, "use").needs == {"commercial"}
    assert ask(made, "use-outputs", commercial=True).needs == {"unsaid:LicenseRef-made-up.output_ownership"}


def test_selling_that_no_word_names_is_unsaid_where_copies_and_commerce_are_granted() -> None:
    granted = sheet("threshold-limited", sell="silent", commercial_use="yes")
    assert ask(granted, "distribute", commercial=False).answer is Answer.YES
    assert ask(granted, "distribute", commercial=True).needs == {"unsaid:LicenseRef-made-up.sell"}
    assert ask(
        sheet("threshold-limited", sell="silent", commercial_use="no"), "distribute", commercial=True
    ).answer is (Answer.NO)
    assert ask(sheet("unrestricted", sell="silent"), "distribute", commercial=True).answer is Answer.YES


THRESHOLD = Limit("revenue_or_mau_threshold", ("rights",), (("monthly_active_users", ">", 700_000_000),))


@pytest.mark.parametrize(
    ("users", "answer"), [(700_000_000, Answer.YES), (700_000_001, Answer.NO), (None, Answer.DEPENDS)]
)
def test_a_threshold_is_a_number_and_its_edge_is_allowed(users: int | None, answer: Answer) -> None:
    made = sheet("threshold-limited", (THRESHOLD,), revenue_or_mau_threshold="present")
    told: dict[str, Scalar] = {} if users is None else {"monthly_active_users": users}
    assert ask(made, "use", **told).answer is answer


def test_an_exception_narrows_the_bar_it_excepts_from() -> None:
    limit = Limit("commercial_use", ("rights",), (("commercial", "is", True), ("affiliate_of_licensor", "is", False)))
    made = sheet("purpose-limited", (limit,), commercial_use="no")
    assert ask(made, "use", commercial=True).answer is Answer.NO
    assert ask(made, "use", commercial=True, affiliate_of_licensor=True).answer is Answer.YES


def test_the_european_union_is_written_out() -> None:
    limit = Limit("user_geography_exclusion", ("rights",), (("country", "in", ("EU", "GB")),))
    made = sheet("threshold-limited", (limit,), user_geography_exclusion="present")
    for country, answer in (("DE", Answer.NO), ("GB", Answer.NO), ("US", Answer.YES), ("CH", Answer.YES)):
        assert ask(made, "use", country=country).answer is answer


def test_what_the_text_leaves_open_is_never_better_than_depends() -> None:
    limit = Limit("use", ("use",), (("purpose", "is", "production"),), unsettled=True)
    made = sheet("purpose-limited", (limit,), use="conditional")
    assert ask(made, "use", purpose="production").needs == {"unsaid:LicenseRef-made-up.use"}
    assert ask(made, "use", purpose="research").answer is Answer.YES


def test_a_condition_that_is_no_fact_is_owed_in_the_readers_words() -> None:
    made = sheet("purpose-limited", use="conditional")
    [duty] = ask(made, "use").duties
    assert duty.says is Says.MUST
    assert duty.duty.startswith("keep to the condition under which you may run")


def test_an_addendum_grants_nothing_alone_and_hides_nothing_beside_another() -> None:
    made = sheet("unknown", addendum=True, **dict.fromkeys(("use", "distribute", "modify"), "silent"), sell="no")
    assert ask(made, "use").needs == {"unsaid:LicenseRef-made-up.use"}
    assert ask(made, "use", beside=True).answer is Answer.YES
    assert ask(made, "distribute", beside=True, commercial=True).answer is Answer.NO


def test_a_use_policy_reaches_outputs_only_where_hosting_is_distribution() -> None:
    policy = {"acceptable_use_policy": "inline", "output_ownership": "licensee"}
    assert ask(sheet("field-limited", **policy), "use-outputs").duties == ()
    reaching = ask(sheet("field-limited", hosting_is_distribution=True, **policy), "use-outputs")
    assert [duty.duty for duty in reaching.duties] == ["keep to its use policy"]


@pytest.mark.parametrize(
    ("id", "yes"),
    [
        ("LicenseRef-scancode-stable-diffusion-2022-08-22", True),
        ("LicenseRef-scancode-gemma-tou-2025-03-24", True),
        ("LicenseRef-tencent-hunyuan-community-2024-12-03", True),
        ("LicenseRef-yi-community-2.1", True),
        ("LicenseRef-ltx-2-community-2026-08-11", True),
        ("LicenseRef-scancode-llama-3.1-license-2024", False),
    ],
)
def test_hosting_is_distribution_where_the_text_says_so(id: str, yes: bool) -> None:
    found = shelf.sheet(id)
    assert found is not None
    assert found.hosting_is_distribution is yes
