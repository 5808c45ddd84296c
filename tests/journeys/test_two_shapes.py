"""The first day once more, where gate and portal are two processes: what they share lies in the files, so nothing differs."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from tests.journeys.browser import Mailbox, chromium
from tests.journeys.conftest import Demo
from tests.journeys.test_first_day import test_somebody_signs_up_calls_is_refused_asks_and_is_approved as the_first_day
from tests.serve.served import running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(chromium() is None, reason="no Chromium on this machine"),
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """The demo's release and operator, served by two processes."""
    folder: Path = tmp_path_factory.mktemp("demo")
    with running("demo", "--json", "--port", "0", "--dir", str(folder)) as process:
        told = json.loads(process.wait_for('"url"'))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ("serve", str(folder), "--port", str(port))
    with running(*words, "--portal") as portal, running(*words, "--gate") as gate:
        portal.wait_for("is served at")
        gate.wait_for("is at http")
        yield Demo(f"http://localhost:{port}", told["operator"], Mailbox(folder / ".licet" / "mail"))
        for one in (portal, gate):
            assert one.popen.poll() is None, "it ended by itself: " + "".join(one.errors)


def test_the_first_day_is_the_same_in_two_processes(demo: Demo, chrome: Browser) -> None:
    the_first_day(demo, chrome)
