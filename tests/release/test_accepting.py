"""A text that is asked to be accepted lies in the release, or whoever releases it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from licet.cli import main
from licet.release.accepting import unreadable
from licet.release.check import check
from licet.release.document import read

FILE = """
[release]
name = "whales"
version = "1.0.0"
licensor = "Whale Lab"

[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "LicenseRef-Whale-1.0"
accept = true

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"
"""


def release(folder: Path) -> list[str]:
    (folder / "licet.toml").write_text(FILE)
    return [f.message for f in unreadable(read(FILE.encode()), folder)]


def test_a_text_that_lies_nowhere_is_told_with_the_line_and_the_mend(tmp_path: Path) -> None:
    (message,) = release(tmp_path)
    assert "`weights` asks for an acceptance of LicenseRef-Whale-1.0" in message
    found = [f for f in check(tmp_path).findings if f.rule == "accept-no-text"]
    assert [(f.path, f.line, f.level) for f in found] == [("licet.toml", 7, "warning")]
    assert "LICENSES/LicenseRef-Whale-1.0.txt" in found[0].mend


@pytest.mark.parametrize("place", ["LICENSES/LicenseRef-Whale-1.0.txt", "LicenseRef-Whale-1.0.md", "weights/LICENSE"])
def test_a_text_that_lies_where_it_is_looked_for_is_enough(tmp_path: Path, place: str) -> None:
    (tmp_path / place).parent.mkdir(exist_ok=True)
    (tmp_path / place).write_text("Be kind to whales.")
    assert release(tmp_path) == []


def test_the_text_of_a_license_that_a_tier_carries_is_missed_too(tmp_path: Path) -> None:
    feature = '[[feature]]\nname = "analysis"\ncall = "whales:analysis"\nserves = ["code"]\n'
    tier = '[[tier]]\nname = "premium"\nfeatures = ["analysis"]\nlicenses = { weights = "LicenseRef-Paid-1.0" }\n'
    found = read((FILE.replace("accept = true", "") + tier + feature).encode())
    assert [(f.rule, f.line) for f in unreadable(found, tmp_path)] == [("carried-no-text", 19)]
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES/LicenseRef-Paid-1.0.txt").write_text("Sell what you like.")
    assert list(unreadable(found, tmp_path)) == []


def test_the_doctor_says_it_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    release(tmp_path)
    main(["doctor", str(tmp_path)])
    assert "nobody can accept it" in capsys.readouterr().out
