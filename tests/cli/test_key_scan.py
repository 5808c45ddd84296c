"""Keys that lie about are found in every file, at their line, by their checksum alone; their secrets are not repeated."""

from __future__ import annotations

import io
import json
import os
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.access import key
from licet.access.key import Secret
from licet.cli import main
from licet.cli.key_scan import in_file


def made(env: str = "live") -> tuple[str, Secret]:
    return key.make(env, secrets.token_bytes, 1_790_000_000_000)


KEYS = [made(env) for env in ("live", "test", "ab", "a23456789012")]


def test_every_key_in_a_folder_is_found_also_where_git_does_not_look(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / ".gitignore").write_text(".env\nbuild/\n")
    (tmp_path / ".env").write_text(f"# keys\nLICET_KEY={KEYS[0][1].reveal()}\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "app.bin").write_bytes(b"\x00\xff\n\n" + KEYS[1][1].reveal().encode() + b"tail")
    (tmp_path / "notes.md").write_text(f"{KEYS[2][0]} is an id and no key\n")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / ".env")
    assert main(["key", "scan", str(tmp_path), "--data", str(tmp_path / "none")]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"{tmp_path}/.env:2: {KEYS[0][0]}",
        f"{tmp_path}/build/app.bin:3: {KEYS[1][0]}",
    ]
    for _, secret in KEYS:
        assert secret.reveal()[-39:] not in told.out + told.err


def test_a_folder_without_keys_is_clean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a").write_text("lic_live_ and nothing behind it")
    assert main(["key", "scan", str(tmp_path), "--data", str(tmp_path / "none")]) == 0
    assert capsys.readouterr().out == "no keys found\n"
    assert main(["key", "scan", str(tmp_path / "missing")]) == 1


@given(st.integers(0, 10**9), st.integers(0, 44))
def test_a_text_that_only_looks_like_a_key_is_none(seed: int, at: int) -> None:
    """One sign changed is another text: the checksum tells."""
    text = KEYS[0][1].reveal()
    place = len(text) - 1 - at % 39
    other = "0" if text[place] != "0" else "1"
    assert list(key.find(f"{text[:place]}{other}{text[place + 1 :]}".encode())) == []
    body = key.base62(seed**7 + 1, 61)
    assert list(key.find(f"lic_live_{body[:22]}_{body[22:61]}".encode())) == []


parts = st.one_of(
    st.sampled_from([secret.reveal().encode() for _, secret in KEYS]),
    st.sampled_from([b"\n", b"lic_", b"lic_live_", b"x", b"\x00", b"\r\n", KEYS[0][1].reveal()[:-3].encode()]),
    st.binary(max_size=12),
)


@given(st.lists(parts, max_size=12), st.integers(90, 200))
def test_in_pieces_the_same_keys_are_found_at_the_same_lines_as_in_one(blocks: list[bytes], piece: int) -> None:
    data = b"".join(blocks)
    whole = [(data.count(b"\n", 0, at) + 1, key_id, digest) for at, key_id, digest in key.find(data)]
    assert list(in_file(io.BytesIO(data), piece)) == whole
    known = {secret.reveal().encode() for _, secret in KEYS}
    assert len(whole) >= sum(block in known for block in blocks)


def test_a_scan_tells_which_keys_still_work_and_ends_them_if_told_to(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a process of its own: Django is configured once in each."""
    import subprocess
    import sys

    home = tmp_path / "home"
    steps = f"""
import sys, json
from pathlib import Path
from licet.portal import start
from licet.portal.config import PortalConfig
start.configure(PortalConfig(Path({str(home)!r}))); start.migrate()
from licet.portal import accounts, events, keys
ada = accounts.create("ada@example.org", None, events.COMMAND)
live, old = keys.make(ada, "live", events.COMMAND), keys.make(ada, "old", events.COMMAND)
keys.revoke(old.key, events.COMMAND)
# Somebody wrote another secret behind the id of a key that works: that must not end it.
from licet.access import key
_, forged = key.make("live", lambda n: b"x" * n, 1, key_id=live.key.pk)
Path({str(tmp_path / "left.txt")!r}).write_text("\\n".join((forged.reveal(), old.secret.reveal(), live.secret.reveal())))
print(live.key.pk)
"""
    environment = {**os.environ, "PYTHONPATH": "src"}
    live = subprocess.run(
        [sys.executable, "-c", steps], check=True, capture_output=True, text=True, env=environment
    ).stdout.strip()

    def scan(*more: str) -> list[tuple[str, str]]:
        words = [sys.executable, "-m", "licet", "key", "scan", str(tmp_path / "left.txt").rpartition("/")[0], "--json"]
        ran = subprocess.run([*words, "--data", str(home), *more], capture_output=True, text=True, env=environment)
        assert ran.returncode == 1, ran.stderr
        return [(one["key"], one["state"]) for one in json.loads(ran.stdout) if one["path"].endswith("left.txt")]

    assert [state for _, state in scan()] == ["not of this server", "has ended", "works!"]
    assert scan("--revoke")[2] == (live, "worked until now: revoked")
    assert [state for _, state in scan()] == ["not of this server", "has ended", "has ended"]
