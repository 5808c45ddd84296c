"""The data folder: private, made once, migrated after a backup, never opened when a newer Licet wrote it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from licet.errors import LicetError
from licet.portal import start
from licet.portal.config import PortalConfig
from licet.portal.data_folder import prepare, secret


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_look_into_the_data_folder(portal: PortalConfig) -> None:
    assert mode(portal.data) == 0o700
    assert (portal.data / ".gitignore").read_text() == "*\n"
    assert mode(portal.data / "secrets" / "django.key") == 0o600
    assert mode(portal.portal_file) == 0o600


def test_a_secret_is_made_once(tmp_path: Path) -> None:
    prepare(tmp_path / "data")
    assert secret(tmp_path / "data", "url.key") == secret(tmp_path / "data", "url.key")
    assert secret(tmp_path / "data", "url.key") != secret(tmp_path / "data", "django.key")


def test_the_database_writes_ahead_and_takes_its_lock_at_once(portal: PortalConfig) -> None:
    from django.db import connection, transaction

    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert cursor.execute("PRAGMA synchronous").fetchone() == (1,)
        assert cursor.execute("PRAGMA foreign_keys").fetchone() == (1,)
    other = sqlite3.connect(portal.portal_file, timeout=0)
    with closing(other), transaction.atomic(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")


def test_a_folder_that_is_up_to_date_is_left_alone(portal: PortalConfig) -> None:
    assert start.migrate() is None
    assert not (portal.data / "backups").exists()


def test_an_older_folder_is_migrated_after_a_backup(portal: PortalConfig, release: Path) -> None:
    from django.core.management import call_command
    from django.db import connection

    from licet.portal.models import Document

    call_command("migrate", "usersessions", "zero", verbosity=0)  # as if this version had brought that table
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version = 1")
    saved = start.migrate()
    assert saved is not None and mode(saved) == 0o600
    with closing(sqlite3.connect(saved)) as copy:
        assert copy.execute("SELECT count(*) FROM document").fetchone() == (1,)
        assert not copy.execute("SELECT 1 FROM sqlite_master WHERE name = 'usersessions_usersession'").fetchone()
    with connection.cursor() as cursor:
        assert cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'usersessions_usersession'").fetchone()
    assert Document.objects.count() == 1
    assert start.migrate() is None


def test_a_folder_of_a_newer_licet_is_refused_untouched(portal: PortalConfig) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA user_version = 1")
        cursor.execute(
            "INSERT INTO django_migrations (app, name, applied) VALUES ('portal', '0999_later', '2030-01-01')"
        )
    with pytest.raises(LicetError, match="newer Licet") as raised:
        start.migrate()
    assert "restore" in raised.value.mend
    with connection.cursor() as cursor:
        assert cursor.execute("PRAGMA user_version").fetchone() == (1,)


def test_the_models_and_their_migrations_say_the_same(portal: PortalConfig) -> None:
    from django.core.management import call_command

    call_command("makemigrations", "portal", check=True, dry_run=True, verbosity=0)


def test_django_finds_nothing_wrong_with_its_settings(portal: PortalConfig) -> None:
    from django.core.management import call_command

    call_command("check", fail_level="WARNING", verbosity=0)


def test_an_smtp_address_becomes_settings_and_is_never_printed(tmp_path: Path) -> None:
    from licet.portal.django_settings import settings

    config = PortalConfig(tmp_path, smtp_url="smtp://ada:s%40cret@mail.example.org", url="https://models.example.org")
    prepare(tmp_path)
    told = settings(config)
    options = told["MAILERS"]["default"]["OPTIONS"]
    assert (options["host"], options["port"], options["password"]) == ("mail.example.org", 587, "s@cret")
    assert options["use_tls"] and not options["use_ssl"]
    assert "cret" not in repr(config)
    assert told["SESSION_COOKIE_SECURE"] and told["CSRF_COOKIE_SECURE"]


def ask(
    path: str, headers: list[tuple[bytes, bytes]] | None = None, query: bytes = b""
) -> tuple[int, dict[Any, Any], bytes]:
    """One GET through the ASGI application, as the server calls it."""
    sent: list[dict[str, Any]] = []

    body_read = False

    async def receive() -> dict[str, Any]:
        nonlocal body_read
        if body_read:
            await asyncio.Event().wait()  # the caller stays
        body_read = True
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query,
        "headers": [(b"host", b"localhost"), *(headers or [])], "client": ("127.0.0.1", 1), "server": ("localhost", 80),
        "scheme": "http", "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip
    asyncio.run(start.asgi()(scope, receive, send))  # type: ignore[arg-type]
    body = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return sent[0]["status"], dict(sent[0]["headers"]), body


def test_static_files_come_before_django_and_are_kept_by_their_stamp(portal: PortalConfig) -> None:
    from django.templatetags.static import static

    status, headers, body = ask("/static/licet/licet.css")
    assert status == 200 and body.startswith(b"/*")
    assert headers[b"content-type"].startswith(b"text/css")
    assert b"max-age=3600" in headers[b"cache-control"]
    path, _, query = static("licet/licet.css").partition("?")
    assert path == "/static/licet/licet.css" and query.startswith("v=")
    assert b"immutable" in ask(path, query=query.encode())[1][b"cache-control"]
    assert ask(path, [(b"if-none-match", headers[b"etag"])])[0] == 304
    for missing in ("/static/nothing.css", "/static/../config.py", "/static/licet/../../config.py"):
        assert ask(missing)[0] == 404


def test_a_page_comes_through_the_asgi_application(release: Path) -> None:
    status, headers, body = ask("/accounts/login/")
    assert status == 200
    assert b"default-src 'self'" in headers[b"Content-Security-Policy"]
    assert b"password" in body


def test_the_directory_needs_no_django() -> None:
    code = (
        "import sys, licet.portal.directory, licet.portal.mailbox, licet.portal.config\n"
        "sys.exit(any(m.startswith(('django', 'allauth')) for m in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], env={**os.environ}, check=False).returncode == 0


def test_what_is_not_there_or_broken_is_said_on_a_page_of_ours(release: Path) -> None:
    from django.test import Client

    browser = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for answer, status in ((browser.get("/my/nothing"), 404), (browser.post("/accounts/login/", {}), 403)):
        assert answer.status_code == status
        assert "sana" in answer.content.decode()  # the frame of every page
