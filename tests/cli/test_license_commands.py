"""Do `licet explain`, `compare` and `compat` print what the library says, and refuse what cannot be asked?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from licet.cli import main


def told(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> Any:
    assert main([*words, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def test_explain_gives_the_names_that_others_rely_on(capsys: pytest.CaptureFixture[str]) -> None:
    explained = told(capsys, "explain", "CC-BY-NC-4.0")
    wanted = {"id", "name", "permissions", "conditions", "limitations", "clauses", "alarms", "openness"}
    assert wanted <= explained.keys()
    assert {"kind", "value", "cite", "pin", "items", "note"} <= explained["clauses"][0].keys()
    assert explained["alarms"][0].keys() >= {"kind", "cite", "case"}
    assert explained["limitations"] == ["commercial-use", "trademark-use", "patent-use", "liability", "warranty"]


def test_compare_gives_changes_with_from_to_and_direction(capsys: pytest.CaptureFixture[str]) -> None:
    compared = told(capsys, "compare", "llama3", "llama3.1")
    [change] = [c for c in compared["changes"] if c["kind"] == "train_other_models_on_outputs"]
    assert (change["direction"], len(change["cites"])) == ("looser", 2)
    assert compared["who_gains"] == ["researcher", "startup"]
    assert told(capsys, "compare", "MIT", "mit")["changes"] == []


def test_compat_gives_a_verdict_with_the_clause_that_decides(capsys: pytest.CaptureFixture[str]) -> None:
    verdict = told(capsys, "compat", "Apache-2.0", "GPL-2.0-only")
    assert (verdict["answer"], verdict["code"]) == ("no", "license_forbids")
    assert verdict["because"][0]["cite"] == "Apache-2.0 §3"
    assert told(capsys, "compat", "CC-BY-NC-4.0", "proprietary")["needs"][0]["fact"] == "commercial"


def test_compat_tells_its_answer_by_exit_code_when_asked(capsys: pytest.CaptureFixture[str]) -> None:
    for outbound, code in (("MIT", 0), ("GPL-3.0-only", 0), ("proprietary", 0)):
        assert main(["compat", "MIT", outbound, "--exit-code"]) == code
    assert main(["compat", "GPL-3.0-only", "MIT", "--exit-code"]) == 1
    assert main(["compat", "EPL-2.0", "GPL-2.0-only", "--exit-code"]) == 3


def test_a_page_says_the_sentence_with_its_place_and_that_it_is_no_advice(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "NSCL-NC"]) == 0
    page = capsys.readouterr().out
    assert "You may not use it commercially.  [§3.3]" in page
    assert "NVIDIA processors only" in page
    assert page.rstrip().endswith("Facts about a text, not legal advice.")
    assert "\033[" not in page  # colour is for terminals


def test_explain_without_a_license_lists_what_was_read(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain"]) == 0
    assert "Apache-2.0" in capsys.readouterr().out
    assert {"id", "name", "openness"} <= told(capsys, "explain")[0].keys()


@pytest.mark.parametrize(
    "words",
    [["explain", "Apache-2"], ["compare", "Apache-2", "MIT"], ["compat", "Apache-2", "MIT"]],
    ids=lambda words: words[0],
)
def test_a_misspelt_license_exits_2_with_the_nearest_name(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    captured = capsys.readouterr()
    assert "did you mean `Apache-2.0`?" in captured.err
    assert captured.out == ""
