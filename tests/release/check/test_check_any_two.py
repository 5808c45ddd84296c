"""Any two statements about one part that name different licenses: is the contradiction found, whichever two they are?"""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pytest
from tests.release.check.trees import found, gguf, grow, license_text, rules, safetensors

from licet.release.check.readers.manifest import read_manifest

# How a tree says of its code that it is under a license, each in files of its own.
CODE = {
    "license file": ("LICENSE", "{text}"),
    "pyproject.toml": ("pyproject.toml", '[project]\nname = "x"\nlicense = "{id}"\n'),
    "package.json": ("package.json", '{{"name": "x", "license": "{id}"}}'),
    "Cargo.toml": ("Cargo.toml", '[package]\nname = "x"\nlicense = "{id}"\n'),
    "setup.cfg": ("setup.cfg", "[metadata]\nlicense = {id}\n"),
    "CITATION.cff": ("CITATION.cff", "cff-version: 1.2.0\nlicense: {id}\n"),
    "REUSE.toml": ("REUSE.toml", 'version = 1\n[[annotations]]\npath = "**"\nSPDX-License-Identifier = "{id}"\n'),
    "README": ("README.md", "# X\n\n## License\n\n{id}\n"),
    "tags": ("src/{n}.py", "# SPDX-License-Identifier: {id}\nx = {n}\n"),
    "short notices": ("lib/{n}.py", "# Copyright Example Lab.\n# Licensed under the {id} license.\nx = {n}\n"),
}
# The same of weights that lie at the root.
WEIGHTS = {
    "license file": ("LICENSE", "{text}"),
    "card": ("README.md", "---\nlicense: {id}\n---\n# X\n"),
    "config.json": ("config.json", '{{"model_type": "x", "license": "{id}"}}'),
    "safetensors": ("model.safetensors", "SAFETENSORS"),
    "gguf": ("model.gguf", "GGUF"),
}


OF_THE_CODE = [p for p in combinations(CODE, 2) if p != ("tags", "short notices")]  # those two speak of different files


def said(ways: dict[str, tuple[str, str]], way: str, id: str) -> dict[str, str | bytes]:
    path, body = ways[way]
    binary = {"SAFETENSORS": safetensors({"license": id}), "GGUF": gguf({"general.license": id})}
    if body in binary:
        return {path: binary[body]}
    text = license_text(id)
    return {path.format(n=n): body.format(n=n, id=id, text=text) for n in (range(4) if "{n}" in path else [0])}


@pytest.mark.parametrize("pair", OF_THE_CODE, ids=" and ".join)
def test_any_two_that_speak_of_the_code_are_held_against_each_other(tmp_path: Path, pair: tuple[str, str]) -> None:
    one, other = pair
    grow(tmp_path, {"main.py": "x = 1\n"} | said(CODE, one, "MIT") | said(CODE, other, "Apache-2.0"))
    assert found(tmp_path, "contradiction"), pair
    grow(tmp_path, said(CODE, other, "MIT"))
    assert not found(tmp_path, "contradiction"), pair


@pytest.mark.parametrize("pair", list(combinations(WEIGHTS, 2)), ids=" and ".join)
def test_any_two_that_speak_of_the_weights_are_held_against_each_other(tmp_path: Path, pair: tuple[str, str]) -> None:
    one, other = pair
    grow(tmp_path, {"w.safetensors": safetensors()} | said(WEIGHTS, one, "MIT") | said(WEIGHTS, other, "Apache-2.0"))
    assert found(tmp_path, "contradiction"), pair
    grow(tmp_path, said(WEIGHTS, other, "MIT"))
    assert not found(tmp_path, "contradiction"), pair


def test_a_classifier_can_contradict_the_expression_above_it(tmp_path: Path) -> None:
    row = 'classifiers = ["License :: OSI Approved :: MIT License"]\n'
    text = '[project]\nname = "x"\nlicense = "Apache-2.0"\n'
    grow(tmp_path, {"pyproject.toml": text + row, "LICENSE": license_text("Apache-2.0"), "x.py": "x = 1\n"})
    (told,) = found(tmp_path, "contradiction")
    assert (told.path, told.line) == ("pyproject.toml", 4)


@pytest.mark.parametrize(
    ("name", "text"),
    [("package.json", '{"licenses": [{"type": "MIT"}, {"type": "Apache-2.0"}]}'),
     ("composer.json", '{"license": ["MIT", "Apache-2.0"]}')],
)  # fmt: skip
def test_a_list_of_licenses_is_a_choice_and_not_two_claims(name: str, text: str) -> None:
    (told,) = read_manifest(name, text)
    assert told.meaning.ids == {"MIT", "Apache-2.0"}


def test_a_sentence_about_somebody_elses_license_in_a_comment_is_no_notice(tmp_path: Path) -> None:
    row = "# Reads the tables of Example Lab, whose data is licensed under the MIT license.\nx = 1\n"
    grow(tmp_path, {f"a{n}.py": row for n in range(5)} | {"LICENSE": license_text("Apache-2.0")})
    assert rules(tmp_path) == []


def test_a_page_of_a_site_is_no_license_of_the_release(tmp_path: Path) -> None:
    tree = {"LICENSE": license_text("MIT"), "a.py": "x = 1\n"}
    grow(tmp_path, tree | {"pages/license.html": "{% extends 'base.html' %}\n<h1>{{ license.name }}</h1>\n"})
    assert rules(tmp_path) == []
    grow(tmp_path, {"pages/license.html": "<h1>Our terms</h1><p>You may look at it, and no more.</p>\n"})
    assert rules(tmp_path) == ["license-unread"]
