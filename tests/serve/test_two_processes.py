"""`licet serve --portal` and `licet serve --gate`: two processes on one data folder, and neither falls with the other."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.serve.served import Process, call, licet, release, running


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def two(folder: Path, port: int) -> Iterator[tuple[Process, Process, str]]:
    """Portal and gate, started together."""
    words = ("serve", str(folder), "--port", str(port))
    with running(*words, "--gate") as gate, running(*words, "--portal") as portal:
        portal.wait_for("is served at")
        gate.wait_for("the gate of voice is at")
        yield gate, portal, f"http://localhost:{port}"


def tasks(process: Process) -> list[Path]:
    """The threads of a process: each has a priority of its own."""
    return list(Path(f"/proc/{process.popen.pid}/task").iterdir())


def page(url: str, **headers: str) -> tuple[int, str, list[tuple[str, str]]]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.status, answer.read().decode(), answer.headers.items()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read().decode(), refused.headers.items()


@pytest.mark.slow
def test_the_gate_owns_the_port_and_the_pages_come_from_the_portal(tmp_path: Path) -> None:
    folder, port = release(tmp_path / "voice", limit=5), free_port()
    data = ["--data", str(folder / ".licet")]
    with two(folder, port) as (gate, portal, url):
        status, text, headers = page(f"{url}/")
        assert (status, "voice" in text) == (200, True)
        assert [k for k, _ in headers].count("date") == 1
        assert page(f"{url}/accounts/login/")[0] == 200
        gives_way = {thread.name: os.getpriority(os.PRIO_PROCESS, int(thread.name)) for thread in tasks(portal)}
        assert min(gives_way.values()) > os.getpriority(os.PRIO_PROCESS, gate.popen.pid)
        assert page(f"{url}/nowhere/at/all/")[0] == 404
        assert call(f"{url}/readyz")[1] == {"status": "ready"}
        assert licet("account", "create", "ada@example.org", *data).returncode == 0
        made = json.loads(licet("key", "make", "ada@example.org", "--json", *data).stdout)
        shout = f"{url}/v1/features/shout"
        assert call(shout, made["secret"], {"text": "hey"})[1] == {"text": "HEY"}
        assert call(f"{url}/v1/acceptances", made["secret"])[0] == 200  # the portal's, by bearer
        assert "licet_loop_lag_seconds_bucket" in page(f"{url}/metrics")[1]

        # The portal goes: calls go on, and pages say so. It comes back: so do they.
        portal.popen.send_signal(signal.SIGKILL)
        portal.popen.wait(10)
        status, text, headers = page(f"{url}/")
        assert (status, "The pages are not there" in text) == (503, True)
        assert call(shout, made["secret"], {"text": "hey"})[0] == 200
        with running("serve", str(folder), "--port", str(port), "--portal") as again:
            again.wait_for("is served at")
            assert page(f"{url}/")[0] == 200
            # What is revoked by whomever holds from the next call on.
            assert licet("key", "revoke", made["key"], *data).returncode == 0
            assert call(shout, made["secret"], {"text": "hey"})[1]["code"] == "key_revoked"
            second = licet("serve", str(folder), "--port", str(port), "--portal")
            assert second.returncode != 0
            assert "another portal runs" in second.stderr
        assert gate.popen.poll() is None


@pytest.mark.slow
def test_a_portal_without_an_address_and_a_gate_without_a_portal_say_what_is_missing(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice")
    alone = licet("serve", str(folder), "--port", "0", "--portal")
    assert alone.returncode != 0
    assert "LICET_URL" in alone.stderr
    both = licet("serve", str(folder), "--portal", "--gate")
    assert both.returncode == 2
    with running("serve", str(folder), "--port", "0", "--gate") as gate:
        time.sleep(2)
        assert gate.popen.poll() is None  # it waits for what is to be in force
        assert not gate.lines


def test_the_gates_process_has_nothing_of_django_in_it() -> None:
    """So no page, thread or migration of the portal's can ever hold its loop."""
    code = (
        "import sys; from licet import server; import licet.cli.serve, licet.gate.app, licet.gate.passing, licet.portal.start;"
        " from licet.portal.directory import SqliteDirectory; from licet.portal.config import PortalConfig;"
        " print([m for m in sys.modules if m.split('.')[0] == 'django'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
