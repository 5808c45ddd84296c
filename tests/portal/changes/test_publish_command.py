"""`licet publish`: options that contradict each other are refused in words, before anything is opened or written."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.portal.conftest import LICET

from licet.cli import main


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--consult", "new.toml"], "a consultation is a file and a day"),
        (["--until", "2090-01-01"], "a consultation is a file and a day"),
        (["--consult", "new.toml", "--until", "2090-01-01", "--decide", "x"], "open it first"),
        (["--consult", "new.toml", "--until", "2090-01-01", "--move", "free"], "open it first"),
        (["--drop", "no", "--decide", "yes"], "what is dropped is not published"),
        (["--drop", "no", "--from", "2090-01-01"], "what is dropped is not published"),
        (["--from", "2090-01-01", "--move", "free"], "not to what comes"),
    ],
)
def test_what_contradicts_itself_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (tmp_path / "licet.toml").write_bytes(LICET)
    assert main(["publish", str(tmp_path), *words]) != 0
    assert says in capsys.readouterr().err
    assert not (tmp_path / ".licet").exists()


def test_a_day_is_written_as_a_day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "licet.toml").write_bytes(LICET)
    with pytest.raises(SystemExit):
        main(["publish", str(tmp_path), "--consult", "x", "--until", "soon"])
    assert "write it like 2027-01-31" in capsys.readouterr().err
