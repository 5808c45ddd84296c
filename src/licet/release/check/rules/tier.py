"""Does a tier give what a license upstream does not allow? No tier can sell what was never the licensor's to sell."""

from __future__ import annotations

from collections.abc import Iterator

from licet.errors import Finding, LicetError
from licet.licenses.ask import may_license
from licet.release.check.meaning import meaning
from licet.release.check.view import DOCUMENT, View, refused
from licet.release.release import Anonymous, Component, Feature, Release, Tier, Upstream
from licet.terms import Answer
from licet.terms.clause import Scalar


def find(view: View) -> Iterator[Finding]:
    if view.release is None:
        return
    for tier in view.release.tiers:
        yield from _carried(view.release, tier)
        yield from _served(view.release, tier)
    if view.release.anonymous:
        yield from _served(view.release, view.release.anonymous)


def _carried(release: Release, tier: Tier) -> Iterator[Finding]:
    """The license that a tier carries, held against what the component was made from."""
    for name, license in tier.licenses.items():
        component = release.component(name)
        for one in component.upstream if component else ():
            if clause := refused(meaning(one.license), meaning(license)):
                yield Finding(
                    DOCUMENT,
                    tier.line,
                    "tier-past-license",
                    f"tier `{tier.name}` gives `{name}` under {license}, but it was made from `{one.name}` under "
                    f"{one.license}: {clause} does not allow that",
                    f"ask the licensor of `{one.name}` for terms that you may pass on, or take the license out of the tier",
                )


def _served(release: Release, tier: Tier | Anonymous) -> Iterator[Finding]:
    for feature in release.features:
        if feature.name in tier.features:
            for name in feature.serves:
                component = release.component(name)
                for one in component.upstream if component else ():
                    yield from _hosted(tier, feature, component, one)


def _hosted(tier: Tier | Anonymous, feature: Feature, component: Component | None, one: Upstream) -> Iterator[Finding]:
    """Serving is hosting; for a price it is commercial. The licensor's own license does not bind himself."""
    assert component is not None
    action = "distribute" if feature.download else "host-as-service"
    paid = isinstance(tier, Tier) and (tier.price is not None or bool(tier.overage))
    facts: dict[str, Scalar] = {"commercial": True, "purpose": "production"} if paid else {"commercial": False}
    try:
        verdict = may_license(action, one.license, facts=facts)
    except LicetError:
        return
    if verdict.answer is not Answer.NO:
        return
    cite = next((c.cite for c in verdict.because if c.cite), one.license)
    who = f"tier `{tier.name}`" if isinstance(tier, Tier) else "[anonymous]"
    does = "sells" if paid else "offers"
    yield Finding(
        DOCUMENT,
        tier.line,
        "tier-past-license",
        f"{who} {does} `{feature.name}`, which serves `{component.name}`, made from `{one.name}`: "
        f"{cite} does not allow that",
        f"take `{feature.name}` out of it, or ask the licensor of `{one.name}` for leave to serve it",
    )
