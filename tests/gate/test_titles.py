"""Does every problem have a title for people? Read from the source, for a new code is easily said without one."""

from __future__ import annotations

import re
from pathlib import Path

from licet.gate import problem

SAID = re.compile(r"(?:problem\(|Bad\()\s*(?:\w+|\d+),\s*\"(\w+)\"")


def test_every_code_that_the_gate_says_has_a_title() -> None:
    said = {c for file in Path(problem.__file__).parent.rglob("*.py") for c in SAID.findall(file.read_text())}
    assert {"not_found", "model_not_found", "upstream_failed"} <= said
    assert {*said, *problem.STATUS} - problem.TITLES.keys() == set()
