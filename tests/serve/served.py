"""A real `licet` server in a process of its own, for stories that a test tells from outside."""

from __future__ import annotations

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass
class Process:
    popen: subprocess.Popen[str]
    lines: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    heard: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def wait_for(self, sign: str, seconds: float = 60) -> str:
        """The first line that has the sign."""
        while True:
            line = self.heard.get(timeout=seconds)
            if line is None:
                raise AssertionError(f"ended with {self.popen.wait()}: {''.join(self.errors)}")
            self.lines.append(line)
            if sign in line:
                return line


def licet(*words: str, env: dict[str, str] | None = None, feed: str = "") -> subprocess.CompletedProcess[str]:
    """One command to its end."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LICET_")}
    return subprocess.run(
        [sys.executable, "-m", "licet", *words],
        input=feed,
        capture_output=True,
        text=True,
        env={**clean, **(env or {})},
        timeout=120,
    )


@contextmanager
def running(*words: str, env: dict[str, str] | None = None) -> Iterator[Process]:
    """A server that is ended, and asked to end well, when the story is told."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LICET_")}
    popen = subprocess.Popen(
        [sys.executable, "-m", "licet", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**clean, "PYTHONUNBUFFERED": "1", **(env or {})},
    )
    process = Process(popen)

    def read() -> None:
        assert popen.stdout is not None
        for line in popen.stdout:
            process.heard.put(line)
        process.heard.put(None)

    def read_errors() -> None:
        assert popen.stderr is not None
        process.errors.extend(popen.stderr)

    threads = [threading.Thread(target=read, daemon=True), threading.Thread(target=read_errors, daemon=True)]
    for thread in threads:
        thread.start()
    try:
        yield process
    finally:
        if popen.poll() is None:
            popen.send_signal(signal.SIGINT)
            try:
                popen.wait(15)
            except subprocess.TimeoutExpired:
                popen.kill()
                popen.wait()
        for thread in threads:
            thread.join(5)
        for stream in (popen.stdout, popen.stderr):
            if stream is not None:
                stream.close()


def call(url: str, key: str = "", body: Any = None) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, JSON and headers of a GET, or of a POST where there is a body."""
    request = urllib.request.Request(url, data=None if body is None else json.dumps(body).encode())
    request.add_header("Content-Type", "application/json")
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.loads(answer.read() or b"{}"), {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.loads(refused.read() or b"{}"), {k.lower(): v for k, v in refused.headers.items()}


def release(folder: Path, *, limit: int = 5, features: str = '["shout"]', extra: str = "") -> Path:
    """A small release of its own, with code of its own."""
    folder.mkdir(exist_ok=True)
    (folder / "voice.py").write_text(
        "def shout(text: str) -> dict[str, str]:\n    return {'text': text.upper()}\n\n"
        "def whisper(text: str) -> dict[str, str]:\n    return {'text': text.lower()}\n"
    )
    (folder / "licet.toml").write_text(
        f"""[release]
name = "voice"
version = "1.0.0"
licensor = "Example Lab"
why = "It is a test."

[[component]]
name = "code"
kind = "code"
path = "."
license = "MIT"

[[feature]]
name = "shout"
call = "voice:shout"
serves = ["code"]

[[feature]]
name = "whisper"
call = "voice:whisper"
serves = ["code"]

[[tier]]
name = "free"
features = {features}
quota = ["{limit} calls / month"]

[[tier]]
name = "all"
features = ["*"]
requires = "approval"
{extra}"""
    )
    return folder
