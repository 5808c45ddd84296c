"""Does a backup bring back what was there, and is a damaged one refused before anything is touched?"""

from __future__ import annotations

import sqlite3
import tarfile
from pathlib import Path

import pytest

from licet.cli import main


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / ".licet"
    (folder / "secrets").mkdir(parents=True)
    (folder / "secrets" / "url.key").write_bytes(b"secret bytes")
    for name in ("portal", "ledger"):
        db = sqlite3.connect(folder / f"{name}.sqlite3")
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (n)")
        db.execute("INSERT INTO t VALUES (?)", (name,))
        db.commit()
        db.close()
    return folder


def rows(file: Path) -> list[tuple[str]]:
    db = sqlite3.connect(file)
    try:
        return list(db.execute("SELECT n FROM t"))
    finally:
        db.close()


def test_what_was_saved_while_somebody_writes_comes_back_and_what_was_there_is_kept(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    writer = sqlite3.connect(data / "ledger.sqlite3", isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    writer.execute("INSERT INTO t VALUES ('not committed')")
    assert main(["backup", str(file), "--data", str(data)]) == 0
    writer.execute("ROLLBACK")
    writer.close()
    assert file.stat().st_mode & 0o777 == 0o600
    (data / "secrets" / "url.key").write_bytes(b"changed since")
    assert main(["restore", str(file), "--data", str(data)]) == 0
    assert (data / "secrets" / "url.key").read_bytes() == b"secret bytes"
    assert rows(data / "ledger.sqlite3") == [("ledger",)]
    assert rows(data / "portal.sqlite3") == [("portal",)]
    aside = [p for p in tmp_path.iterdir() if p.name.startswith(".licet.")]
    assert [(p / "secrets" / "url.key").read_bytes() for p in aside] == [b"changed since"]


def test_a_damaged_backup_changes_nothing(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "b.tar.gz"
    assert main(["backup", str(file), "--data", str(data)]) == 0
    worse = tmp_path / "worse.tar.gz"
    with tarfile.open(file) as good, tarfile.open(worse, "w:gz") as bad:
        for member in good.getmembers():
            body = good.extractfile(member)
            assert body is not None
            if member.name == "secrets/url.key":
                member.size, body = 3, __import__("io").BytesIO(b"bad")
            bad.addfile(member, body)
    assert main(["restore", str(worse), "--data", str(data)]) == 1
    assert "damaged" in capsys.readouterr().err
    assert (data / "secrets" / "url.key").read_bytes() == b"secret bytes"
    assert sorted(p.name for p in tmp_path.iterdir()) == [".licet", "b.tar.gz", "worse.tar.gz"]


def test_restore_is_refused_while_a_server_has_the_data_open(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "b.tar.gz"
    assert main(["backup", str(file), "--data", str(data)]) == 0
    server = sqlite3.connect(data / "ledger.sqlite3")
    server.execute("SELECT * FROM t").fetchall()
    assert main(["restore", str(file), "--data", str(data)]) == 1
    server.close()
    assert "a server is running" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["nothing.tar.gz", "text.txt"])
def test_a_file_that_is_no_backup_is_refused_in_words(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "text.txt").write_text("not a tar")
    assert main(["restore", str(tmp_path / name), "--data", str(tmp_path / "new")]) == 1
    assert "not a backup of Licet" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_an_existing_file_is_never_overwritten(data: Path, tmp_path: Path) -> None:
    file = tmp_path / "b.tar.gz"
    file.write_text("precious")
    assert main(["backup", str(file), "--data", str(data)]) == 1
    assert file.read_text() == "precious"
