"""What does `licet check` print, in which form, and with which exit code?"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.release.check.trees import grow, license_text

from licet.cli import main
from licet.errors import Finding
from licet.release.check.rules import NAMES
from licet.release.check.sarif import sarif

ROOT = Path(__file__).parents[3]
APACHE = "# SPDX-License-Identifier: Apache-2.0\nx = 1\n"


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """A tree with one error (a contradiction) and one warning (weights that nobody speaks of)."""
    files: dict[str, str | bytes] = {f"m{n}.py": APACHE for n in range(4)}
    return grow(tmp_path, files | {"LICENSE": license_text("MIT"), "w.gguf": b""})


def test_findings_are_json_in_the_shape_of_every_finding(torn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(torn), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert all(list(one) == ["rule", "level", "path", "line", "message", "mend"] for one in told)
    assert [one["level"] for one in told] == sorted(
        (one["level"] for one in told), key=["error", "warning", "note"].index
    )
    assert told[0]["rule"] == "contradiction" and told[0]["path"] == "m0.py" and told[0]["line"] == 1


def test_a_page_names_place_level_rule_and_mend_and_counts(torn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(torn)]) == 1
    page = capsys.readouterr().out
    assert page.startswith("m0.py:1  error  contradiction\n") and "  → change all places in one commit" in page
    assert re.search(r"^6 files: 1 error, \d warnings?$", page, re.MULTILINE) and "\033" not in page


@pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("note", 1)])
def test_the_exit_code_goes_by_the_level(tmp_path: Path, level: str, code: int) -> None:
    grow(tmp_path, {"LICENSE": license_text("MIT"), "a.py": "x = 1\n", "w.gguf": b""})
    assert main(["check", str(tmp_path), "--level", level]) == code


def test_quiet_shows_only_what_fails(torn: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(torn), "--quiet", "--json"])
    assert {one["level"] for one in json.loads(capsys.readouterr().out)} == {"error"}


def test_a_folder_that_is_none_cannot_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "nowhere")]) == 2
    assert "no such folder" in capsys.readouterr().err


def test_names_that_would_command_a_terminal_are_shown_harmless(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    grow(tmp_path, {"LICENSE": license_text("MIT"), "a\033[2J.gguf": b"x", "b\u202e.gguf": b"x"})
    main(["check", str(tmp_path)])
    assert not {"\033", "\u202e"} & set(capsys.readouterr().out)


def test_a_name_that_is_no_utf_8_breaks_no_form(tmp_path: Path) -> None:
    grow(tmp_path, {"LICENSE": license_text("MIT")})
    Path(f"{tmp_path}/".encode().decode() + "b\udcff.gguf").write_bytes(b"x")
    for form in ("--json", "--sarif", "--quiet"):
        done = subprocess.run(
            [sys.executable, "-m", "licet", "check", str(tmp_path), form], capture_output=True, check=False
        )
        assert done.returncode == 0 and not done.stderr


def test_check_imports_neither_django_nor_the_gate(torn: Path) -> None:
    asks = f"import sys; from licet.cli import main; main(['check', {str(torn)!r}]); "
    asks += "sys.exit(any(m in sys.modules for m in ('django', 'licet.gate', 'licet.portal', 'asyncio')))"
    assert subprocess.run([sys.executable, "-c", asks], capture_output=True, check=False).returncode == 0


URI = r"^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$"

# What SARIF 2.1.0 asks of the parts that we write, in the names and values of its specification.
SARIF: dict[str, Any] = {
    "type": "object",
    "required": ["version", "runs"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/run"}},
    },
    "$defs": {
        "message": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}},
        "run": {
            "type": "object",
            "required": ["tool"],
            "additionalProperties": False,
            "properties": {
                "tool": {
                    "type": "object",
                    "required": ["driver"],
                    "properties": {"driver": {"$ref": "#/$defs/driver"}},
                    "additionalProperties": False,
                },
                "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                "results": {"type": "array", "items": {"$ref": "#/$defs/result"}},
            },
        },
        "driver": {
            "type": "object",
            "required": ["name"],
            "additionalProperties": False,
            "properties": {
                "name": {"type": "string"},
                "version": {"type": "string"},
                "semanticVersion": {"type": "string"},
                "rules": {
                    "type": "array",
                    "uniqueItems": True,
                    "items": {
                        "type": "object",
                        "required": ["id"],
                        "additionalProperties": False,
                        "properties": {"id": {"type": "string"}, "shortDescription": {"$ref": "#/$defs/message"}},
                    },
                },
            },
        },
        "result": {
            "type": "object",
            "required": ["message"],
            "additionalProperties": False,
            "properties": {
                "ruleId": {"type": "string"},
                "ruleIndex": {"type": "integer", "minimum": 0},
                "level": {"enum": ["none", "note", "warning", "error"]},
                "message": {"$ref": "#/$defs/message"},
                "suppressions": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["kind"],
                        "properties": {"kind": {"enum": ["inSource", "external"]}},
                    },
                },
                "locations": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["physicalLocation"],
                        "properties": {
                            "physicalLocation": {
                                "type": "object",
                                "required": ["artifactLocation"],
                                "properties": {
                                    "artifactLocation": {
                                        "type": "object",
                                        "properties": {
                                            "uri": {
                                                "type": "string",
                                                "pattern": r"^(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+$",
                                            },
                                            "uriBaseId": {"type": "string"},
                                        },
                                    },
                                    "region": {
                                        "type": "object",
                                        "properties": {"startLine": {"type": "integer", "minimum": 1}},
                                    },
                                },
                            }
                        },
                    },
                },
            },
        },
    },
}


def test_the_sarif_of_a_torn_tree_is_valid_and_points_at_its_rules(
    torn: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", str(torn), "--sarif"]) == 1
    told = json.loads(capsys.readouterr().out)
    jsonschema.validate(told, SARIF)
    (run,) = told["runs"]
    assert run["results"][0]["ruleId"] == "contradiction"
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]


def test_sarif_takes_every_path_and_keeps_what_is_ignored_as_suppressed() -> None:
    odd = [
        Finding(path, 0, "secret", "it", "", "note")
        for path in ("a b.py", "ü.md", "a%20b", "x#y?z", "b\N{REPLACEMENT CHARACTER}")
    ]
    told = sarif(odd, [Finding("a.py", 3, "leak", "it", "mend", "error")], NAMES, "0.1.0")
    jsonschema.validate(told, SARIF)
    results = told["runs"][0]["results"]
    assert [r.get("suppressions") for r in results] == [None] * 5 + [[{"kind": "inSource"}]]
    assert len({r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for r in results}) == 6


def test_the_documentation_has_one_row_for_each_rule() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \|", (ROOT / "docs" / "check.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(NAMES)
