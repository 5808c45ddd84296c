"""Whatever the standard streams are, a command ends with words and an exit code, never with a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BARE = {k: v for k, v in os.environ.items() if k not in ("PYTHONIOENCODING", "PYTHONUTF8", "COLUMNS")}


def shell(line: str, folder: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """The line in bash, `licet` standing for this interpreter's; `status` is the exit code of each part of a pipe."""
    head = f'licet() {{ "{sys.executable}" -m licet "$@"; }}\n'
    return subprocess.run(
        ["bash", "-c", head + line], cwd=folder, env={**BARE, **env}, capture_output=True, text=True, timeout=60
    )


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("licet may sell MIT >&-", 0),
        ("licet explain MIT >&- 2>&-", 0),
        ("licet check . >&-", 0),
        ("licet choose <&-", 2),
        ("licet init here --licensor Ada <&-", 2),
        ("licet identify - <&-", 0),
        ("licet accept --key - --yes <&-", 1),
        ("licet explain MIT >/dev/full", 1),
        ("licet check . >/dev/full", 1),
        ("licet >/dev/full", 1),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_traceback(line: str, code: int, tmp_path: Path) -> None:
    (tmp_path / "LICENSE").write_text("ours alone\n")
    done = shell(line, tmp_path)
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert done.returncode == code, done.stderr
    assert "/dev/full" not in line or "make room on the disk" in done.stderr


@pytest.mark.parametrize("line", ["licet explain", "licet choose --help", "licet schema", "licet explain MIT --json"])
def test_a_reader_that_leaves_early_hears_nothing_more(line: str, tmp_path: Path) -> None:
    done = shell(f"{line} | true", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_terminal_that_knows_only_ascii_gets_every_word(tmp_path: Path) -> None:
    done = shell("licet may sell CC-BY-NC-4.0 && licet explain MIT", tmp_path, PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "CC-BY-NC-4.0 sec. 2(a)(1)(A)" in done.stdout and "[par. 1]" in done.stdout


def test_json_stays_json_where_letters_are_lacking(tmp_path: Path) -> None:
    import json

    done = shell("licet may sell CC-BY-NC-4.0 --json", tmp_path, PYTHONIOENCODING="ascii")
    assert json.loads(done.stdout)["answer"] == "no"


def test_what_an_encoding_lacks_is_written_as_json_writes_it() -> None:
    from licet.cli.streams import poorer

    wrong = UnicodeEncodeError("ascii", "é🐋→", 0, 3, "no")
    assert poorer(wrong) == ("\\u00e9\\ud83d\\udc0b->", 3)


def test_what_the_machine_refuses_is_told_with_where_and_how_to_mend_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sqlite3

    from licet import cli

    def main(error: Exception) -> str:
        def broken(words: list[str]) -> int:
            raise error

        monkeypatch.setattr(cli, "_run", broken)
        assert cli.main(["check"]) == 1
        return capsys.readouterr().err

    assert main(PermissionError(13, "Permission denied", "x/licet.toml")).startswith(
        "x/licet.toml: Permission denied; run"
    )
    assert (
        main(OSError(28, "No space left on device")) == "licet check: No space left on device; make room on the disk\n"
    )
    assert "`licet doctor`" in main(sqlite3.OperationalError("disk I/O error"))
    for bug in (sqlite3.ProgrammingError("nonsense"), ZeroDivisionError()):  # ours: who mends it needs to see where
        with pytest.raises(type(bug)):
            main(bug)


def terminal(line: str, folder: Path, columns: int = 80, **env: str) -> str:
    """What the line shows on a terminal of so many columns."""
    import fcntl
    import pty
    import struct
    import termios

    mine, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    head = f'licet() {{ "{sys.executable}" -m licet "$@"; }}\n'
    bare = {k: v for k, v in BARE.items() if k not in ("NO_COLOR", "TERM")}
    ran = subprocess.Popen(
        ["bash", "-c", head + line], cwd=folder, env={**bare, "TERM": "xterm", **env}, stdout=its, stderr=its, stdin=its
    )
    os.close(its)
    said = b""
    while True:
        try:
            more = os.read(mine, 65_536)
        except OSError:  # the other end is closed
            break
        if not more:
            break
        said += more
    os.close(mine)
    ran.wait()
    return said.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("line", ["licet may sell MIT", "licet explain MIT", "licet check ."])
def test_a_terminal_is_coloured_unless_its_user_says_no(line: str, tmp_path: Path) -> None:
    assert "\x1b[" in terminal(line, tmp_path)
    for said in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
        assert "\x1b" not in terminal(line, tmp_path, **said)


def test_sentences_fit_a_narrow_terminal(tmp_path: Path) -> None:
    for line in ("licet explain CC-BY-NC-4.0", "licet check ."):
        shown = terminal(line, tmp_path, 60, NO_COLOR="1").splitlines()[1:]  # the first is a name
        assert len(shown) > 2 and max(map(len, shown)) <= 60


def test_rows_that_are_wider_than_the_terminal_stand_each_in_a_paragraph_with_ids_whole(tmp_path: Path) -> None:
    row = {"key": "key_" + "x" * 22, "owner": "ada@example.org", "revoked": None, "made": "2026-11-23 13:54"}
    (tmp_path / "rows.py").write_text(
        f"from licet.cli.show import rows\nrows([{row!r}, {row!r}], as_json=False, empty='none')\n"
    )
    line = f'"{sys.executable}" rows.py'
    assert terminal(line, tmp_path, 60).splitlines()[:4] == [
        "key_" + "x" * 22,
        "  owner    ada@example.org",
        "  made     2026-11-23 13:54",
        "key_" + "x" * 22,
    ]
    assert "─" in terminal(line, tmp_path, 120), "a table, where it fits"
