"""Mistakes that people make at a terminal are answered with what, where and how to mend it."""

from __future__ import annotations

import errno
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from licet.cli import main

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
name = "basic_analysis"
call = "licet.demo.features:basic_analysis"
serves = ["code"]

[[tier]]
name = "free"
features = ["*"]
"""
CLEAN = {k: v for k, v in os.environ.items() if not k.startswith("LICET_") and k != "COLUMNS"}


def licet(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """One command, in a process of its own: Django is configured once in each."""
    command = [sys.executable, "-m", "licet", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env=CLEAN, timeout=60)


@pytest.fixture(scope="module")
def tale(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with spaces in its name, published once."""
    folder = tmp_path_factory.mktemp("a tale")
    (folder / "src").mkdir()
    (folder / "licet.toml").write_text(FILE)
    (folder / ".licet").mkdir()
    (folder / ".licet/portal.sqlite3").touch()
    assert (published := licet(folder, "publish")).returncode == 0, published.stderr
    return folder


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["nonsense"], 2, "no command `nonsense`; `licet` alone lists them"),
        (
            ["write", "MIT", "--holder", "Ada", "--to", "no/where/LICENSE"],
            1,
            "no/where: there is no such folder; make it",
        ),
        (["write", "MIT", "--holder", "Ada", "--year", "soon"], 1, "--year: `soon` is no year; write it like 2026"),
        (["build", "--out", "dist"], 2, "no licet.toml here or in a folder above; `licet init` writes one"),
        (["build", "nowhere", "--out", "dist"], 2, "nowhere/licet.toml: cannot read it"),
    ],
)
def test_a_mistake_is_answered_with_its_mend(
    words: list[str], code: int, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    assert main(words) == code
    assert says in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words", [["choose", "--kind", "code", "--most", "-1"], ["key", "rotate", "key_x", "--overlap", "-5"], ["may"]]
)
def test_a_wrong_option_ends_with_where_the_examples_are(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(words)
    said = capsys.readouterr().err
    assert stopped.value.code == 2
    assert said.startswith("usage: ") and said.rstrip().endswith("--help` shows how it is used")


@pytest.mark.parametrize(
    "words", [["account", "--help"], ["account", "operator", "--help"], ["organization", "--help"]]
)
def test_each_example_stands_whole_on_a_line_of_its_own(
    words: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    with pytest.raises(SystemExit):
        main(words)
    page = capsys.readouterr().out
    shown = page.partition("examples:\n")[2].partition("\n\n")[0].splitlines()
    assert len(shown) > 1 and all(line.startswith(f"  licet {words[0]} ") for line in shown)
    assert " | licet" not in page


def test_the_day_of_a_build_that_is_none_is_told(
    tale: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for epoch in ("yesterday", "9" * 20):
        monkeypatch.setenv("SOURCE_DATE_EPOCH", epoch)
        assert main(["build", str(tale), "--out", str(tmp_path / "dist")]) == 2
        assert capsys.readouterr().err.startswith(f"SOURCE_DATE_EPOCH: `{epoch}` is no moment; write seconds")
    assert not (tmp_path / "dist").exists()


def test_nothing_comes_into_force_in_the_past(tale: Path) -> None:
    ran = licet(tale, "publish", "--from", "2001-01-01")
    assert ran.returncode == 1
    assert ran.stderr == (
        "2001-01-01 00:00 UTC is over: nothing comes into force in the past;"
        " leave --from out (now), or name a day to come\n"
    )


def test_a_release_that_is_not_here_is_told_also_where_nothing_depends_on_it(tale: Path) -> None:
    ran = licet(tale, "account", "list", "--release", "tail")
    assert (ran.returncode, ran.stderr) == (1, "no release `tail` here; did you mean `tale`?\n")


def test_a_damaged_database_is_told_by_every_command_and_doctor_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "licet.toml").write_text(FILE)
    (tmp_path / ".licet").mkdir(mode=0o700)
    (tmp_path / ".licet/portal.sqlite3").write_bytes(b"no database, " * 999)
    for words in (["account", "list"], ["serve", "--port", "0"], ["backup", "b.tgz"]):
        ran = licet(tmp_path, *words)
        assert ran.returncode == 1
        assert ".licet/portal.sqlite3: this database cannot be " in ran.stderr
        assert "(file is not a database); `licet doctor` looks closer" in ran.stderr and ran.stderr.count("\n") == 1
    assert not (tmp_path / "b.tgz").exists(), "half a backup stayed"
    ran = licet(tmp_path, "doctor")
    assert ran.returncode == 1 and ran.stderr == ""
    assert "SQLite finds it damaged: file is not a database; `licet restore` a backup" in ran.stdout


def test_where_nobody_can_listen_the_mend_is_of_the_option_that_is_wrong() -> None:
    from licet.errors import LicetError
    from licet.server import listen

    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(LicetError, match="another --port"):
        listen("127.0.0.1", taken.getsockname()[1])
    for host in ("192.0.2.1", "no.such.host.invalid"):
        with pytest.raises(LicetError, match="an address of this machine with --host"):
            listen(host, 0)


def test_a_low_port_without_the_right_to_it_names_another(monkeypatch: pytest.MonkeyPatch) -> None:
    from licet.errors import LicetError
    from licet.server import listen

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)
    with pytest.raises(LicetError, match="below 1024 are the administrator's"):
        listen("127.0.0.1", 80)


def test_the_models_of_the_demo_come_by_a_command_that_works_where_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.demo import bring

    assert bring.CHECKOUT.is_file() and bring.command() == "uv run --group models licet demo"
    monkeypatch.setattr(bring, "CHECKOUT", tmp_path / "pyproject.toml")
    assert bring.command().startswith("pip install ")


def test_the_doctor_tells_of_a_missing_ledger_once(tale: Path) -> None:
    ran = licet(tale, "doctor")
    assert ran.stdout.count("ledger.sqlite3: ") == 1 and "it is not there; `licet restore`" in ran.stdout


def test_what_this_user_may_not_read_is_told_with_that_as_its_mend(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "licet.toml").write_text(FILE)
    (tmp_path / "shut").mkdir()
    read, scan = Path.read_bytes, os.scandir

    def refuse(self: Path) -> bytes:
        if self.name == "licet.toml":
            raise PermissionError(errno.EACCES, "Permission denied", str(self))
        return read(self)

    def shut(path: object) -> object:
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr(Path, "read_bytes", refuse)
    monkeypatch.setattr(os, "scandir", shut)
    says = f"{tmp_path}/licet.toml: cannot read it (Permission denied); run it as the user whose file it is"
    for words, code in (
        (["check", str(tmp_path)], 2),
        (["build", str(tmp_path), "--out", str(tmp_path / "dist")], 2),
        (["may", "use", "--release", str(tmp_path)], 2),
        (["serve", str(tmp_path)], 1),
    ):
        assert main(words) == code
        assert capsys.readouterr().err.strip() == says
    assert main(["doctor", str(tmp_path)]) == 1
    assert f"error: {says}" in capsys.readouterr().out
    assert main(["identify", str(tmp_path)]) == 2
    assert f"{tmp_path}/shut: cannot look into it (Permission denied); run it" in capsys.readouterr().err


def test_whatif_publish_of_a_folder_asks_the_data_beside_it(tale: Path, tmp_path: Path) -> None:
    ran = licet(tmp_path, "whatif", "publish", str(tale))
    assert (ran.returncode, ran.stdout) == (0, "Nothing turns for anybody (0 holders asked).\n"), ran.stderr


def test_publish_and_whatif_of_a_folder_heed_the_data_folder_of_the_environment(tale: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    (tale / ".licet").rename(elsewhere)
    try:
        for words in (["publish", str(tale)], ["whatif", "publish", str(tale)]):
            command = [sys.executable, "-m", "licet", *words]
            ran = subprocess.run(
                command, cwd=tmp_path, env={**CLEAN, "LICET_DATA": str(elsewhere)}, capture_output=True, text=True
            )
            assert ran.returncode == 0, ran.stderr
    finally:
        elsewhere.rename(tale / ".licet")


def test_the_doctor_names_the_extra_that_an_object_store_needs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from licet.cli import doctor

    far = FILE.replace('path = "src/"', 'path = "src/"\nstore = "s3://bucket/src"')
    (tmp_path / "licet.toml").write_text(far)
    assert main(["doctor", str(tmp_path)]) == 0
    capsys.readouterr()
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    assert main(["doctor", str(tmp_path)]) == 1
    assert (
        "licet.toml:9: component `code` lies in an object store, and obstore is not installed; pip install 'licet[objects]'"
        in (capsys.readouterr().out)
    )


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="a file without end is one of Unix's")
def test_a_file_without_end_is_not_read_to_it(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    keys = tmp_path / "jwks.json"
    keys.write_text('{"keys": []}', encoding="utf-8")
    assert main(["verify", "/dev/zero", "--key", str(keys)]) != 0
    assert main(["identify", "/dev/zero"]) == 0
    assert "unknown" in capfd.readouterr().out


def test_a_name_that_is_no_text_is_told_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """As the shell hands over a byte that is not UTF-8; our own mistakes of the kind stay mistakes."""

    def run(words: list[str]) -> int:
        return len("\udcff".encode())

    monkeypatch.setattr("licet.cli._run", run)
    assert main(["key", "make", "\udcff"]) == 2
    assert "not UTF-8" in capfd.readouterr().err
    with pytest.raises(UnicodeEncodeError):
        main(["key", "make", "ada"])
