"""How do the parts come together? Data folder, portal, published document, ledger, gate, one HTTP server. Decides nothing.

The gate knows the portal through one protocol (`gate.directory.Directory`); here is where it is handed over. Everything
the parts share lies in the files, so one process or several is a matter of how this is started.
"""

from __future__ import annotations

import asyncio
import errno
import gc
import logging
import os
import secrets
import socket
import sys
import time
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import uvicorn

from licet.connection import Connection
from licet.errors import LicetError

if TYPE_CHECKING:
    from licet.gate.app import Gate
    from licet.ledger.sqlite import SqliteLedger
    from licet.portal.config import Environment, PortalConfig
    from licet.settings import Settings

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


type Part = Literal["both", "gate", "portal"]
SWITCH_S = 0.0005  # of the interpreter: pages made in threads keep the gate's loop waiting no longer than this
HSTS = ("strict-transport-security", "max-age=31536000")  # subdomains are the operator's to decide
FREEZE_S = 60  # after the start
PATIENCE_S = 120  # of a gate whose portal is still making or moving the database


@dataclass(frozen=True, slots=True)
class Shape:
    """How to serve: on which loopback or public address, and the switches of `licet serve`."""

    host: str = "127.0.0.1"
    port: int = 8000
    dev: bool = False
    shadow: bool = False
    environment: Environment = "live"
    part: Part = "both"


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
        social=settings.social,
        webhook_networks=settings.webhook_networks,
        idle_minutes=settings.idle_minutes,
        stripe=settings.stripe,
        payments=settings.payments,
    )


def open_portal(config: PortalConfig) -> Path | None:
    """Data folder and database, made or migrated. The path of the backup, when an older one was moved."""
    from licet.portal import start

    if config.stripe is not None:
        from licet.portal.payments import stripe_sdk

        stripe_sdk.installed()
    start.configure(config)
    saved = start.migrate()
    from licet.portal import audit  # what is older than the settings say is forgotten, before anybody is let in

    audit.retain()
    from licet.portal.changes import mails  # notices that an earlier process could not send are sent beside this one

    mails.resume()
    return saved


@dataclass(frozen=True, slots=True)
class Served:
    """What `run` serves: the application, and the ledger whose log is written back while it runs (the gate's alone)."""

    app: App
    ledger: SqliteLedger | None
    part: Part = "both"
    secure: bool = False  # people reach it by https


def application(
    folder: Path, config: PortalConfig, settings: Settings, shape: Shape, releases: tuple[str, ...]
) -> Served:
    """Gate and portal as one ASGI application, the gate's paths first, everything else the portal's; or one of the two:
    then the gate passes the portal's paths on to it."""
    from licet.portal import data_folder

    if shape.part == "portal":
        data_folder.served_at(config.data, config.url)
        return Served(_behind(_portal()), None, "portal")
    ledger, gate = _gate(folder, config, settings, shape, releases)
    if shape.part == "gate":
        from licet.gate import passing
        from licet.portal.bodies import Bounded

        portal: Any = passing.Passing(config.data / passing.SOCKET)
        return Served(_joined(gate, Bounded(portal)), ledger, "gate", config.secure)
    data_folder.served_at(config.data, config.url)
    return Served(_joined(gate, _portal()), ledger, secure=config.secure)


