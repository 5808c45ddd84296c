"""What a `[[program]]` says, what its pattern says where it is silent, and what is refused on which line."""

from __future__ import annotations

from pathlib import Path

import pytest

from licet.errors import Findings
from licet.release.diff import changes
from licet.release.document import read
from licet.release.program import PATTERNS
from licet.release.release import Program, Release

EXAMPLE = Path(__file__).with_name("example.toml").read_text()


def release(more: str) -> Release:
    return read((EXAMPLE + more).encode())


def found(more: str) -> dict[str, tuple[int, str]]:
    with pytest.raises(Findings) as raised:
        release(more)
    return {f.rule: (f.line - EXAMPLE.count("\n"), f.message) for f in raised.value.findings}


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_alone_is_a_whole_program(name: str) -> None:
    (program,) = release(f'\n[[program]]\npattern = "{name}"\nfeatures = ["*"]\n').programs
    ready = PATTERNS[name]
    assert program.name == name
    assert (program.title, program.questions, program.evidence) == (ready.title, ready.questions, ready.evidence)
    assert (program.months, program.answer_days) == (ready.months, ready.answer_days)
    assert program.questions and program.evidence
    assert program.features == {f.name for f in read(EXAMPLE.encode()).features}


def test_what_a_program_says_stands_in_its_pattern_s_place() -> None:
    (program,) = release("""
[[program]]
pattern = "research"
name = "whales"
features = ["chat"]
components = ["weights"]
title = "Whale research"
questions = ["Which whales?"]
evidence = ["A photograph"]
quota = ["500 calls / month", "9 calls / day"]
months = 3
answer_days = 4
""").programs
    assert program == Program(
        "whales", program.line, frozenset({"chat"}), "research", frozenset({"weights"}), "Whale research",
        PATTERNS["research"].about, ("Which whales?",), ("A photograph",), program.quotas, 3, 4,
    )  # fmt: skip
    assert [(q.limit, q.counter) for q in program.quotas] == [(500, "calls/month"), (9, "calls/day")]
    assert program.line == EXAMPLE.count("\n") + 2


def test_a_program_without_a_pattern_says_itself_what_it_asks() -> None:
    (program,) = release('\n[[program]]\nname = "art"\nfeatures = ["chat"]\nquestions = ["What?"]\n').programs
    assert (program.title, program.months, program.answer_days, program.evidence) == ("art", 12, 10, ())
    assert found('\n[[program]]\nfeatures = ["chat"]\n').keys() == {"missing-key"}


@pytest.mark.parametrize(
    ("line", "rule", "says"),
    [
        ('pattern = "reserch"', "bad-choice", "`reserch`"),
        ('quota = ["5 calls / fortnight"]', "bad-quota", "fortnight"),
        ('quota = ["5 calls / day", "6 calls / day"]', "quota-twice", "two quotas of calls per day"),
        ('components = ["wieghts"]', "unknown-component", "`wieghts`"),
        ("months = 0", "out-of-range", "`months`"),
        ("answer_days = 400", "out-of-range", "`answer_days`"),
        ('questions = [""]', "empty", "`questions`"),
        (f"questions = {[f'q{n}' for n in range(21)]}", "too-many", "asks 21 things"),
        ('price = "1.00 EUR / month"', "unknown-key", "`price`"),
    ],
)
def test_what_is_wrong_is_told_on_its_line(line: str, rule: str, says: str) -> None:
    pattern = "" if line.startswith("pattern") else 'pattern = "research"\n'
    told = found(f'\n[[program]]\nfeatures = ["chat"]\n{pattern}{line}\n')
    assert told.keys() == {rule}
    at, message = told[rule]
    assert at == (5 if pattern else 4)
    assert says in message


def test_an_unknown_feature_and_two_programs_of_one_name_are_findings() -> None:
    twice = '\n[[program]]\npattern = "research"\nfeatures = ["chat"]\n' * 2
    assert "two programs called `research`" in found(twice)["twice"][1]
    assert "`chta`" in found('\n[[program]]\npattern = "climate"\nfeatures = ["chta"]\n')["unknown-feature"][1]


def test_a_feature_that_only_a_program_opens_is_reached() -> None:
    lonely = '\n[[feature]]\nname = "lonely"\ncall = "a:b"\nserves = ["code"]\n'
    narrowed = EXAMPLE.replace('features = ["*"]', 'features = ["chat"]')
    assert "feature-unreached" in {f.rule for f in read((narrowed + lonely).encode()).warnings}
    with_program = narrowed + lonely + '\n[[program]]\npattern = "research"\nfeatures = ["lonely"]\n'
    assert "feature-unreached" not in {f.rule for f in read(with_program.encode()).warnings}


def test_a_program_that_comes_goes_or_changes_is_told_and_takes_nothing_from_anybody() -> None:
    old = release('\n[[program]]\npattern = "research"\nfeatures = ["chat"]\nquota = ["5 calls / day"]\n')
    new = release("""
[[program]]
pattern = "research"
features = ["*"]
quota = ["4 calls / day"]
months = 6

[[program]]
pattern = "climate"
features = ["chat"]
""")
    told = {(c.subject, c.way): c.says for c in changes(old, new)}
    assert told["program `climate`", "looser"] == "is new"
    assert any("opens" in c.says for c in changes(old, new))
    assert any("lasts 6 months, not 12" in c.says and c.way == "stricter" for c in changes(old, new))
    assert any("4 calls / day" in c.says and c.way == "stricter" for c in changes(old, new))
    assert [(c.says, c.way) for c in changes(new, old) if c.subject == "program `climate`"] == [("is gone", "stricter")]
    assert not any(c.loses for c in (*changes(old, new), *changes(new, old)))  # a grant that was given stays
