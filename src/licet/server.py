"""How do the parts come together? Data folder, portal, published document, ledger, gate, one HTTP server. Decides nothing.

The gate knows the portal through one protocol (`gate.directory.Directory`); here is where it is handed over. Everything
the parts share lies in the files, so one process or several is a matter of how this is started.
"""

from __future__ import annotations

import logging
import os
import secrets
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.gate.app import Gate
    from licet.ledger.sqlite import SqliteLedger
    from licet.portal.config import Environment, PortalConfig
    from licet.settings import Settings

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Shape:
    """How to serve: on which loopback or public address, and the switches of `licet serve`."""

    host: str = "127.0.0.1"
    port: int = 8000
    dev: bool = False
    shadow: bool = False
    environment: Environment = "live"


def portal_config(folder: Path, settings: Settings, shape: Shape) -> PortalConfig:
    """What the portal is told, from the settings and the release's folder."""
    from licet.portal.config import PortalConfig

    return PortalConfig(
        data=settings.data or folder / ".licet",
        url=settings.url or f"http://localhost:{shape.port}",
        smtp_url=settings.smtp_url,
        mail_from=settings.mail_from,
        trusted_proxies=settings.trusted_proxies,
        dev=shape.dev,
        environment=shape.environment,
        release_dirs=(folder,),
        keep_addresses_days=settings.keep_addresses_days,
        keep_events_days=settings.keep_events_days,
        sso_networks=settings.sso_networks,
        webhook_networks=settings.webhook_networks,
        stripe=settings.stripe,
        payments=settings.payments,
    )


def open_portal(config: PortalConfig) -> Path | None:
    """Data folder and database, made or migrated. The path of the backup, when an older one was moved."""
    from licet.portal import start

    start.configure(config)
    saved = start.migrate()
    from licet.portal import audit  # what is older than the settings say is forgotten, before anybody is let in

    audit.retain()
    from licet.portal.changes import mails  # notices that an earlier process could not send are sent beside this one

    mails.resume()
    return saved


@dataclass(frozen=True, slots=True)
class Served:
    """What `run` serves: the application, and the ledger whose log is written back while it runs."""

    app: App
    ledger: SqliteLedger


def application(
    folder: Path, config: PortalConfig, settings: Settings, shape: Shape, releases: tuple[str, ...]
) -> Served:
    """Gate and portal as one ASGI application; the gate's paths first, everything else is the portal's."""
    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns
    from licet.portal import data_folder, start
    from licet.portal.directory import SqliteDirectory
    from licet.portal.request_id import InEveryLine

    data_folder.served_at(config.data, config.url)
    ledger = SqliteLedger(config.ledger_file, process_id=f"serve-{os.getpid()}-{secrets.token_hex(4)}")
    gate = Gate(
        SqliteDirectory(config.portal_file),
        Turns(ledger),
        releases,
        clock=time.time_ns,
        dice=secrets.token_bytes,
        config=GateConfig(
            url_key=bytes.fromhex(data_folder.secret(config.data, "url.key")),
            url=config.url,
            folder=folder,
            data=config.data,
            workers=settings.workers,
            trusted_proxies=settings.trusted_proxies,
            cors=settings.cors,
            accel=settings.accel,
            files_url=settings.files_url,
            store_links=settings.store_links,
            shadow=shape.shadow,
            key_of=os.environ.get,  # licet.toml names the variable; its value is read at each call and kept nowhere
        ),
    )
    for handler in logging.getLogger().handlers:
        handler.addFilter(InEveryLine())
    return Served(_joined(gate, start.asgi()), ledger)


def _joined(gate: Gate, portal: App) -> App:
    owns = gate.owns

    async def app(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and owns(scope["path"])):
            await gate(scope, receive, send)
        elif scope["type"] == "http":
            await portal(scope, receive, send)

    return app


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. LicetError where the port is taken, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        raise LicetError(
            f"cannot listen on {host}:{port} ({error.strerror})", mend="stop what uses it, or choose another --port"
        ) from None
    sock.listen(2048)
    return sock


def run(served: Served, sock: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal says stop; `ready` is called once, when the first call would be answered."""
    config = uvicorn.Config(
        served.app,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # the gate and the portal read X-Forwarded-For themselves, behind trusted proxies only
        lifespan="on",
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
    )
    from licet.portal import chores

    served.ledger.start()
    try:
        with chores.running():
            _Server(config, ready).run(sockets=[sock])
    finally:
        served.ledger.close()


class _Server(uvicorn.Server):
    """Uvicorn's server, that tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            self._ready()


def log_to_stderr(level: str) -> None:
    """One line a record: time, level, what. Nothing that the gate or the portal logs holds a secret."""
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"
    )
    logging.getLogger("uvicorn.error").setLevel("WARNING")
