"""What does a release say to a machine? The data of the page's `/terms.json` and of a bundle's `licet-terms.json`.

Every part has its cite. Amounts are integers (`micros` for `per` of `unit`), moments RFC 3339 in UTC.
"""

from __future__ import annotations

import json
from typing import Any

from licet.release.limits import Limits
from licet.release.publish.told import rfc3339
from licet.release.release import Anonymous, Component, Feature, Price, Quota, Rate, Release, Tier

NAME = "licet-terms.json"


def terms(release: Release, *, from_s: int | None = None, url: str = "") -> dict[str, Any]:
    """The release as JSON. With the server's `url` its parts have addresses; with `from_s` the document has a beginning."""

    def cited(value: dict[str, Any], line: int) -> dict[str, Any]:
        return {**{k: v for k, v in value.items() if v not in (None, "", [], {})}, "cite": release.cite(line)}

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
        "notice_days": release.notice_days,
        "pledge": release.pledge,
        "document": _document(release, from_s, url),
        "components": [cited(_component(c, url), c.line) for c in release.components],
        "features": [cited(_feature(f, url), f.line) for f in release.features],
        "anonymous": level(release.anonymous) if release.anonymous else None,
        "tiers": [level(t) for t in release.tiers],
        "certificates": [
            cited({"license": p.license, "can": list(p.can), "must": list(p.must)}, p.line) for p in release.promises
        ],
    }


def terms_json(release: Release) -> str:
    """The same as a file of a bundle, which has no server."""
    return json.dumps(terms(release), indent=2, ensure_ascii=False) + "\n"


def _document(release: Release, from_s: int | None, url: str) -> dict[str, Any]:
    told: dict[str, Any] = {"sha256": release.sha256}
    if from_s is not None:
        told["in_force_from"] = rfc3339(from_s)
    return {**told, "url": f"{url}/documents/{release.sha256}"} if url else told


def _component(one: Component, url: str) -> dict[str, Any]:
    return {
        "name": one.name,
        "kind": one.kind,
        "description": one.description,
        "proprietary": one.proprietary or None,
        "license": one.license,
        "license_page": f"{url}/licenses/{one.name}" if url and not one.proprietary else None,
        "accept": one.accept or None,
        "ask": list(one.ask),
        "upstream": [{"name": u.name, "license": u.license} for u in one.upstream],
        "change_date": rfc3339(one.change_s),
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
        "url": f"{url}/v1/features/{one.name}" if url else None,
    }


def _level(one: Tier | Anonymous) -> dict[str, Any]:
    common: dict[str, Any] = {
        "features": sorted(one.features),
        "quotas": [_quota(q) for q in one.quotas],
        "rate": _rate(one.rate),
        "concurrency": one.concurrency,
        "models": {limits.feature: _limits(limits) for limits in one.models},
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
        "more_prices": [_price(p) for p in one.more_prices],
        "per_seat": one.per_seat or None,
        "trial_days": one.trial_days or None,
        "grace_days": one.grace_days or None,
        "seats": one.seats,
        "licenses": dict(one.licenses),
    }


def _limits(one: Limits) -> dict[str, Any]:
    told: dict[str, Any] = {
        "max_tokens": one.max_tokens,
        "prompt_tokens": one.prompt_tokens,
        "answers": one.answers,
        **{name: list(both) for name, both in one.ranges.items()},
        "tools": None if one.tools is None else sorted(one.tools),
        "modalities": None if one.modalities is None else sorted(one.modalities),
        "aliases": list(one.aliases) or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def _quota(one: Quota) -> dict[str, Any]:
    told: dict[str, Any] = {"meter": one.meter, "limit": one.limit, "period": one.period}
    return told if one.features is None else {**told, "features": sorted(one.features)}


def _rate(one: Rate | None) -> dict[str, Any] | None:
    return {"limit": one.limit, "window_s": one.window_s} if one else None


def _price(one: Price) -> dict[str, Any]:
    return {"micros": one.micros, "currency": one.currency, "per": one.per, "unit": one.unit}
