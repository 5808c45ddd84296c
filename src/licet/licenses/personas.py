"""For whom does a license change? Seven people whom everybody can picture, each with the facts they would tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from licet.terms.clause import Scalar


@dataclass(frozen=True, slots=True)
class Persona:
    """Somebody with an interest. What they would not know off-hand is not among the facts."""

    name: str
    facts: Mapping[str, Scalar]
    actions: tuple[str, ...]


_EVERYDAY: Final = ("use", "reproduce", "modify", "fine-tune", "quantize", "merge", "distribute", "use-outputs")
_TRADE: Final = (*_EVERYDAY, "publish-outputs", "train-on-outputs", "distill", "host-as-service")
# Plain cases: whoever has registered, competes or is part of the licensor would know it and say so.
_PLAIN: Final[Mapping[str, Scalar]] = {
    "modified": True,
    "multimodal": True,
    "registered": False,
    "competing": False,
    "trained_model": "other",
    "country": "US",
}

_Row = tuple[str, Mapping[str, Scalar], tuple[str, ...]]
_ROWS: Final[tuple[_Row, ...]] = (
    (
        "hobbyist",
        {
            "commercial": False,
            "purpose": "personal",
            "monthly_active_users": 0,
            "annual_revenue_usd": 0,
            "employees": 1,
        },
        (*_EVERYDAY, "publish-outputs"),
    ),
    (
        "researcher",
        {
            "commercial": False,
            "purpose": "research",
            "academic": True,
            "trained_model": "large-language-model",
            "monthly_active_users": 0,
            "annual_revenue_usd": 0,
            "employees": 1,
        },
        (*_EVERYDAY, "publish-outputs", "train-on-outputs", "distill"),
    ),
    (
        "hospital",
        {
            "commercial": True,
            "purpose": "production",
            "medical": True,
            "monthly_active_users": 20_000,
            "annual_revenue_usd": 400_000_000,
            "employees": 3_000,
        },
        _EVERYDAY,
    ),
    (
        "startup",
        {
            "commercial": True,
            "purpose": "production",
            "monthly_active_users": 50_000,
            "annual_revenue_usd": 500_000,
            "trained_model": "large-language-model",
            "employees": 10,
        },
        _TRADE,
    ),
    (
        "large company",
        {
            "commercial": True,
            "purpose": "production",
            "monthly_active_users": 1_000_000_000,
            "annual_revenue_usd": 100_000_000_000,
            "employees": 100_000,
        },
        _TRADE,
    ),
    (
        "API host",
        {
            "commercial": True,
            "purpose": "production",
            "monthly_active_users": 900_000,
            "annual_revenue_usd": 50_000_000,
            "employees": 200,
        },
        ("host-as-service", "use", "quantize", "fine-tune"),
    ),
    (
        "EU company",
        {
            "commercial": True,
            "purpose": "production",
            "country": "DE",
            "monthly_active_users": 200_000,
            "annual_revenue_usd": 5_000_000,
            "employees": 50,
        },
        _TRADE,
    ),
)

PERSONAS: Final[Mapping[str, Persona]] = {
    name: Persona(name, {**_PLAIN, **facts}, actions) for name, facts, actions in _ROWS
}
