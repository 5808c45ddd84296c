"""One portal for all tests of this folder; each test begins with the same empty, migrated data folder."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from licet.portal import start
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

LICET = b"""\
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"
declare = ["commercial"]

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "CC-BY-NC-4.0"
accept = true

[[feature]]
name = "basic"
call = "demo.features:basic"
serves = ["code"]

[[feature]]
name = "advanced"
call = "demo.features:advanced"
serves = ["code"]

[[tier]]
name = "vip"
features = ["*"]
requires = "approval"

[[tier]]
name = "free"
features = ["basic"]
quota = ["10 calls / month"]

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> PortalConfig:
    from django.conf import settings

    if settings.configured:  # another folder of tests, in the same process, shares this fixture
        shared = settings.LICET
        assert isinstance(shared, PortalConfig)
        return shared
    config = PortalConfig(tmp_path_factory.mktemp("portal") / "data", url="http://localhost:8000")
    start.configure(config)
    start.migrate()
    from django.db import connection
    from django.template import Template
    from django.test.utils import instrumented_test_render

    from licet.portal.hashers import Argon2id

    Template._render = instrumented_test_render  # so that a test sees what a page was given
    Argon2id.memory_cost, Argon2id.time_cost, Argon2id.parallelism = 64, 1, 1  # the real cost would be most of the run
    connection.close()
    shutil.copy(config.portal_file, config.data / "empty.sqlite3")
    return config


@pytest.fixture
def portal(config: PortalConfig) -> Iterator[PortalConfig]:
    from django.core import cache
    from django.db import connection

    connection.close()
    for suffix in ("-wal", "-shm"):
        Path(f"{config.portal_file}{suffix}").unlink(missing_ok=True)
    shutil.copy(config.data / "empty.sqlite3", config.portal_file)
    for mail in config.mail_dir.rglob("*.*"):
        mail.unlink()
    shutil.rmtree(config.data / "backups", ignore_errors=True)
    cache.cache.clear()
    yield config
    connection.close()


@pytest.fixture
def release(portal: PortalConfig, tmp_path: Path) -> Path:
    """The folder of a published release, with a text for the license of its weights."""
    from licet.portal import documents, events

    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("The text of the license, <b>as it is</b>.\n")
    (tmp_path / "licet.toml").write_bytes(LICET)
    documents.publish(LICET, events.COMMAND, folder=tmp_path)
    return tmp_path


@pytest.fixture
def directory(portal: PortalConfig) -> Iterator[SqliteDirectory]:
    directory = SqliteDirectory(portal.portal_file)
    yield directory
    directory.close()


class Hands:
    """A clock that a test turns."""

    def __init__(self, at_s: int) -> None:
        self.at_s = at_s

    def __call__(self) -> int:
        return self.at_s * 1_000_000_000

    def forward(self, by_s: int) -> None:
        self.at_s += by_s


@pytest.fixture
def hands(monkeypatch: pytest.MonkeyPatch) -> Hands:
    from licet.portal import clock

    turned = Hands(int(time.time()))
    monkeypatch.setattr(clock, "source_ns", turned)
    return turned
