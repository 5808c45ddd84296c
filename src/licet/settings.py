"""Which settings does the environment give? `LICET_*`, read once, whole, with every finding; `server` and `cli` only.

`licet.toml` is published, so nothing of it is a setting; a secret stands here or in `secrets/`, never there.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from licet.errors import Finding, Findings, closest
from licet.portal.config import Network, Stripe

NAMES: Mapping[str, str] = {
    "LICET_URL": "where people reach this server, for example https://models.example.org (default: http://localhost:PORT)",
    "LICET_DATA": "the data folder (default: DIR/.licet)",
    "LICET_SMTP_URL": "smtp://name:password@host:587 (smtps:// for TLS from the start); without it mail waits in `licet mail`",
    "LICET_MAIL_FROM": "the sender of mails (default: the release's contact)",
    "LICET_TRUSTED_PROXIES": "addresses or networks of proxies whose X-Forwarded-For is believed, separated by commas",
    "LICET_WORKERS": "worker processes for plain Python features (default 1)",
    "LICET_CORS": "origins that browsers may call /v1 from, separated by commas (default: none)",
    "LICET_KEEP_ADDRESSES_DAYS": "how long events keep the address they came from (default 180; `forever` is a value)",
    "LICET_KEEP_EVENTS_DAYS": "how long events are kept at all (default: forever)",
    "LICET_IDLE_MINUTES": "how long a browser stays signed in without asking for a page (default: the session's two weeks)",
    "LICET_ACCEL": "the internal location by which nginx sends the release's files, for example /licet-files/ (default: none)",
    "LICET_FILES_URL": "another address of this server, to which downloads are sent by signed links (default: none)",
    "LICET_STORE_LINKS": "`yes`: what lies in an object store is fetched from it directly, by links that it signs (default: no)",
    "LICET_WEBHOOK_NETWORKS": "where webhooks may go beside the public internet, for example 127.0.0.0/8 (default: nowhere)",
    "LICET_SSO_NETWORKS": "where sign-in servers of organizations may stand beside the public internet, like 10.0.0.0/8",
    "LICET_SOCIAL_GITHUB": "CLIENT_ID:SECRET of an OAuth app at GitHub: people may sign in with it (default: nobody)",
    "LICET_SOCIAL_GITHUB_URL": "the address of a GitHub of one's own, in place of github.com (default: none)",
    "LICET_SOCIAL_GOOGLE": "CLIENT_ID:SECRET of an OAuth client at Google: people may sign in with it (default: nobody)",
    "LICET_STRIPE_KEY": "the secret key of an account at Stripe (sk_… or rk_…); without it Stripe is not asked for anything",
    "LICET_STRIPE_WEBHOOK_SECRET": "the signing secrets of the webhook endpoint (whsec_…), two while one is rolled, by commas",
    "LICET_STRIPE_TAX": "`yes`: Stripe Tax works out the tax at checkout (default: no)",
    "LICET_STRIPE_API": "another address than Stripe's own, for tests against `licet.testing.stripe` (default: none)",
    "LICET_PAYMENTS": "`sandbox` sells without money, `off` sells nothing (default: the sandbox in the demo and with --dev)",
    "LICET_LOG": "log level: debug, info, warning or error (default info)",
}
_NOT_OURS = ("LICET_KEY", "LICET_TEST_")  # what callers and tests keep in the same environment
type _Bad = Callable[[str, str, str], None]  # the name, what is wrong with it, how to mend it
_LEVELS = ("debug", "info", "warning", "error")


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting as a value. `smtp_url` may hold a password: it is kept out of `repr`."""

    url: str | None = None
    data: Path | None = None
    smtp_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    trusted_proxies: tuple[Network, ...] = ()
    workers: int = 1
    cors: tuple[str, ...] = ()
    accel: str = ""
    files_url: str = ""
    store_links: bool = False
    stripe: Stripe | None = None
    payments: Literal["", "off", "sandbox"] = ""
    log: str = "info"
    keep_addresses_days: int | None = 180  # None: for ever
    keep_events_days: int | None = None
    idle_minutes: int | None = None  # None: no limit but the session's own
    sso_networks: tuple[Network, ...] = ()
    webhook_networks: tuple[Network, ...] = ()
    social: tuple[tuple[str, str, str, str], ...] = field(
        default=(), repr=False
    )  # provider, client id, secret, address


