"""Are the twenty-five questions that people ask answered as the texts answer them?"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from licet.licenses import compare, compat, explain, may_license
from licet.terms.verdict import Verdict

QUESTIONS = tomllib.loads((Path(__file__).parent / "questions.toml").read_text(encoding="utf-8"))["question"]
CASES = [
    pytest.param(case, id=f"{question['n']:02}.{number}-{question['asked'][:40]}")
    for question in QUESTIONS
    for number, case in enumerate(question["cases"], 1)
]


@pytest.mark.parametrize("case", CASES)
def test_the_question_is_answered_as_the_text_answers_it(case: Mapping[str, Any]) -> None:
    match case:
        case {"action": action, "license": license}:
            agrees(may_license(action, license, facts=case.get("facts", {})), case)
        case {"inbound": inbound, "outbound": outbound}:
            verdict = compat(inbound, outbound)
            assert verdict.answer.name.lower() == case["answer"]
            assert {verdict.because[0].cite} >= set(case.get("cites", ()))
        case {"before": before, "after": after}:
            compared = compare(before, after)
            assert list(compared.who_gains) == case["gains"]
            assert list(compared.who_loses) == case["loses"]
        case {"license": license}:
            explained = explain(license)
            told = {clause.kind: clause.value for clause in explained.clauses}
            assert explained.openness == case.get("openness", explained.openness)
            assert case.get("values", {}).items() <= told.items()


def agrees(verdict: Verdict, case: Mapping[str, Any]) -> None:
    assert verdict.answer.name.lower() == case["answer"]
    if "cites" in case:
        assert list(dict.fromkeys(clause.cite for clause in verdict.because)) == case["cites"]
    if "needs" in case:
        assert sorted(verdict.needs) == case["needs"]
    if "duties" in case:
        assert len(verdict.duties) == len(case["duties"])
        for begin in case["duties"]:
            assert any(duty.duty.startswith(begin) for duty in verdict.duties), begin


def test_all_twenty_five_questions_have_a_case() -> None:
    assert [question["n"] for question in QUESTIONS] == list(range(1, 26))
    assert all(question["cases"] for question in QUESTIONS)
