"""From which address does a request come? The socket's, unless that is a proxy we were told to believe."""

from __future__ import annotations

from ipaddress import ip_address

from django.http import HttpRequest

from licet.portal.config import PortalConfig, current
from licet.portal.events import By
from licet.portal.models import Account, Holder
from licet.portal.sso import proofs


def address(request: HttpRequest) -> str:
    """The nearest address in `X-Forwarded-For` that is not a trusted proxy; without such proxies the socket's."""
    config = current()
    nearest = str(request.META.get("REMOTE_ADDR") or "127.0.0.1")
    chain = [part.strip() for part in str(request.META.get("HTTP_X_FORWARDED_FOR", "")).split(",") if part.strip()]
    while chain and _trusted(nearest, config):
        nearest = chain.pop()
    return nearest if _is_address(nearest) else "127.0.0.1"


def by(request: HttpRequest) -> By:
    """Who acts with this request: the holder of the account that is logged in."""
    if isinstance(request.user, Account):
        signed = proofs.of(request.session)
        return By(holder(request).pk, address(request), operator=request.user.is_staff, signed=signed)
    return By("anonymous", address(request))


def holder(request: HttpRequest) -> Holder:
    """The holder of the account that is logged in; the view is `login_required`."""
    assert isinstance(request.user, Account)
    return request.user.holder


def _trusted(text: str, config: PortalConfig) -> bool:
    return _is_address(text) and any(ip_address(text) in network for network in config.trusted_proxies)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
