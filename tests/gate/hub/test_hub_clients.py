"""The journeys of unmodified clients, three majors of them, against a running demo; cut transfers; words on the terminal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hub_clients import client, program


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """`licet demo --json`, in a process of its own."""
    folder = tmp_path_factory.mktemp("demo")
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LICET_")}
    command = [sys.executable, "-m", "licet", "demo", "--port", "0", "--json", "--dir", str(folder)]
    popen = subprocess.Popen(command, env=clean, stdout=subprocess.PIPE, text=True)
    assert popen.stdout is not None
    try:
        yield json.loads(popen.stdout.readline())
    finally:
        popen.terminate()
        popen.wait(30)
        popen.stdout.close()


def brought(major: str) -> Path:
    folder = client(major)
    if isinstance(folder, str):
        pytest.skip(f"not tried, for it cannot be brought here: {folder}")
    return folder


@pytest.mark.parametrize(("major", "tier"), [("0.36", "research"), ("1", "premium"), ("2", "free")])
def test_a_client_discovers_is_refused_accepts_downloads_and_verifies(
    demo: dict[str, Any], tmp_path: Path, major: str, tier: str
) -> None:
    told = {
        "key": demo["keys"][tier],
        "repository": demo["repository"],
        "accepts": major != "2",  # the last one accepts by the command
        "licet": [sys.executable, "-m", "licet"],
    }
    seen, terminal = program("program_journey", brought(major), demo["url"], tmp_path, **told)
    url = demo["url"]
    assert seen["version"].startswith(major)
    assert (seen["info"]["gated"], len(seen["info"]["sha"])) == ("auto", 40)
    assert seen["info"]["license"] == seen["card"]["license"] == "other"
    assert seen["card"]["says"]
    assert "weights/probe/model.safetensors" in seen["files"]
    assert not any(path.startswith(("private", "sample")) for path in seen["files"])
    assert f"{url}/accounts/signup/" in seen["stranger"]
    assert "Sign in first" in seen["stranger"]
    for refusal in (seen["unaccepted"], seen["snapshot"], seen["auth_check"]):
        assert "Accept LicenseRef-Licet-Demo-1.0 first." in refusal
        assert f"{url}/licenses/probe/accept" in refusal
    assert f"{url}/my/keys" in seen["foreign"]
    assert "Hugging Face token" in seen["foreign"]
    assert "not known here" in seen["nobody"] or "Invalid" in seen["nobody"]
    assert seen["whoami"].startswith("hol_")
    assert seen["auth"] is True
    # Each file of a component once, however often it was fetched: one of the code (the other was in the client's cache,
    # fetched as a stranger), three of the probe. What is for reading is free.
    assert seen["usage"]["downloads"] == 4
    if "command" in seen:
        assert "Licet Demo License 1.0" in seen["command"]
        assert "Accepted LicenseRef-Licet-Demo-1.0" in seen["command"]
    if isinstance(seen["loaded"], float):
        assert 18 < seen["loaded"] < 20
    assert demo["keys"][tier] not in terminal
