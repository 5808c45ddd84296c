"""Does check come through anything that can lie in a folder, in bounded time, and tell the same things each time?"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.release.check.trees import found, grow, license_text, rules, safetensors

from licet.release.check import check
from licet.release.check.walk import walk

NAMES = (
    "LICENSE", "LICENSE-MODEL.md", "LICENSES/MIT.txt", "NOTICE", "README.md", "w/README.md", "USE_POLICY.md", "REUSE.toml",
    "pyproject.toml", "package.json", "Cargo.toml", "setup.cfg", "CITATION.cff", "METADATA", "config.json", "adapter_config.json",
    "mergekit_config.yml", "a.py", "a.py.license", "w/a.safetensors", "w/b.gguf", "c.onnx", "d.csv", "licet.toml", "old.zip",
    "private/x.py", "x.tar.gz",
)  # fmt: skip
PIECES = st.sampled_from((
    "---\n", "license: ", "license:\n- ", "apache-2.0\n", "mit\n", "base_model: ", "meta-llama/Llama-3.1-8B\n", "[project]\n",
    'license = "MIT"\n', "[[annotations]]\n", 'path = "**"\n', "# SPDX-License-Identifier: ", "MIT OR (\n", "<!--", "-->", "é",
    "The code is licensed under ",
    "## License\n", '{"license": ', "[1, {}]", "}", '"base_model_name_or_path": 3', "```\n", "\n",
    "\x00",
    " AND ", "GPL-3.0-only", "License :: OSI Approved :: ", "BSD License\n", "models:\n  - model: a/b\n", "://a:b@c ", "GGUF",
    "[release]\n",
))  # fmt: skip
BODIES = st.one_of(st.lists(PIECES, max_size=12).map("".join).map(str.encode), st.binary(max_size=80))


@settings(max_examples=150)
@given(files=st.dictionaries(st.sampled_from(NAMES), BODIES, max_size=8))
def test_nothing_that_files_say_breaks_the_check_and_it_says_the_same_twice(
    files: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    root = grow(tmp_path_factory.mktemp("tree"), dict(files))
    report = check(root)
    assert report == check(root)
    assert report.files == len(files)
    for finding in report.findings:
        assert finding.message and finding.line >= 0 and finding.level in ("error", "warning", "note")
        assert finding.path == "." or (root / finding.path).exists()


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("README.md", "<!--" * 400_000),
        ("README.md", "```\n~~~\n" * 200_000),
        ("README.md", "## License\n" + "](" * 500_000),
        ("README.md", "# License\n===\n" * 100_000),
        ("README.md", "## License\n\n" + "the code and " * 100_000),
        ("README.md", "badge/" + "a" * 1_000_000),
        ("a.py", "sk-\n" * 500_000),
        ("a.py", "x://a:" * 300_000),
        ("a.py", "# " + "license " * 200_000),
        ("a.py", "# SPDX-License-Identifier: " + "(" * 5_000),
        ("package.json", "[" * 1_000_000),
        ("METADATA", "License: x\n" + " y\n" * 400_000),
        ("USE_POLICY.md", "may " * 500_000),
        ("LICENSE", "the software may not be " * 80_000),
        ("w.gguf", b"GGUF\x03\0\0\0" + b"\0" * 8 + b"\xff" * 8 + b"\0" * 100_000),
        ("w.safetensors", b"\xff\xff\xff\xff\xff\xff\xff\x7f" + b"{" * 100),
    ],
    ids=lambda value: value if isinstance(value, str) and len(value) < 20 else "",
)
def test_a_file_made_to_keep_it_busy_does_not(tmp_path: Path, path: str, body: str | bytes) -> None:
    """No timed assertion: a pattern that runs away would hold the suite for hours, and nobody would miss it."""
    assert check(grow(tmp_path, {path: body})).files == 1


def test_folders_as_deep_as_the_system_allows_are_walked(tmp_path: Path) -> None:
    deep = "/".join("d" * 1500)
    folder = tmp_path
    for name in deep.split("/"):
        folder = folder / name
        folder.mkdir()
    (folder / "a.py").write_text("x = 1\n")
    assert [f.path for f in walk(tmp_path)] == [f"{deep}/a.py"]


def test_what_is_not_of_the_release_is_not_entered(tmp_path: Path) -> None:
    secret = "key = 'ghp_" + "a1B2" * 9 + "'\n"
    away = (".git/x.py", ".licet/x.py", "env/pyvenv.cfg", "env/x.py", "node_modules/x.py", "dist/x.py")
    away += ("other/licet.toml", "other/x.py")
    own = {"LICENSE": license_text("MIT"), "a.py": "x = 1\n", "src/dist/x.py": "y = 1\n"}
    grow(tmp_path, own | dict.fromkeys(away, secret))
    assert rules(tmp_path) == []
    grow(tmp_path, {"pyproject.toml": '[project]\nlicense = "Apache-2.0"\n'})
    assert [f.path for f in found(tmp_path, "contradiction")] == ["pyproject.toml"]


def test_a_license_that_is_a_link_inside_the_release_is_read(tmp_path: Path) -> None:
    grow(tmp_path, {"texts/one.txt": license_text("MIT"), "LICENSE": "-> texts/one.txt", "a.py": "x = 1\n"})
    assert rules(tmp_path) == []
    grow(tmp_path, {"pyproject.toml": '[project]\nlicense = "Apache-2.0"\n'})
    assert [f.path for f in found(tmp_path, "contradiction")] == ["pyproject.toml"]


def test_a_weights_file_of_ten_gigabytes_costs_its_header_only(tmp_path: Path) -> None:
    grow(tmp_path, {"README.md": "---\nlicense: mit\n---\n", "LICENSE": license_text("MIT")})
    with (tmp_path / "w.safetensors").open("wb") as file:
        file.write(safetensors({"license": "cc-by-nc-4.0"}))
        file.truncate(10 << 30)
    assert [f.path for f in found(tmp_path, "contradiction")] == ["w.safetensors"]


def test_a_folder_that_nobody_here_may_look_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    grow(tmp_path, {"LICENSE": license_text("MIT"), "src/shut/a.py": "x = 1\n", "src/b.py": "y = 1\n"})
    scandir = os.scandir

    def shut(path: Path) -> object:
        if Path(path).name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", shut)
    told = [f for f in check(tmp_path).findings if f.rule == "unreadable"]
    assert [(f.path, "Permission denied" in f.message) for f in told] == [("src/shut/", True)]
