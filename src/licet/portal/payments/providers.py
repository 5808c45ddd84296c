"""Who takes the money here? The provider that the settings name; None where nothing is sold.

The sandbox moves no money, so it is never chosen for a live server by itself: somebody would have everything for nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from licet.portal.config import PortalConfig, current
from licet.portal.payments.port import Provider


def _sandbox(config: PortalConfig) -> Provider | None:
    from licet.portal.payments.sandbox.adapter import Sandbox

    asked = config.payments == "sandbox" or (config.payments == "" and (config.dev or config.environment != "live"))
    return Sandbox() if asked else None


def _stripe(config: PortalConfig) -> Provider | None:
    from licet.portal.payments.stripe_adapter import Stripe

    return Stripe(config.stripe) if config.stripe is not None else None


MAKERS: dict[str, Callable[[PortalConfig], Provider | None]] = {"stripe": _stripe, "sandbox": _sandbox}
"""By name, the first that the settings allow sells; the others are only asked about what was bought from them."""


def named(name: str) -> Provider | None:
    """The provider of that name, where the settings allow it: whom to ask about what was bought there."""
    maker = MAKERS.get(name)
    return maker(current()) if maker else None


def selling() -> Provider | None:
    """Where a purchase goes now. None: tiers with a price are given by an operator only."""
    config = current()
    if config.payments == "off":
        return None
    makers = [MAKERS[config.payments]] if config.payments in MAKERS else list(MAKERS.values())
    return next((found for maker in makers if (found := maker(config)) is not None), None)