def _gate(
    folder: Path, config: PortalConfig, settings: Settings, shape: Shape, releases: tuple[str, ...]
) -> tuple[SqliteLedger, Gate]:
    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns
    from licet.portal import data_folder
    from licet.portal.directory import SqliteDirectory

    ledger = SqliteLedger(config.ledger_file, process_id=f"serve-{os.getpid()}-{secrets.token_hex(4)}")
    return ledger, Gate(
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


def _portal() -> App:
    from licet.portal import start
    from licet.portal.request_id import InEveryLine

    for handler in logging.getLogger().handlers:
        handler.addFilter(InEveryLine())
    return start.asgi()


def _joined(gate: Gate, portal: App) -> App:
    owns = gate.owns

    async def app(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan" or (scope["type"] == "http" and owns(scope["path"])):
            await gate(scope, receive, send)
        elif scope["type"] == "http":
            await portal(scope, receive, send)
        else:
            await gate(scope, receive, send)

    return app


def _behind(portal: App) -> App:
    """The portal behind a gate of its own process, which says who calls: nobody else can open its socket."""
    from licet.gate.passing import PEER

    async def app(scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            peer = next((v.decode() for k, v in scope["headers"] if k == PEER), "127.0.0.1")
            headers = [(k, v) for k, v in scope["headers"] if k != PEER]
            await portal({**scope, "client": (peer, 0), "headers": headers}, receive, send)

    return app


def wait_for_portal(config: PortalConfig, release: str) -> None:
    """For a gate that starts beside its portal: until the database is this version's and something is in force. A gate
    whose portal ran before needs none to start."""
    from licet.portal import start
    from licet.portal.directory import SqliteDirectory

    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if start.is_current(config.portal_file):
            directory = SqliteDirectory(config.portal_file)
            try:
                if directory.newest(release, int(time.time())) is not None:
                    return
            finally:
                directory.close()
        time.sleep(0.1)
    raise LicetError(
        f"nothing of `{release}` is in force in {config.data}", mend="start `licet serve --portal` on the same folder"
    )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one. LicetError where the port is taken, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
    except OSError as error:
        sock.close()
        mend = "stop what uses it, or choose another --port"
        if error.errno == errno.EACCES:
            mend = "ports below 1024 are the administrator's: choose another --port"
        elif error.errno != errno.EADDRINUSE:
            mend = "choose an address of this machine with --host"
        raise LicetError(f"cannot listen on {host}:{port} ({error.strerror})", mend=mend) from None
    sock.listen(2048)
    return sock


def listen_behind(data: Path) -> socket.socket:
    """The portal's socket in the data folder, which its owner alone can enter. LicetError where another portal runs."""
    from licet.gate.passing import SOCKET, short

    path = data / SOCKET
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        sock.connect(short(path))
    except OSError:
        path.unlink(missing_ok=True)  # left behind by one that was killed
    else:
        sock.close()
        raise LicetError("another portal runs on this data folder", where=str(data), mend="stop that one first")
    sock.close()
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    sock.bind(short(path))
    path.chmod(0o600)
    sock.listen(2048)
    return sock


def run(served: Served, sock: socket.socket, ready: Callable[[], None]) -> None:
    """Serve until a signal says stop; `ready` is called once, when the first call would be answered."""
    config = uvicorn.Config(
        served.app,
        http=Connection,
        log_config=None,
        access_log=False,
        server_header=False,
        headers=[HSTS] if served.secure else [],  # on every answer; a portal behind a gate leaves it to that
        proxy_headers=False,  # the gate and the portal read X-Forwarded-For themselves, behind trusted proxies only
        lifespan="off" if served.part == "portal" else "on",
        timeout_graceful_shutdown=10,
        timeout_keep_alive=30,
    )
    if served.part == "both":
        sys.setswitchinterval(SWITCH_S)
    with ExitStack() as stack:
        if served.ledger is not None:
            stack.callback(served.ledger.close)
            served.ledger.start()
        if served.part != "gate":
            from licet.portal import chores

            stack.enter_context(chores.running())
        _Server(config, ready).run(sockets=[sock])


class _Server(uvicorn.Server):
    """Uvicorn's server, that tells when it is ready."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and not self.should_exit:
            # What is loaded stays loaded: to look whether it is garbage kept every call waiting, for 150 ms with the portal.
            # Pages load more when they are asked for first: so once again, when most have been.
            gc.freeze()
            asyncio.get_running_loop().call_later(FREEZE_S, gc.freeze)
            with suppress(BrokenPipeError):  # `licet serve | head`: who read the words has left, callers have not
                self._ready()


def log_to_stderr(level: str) -> None:
    """One line a record: time, level, what. Nothing that the gate or the portal logs holds a secret."""
    logging.basicConfig(
        level=level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S"
    )
    logging.getLogger("uvicorn.error").setLevel("WARNING")
    # Who asks for a name that is not ours is any scanner's doing: a line, and no traceback.
    logging.getLogger("django.security.DisallowedHost").addFilter(_untraced)


def _untraced(record: logging.LogRecord) -> bool:
    record.exc_info = record.exc_text = None
    return True
