"""What does the page say to a machine? `/terms.json`: the release as it is in force, every part with its cite."""

from __future__ import annotations

from typing import Any

from licet.portal import clock
from licet.portal.pages.source import Shown
from licet.release.release import Anonymous, Component, Feature, Price, Quota, Rate, Tier


def terms(shown: Shown, url: str) -> dict[str, Any]:
    """Amounts are integers (`micros` for `per` of `unit`), moments RFC 3339 in UTC, cites as everywhere."""
    release = shown.release
    file = release.path.replace("\\", "/").rpartition("/")[2] or "licet.toml"

    def cited(value: dict[str, Any], line: int) -> dict[str, Any]:
        return {**{k: v for k, v in value.items() if v not in (None, "", [], {})}, "cite": f"{file}:{line}"}

    def level(one: Tier | Anonymous) -> dict[str, Any]:
        return cited(_level(one), one.line)

    return {
        "release": release.name,
        "version": release.version,
        "licensor": release.licensor,
        "repository": release.repository or None,
        "contact": release.contact or None,
        "why": release.why,
        "declare": list(release.declare),
        "document": {
            "sha256": release.sha256,
            "in_force_from": clock.rfc3339(shown.from_s),
            "url": f"{url}/documents/{release.sha256}",
        },
        "components": [cited(_component(c, url), c.line) for c in release.components],
        "features": [cited(_feature(f, url), f.line) for f in release.features],
        "anonymous": level(release.anonymous) if release.anonymous else None,
        "tiers": [level(t) for t in release.tiers],
    }


def _component(one: Component, url: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "description": one.description,
        "proprietary": one.proprietary or None,
        "license": one.license,
        "license_page": None if one.proprietary else f"{url}/licenses/{one.name}",
        "accept": one.accept or None,
        "upstream": [{"name": u.name, "license": u.license} for u in one.upstream],
        "change_date": clock.rfc3339(one.change_s),
        "change_license": one.change_license,
        "contributions": one.contributions,
        "contributions_url": one.contributions_url,
    }


def _feature(one: Feature, url: str) -> dict[str, Any]:
    # An upstream's address and the name of its key are the operator's business: they stand in the document, not here.
    return {
        "name": one.name,
        "description": one.description,
        "serves": list(one.serves),
        "cost_units": one.cost_units,
        "url": f"{url}/v1/features/{one.name}",
    }


def _level(one: Tier | Anonymous) -> dict[str, Any]:
    common: dict[str, Any] = {
        "features": sorted(one.features),
        "quotas": [_quota(q) for q in one.quotas],
        "rate": _rate(one.rate),
        "concurrency": one.concurrency,
    }
    if isinstance(one, Anonymous):
        return common
    return {
        "name": one.name,
        "description": one.description,
        **common,
        "requires_approval": one.requires_approval or None,
        "overage": [_price(p) for p in one.overage],
        "price": _price(one.price) if one.price else None,
        "grace_days": one.grace_days or None,
        "licenses": dict(one.licenses),
    }


def _quota(one: Quota) -> dict[str, Any]:
    told: dict[str, Any] = {"meter": one.meter, "limit": one.limit, "period": one.period}
    return told if one.features is None else {**told, "features": sorted(one.features)}


def _rate(one: Rate | None) -> dict[str, Any] | None:
    return {"limit": one.limit, "window_s": one.window_s} if one else None


def _price(one: Price) -> dict[str, Any]:
    return {"micros": one.micros, "currency": one.currency, "per": one.per, "unit": one.unit}
