"""How does a license become a LICENSE file? With texts that are installed, and with words of our own."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest

from licet.cli import main
from licet.errors import LicetError
from licet.licenses.identify import identify
from licet.licenses.write import COMMENT, filled, header, needs_holder, with_header
from licet.licenses.write_sources import address, at_hand, given

MIT = (Path(__file__).parents[2] / "LICENSE").read_text(encoding="utf-8")
SHORT = "Permission is granted to everyone who asks for it politely."


def test_an_installed_text_is_found_without_importing_its_package(tmp_path: Path) -> None:
    kept = tmp_path / "polite-1.0.dist-info" / "licenses"
    kept.mkdir(parents=True)
    (kept / "LICENSE").write_text(MIT.upper())
    (kept / "LICENSE.other").write_text(MIT + "\nCommercial use is not permitted.\n")
    found = at_hand("MIT", folders=[tmp_path], common=tmp_path / "none")
    assert found is not None
    assert found.text == MIT.upper()
    assert found.where.endswith("polite-1.0.dist-info/licenses/LICENSE")
    assert found.sha256 == hashlib.sha256(found.text.encode()).hexdigest()
    assert at_hand("Apache-2.0", folders=[tmp_path], common=tmp_path / "none") is None


def test_a_collection_s_front_matter_is_no_part_of_the_text(tmp_path: Path) -> None:
    kept = tmp_path / "licensedcode" / "data" / "licenses"
    kept.mkdir(parents=True)
    (kept / "mit.LICENSE").write_text(f"---\nkey: mit\nspdx_license_key: MIT\n---\n\n{MIT}")
    (kept / "isc.LICENSE").write_text(f"---\nkey: isc\nspdx_license_key: ISC\n---\n\n{MIT}")
    found = at_hand("MIT", folders=[tmp_path], common=tmp_path / "none")
    assert found is not None
    assert found.text == MIT
    assert at_hand("ISC", folders=[tmp_path], common=tmp_path / "none") is None


def test_what_is_installed_here_is_enough_for_the_common_ones() -> None:
    for id in ("MIT", "Apache-2.0", "BSD-3-Clause", "BSD-2-Clause", "MPL-2.0"):
        found = at_hand(id)
        assert found is not None, id
        written = filled(found.text, "Ada Example", "2026").text
        assert identify(written).id == id
        assert ("Copyright (c) 2026 Ada Example" in written) is needs_holder(found.text), id


@pytest.mark.parametrize(
    "head",
    [
        "",
        "Copyright (c) <year> <copyright holders>\n\n",
        "The Polite License\n\nCopyright (c) 1999-2004 Somebody Else\nCopyright 2005, A Third One. All rights reserved.\n\n",
        "Copyright [year] [fullname]\nAll rights reserved.\n\n",
    ],
    ids=["no line", "placeholders", "other holders", "brackets"],
)
def test_the_holder_stands_where_a_holder_stood_and_nobody_else_does(head: str) -> None:
    written = filled(head + SHORT, "Ada Example", "2024-2026").text
    assert re.findall(r"(?m)^Copyright.*$", written) == ["Copyright (c) 2024-2026 Ada Example"]
    assert written.endswith(SHORT)
    assert ("The Polite License" in head) == written.startswith("The Polite License\n\nCopyright")
    assert "Somebody" not in written
    assert filled(written, "Ada Example", "2024-2026").text == written


def test_the_copyright_of_a_license_s_own_author_is_kept() -> None:
    steward = "Copyright (C) 2007 Free Software Foundation, Inc.\n\n" + SHORT
    assert filled(steward, "Ada Example", "2026").text == steward
    long = "Copyright (c) 2019 The Steward\n\n" + SHORT * 80
    assert filled(long, "Ada Example", "2026").text == long


def test_placeholders_in_a_long_text_are_told_and_left() -> None:
    long = SHORT * 80 + "\n\n   Copyright [yyyy] [name of copyright owner]\n"
    assert filled(long, "Ada", "2026").left == ("[yyyy]", "[name of copyright owner]")


def test_a_text_that_gives_copyright_up_names_nobody() -> None:
    free = "This is released into the public domain. Permission is granted to all.\n"
    assert not needs_holder(free)
    assert filled(free, "Ada", "2026").text == free


def test_a_given_text_is_taken_with_its_hash_only() -> None:
    told = MIT.encode()
    right = hashlib.sha256(told).hexdigest()
    assert given(told, "https://example.org/mit", right.upper(), "MIT").text == MIT
    with pytest.raises(LicetError, match=right):
        given(told, "https://example.org/mit", "0" * 64, "MIT")
    with pytest.raises(LicetError, match="text of MIT, not of ISC"):
        given(told, "https://example.org/mit", right, "ISC")
    altered = (MIT + "\nCommercial use is not permitted.\n").encode()
    with pytest.raises(LicetError, match="altered copy of MIT"):
        given(altered, "https://example.org/mit", hashlib.sha256(altered).hexdigest(), "MIT")


@pytest.mark.parametrize("suffix", sorted(COMMENT))
def test_a_header_is_written_once_and_can_be_read_back(suffix: str) -> None:
    path = f"file{suffix}"
    once = with_header("body\n", path, header("MIT", "Ada Example", "2026"))
    assert "2026 Ada Example" in once
    assert once.endswith("body\n")
    assert with_header(once, path, header("ISC", "Bob", "2027")) == once
    assert identify(once, "file.py").id == "MIT"


def test_what_must_stay_first_stays_first() -> None:
    lines = header("MIT", "Ada", "2026")
    assert with_header("#!/bin/sh\nls\n", "a.sh", lines).startswith("#!/bin/sh\n# SPDX-FileCopyrightText")
    assert with_header('<?xml version="1.0"?>\n<a/>\n', "a.xml", lines).startswith('<?xml version="1.0"?>\n<!-- SPDX')
    assert with_header("a\r\nb\r\n", "a.py", lines).count("\r\n") == 5
    with pytest.raises(LicetError, match="no comments are known"):
        with_header("x", "a.bin", lines)


def test_an_address_is_told_for_every_license() -> None:
    from licet.licenses.shelf import known

    assert all(address(id) for id in known())
    assert address("ISC") == "https://spdx.org/licenses/ISC.html"


# --- the command -----------------------------------------------------------------------------------------------------


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_a_license_and_headers(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "a.py").write_text("x = 1\n")
    assert main(["write", "mit", "--holder", "Ada Example", "--year", "2026", "--headers", "a.py", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["id"], told["path"], told["headers"]) == ("MIT", "LICENSE", ["a.py"])
    assert "Copyright (c) 2026 Ada Example" in (here / "LICENSE").read_text()
    assert (here / "a.py").read_text().startswith("# SPDX-FileCopyrightText: 2026 Ada Example\n")


def test_the_command_overwrites_nothing_unasked(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "LICENSE").write_text("mine")
    assert main(["write", "MIT", "--holder", "Ada"]) == 1
    assert "--force" in capsys.readouterr().err
    assert (here / "LICENSE").read_text() == "mine"
    assert main(["write", "MIT", "--holder", "Ada", "--force"]) == 0
    assert "Ada" in (here / "LICENSE").read_text()


def test_the_command_says_where_a_text_is_published(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["write", "LicenseRef-llama-3-2024", "--holder", "Ada"]) == 1
    told = capsys.readouterr().err
    assert "Licet ships none" in told
    assert "llama" in told
    assert not (here / "LICENSE").exists()


def test_a_wrong_file_stops_the_command_before_anything_is_written(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "a.py").write_text("x = 1\n")
    assert main(["write", "MIT", "--holder", "Ada", "--headers", "a.py", "b.bin"]) == 1
    assert "b.bin" in capsys.readouterr().err
    assert (here / "a.py").read_text() == "x = 1\n"
    assert not (here / "LICENSE").exists()


def test_the_command_asks_for_the_holder(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["write", "MIT"]) == 1
    assert "--holder" in capsys.readouterr().err
    assert main(["write", "Mitt", "--holder", "Ada"]) == 2
    assert main(["write", "MIT", "--holder", "Ada", "--year", "2026", "--headers"]) == 0
    assert capsys.readouterr().out.splitlines() == list(header("MIT", "Ada", "2026"))
