"""Is a finding ignored exactly where somebody wrote why?"""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.release.check.trees import found, grow, license_text, rules

from licet.release.check import check

MARK = "licet: " + "ignore["  # in one piece it would speak to the check of this repository
KEY = "key = 'ghp_" + "a1B2" * 9 + "'\n"
MIT = {"LICENSE": license_text("MIT")}


@pytest.mark.parametrize(
    "body",
    [
        f"import os\n\n# {MARK}secret] made up for the docs\n{KEY}",
        f"import os\n\n{KEY.strip()}  # {MARK}secret] made up for the docs\n",
        f"import os\n// {MARK}secret] made up\n{KEY}",
        f"import os\n<!-- {MARK}secret] made up -->\n{KEY}",
    ],
)
def test_a_reason_on_the_line_or_the_line_before_ignores_it(tmp_path: Path, body: str) -> None:
    report = check(grow(tmp_path, MIT | {"a.py": body}))
    assert report.findings == () and [f.rule for f in report.ignored] == ["secret"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (f"# {MARK}secret]\n{KEY}", ["ignore-without-reason", "secret"]),
        (f"# {MARK}leak] because\n{KEY}", ["ignore-unused", "secret"]),
        (f"# {MARK}secret] because\n\n{KEY}", ["ignore-unused", "secret"]),
        (f"say = '# {MARK}secret] because'\n{KEY}", ["secret"]),
        (f"# {MARK}secret] nothing to ignore\n", ["ignore-unused"]),
    ],
)
def test_without_a_reason_for_another_rule_or_line_nothing_is_ignored(
    tmp_path: Path, body: str, told: list[str]
) -> None:
    assert sorted(rules(grow(tmp_path, MIT | {"a.py": body}))) == told


def test_an_unknown_rule_is_told_with_the_nearest(tmp_path: Path) -> None:
    (told,) = found(grow(tmp_path, MIT | {"a.py": f"# {MARK}secrets] because\n"}), "ignore-unused")
    assert "`secret`" in told.mend


def test_a_mark_near_the_top_speaks_of_the_whole_file_and_one_with_a_glob_of_others(tmp_path: Path) -> None:
    grow(
        tmp_path,
        {
            "README.md": f"# X\n\nNothing here.\n\n<!-- {MARK}no-license w/*.npy] weights of a test -->\n",
            "w/x.gguf": b"",
        },
    )
    assert rules(tmp_path, "error") == ["no-license"]
    grow(tmp_path, {"README.md": f"# X\n\n<!-- {MARK}no-license w/*] a test, never released -->\n"})
    assert rules(tmp_path, "error") == []
