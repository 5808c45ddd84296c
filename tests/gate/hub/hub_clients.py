"""Real clients of the Hub: three majors of `huggingface_hub`, each in a folder of its own, run as somebody's program."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

MAJORS = {"0.36": "huggingface_hub>=0.36,<1", "1": "huggingface_hub>=1,<2", "2": "huggingface_hub>=2,<3"}
USERS = {"transformers": "transformers>=5,<6"}  # without torch: configuration and tokenizers, which is what it fetches
HERE = Path(__file__).parent


def client(major: str) -> Path | str:
    """The folder with the client, installed once for all runs on this machine; else why it cannot be brought."""
    target = Path(tempfile.gettempdir()) / "licet-hub-clients" / f"{major}-py{sys.version_info[0]}{sys.version_info[1]}"
    if (target / "huggingface_hub").is_dir():
        return target
    uv = shutil.which("uv")
    if uv is None:
        return f"huggingface_hub {major}: there is no `uv` to bring it with"
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    command = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--python",
        sys.executable,
        "--target",
        str(beside),
        {**MAJORS, **USERS}[major],
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if done.returncode:
        shutil.rmtree(beside, ignore_errors=True)
        return f"huggingface_hub {major}: {done.stderr.strip()[-300:]}"
    try:
        beside.rename(target)
    except OSError:  # another run was faster
        shutil.rmtree(beside, ignore_errors=True)
    return target


def program(name: str, folder: Path, endpoint: str, home: Path, **told: Any) -> tuple[dict[str, Any], str]:
    """What a program that uses the client saw: its last line, as JSON, and all that it wrote on the terminal."""
    env = _env(folder, endpoint, home) | {"TOLD": json.dumps(told)}
    done = subprocess.run(
        [sys.executable, str(HERE / f"{name}.py")], env=env, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1]), done.stderr


def command(folder: Path, endpoint: str, home: Path, *words: str) -> str:
    """All that `hf` writes for one command."""
    hf = [sys.executable, "-m", "huggingface_hub.cli.hf", *words]
    done = subprocess.run(hf, env=_env(folder, endpoint, home), capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def _env(folder: Path, endpoint: str, home: Path) -> dict[str, str]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "LICET_", "PYTHON"))}
    return env | {
        "PYTHONPATH": str(folder),
        "HF_ENDPOINT": endpoint,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        "NO_PROXY": "*",
    }


def begun(name: str, folder: Path, endpoint: str, home: Path) -> subprocess.Popen[str]:
    """A program that runs beside the test: it waits for a person."""
    return subprocess.Popen(
        [sys.executable, "-u", str(HERE / f"{name}.py")], env=_env(folder, endpoint, home), text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
