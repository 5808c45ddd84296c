"""The table `releases.toml`: each row an ask of a release, with its answer."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from licet.access.ask import holder, of_release, together, whole
from licet.access.offers import offers
from licet.access.standing import Standing
from licet.release.document import read
from licet.release.release import Release
from licet.terms import CLOCK, METER
from licet.terms.plain import as_json

HERE = Path(__file__).parent
FILES = {"demo": HERE.parents[1] / "src/licet/demo/release/licet.toml", "sana": HERE / "sana.toml"}
NOW_S = 1_780_000_000  # 2026
CASES = tomllib.loads((HERE / "releases.toml").read_text(encoding="utf-8"))["case"]
KEYS = {"says", "of", "do", "tier", "as", "component", "facts"} | {
    "answer", "code", "detail", "because", "duties", "no_duties", "needs", "would_allow"
}  # fmt: skip


@cache
def release(name: str) -> Release:
    return read(FILES[name].read_bytes())


def answered(case: dict[str, Any]) -> dict[str, Any]:
    """The JSON of `licet may` for a row."""
    of, tier = release(case["of"]), case.get("tier")
    claims = holder(frozenset([*case.get("as", []), *([f"tier:{tier}"] if tier else [])]))
    facts = {CLOCK: NOW_S, **whole(of, claims, case.get("facts", {}))}
    parts = of_release(case["do"], of, case.get("component"), claims, facts)
    found = ()
    if parts[0].verdict.answer.name != "YES" and (case["do"] == "download" or of.feature(case["do"])):
        standing = Standing("hol_1", of.name, tier or "", of.sha256, claims)
        counts = {name: int(value) for name, value in facts.items() if name.startswith(METER)}
        known = {name: value for name, value in facts.items() if name != CLOCK and name not in counts}
        found = offers(of, standing, known, case["do"], parts[0].component, int(facts[CLOCK]), counts=counts)
    return as_json(together(parts), action=case["do"], tier=tier, offers=found)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"].replace(" ", "-"))
def test_the_answer_of_the_table(case: dict[str, Any]) -> None:
    assert set(case) <= KEYS
    told = answered(case)
    assert (told["answer"], told["code"] if told["answer"] == "no" else "") == (
        case["answer"],
        case.get("code", told["code"]) if case["answer"] == "no" else "",
    )
    assert told["detail"].startswith(case.get("detail", ""))
    for field in ("because", "duties"):
        for words in case.get(field, []):
            assert any(words in f"{row['cite']}  {row['says']}" for row in told[field]), (words, told[field])
    if case.get("no_duties"):
        assert told["duties"] == []
    assert [need["fact"] for need in told["needs"]] == case.get("needs", [])
    if "would_allow" in case:
        assert [offer["offer"] for offer in told["would_allow"]] == case["would_allow"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["says"].replace(" ", "-"))
def test_every_cite_of_the_document_is_a_line_of_it(case: dict[str, Any]) -> None:
    lines = FILES[case["of"]].read_text(encoding="utf-8").splitlines()
    told = answered(case)
    for row in (*told["because"], *told["duties"], *told["would_allow"]):
        if row["cite"].startswith("licet.toml:"):
            assert lines[int(row["cite"].partition(":")[2]) - 1].strip()
