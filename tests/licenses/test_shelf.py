"""Is every sheet on the shelf whole, and is the index made from it?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.kinds import ABOUT, DUTIES, KINDS, LIMITS, RIGHTS
from licet.licenses.wanting import wanting

ROOT = Path(__file__).parents[2]
PATHS = sorted(shelf.SHELF.glob("*.toml"))


@pytest.mark.parametrize("path", PATHS, ids=lambda p: p.stem)
def test_a_sheet_lacks_nothing(path: Path) -> None:
    sheet = shelf.sheet_of(tomllib.loads(path.read_text(encoding="utf-8")))
    assert sheet.id == path.stem
    assert wanting(sheet) == []


def test_a_sheet_with_holes_is_told_what_is_missing() -> None:
    row = tomllib.loads((shelf.SHELF / "MIT.toml").read_text(encoding="utf-8"))
    del row["clauses"]["warranty"]
    row["clauses"]["use"] = {"value": "maybe"}
    row["limits"] = [{"clause": "use", "acts": ["fly"], "when": [["altitude", ">", 3]]}]
    lacks = wanting(shelf.sheet_of(row))
    assert any("no clause `warranty`" in lack for lack in lacks)
    assert any("`maybe`" in lack for lack in lacks)
    assert "limit on `fly`, which is no action" in lacks
    assert "limit on the fact `altitude >`, which nobody can tell" in lacks


def test_the_index_is_made_from_the_sheets_that_stand_there() -> None:
    script = ROOT / "scripts" / "shelf_index.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_index_gives_the_same_sheet_as_its_file() -> None:
    for path in PATHS:
        assert shelf.sheet(path.stem) == shelf.sheet_of(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_kinds_of_clause_are_thirty_eight() -> None:
    assert len(KINDS) == 38 == len(RIGHTS) + len(DUTIES) + len(LIMITS) + len(ABOUT)


def test_a_sheet_that_is_not_whole_is_refused_when_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    line = shelf._lines()["MIT"].replace('"warranty":["disclaimed"', '"warranty":["maybe"')
    monkeypatch.setattr(shelf, "_lines", lambda: {"names": "{}", "LicenseRef-half": line})
    with pytest.raises(LicetError, match="warranty: `maybe` is none of disclaimed"):
        shelf.sheet("LicenseRef-half")


def test_a_date_is_shown_as_a_fact_only_where_the_text_has_its_year() -> None:
    for id in shelf.known():
        sheet = shelf.sheet(id)
        assert sheet is not None
        assert not (sheet.date and sheet.date_unverified)


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("mit", "MIT"),
        ("Expat", "MIT"),
        ("cc by-nc 4.0", "CC-BY-NC-4.0"),
        ("GPL-2.0", "GPL-2.0-only"),
        ("gpl-3.0", "GPL-3.0-only"),
        ("llama3.1", "LicenseRef-scancode-llama-3.1-license-2024"),
        ("NSCL-NC", "LicenseRef-nvidia-source-code-nc-sana-2024"),
        ("OpenRAIL++", "LicenseRef-scancode-bigscience-open-rail-m2"),
    ],
)
def test_a_license_goes_by_its_other_names(name: str, means: str) -> None:
    assert shelf.resolve(name) == means


def test_a_name_that_several_texts_share_means_none_of_them() -> None:
    assert shelf.resolve("gemma") is None
    assert len(shelf.meant_by("gemma")) == 2


def test_a_license_nobody_has_read_has_no_sheet() -> None:
    assert shelf.sheet("LicenseRef-nobody") is None
    assert shelf.resolve("LicenseRef-nobody") is None