def read(environ: Mapping[str, str]) -> Settings:
    """The settings of an environment. Raises `Findings` with all that is wrong at once; values are never echoed."""
    wrong: list[Finding] = []

    def bad(name: str, message: str, mend: str) -> None:
        wrong.append(Finding(name, 0, "setting", message, mend))

    for name in environ:
        if name.startswith("LICET_") and name not in NAMES and not name.startswith(_NOT_OURS):
            bad(name, "no such setting", closest(name, NAMES) or "see `licet serve --help`")
    url = environ.get("LICET_URL") or None
    if url is not None and (not _reached(url, "http", "https") or not re.fullmatch(r"[^/]+//[^/?#@]+/?", url)):
        bad("LICET_URL", "not the address of a server", "write it like https://models.example.org, without a path")
    smtp = environ.get("LICET_SMTP_URL") or None
    if smtp is not None and not _reached(smtp, "smtp", "smtps"):
        bad("LICET_SMTP_URL", "not an SMTP address", "write it like smtp://name:password@host:587")
    sender = environ.get("LICET_MAIL_FROM") or None
    if sender is not None and not (sender.isprintable() and re.search(r"[^\s@<>]@[^\s@<>]", sender)):
        bad("LICET_MAIL_FROM", "not a sender of mails", "write it like licet@example.org")
    workers = environ.get("LICET_WORKERS", "1")
    if not re.fullmatch(r"[1-9]\d?", workers):
        bad("LICET_WORKERS", "not a number of processes", "write a whole number from 1 to 99")
        workers = "1"
    level = environ.get("LICET_LOG", "info").lower()
    if level not in _LEVELS:
        bad("LICET_LOG", "no such log level", "one of " + ", ".join(_LEVELS))
    networks = _networks(environ, bad)
    accel = environ.get("LICET_ACCEL", "")
    if accel and not re.fullmatch(r"/([\w.-]+/)+", accel):
        bad(
            "LICET_ACCEL",
            f"`{accel}` is not a location",
            "write it like /licet-files/, as in the proxy's configuration",
        )
    files_url = environ.get("LICET_FILES_URL", "")
    if files_url and not re.fullmatch(r"https?://[^/\s?#@]+/?", files_url):
        bad("LICET_FILES_URL", "not the address of a server", "write it like https://files.example.org")
    store_links = environ.get("LICET_STORE_LINKS", "no").lower()
    if store_links not in ("yes", "no"):
        bad("LICET_STORE_LINKS", "neither yes nor no", "write `yes`, or leave it out")
    cors = _several(environ.get("LICET_CORS", ""))
    for origin in cors:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
            bad("LICET_CORS", f"`{origin}` is not an origin", "write it like https://app.example.org")
    keep = _days(environ, bad)
    idle = environ.get("LICET_IDLE_MINUTES", "")
    if idle and not re.fullmatch(r"[1-9]\d{0,4}", idle):
        bad("LICET_IDLE_MINUTES", "not a number of minutes", "write a whole number from 1 to 99999, or leave it out")
        idle = ""
    stripe, payments = _stripe(environ, bad), _payments(environ, bad)
    social = _social(environ, bad)
    if wrong:
        raise Findings(wrong)
    data = environ.get("LICET_DATA")
    return Settings(
        url=url.rstrip("/") if url else None,
        data=Path(data) if data else None,
        smtp_url=smtp,
        mail_from=sender,
        trusted_proxies=networks["LICET_TRUSTED_PROXIES"],
        workers=int(workers),
        cors=tuple(cors),
        accel=accel,
        files_url=files_url.rstrip("/"),
        store_links=store_links == "yes",
        stripe=stripe,
        payments=payments,
        log=level,
        keep_addresses_days=keep["LICET_KEEP_ADDRESSES_DAYS"],
        keep_events_days=keep["LICET_KEEP_EVENTS_DAYS"],
        idle_minutes=int(idle) if idle else None,
        sso_networks=networks["LICET_SSO_NETWORKS"],
        social=social,
        webhook_networks=networks["LICET_WEBHOOK_NETWORKS"],
    )


def _networks(environ: Mapping[str, str], bad: _Bad) -> dict[str, tuple[Network, ...]]:
    """The networks of the settings that name some."""
    found: dict[str, tuple[Network, ...]] = {}
    for name in ("LICET_TRUSTED_PROXIES", "LICET_SSO_NETWORKS", "LICET_WEBHOOK_NETWORKS"):
        read: list[Network] = []
        for text in _several(environ.get(name, "")):
            try:
                read.append(ipaddress.ip_network(text, strict=False))
            except ValueError:
                bad(name, f"`{text}` is not an address or network", "write it like 10.0.0.0/8 or ::1")
        found[name] = tuple(read)
    return found


