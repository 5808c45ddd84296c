"""An operator's day on the command line: what one command prints, the next one takes."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

FILE = """
[release]
name = "tale"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
currency = "EUR"

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[feature]]
name = "tell"
call = "tale:tell"
serves = ["code"]

[[tier]]
name = "free"
features = ["tell"]
quota = ["5 calls / month"]

[[tier]]
name = "research"
features = ["*"]
requires = "approval"
"""

START = """
import sys
from pathlib import Path
from licet.portal import start
from licet.portal.config import PortalConfig
start.configure(PortalConfig(Path(sys.argv[1])))
start.migrate()
"""

ASK = f"""{START}
from licet.portal import accounts, events, tiers
tiers.request(accounts.find("ada@example.org"), "tale", "research", "a study of whales", events.COMMAND)
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tale")
    (folder / "src").mkdir()
    (folder / "licet.toml").write_text(FILE)
    subprocess.run([sys.executable, "-c", START, str(folder / ".licet")], check=True, capture_output=True)
    published = licet(folder, "publish")
    assert published.returncode == 0, published.stderr
    for name in ("ada", "bea"):
        assert licet(folder, "account", "create", f"{name}@example.org").returncode == 0
    return folder / ".licet"


def licet(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command, in a process of its own: Django is configured once in each."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("LICET_")}
    return subprocess.run(
        [sys.executable, "-m", "licet", *words], cwd=folder, capture_output=True, text=True, env=clean
    )


def told(home: Path, *words: str) -> list[dict[str, str]]:
    ran = licet(home.parent, *words, "--json")
    assert ran.returncode == 0, ran.stderr
    found: list[dict[str, str]] = json.loads(ran.stdout)
    return found


def test_a_request_is_approved_by_the_id_that_the_list_of_requests_prints(home: Path) -> None:
    subprocess.run([sys.executable, "-c", ASK, str(home)], check=True, capture_output=True)
    (waiting,) = told(home, "tier", "requests")
    assert (waiting["tier"], waiting["asker"]) == ("research", "ada@example.org")
    ran = licet(home.parent, "tier", "approve", waiting["request"], "--words", "welcome")
    assert ran.returncode == 0, ran.stderr
    assert {(one["owner"], one["tier"]) for one in told(home, "tier", "list")} == {
        ("ada@example.org", "research"),
        ("bea@example.org", "free"),
    }
    again = licet(home.parent, "tier", "reject", waiting["request"])
    assert again.returncode == 1 and "Traceback" not in again.stderr


def test_a_request_nobody_made_is_said_in_words(home: Path) -> None:
    ran = licet(home.parent, "tier", "approve", "7")
    assert (ran.returncode, ran.stderr) == (1, "there is no request `7`; `licet tier requests` names them\n")


def test_a_grant_that_begins_later_says_when(home: Path) -> None:
    words = ["grant", "make", "bea@example.org", "tell", "--reason", "a study"]
    later = licet(home.parent, *words, "--from", "2999-01-31")
    assert later.returncode == 0 and later.stdout.endswith("may tell from 2999-01-31 00:00 UTC on\n")
    assert licet(home.parent, *words).stdout.endswith("may tell from the next call on\n")
    for grant in told(home, "grant", "list"):
        assert licet(home.parent, "grant", "revoke", grant["grant"]).returncode == 0
    assert told(home, "grant", "list") == []


@pytest.mark.parametrize("act", ["suspend", "unsuspend", "delete"])
def test_the_example_in_the_help_of_an_account_command_is_one_that_runs(home: Path, act: str) -> None:
    page = " ".join(licet(home.parent, "account", act, "--help").stdout.split())
    example = re.search(rf"example: licet (account {act} ada@example\.org(?: --why '[^']*'| --yes)?)", page)
    assert example is not None
    words = [word for pair in re.findall(r"'([^']*)'|(\S+)", example[1]) for word in pair if word]
    ran = licet(home.parent, *["bea@example.org" if w == "ada@example.org" else w for w in words])
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("port", ["99999", "-1", "http"])
def test_a_port_that_is_none_is_said_in_words(home: Path, port: str) -> None:
    ran = licet(home.parent, "serve", f"--port={port}")
    assert ran.returncode == 2 and f"`{port}` is not a port" in ran.stderr


def test_the_doctor_tells_of_a_database_that_a_newer_licet_wrote(tmp_path: Path) -> None:
    import sqlite3
    from contextlib import closing

    from licet.errors import LicetError
    from licet.portal.start import OURS, check

    file = tmp_path / "portal.sqlite3"
    with closing(sqlite3.connect(file)) as db:
        db.execute("CREATE TABLE django_migrations (app, name)")
        db.execute("INSERT INTO django_migrations VALUES ('portal', '0001_first'), ('auth', '0099_not_ours')")
        db.commit()
        check(file)
        for app in OURS:
            db.execute("DELETE FROM django_migrations")
            db.execute("INSERT INTO django_migrations VALUES (?, '0999_future')", (app.rstrip("."),))
            db.commit()
            with pytest.raises(LicetError, match="a newer Licet wrote"):
                check(file)
