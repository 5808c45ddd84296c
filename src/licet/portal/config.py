"""What does the portal have to be told before it starts? One value; nobody below it reads the environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

Environment = Literal["live", "test", "demo"]
type Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Stripe:
    """The account at Stripe that takes the money. Neither the key nor the secrets are ever printed.

    `webhook_secrets`: more than one while a secret is rolled. `api` is another server than Stripe's, for tests.
    """

    key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    tax: bool = False
    api: str = ""

    @property
    def test(self) -> bool:
        """Is it a key of Stripe's test mode, with which no money is moved?"""
        return "_test_" in self.key


@dataclass(frozen=True, slots=True)
class PortalConfig:
    """`data` is the data folder, `url` where people reach this server. `smtp_url` may hold a password: never printed.

    `dev` publishes every saved licet.toml. `environment` stands in each key (`lic_<environment>_…`).
    `release_dirs` are the folders that are served: their license texts are read when a document is published.
    `keep_addresses_days` is how long events keep the address they came from, `keep_events_days` how long there are
    events at all; None is for ever. `sso_networks` are where, beside the public internet, sign-in servers of organizations
    may stand, `webhook_networks` where webhooks may go. `idle_minutes` is how long a browser stays signed in without asking
    for a page; None: as long as its session lasts.
    """

    data: Path
    url: str = "http://localhost:8000"
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    dev: bool = False
    environment: Environment = "live"
    release_dirs: tuple[Path, ...] = ()
    keep_addresses_days: int | None = 180
    keep_events_days: int | None = None
    stripe: Stripe | None = None
    payments: Literal["", "off", "sandbox"] = ""  # "": the sandbox, unless the server is live
    sso_networks: tuple[Network, ...] = ()
    social: tuple[tuple[str, str, str, str], ...] = field(
        default=(), repr=False
    )  # provider, client id, secret, address
    webhook_networks: tuple[Network, ...] = ()
    idle_minutes: int | None = None

    @property
    def portal_file(self) -> Path:
        return self.data / "portal.sqlite3"

    @property
    def ledger_file(self) -> Path:
        return self.data / "ledger.sqlite3"

    @property
    def mail_dir(self) -> Path:
        """Where mail waits while there is no SMTP server: `licet mail` reads it."""
        return self.data / "mail"

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or "localhost"

    @property
    def secure(self) -> bool:
        return urlsplit(self.url).scheme == "https"


def current() -> PortalConfig:
    """The configuration that `start.configure` was given."""
    from django.conf import settings

    config = getattr(settings, "LICET")  # noqa: B009  (mypy's plugin knows Django's own settings only)
    assert isinstance(config, PortalConfig)
    return config