def _days(environ: Mapping[str, str], bad: _Bad) -> dict[str, int | None]:
    """How long things are kept; None: for ever."""
    found: dict[str, int | None] = {"LICET_KEEP_ADDRESSES_DAYS": 180, "LICET_KEEP_EVENTS_DAYS": None}
    for name in found:
        text = environ.get(name) or ""
        if text == "forever":
            found[name] = None
        elif re.fullmatch(r"[1-9]\d{0,4}", text):
            found[name] = int(text)
        elif text:
            bad(name, "not a number of days", "write a whole number from 1 to 99999, or `forever`")
    return found


def _payments(environ: Mapping[str, str], bad: _Bad) -> Literal["", "off", "sandbox"]:
    match environ.get("LICET_PAYMENTS", ""):
        case "sandbox":
            return "sandbox"
        case "off":
            return "off"
        case "":
            return ""
    bad("LICET_PAYMENTS", "no such way to be paid", "write `sandbox` or `off`; Stripe is chosen by its keys")
    return ""


def _stripe(environ: Mapping[str, str], bad: _Bad) -> Stripe | None:
    """The account at Stripe, whole or not at all. A key or a secret is never echoed."""
    key = environ.get("LICET_STRIPE_KEY", "").strip()
    secrets = _several(environ.get("LICET_STRIPE_WEBHOOK_SECRET", ""))
    tax = environ.get("LICET_STRIPE_TAX", "no").lower()
    api = environ.get("LICET_STRIPE_API", "").rstrip("/")
    if key and not re.fullmatch(r"(sk|rk)_(test|live)_\w+", key):
        bad("LICET_STRIPE_KEY", "not a secret key of Stripe", "it begins with sk_test_, sk_live_, rk_test_ or rk_live_")
    if not all(re.fullmatch(r"whsec_\S+", one) for one in secrets):
        bad("LICET_STRIPE_WEBHOOK_SECRET", "not a signing secret of Stripe", "each begins with whsec_")
    if secrets and not key:
        bad("LICET_STRIPE_WEBHOOK_SECRET", "of no use without a key", "set LICET_STRIPE_KEY, too")
    if tax not in ("yes", "no"):
        bad("LICET_STRIPE_TAX", "neither yes nor no", "write `yes`, or leave it out")
    if api and not re.fullmatch(r"http://(localhost|127\.0\.0\.1|\[::1\]):\d+", api):
        bad("LICET_STRIPE_API", "not a server on this machine", "it is for tests only; leave it out")
    for name, given in (("LICET_STRIPE_TAX", tax == "yes"), ("LICET_STRIPE_API", api)):
        if given and not key:
            bad(name, "of no use without a key", "set LICET_STRIPE_KEY, too")
    return Stripe(key, secrets, tax == "yes", api) if key else None


def _social(environ: Mapping[str, str], bad: _Bad) -> tuple[tuple[str, str, str, str], ...]:
    """Who may sign people in beside us."""
    address = environ.get("LICET_SOCIAL_GITHUB_URL", "")
    if address and not re.fullmatch(r"https?://[^/\s?#@]+", address):
        bad("LICET_SOCIAL_GITHUB_URL", "not the address of a server", "write it like https://github.example.org")
    if address and not environ.get("LICET_SOCIAL_GITHUB"):
        bad("LICET_SOCIAL_GITHUB_URL", "of no use alone", "set LICET_SOCIAL_GITHUB, too")
    found = []
    for name, provider, url in (("LICET_SOCIAL_GITHUB", "github", address), ("LICET_SOCIAL_GOOGLE", "google", "")):
        client_id, colon, secret = environ.get(name, "").partition(":")
        if bool(client_id and secret) != bool(colon or client_id):
            bad(name, "not a client id and a secret", "write it like CLIENT_ID:SECRET")
        elif client_id:
            found.append((provider, client_id, secret, url))
    return tuple(found)


def _reached(url: str, *schemes: str) -> bool:
    """Could something be reached by this address? Its port is a number that there is, and nothing in it hides."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in schemes and bool(parts.hostname) and url.isprintable() and " " not in url


def _several(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())
