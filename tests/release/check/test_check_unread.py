"""A LICENSE file that holds no known text is said to: unknown is neither yes nor no."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.release.check.trees import grow, license_text

from licet.release.check import check

OWN = """
[release]
name = "own"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
why = "Because a text of our own says it best."

[[component]]
name = "code"
kind = "code"
license = "LicenseRef-Example-1.0"
"""
TERMS = "You may look at this work.\nYou may not sell it.\n" * 4


def said(tree: Path) -> list[tuple[str, str, str]]:
    return [
        (f.rule, f.level, f.path)
        for f in check(tree).findings
        if f.rule in ("license-unread", "license-by-name", "contradiction")
    ]


@pytest.mark.parametrize(
    ("text", "rule", "level"),
    [
        ("Apache License 2.0\n", "license-by-name", "warning"),
        ("MIT", "license-by-name", "warning"),
        (TERMS, "license-unread", "note"),
        ("GPL", "license-unread", "note"),  # a family is no license
        ("see our website", "license-unread", "note"),
    ],
)
def test_a_license_file_without_a_known_text(tmp_path: Path, text: str, rule: str, level: str) -> None:
    grow(tmp_path, {"LICENSE": text, "a.py": "x = 1\n"})
    assert said(tmp_path) == [(rule, level, "LICENSE")]


@pytest.mark.parametrize("id", ["MIT", "Apache-2.0", "CC-BY-NC-4.0"])
def test_a_known_text_is_read(tmp_path: Path, id: str) -> None:
    grow(tmp_path, {"LICENSE": license_text(id), "a.py": "x = 1\n"})
    assert said(tmp_path) == []


def test_a_text_of_ones_own_is_fine_under_a_name_of_its_own(tmp_path: Path) -> None:
    grow(tmp_path, {"LICENSE": TERMS, "a.py": "x = 1\n", "licet.toml": OWN})
    assert said(tmp_path) == []


def test_a_sentence_right_below_its_heading_is_read(tmp_path: Path) -> None:
    headers = {f"src/{n}.py": "# SPDX-License-Identifier: GPL-3.0-only\nx = 1\n" for n in "abcd"}
    grow(tmp_path, {**headers, "README.md": "# Thing\nLicensed under MIT.\n"})
    assert ("contradiction", "warning", "README.md") in said(tmp_path)


def test_a_licet_toml_that_cannot_be_read_is_told_and_no_license_missed_for_it(tmp_path: Path) -> None:
    grow(tmp_path, {"data/a.jsonl": "{}\n", "licet.toml": OWN.replace("1.0.0", "").replace("kind", "kynd")})
    rules = {f.rule for f in check(tmp_path).findings}
    assert rules
    assert "no-license" not in rules
