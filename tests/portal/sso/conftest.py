"""An organization with a sign-in server of its own, and browsers that go there and come back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_network
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, build_opener

import pytest
from tests.portal.organizations.conftest import Lab
from tests.portal.sso.idp import Idp, serving
from tests.portal.test_pages_of_mine import client


class _Stay(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def at(url: str) -> str:
    """Where the sign-in server sends the browser to."""
    try:
        build_opener(_Stay).open(url, timeout=10)
    except HTTPError as moved:
        with moved:
            return str(moved.headers["Location"])
    raise AssertionError(f"{url} sends nobody on")


@pytest.fixture
def near(portal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sign-in servers may stand on this machine."""
    from django.conf import settings

    monkeypatch.setattr(settings, "LICET", replace(portal, sso_networks=(ip_network("127.0.0.0/8"),)))


@pytest.fixture
def idp(near: None) -> Iterator[Idp]:
    with serving() as server:
        server.person = {"sub": "u1", "email": "ann@whales.example", "email_verified": True, "groups": ["staff"]}
        yield server


class SsoLab(Lab):
    """`ada` owns it; `whales.example` is its domain, and the server signs its people in."""

    idp: Idp

    def signed_actor(self) -> Any:
        """The owner, in a session that signed in through the server."""
        from licet.portal.events import By
        from licet.portal.organizations.acting import member

        signed = frozenset({self.connection.pk}) if hasattr(self, "connection") else frozenset()
        return member(self.row("ada"), By(self.ada.pk, signed=signed))

    def connects(self, idp: Idp, role: str = "Member") -> Any:
        from licet.portal import clock
        from licet.portal.sso import connecting
        from licet.portal.sso.models import Domain

        self.idp = idp
        Domain.objects.create(
            organization=self.made, name="whales.example", verified_s=clock.now_s(), verified_how="mail"
        )
        self.connection = connecting.connect(self.actor(), idp.issuer, idp.client_id, idp.secret, role=role)
        return self.connection

    def maps(self, group: str, role: str) -> Any:
        from licet.portal.sso import connecting

        return connecting.map_group(self.signed_actor(), group, self.role(role).pk)

    def asks(self, sso: bool = False, factor: str = "", days: int | None = None) -> None:
        from licet.portal.sso import connecting

        connecting.set_rule(self.signed_actor(), sso=sso, factor=factor, days=days)

    def goes(self, browser: Any, next_path: str = "") -> str:
        """To the server and back: the address that the server sent the browser to."""
        answer = browser.post(f"/accounts/sso/{self.connection.pk}/", {"next": next_path})
        assert answer.status_code == 302, answer.content.decode()
        return at(answer["Location"])

    def back(self, browser: Any, url: str) -> Any:
        parts = urlsplit(url)
        return browser.get(f"{parts.path}?{parts.query}")

    def signs_in(self, browser: Any = None, next_path: str = "") -> tuple[Any, Any]:
        """A browser that went there and back, and the answer it got in the end."""
        browser = browser or client()
        return browser, self.back(browser, self.goes(browser, next_path))


@pytest.fixture
def lab(release: Any) -> SsoLab:
    return SsoLab()


@pytest.fixture
def home(lab: SsoLab, idp: Idp) -> SsoLab:
    """The organization, connected."""
    lab.connects(idp)
    return lab
