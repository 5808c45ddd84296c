"""Whoever takes an offered certificate is answered yes; and what upstream forbids is offered by nobody."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.certificates.certified import FROM_S, SAMPLE

from licet.access.sold import sold
from licet.certificate import License, policy
from licet.release.certify import promised
from licet.release.policy import released
from licet.release.release import Component, Price, Promise, Release, Tier, Upstream
from licet.terms import Answer, Ask, may
from licet.terms.action import ACTIONS, SUGAR, unsugared
from licet.terms.fact import bind

OWN = "LicenseRef-Example-Commercial-1.0"
LICENSES = (
    "MIT",
    "CC-BY-4.0",
    "CC-BY-NC-4.0",
    "CC-BY-NC-ND-4.0",
    "GPL-3.0-only",
    "MIT OR GPL-3.0-only",
    "LicenseRef-Unread-1.0",
)
NOW_S = FROM_S + 10

promises = st.builds(
    Promise, st.just(OWN), st.just(9),
    st.lists(st.sampled_from(sorted(ACTIONS)), min_size=1, max_size=6, unique=True).map(tuple), st.just(("Name us.",)),
)  # fmt: skip
priced = st.none() | st.builds(Price, st.sampled_from([0, 5_000_000, 900_000_000]), st.just("EUR"), st.just(3),
                               unit=st.sampled_from(["month", "year", "once"]))  # fmt: skip
tiers = st.lists(
    st.builds(
        Tier, st.sampled_from(["free", "pro", "premium"]), st.just(7), st.just(frozenset()), price=priced,
        requires_approval=st.booleans(),
        licenses=st.fixed_dictionaries({}, optional={"weights": st.sampled_from((OWN, *LICENSES))}),
    ),
    max_size=3, unique_by=lambda tier: tier.name,
)  # fmt: skip
parts = st.builds(
    Component, st.just("weights"), st.just("weights"), st.just(3), license=st.none() | st.sampled_from(LICENSES),
    upstream=st.lists(st.builds(Upstream, st.just("base"), st.sampled_from(LICENSES), st.just(4)), max_size=1).map(tuple),
)  # fmt: skip
releases = st.builds(
    lambda part, tiers, promise: Release("sana", "1.2.0", "Example Lab", "0" * 64, components=(part,), tiers=tuple(tiers),
                                         promises=(promise,)),
    parts, tiers, promises,
)  # fmt: skip


@settings(max_examples=60)
@given(releases, st.sampled_from(sorted({*ACTIONS, *SUGAR})), st.dictionaries(st.just("commercial"), st.booleans()))
def test_every_certificate_on_offer_is_a_yes_once_it_is_held(
    release: Release, action: str, facts: dict[str, bool]
) -> None:
    offers = sold(release, action, "weights", facts, NOW_S)
    bare, implied = unsugared(action)
    offered = {offer.name for offer in offers}
    for tier in release.tiers:
        if "weights" not in tier.licenses:
            assert tier.name not in offered
            continue
        license = tier.licenses["weights"]
        held = replace(SAMPLE, license=License(license, ""), terms=promised(release, license))
        tree = released(release, bare, "weights", certificates=(policy(held),))
        known = {**facts, **implied, "now_s": NOW_S}
        answer = may(tree, bind(tree, Ask(bare, "weights", frozenset(), known))).answer
        assert (answer is Answer.YES) is (tier.name in offered)


def test_the_cheapest_by_the_month_comes_first_and_of_equals_the_one_that_nobody_has_to_approve() -> None:
    def tier(name: str, price: int | None, unit: str = "month", approval: bool = False) -> Tier:
        paid = None if price is None else Price(price * 1_000_000, "EUR", 3, unit=unit)
        return Tier(name, 7, frozenset(), price=paid, requires_approval=approval, licenses={"weights": OWN})

    tiers = (
        tier("dear", 20), tier("asked", 10, approval=True), tier("yearly", 60, "year"), tier("monthly", 10),
        tier("given", None, approval=True), tier("none", 1),
    )  # fmt: skip
    part = Component("weights", "weights", 3, license="CC-BY-NC-4.0")
    promise = Promise(OWN, 9, ("use",), ())
    release = Release("sana", "1.2.0", "Example Lab", "0" * 64, components=(part,), tiers=tiers, promises=(promise,))
    release = replace(release, tiers=(*tiers[:-1], replace(tiers[-1], licenses={})))
    offers = sold(release, "use", "weights", {"commercial": True}, NOW_S, "https://models.example.org/")
    assert [offer.name for offer in offers] == ["given", "yearly", "monthly", "asked", "dear"]
    urls = {offer.name: offer.url for offer in offers}
    assert all(url.startswith("https://models.example.org/") and "org//" not in url for url in urls.values())
    assert urls["yearly"] != urls["dear"] and urls["asked"].replace("asked", "given") == urls["given"]
    assert {offer.url for offer in sold(release, "use", "weights", {"commercial": True}, NOW_S)} == {""}
