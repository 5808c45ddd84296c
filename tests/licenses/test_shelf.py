"""Is every sheet on the shelf whole, and is the index made from it?"""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from licet.licenses import shelf
from licet.licenses.kinds import ABOUT, DUTIES, KINDS, LIMITS, RIGHTS, SCOPES, UNSAID
from licet.licenses.vocabulary import GROUPS
from licet.terms.action import ACTIONS
from licet.terms.clause import TESTS
from licet.terms.fact import FACTS, Who

ROOT = Path(__file__).parents[2]
PATHS = sorted(shelf.SHELF.glob("*.toml"))


def wanting(sheet: shelf.Sheet) -> list[str]:
    """Everything that a new sheet still lacks, in words."""
    lacks = [f"no clause `{kind}`" for kind in KINDS if kind not in sheet.readings]
    lacks += [f"`{kind}` is no kind of clause" for kind in sheet.readings if kind not in KINDS]
    if sheet.scope not in SCOPES:
        lacks.append(f"scope `{sheet.scope}` is none of {SCOPES}")
    if sheet.read not in ("full", "third-party copy", "partial"):
        lacks.append(f"read `{sheet.read}`")
    for kind, reading in sheet.readings.items():
        values = KINDS[kind].values
        if values and reading.value not in values:
            lacks.append(f"{kind}: `{reading.value}` is none of {values}")
        silent = (*UNSAID, "unknown", "not-covered")
        if reading.value not in silent and not reading.section and kind not in ("patent_grant", "governing_law"):
            lacks.append(f"{kind}: says something, but not where")
        if len(reading.pin.split()) > 12:
            lacks.append(f"{kind}: a pin of more than 12 words")
    for limit in sheet.limits:
        lacks += [f"limit on `{act}`" for act in limit.acts if act not in ACTIONS and act not in GROUPS]
        if limit.clause not in KINDS or sheet[limit.clause].value in (*UNSAID, "unknown"):
            lacks.append(f"limit from `{limit.clause}`, which says nothing")
        if (limit.says == "must") != bool(limit.duty) or limit.says not in ("must", "cannot"):
            lacks.append(f"limit that says `{limit.says}` with duty `{limit.duty}`")
        for name, test, value in limit.when:
            row = FACTS.get(name)
            if row is None or row.who is not Who.ASKER or test not in TESTS:
                lacks.append(f"limit on the fact `{name} {test}`")
                continue
            for one in value if isinstance(value, tuple) else (value,):
                if type(one) is not row.type or (row.choices and one not in row.choices):
                    lacks.append(f"limit with `{name} {test} {one}`")
    return lacks


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
    assert "limit on `fly`" in lacks
    assert "limit on the fact `altitude >`" in lacks


def test_the_index_is_made_from_the_sheets_that_stand_there() -> None:
    script = ROOT / "scripts" / "shelf_index.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_index_gives_the_same_sheet_as_its_file() -> None:
    for path in PATHS:
        assert shelf.sheet(path.stem) == shelf.sheet_of(tomllib.loads(path.read_text(encoding="utf-8")))


def test_the_kinds_of_clause_are_thirty_eight() -> None:
    assert len(KINDS) == 38 == len(RIGHTS) + len(DUTIES) + len(LIMITS) + len(ABOUT)


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
