"""Is the house as design.md says: rooms, words, and nothing that may not be in the repository?"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SRC = ROOT / "src" / "licet"


def tracked() -> list[str]:
    out = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [f for f in out.splitlines() if (ROOT / f).is_file()]


def test_no_room_is_called_by_a_word_that_says_nothing() -> None:
    empty = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "managers", "service", "handler"}
    assert not [f for f in tracked() if f.startswith("src/") and empty & set(Path(f).with_suffix("").parts)]


def test_no_source_file_is_longer_than_400_lines() -> None:
    long = {
        f: n
        for f in tracked()
        if f.startswith("src/")
        and f.endswith(".py")
        and "/migrations/" not in f
        and (n := len((ROOT / f).read_text().splitlines())) > 400
    }
    assert not long


def test_no_license_text_but_our_own_is_in_the_repository() -> None:
    marks = (
        "TERMS AND CONDITIONS FOR USE, " + "REPRODUCTION",
        "GNU GENERAL " + "PUBLIC LICENSE\n",
        "Permission is hereby " + "granted, free",
    )
    found = [f for f in tracked() if f != "LICENSE" and any(m in (ROOT / f).read_text(errors="ignore") for m in marks)]
    assert not found


def test_no_path_of_one_machine_and_no_package_host_is_in_the_repository() -> None:
    machine = re.compile(
        r"(?<![\w.])/(?:work|root)/[a-z]+/|files\.pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org"
    )
    text = [
        f for f in tracked() if f.endswith((".py", ".md", ".toml", ".html", ".css", ".json", ".sh", ".yml", ".yaml"))
    ]
    assert not [f for f in text if machine.search((ROOT / f).read_text(errors="ignore"))]


def test_no_lock_file_is_tracked() -> None:
    assert not [f for f in tracked() if Path(f).name in ("uv.lock", "poetry.lock", "package-lock.json")]


def test_import_licet_imports_neither_django_nor_numpy_nor_rich() -> None:
    heavy = "import licet, sys; print([m for m in ('django', 'numpy', 'rich', 'asyncio') if m in sys.modules])"
    assert (
        subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    )


def test_the_overview_lists_every_command_and_every_command_has_its_file() -> None:
    from licet.cli import COMMANDS, GROUPS, overview

    assert {name for _, names in GROUPS for name in names} == set(COMMANDS)
    assert {f.stem for f in (SRC / "cli").glob("*.py")} - {"__init__"} >= set(COMMANDS)
    assert all(line in overview() for line in COMMANDS.values())


def test_the_examples_of_the_library_are_true() -> None:
    import doctest

    import licet

    assert doctest.testmod(licet).failed == 0
    assert {name for name in licet.__all__ if not callable(getattr(licet, name))} == set()


def test_no_two_test_files_share_a_name() -> None:
    """They are modules without packages: one would be run in place of the other, or neither."""
    names = [Path(f).name for f in tracked() if f.startswith("tests/") and f.endswith(".py") and "conftest" not in f]
    assert sorted(names) == sorted(set(names))
