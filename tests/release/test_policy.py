"""Which terms govern what: the tree of `docs/decisions/0001-how-a-call-is-decided.md`, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from licet.licenses.shelf import known
from licet.release.policy import download, released, served
from licet.release.release import Anonymous, Component, Feature, Price, Quota, Release, Tier, Upstream
from licet.terms import Answer, Ask, Clause, Fact, Policy, Says, Terms, Verdict, may
from licet.terms.clause import Scalar
from licet.terms.fact import bind

CHANGE_S = 1_000_000
CODE = Component("code", "code", 10, license="Apache-2.0")
WEIGHTS = Component(
    "weights", "weights", 20, license="CC-BY-NC-4.0", accept=True, change_s=CHANGE_S, change_license="Apache-2.0"
)
TRAINER = Component("trainer", "code", 30, proprietary=True)
FREE = Tier("free", 60, frozenset({"look"}), quotas=(Quota("calls", 1000, "month", 63),))
RESEARCH = Tier(
    "research",
    70,
    frozenset({"look", "model", "get"}),
    requires_approval=True,
    quotas=(Quota("calls", 20_000, "month", 73),),
)
PREMIUM = Tier("premium", 80, frozenset({"look", "model", "get"}), quotas=(Quota("calls", 100_000, "month", 83),))
SANA = Release(
    "sana",
    "1.2.0",
    "Example Lab",
    "3f2a9c" + "0" * 58,
    line=1,
    components=(CODE, WEIGHTS, TRAINER),
    features=(
        Feature("look", 40, ("code",), call="x:look"),
        Feature("model", 50, ("weights",), call="x:model"),
        Feature("get", 55, ("weights",), download="weights"),
    ),
    tiers=(FREE, RESEARCH, PREMIUM),
)
USED = {"used:calls/month": 1, "used:calls/day": 1}


def asked(policy: Policy, action: str, component: str, *claims: str, **facts: Scalar) -> Verdict:
    told = {name.replace("__", ":"): value for name, value in facts.items()}
    return may(policy, bind(policy, Ask(action, component, frozenset(claims), {"now_s": 5, **USED, **told})))


def call(release: Release, feature: str, *claims: str, **facts: Scalar) -> Verdict:
    found = release.feature(feature)
    assert found
    return asked(served(release, feature), feature, found.serves[0], *claims, **facts)


def cites(verdict: Verdict) -> list[str]:
    return [c.cite for c in verdict.because]


def weights(license: str, **more: object) -> Release:
    """The release with its weights under another license, and nothing that changes with time."""
    changed = replace(WEIGHTS, license=license, change_s=None, change_license=None, **more)  # type: ignore[arg-type]
    return replace(SANA, components=(CODE, changed, TRAINER))


# --- who comes in ----------------------------------------------------------------------------------------------------


def test_a_tier_opens_its_features() -> None:
    verdict = call(SANA, "look", "account", "tier:free")
    assert verdict.answer is Answer.YES
    assert {"licet.toml:60", "licet.toml:63", "licet.toml:40"} <= set(cites(verdict))


def test_a_feature_of_other_tiers_is_refused_with_their_lines() -> None:
    verdict = call(SANA, "model", "account", "tier:free")
    assert (verdict.answer, verdict.code) == (Answer.NO, "feature_not_in_tier")
    assert {"licet.toml:70", "licet.toml:80"} <= set(cites(verdict))


def test_a_tier_that_nobody_knows_is_told_apart_from_one_that_lacks_the_feature() -> None:
    assert call(SANA, "look", "account", "tier:gold").code == "unknown_tier"


def test_a_caller_without_an_account_is_asked_to_sign_in() -> None:
    assert call(SANA, "look", "anonymous").code == "not_authenticated"
    opened = replace(SANA, anonymous=Anonymous(58, frozenset({"look"}), (Quota("calls", 20, "day", 59),)))
    assert call(opened, "look", "anonymous").answer is Answer.YES
    assert call(opened, "model", "anonymous").code == "not_authenticated"
    used = asked(served(opened, "look"), "look", "code", "anonymous", **{"used:calls/day": 21})
    assert (used.code, cites(used)) == ("quota_exhausted", ["licet.toml:59"])


def test_an_organization_is_as_good_a_holder_as_an_account() -> None:
    assert call(SANA, "look", "organization", "tier:free").answer is Answer.YES


def test_a_suspension_beats_every_tier() -> None:
    assert call(SANA, "model", "account", "tier:premium", "suspended").code == "suspended"


def test_an_awaited_tier_opens_nothing_and_lifts_no_quota() -> None:
    both = ("account", "tier:free", "tier:research")
    assert call(SANA, "model", *both).code == "approval_pending"
    assert call(SANA, "model", *both, approved__research=True).answer is Answer.YES
    past = {"used:calls/month": 1_001}
    assert call(SANA, "look", *both, **past).code == "quota_exhausted"
    assert call(SANA, "look", *both, approved__research=True, **past).answer is Answer.YES


def test_a_tier_without_the_feature_lends_its_lack_of_a_quota_to_no_other() -> None:
    unlimited = replace(FREE, name="open", features=frozenset({"look"}), quotas=())
    release = replace(SANA, tiers=(unlimited, PREMIUM))
    past = {"used:calls/month": 100_001}
    assert call(release, "model", "account", "tier:open", "tier:premium", **past).code == "quota_exhausted"


def test_a_quota_over_some_features_counts_only_those() -> None:
    some = Quota("calls", 1, "day", 84, features=frozenset({"model"}))
    release = replace(SANA, tiers=(replace(PREMIUM, quotas=(some,)),))
    past = {f"used:{some.counter}": 2}
    assert call(release, "model", "account", "tier:premium", **past).code == "quota_exhausted"
    assert call(release, "look", "account", "tier:premium", **past).answer is Answer.YES


def test_past_a_quota_with_a_price_the_use_goes_on_and_is_owed() -> None:
    priced = replace(PREMIUM, overage=(Price(400_000, "EUR", 86, 1000, "calls"),))
    release = replace(SANA, tiers=(priced,))
    within = call(release, "look", "account", "tier:premium")
    past = call(release, "look", "account", "tier:premium", **{"used:calls/month": 100_001})
    assert (within.answer, within.duties) == (Answer.YES, ())
    assert past.answer is Answer.YES
    assert [(c.duty, c.cite) for c in past.duties] == [("pay 0.40 EUR / 1000 calls", "licet.toml:86")]


def test_a_narrowed_key_is_told_so() -> None:
    policy = served(SANA, "model", narrow_features=frozenset({"look"}))
    verdict = asked(policy, "model", "weights", "account", "tier:premium")
    assert (verdict.code, cites(verdict)) == ("key_out_of_scope", ["key: narrowed by its owner"])
    wide = served(SANA, "look", narrow_features=frozenset({"look"}))
    assert asked(wide, "look", "code", "account", "tier:premium").answer is Answer.YES


def test_a_key_states_first_what_the_release_asks_of_every_key() -> None:
    release = replace(SANA, declare=("commercial",), declare_line=9)
    missing = call(release, "look", "account", "tier:free")
    assert (missing.code, cites(missing)) == ("declaration_missing", ["licet.toml:9"])
    stated = {"declared:commercial": True, "commercial": True}
    assert call(release, "look", "account", "tier:free", **stated).answer is Answer.YES


def test_a_grant_opens_beside_the_tier_and_nothing_of_it_stays() -> None:
    can = Clause(Says.CAN, frozenset({"model"}), when=(Fact("now_s", "<=", 10),), cite="grant g1")
    grant = Terms("grant g1", (can,))
    granted = served(SANA, "model", grants=(grant,))
    assert asked(granted, "model", "weights", "account", "tier:free").answer is Answer.YES
    late = asked(granted, "model", "weights", "account", "tier:free", now_s=11)
    assert late.answer is Answer.NO
    assert "grant g1" in cites(late)
    assert call(SANA, "model", "account", "tier:free").code == "feature_not_in_tier"


def test_cites_name_a_document_that_has_a_successor() -> None:
    verdict = asked(served(SANA, "model", newest=False), "model", "weights", "account", "tier:free")
    assert "licet.toml@3f2a9c:80" in cites(verdict)


def test_a_feature_that_no_tier_has_says_so_with_its_line() -> None:
    verdict = call(replace(SANA, tiers=(FREE,)), "model", "account", "tier:free")
    assert (verdict.code, cites(verdict)) == ("feature_not_in_tier", ["licet.toml:50"])


def test_an_unknown_feature_or_component_is_an_error_of_the_caller() -> None:
    with pytest.raises(KeyError):
        served(SANA, "upscale")
    with pytest.raises(KeyError):
        released(SANA, "use", "wieghts")
    with pytest.raises(KeyError):
        download(SANA, "wieghts")


# --- what the licenses say of it -------------------------------------------------------------------------------------


def test_a_license_that_is_silent_about_outputs_refuses_nobody() -> None:
    verdict = call(weights("CC-BY-NC-4.0"), "model", "account", "tier:premium")
    assert (verdict.answer, verdict.duties) == (Answer.YES, ())


@pytest.mark.parametrize("license", known())
def test_no_license_makes_a_served_call_depend(license: str) -> None:
    opened = Anonymous(58, frozenset({"look", "model"}))
    for declare in ((), ("commercial",)):
        release = replace(weights(license), anonymous=opened, declare=declare)
        for claims in (("account", "tier:premium"), ("anonymous",)):
            told = {"declared:commercial": True, "commercial": True} if claims[0] == "account" else {}
            assert call(release, "model", *claims, **told).answer is not Answer.DEPENDS


def test_what_nobody_is_asked_to_declare_is_a_duty_and_what_is_declared_decides() -> None:
    license = "LicenseRef-scancode-exaone-ai-model-1.1-nc"  # forbids commercial outputs
    unasked = call(weights(license), "model", "account", "tier:premium")
    assert unasked.answer is Answer.YES
    assert any(c.cite.startswith(license) and "commercial" in c.duty for c in unasked.duties)
    asks = replace(weights(license), declare=("commercial",))
    stated = {"declared:commercial": True}
    refused = call(asks, "model", "account", "tier:premium", commercial=True, **stated)
    assert (refused.answer, refused.code) == (Answer.NO, "license_forbids")
    assert call(asks, "model", "account", "tier:premium", commercial=False, **stated).answer is Answer.YES


def test_a_caller_without_an_account_owes_what_others_declare() -> None:
    license = "LicenseRef-scancode-exaone-ai-model-1.1-nc"
    opened = Anonymous(58, frozenset({"model"}))
    release = replace(weights(license), declare=("commercial",), anonymous=opened)
    verdict = call(release, "model", "anonymous")
    assert verdict.answer is Answer.YES
    assert any("commercial" in c.duty for c in verdict.duties)


def test_use_restrictions_reach_callers_only_where_hosting_is_distribution() -> None:
    def restricts(license: str) -> bool:
        duties = call(weights(license), "model", "account", "tier:premium").duties
        return any("do not use it for" in c.duty for c in duties)

    assert restricts("LicenseRef-scancode-gemma-tou-2025-03-24")  # its section 1.1(b): hosting is distribution
    assert not restricts("LicenseRef-llama-3-2024")


def test_the_license_that_a_tier_carries_opens_what_the_components_own_forbids() -> None:
    license = "LicenseRef-scancode-exaone-ai-model-1.1-nc"
    carries = replace(PREMIUM, licenses={"weights": "Apache-2.0"})
    release = replace(weights(license), tiers=(FREE, RESEARCH, carries), declare=("commercial",))
    stated = {"declared:commercial": True, "commercial": True}
    assert call(release, "model", "account", "tier:premium", **stated).answer is Answer.YES
    other = call(release, "model", "account", "tier:research", approved__research=True, **stated)
    assert other.code == "license_forbids"
    assert any(c.claims == frozenset({"tier:premium"}) for c in other.because)


def test_no_tier_sells_what_upstream_forbids() -> None:
    upstream = Upstream("base", "LicenseRef-scancode-exaone-ai-model-1.1-nc", 25)
    carries = replace(PREMIUM, licenses={"weights": "Apache-2.0"})
    release = replace(weights("MIT", upstream=(upstream,)), tiers=(carries,), declare=("commercial",))
    stated = {"declared:commercial": True, "commercial": True}
    assert call(release, "model", "account", "tier:premium", **stated).code == "license_forbids"


def test_a_proprietary_component_may_be_served_and_never_released() -> None:
    feature = Feature("train", 56, ("trainer",), call="x:train")
    tier = replace(PREMIUM, features=frozenset({"train"}))
    release = replace(SANA, features=(feature,), tiers=(tier,))
    assert call(release, "train", "account", "tier:premium").answer is Answer.YES
    refused = asked(released(release, "use", "trainer"), "use", "trainer")
    assert (refused.code, cites(refused)) == ("license_forbids", ["licet.toml:30"])


# --- released, downloaded --------------------------------------------------------------------------------------------


def test_a_released_action_is_answered_by_the_license_and_from_the_change_date_by_the_next() -> None:
    before = asked(released(SANA, "use", "weights"), "use", "weights", commercial=True, now_s=CHANGE_S - 1)
    after = asked(released(SANA, "use", "weights"), "use", "weights", commercial=True, now_s=CHANGE_S)
    assert (before.answer, before.code) == (Answer.NO, "license_forbids")
    assert after.answer is Answer.YES
    assert any(c.startswith("Apache-2.0") for c in cites(after))


def test_a_certificate_opens_a_released_action_beside_the_license_never_past_upstream() -> None:
    bought = Terms(
        "certificate", (Clause(Says.CAN, frozenset({"use"}), claims=frozenset({"holder:a"}), cite="cert_1"),)
    )
    policy = released(SANA, "use", "weights", certificates=(bought,))
    assert asked(policy, "use", "weights", "holder:a", commercial=True).answer is Answer.YES
    assert asked(policy, "use", "weights", "holder:b", commercial=True).answer is Answer.NO
    based = weights("MIT", upstream=(Upstream("base", "CC-BY-NC-4.0", 25),))
    policy = released(based, "use", "weights", certificates=(bought,))
    assert asked(policy, "use", "weights", "holder:a", commercial=True).answer is Answer.NO


def test_a_download_needs_a_tier_with_it_and_the_license_accepted() -> None:
    policy = download(SANA, "weights")
    assert asked(policy, "download", "weights", "account", "tier:free").code == "feature_not_in_tier"
    assert asked(policy, "download", "weights", "account", "tier:premium").code == "license_not_accepted"
    accepted = {"accepted:CC-BY-NC-4.0": True}
    assert asked(policy, "download", "weights", "account", "tier:premium", **accepted).answer is Answer.YES
    assert asked(policy, "download", "weights", "account", "tier:premium", now_s=CHANGE_S).answer is Answer.YES
    assert asked(policy, "download", "code", "account", "tier:premium", **accepted).answer is Answer.NO


def test_the_license_that_a_tier_carries_may_be_accepted_in_place_of_the_components_own() -> None:
    carries = replace(PREMIUM, licenses={"weights": "LicenseRef-Example-Commercial-1.0"})
    policy = download(replace(SANA, tiers=(RESEARCH, carries)), "weights")
    accepted = {"accepted:LicenseRef-Example-Commercial-1.0": True}
    assert asked(policy, "download", "weights", "account", "tier:premium", **accepted).answer is Answer.YES
    other = asked(policy, "download", "weights", "account", "tier:research", approved__research=True, **accepted)
    assert other.code == "license_not_accepted"


def test_a_feature_that_downloads_asks_for_the_same_as_the_download() -> None:
    assert call(SANA, "get", "account", "tier:premium").code == "license_not_accepted"
    assert call(SANA, "get", "account", "tier:premium", **{"accepted:CC-BY-NC-4.0": True}).answer is Answer.YES


def test_an_expression_offers_a_choice_of_licenses() -> None:
    either = released(weights("MIT OR CC-BY-NC-4.0"), "use", "weights")
    assert asked(either, "use", "weights", commercial=True).answer is Answer.YES
    both = released(weights("MIT AND CC-BY-NC-4.0"), "use", "weights")
    assert asked(both, "use", "weights", commercial=True).answer is Answer.NO


def test_a_closed_component_opens_on_its_change_date() -> None:
    opening = replace(TRAINER, change_s=CHANGE_S, change_license="MIT")
    sana = replace(SANA, components=(CODE, WEIGHTS, opening))
    policy = released(sana, "distribute", "trainer")
    assert asked(policy, "distribute", "trainer", now_s=CHANGE_S - 1).answer is Answer.NO
    assert asked(policy, "distribute", "trainer", now_s=CHANGE_S).answer is Answer.YES
