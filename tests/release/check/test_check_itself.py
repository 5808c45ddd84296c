"""Does this repository pass its own check, and would it fail if it said something else?"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from tests.release.check.trees import grow

from licet.release.check import check
from licet.release.document import read

ROOT = Path(__file__).parents[3]


def test_this_repository_has_nothing_to_mend() -> None:
    assert [str(f) for f in check(ROOT).findings if f.level != "note"] == []


def test_its_licet_toml_reads_without_a_warning() -> None:
    release = read((ROOT / "licet.toml").read_bytes())
    assert release.name == "licet" and release.warnings == ()


def test_a_copy_of_it_that_says_apache_somewhere_fails(tmp_path: Path) -> None:
    for name in ("LICENSE", "README.md", "pyproject.toml", "licet.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    spoilt = (tmp_path / "pyproject.toml").read_text().replace('license = "MIT"', 'license = "Apache-2.0"')
    grow(tmp_path, {"pyproject.toml": spoilt})
    assert [(f.rule, f.path) for f in check(tmp_path).findings if f.level == "error"] == [
        ("contradiction", "pyproject.toml")
    ]


def test_the_hook_runs_what_the_command_line_has() -> None:
    hook = (ROOT / ".pre-commit-hooks.yaml").read_text()
    assert "entry: licet check" in hook and "pass_filenames: false" in hook and "id: licet-check" in hook
    words = subprocess.run(["git", "ls-files", "licet.toml"], cwd=ROOT, capture_output=True, text=True, check=True)
    assert words.stdout.strip() == "licet.toml"
