"""Findings as SARIF 2.1.0, the form in which code hosts show them beside the lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from licet.errors import Finding

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(
    findings: Sequence[Finding], ignored: Sequence[Finding], rules: Mapping[str, str], version: str
) -> dict[str, Any]:
    """One run with every rule that is met. What is ignored stands in it as suppressed, so that hosts close it."""
    met = sorted({f.rule for f in (*findings, *ignored)})
    index = {rule: n for n, rule in enumerate(met)}
    driver = {
        "name": "licet",
        "version": version,
        "semanticVersion": version,
        "rules": [
            {"id": rule, "shortDescription": {"text": rules.get(rule, "licet.toml says something that it cannot mean")}}
            for rule in met
        ],
    }
    results = [_result(f, index) for f in findings]
    results += [{**_result(f, index), "suppressions": [{"kind": "inSource"}]} for f in ignored]
    return {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}],
    }


def _result(finding: Finding, index: Mapping[str, int]) -> dict[str, Any]:
    place: dict[str, Any] = {
        "artifactLocation": {"uri": quote(finding.path, errors="backslashreplace"), "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": max(finding.line, 1)},
    }
    text = finding.message + (f". {finding.mend[:1].upper()}{finding.mend[1:]}." if finding.mend else "")
    return {
        "ruleId": finding.rule,
        "ruleIndex": index[finding.rule],
        "level": finding.level,
        "message": {"text": text},
        "locations": [{"physicalLocation": place}],
    }
