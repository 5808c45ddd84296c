"""How does the portal start? `configure`, then `migrate`, then `asgi`: each once, in this order.

A data folder of an older Licet is migrated after a backup; one of a newer Licet is refused before anything is touched.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zlib import crc32

from licet.errors import LicetError
from licet.portal.config import PortalConfig, current

Message = MutableMapping[str, Any]
AsgiApp = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


OURS = (  # whose migrations are our own
    "portal.", "organizations.", "community.", "payments.", "sso.", "changes.", "programs.", "certificates.", "billing.",
    "outgoing.",
)  # fmt: skip


def configure(config: PortalConfig) -> None:
    """Prepare the data folder and make Django ready. A second call with the same configuration does nothing."""
    from django.conf import settings

    if settings.configured:
        if getattr(settings, "LICET", None) != config:
            raise LicetError("the portal is configured already, and otherwise", mend="start another process")
        return
    from licet.portal import data_folder, django_settings

    data_folder.prepare(config.data)
    settings.configure(**django_settings.settings(config))
    import django

    django.setup()


def migrate() -> Path | None:
    """Bring portal.sqlite3 to this version's schema. The path of the backup, when there was something to move.

    Raises LicetError for a data folder that a newer Licet wrote. When nothing moved it costs one PRAGMA.
    """
    file = current().portal_file
    try:
        with _alone(current().data):
            return _migrate(file)
    except sqlite3.DatabaseError as wrong:
        if isinstance(wrong, sqlite3.OperationalError):  # locked, or not this user's
            raise
        raise LicetError(
            f"this database cannot be used ({wrong})", where=str(file),
            mend="`licet doctor` looks closer; `licet restore` brings a backup back",
        ) from None  # fmt: skip


def check(file: Path) -> None:
    """LicetError where a newer Licet wrote this database. Only looks, and needs no Django set up."""
    with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
        _refuse_newer(db, file, _ours())


def _migrate(file: Path) -> Path | None:
    known = _migrations()
    stamp = crc32("\n".join(known).encode()) >> 1 or 1  # user_version is a signed 32-bit number
    if file.exists():
        with closing(sqlite3.connect(file)) as db:
            if db.execute("PRAGMA user_version").fetchone() == (stamp,):
                return None
            _refuse_newer(db, file, known)
    saved = _backup(file) if file.exists() and file.stat().st_size else None
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", verbosity=0, interactive=False)
    from licet.portal import readmodel

    with connection.cursor() as cursor:
        # What the gate reads may have got a new fact: nobody loses a tier by an upgrade. Minutes for 100,000 holders, so
        # only where it is older. The number is kept where SQLite has one to spare.
        if saved is not None and cursor.execute("PRAGMA application_id").fetchone() != (readmodel.MADE,):
            readmodel.rebuild()
        cursor.execute(f"PRAGMA application_id = {readmodel.MADE}")
        cursor.execute(f"PRAGMA user_version = {stamp}")
    file.chmod(0o600)
    return saved


def is_current(file: Path) -> bool:
    """Has the database all that this version's migrations make? Only looks, and needs no Django set up."""
    if not file.exists():
        return False
    check(file)
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as db:
            applied = {f"{app}.{name}" for app, name in db.execute("SELECT app, name FROM django_migrations")}
    except sqlite3.OperationalError:  # it is being made
        return False
    return applied.issuperset(_ours())


def asgi() -> AsgiApp:
    """The portal as an ASGI application, its static files before it, an id on each answer. `http` scopes only."""
    from django.core.handlers.asgi import ASGIHandler

    from licet.portal.bodies import Bounded
    from licet.portal.request_id import Numbered
    from licet.portal.static_files import Static

    return Numbered(Bounded(Static(ASGIHandler())))


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """Gate and portal may start together, each in its process: one migrates, the other waits and finds it done."""
    with (data / "migrating.lock").open("w") as lock:
        flock(lock, LOCK_EX)
        yield


def _migrations() -> list[str]:
    """`label.name` of every migration that this version ships, read from file names: importing them would take
    longer.
    """
    from django.apps import apps

    found: list[str] = []
    for app in apps.get_app_configs():
        spec = find_spec(f"{app.name}.migrations")
        for folder in spec.submodule_search_locations or () if spec else ():
            found += [f"{app.label}.{p.stem}" for p in Path(folder).glob("[0-9]*.py")]
    return sorted(found)


def _ours() -> list[str]:
    """Our own migrations among them, found without Django: an app's label is the name of its folder."""
    here = Path(__file__).parent
    return [f"{path.parents[1].name}.{path.stem}" for path in here.glob("**/migrations/[0-9]*.py")]


def _refuse_newer(db: sqlite3.Connection, file: Path, known: list[str]) -> None:
    if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'django_migrations'").fetchone():
        return
    labels = {name.partition(".")[0] for name in known}
    applied = {f"{app}.{name}" for app, name in db.execute("SELECT app, name FROM django_migrations") if app in labels}
    if newer := sorted(n for n in applied - set(known) if n.startswith(OURS)):
        raise LicetError(
            f"a newer Licet wrote this data folder (it has `{newer[-1]}`)",
            where=str(file),
            mend="start the newer version again, or `licet restore` a backup of this one",
        )


def _backup(file: Path) -> Path:
    """A consistent copy beside the data, made by SQLite itself: it holds while others write."""
    folder = file.parent / "backups"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o700)
    target = folder / f"portal-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.sqlite3"
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    target.chmod(0o600)
    return target
