"""The class of a release follows from what is there and under which license, line by line, with the reason."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licet.release.document import read
from licet.release.openness import PIECES, Openness, as_json, is_open, openness
from licet.release.release import Release

NOW_S = 1_790_000_000
OPENED_S = 1_830_297_600  # 2028-01-01

FILES = {  # one file that shows each piece, where no component does by itself
    "model architecture": "src/model.py",
    "evaluation results": "docs/eval_results.json",
    "model card": "docs/model_card.md",
    "data card": "docs/data_card.md",
    "technical report": "docs/technical_report.pdf",
    "training code": "src/train.py",
    "inference code": "src/generate.py",
    "evaluation code": "src/evaluate.py",
    "evaluation data": "data/test.jsonl",
    "data preprocessing code": "src/preprocess.py",
    "model parameters (intermediate)": "weights/checkpoint/1.safetensors",
    "research paper": "docs/paper.pdf",
}
CLASS = {
    "III": ("model architecture", "evaluation results", "model card", "data card", "technical report"),
    "II": ("training code", "inference code", "evaluation code", "evaluation data"),
    "I": ("data preprocessing code", "model parameters (intermediate)", "research paper"),
}


def release(weights: str = "Apache-2.0", data: str = "CDLA-Permissive-2.0", more: str = "") -> Release:
    rows = ['[release]\nname = "one"\nversion = "1.0.0"\nlicensor = "Lab"']
    kinds = {
        "src": ("code", "MIT"),
        "weights": ("weights", weights),
        "data": ("data", data),
        "docs": ("docs", "CC-BY-4.0"),
    }
    for path, (kind, license) in kinds.items():
        rows.append(f'[[component]]\nname = "{path}"\nkind = "{kind}"\npath = "{path}/"\nlicense = "{license}"')
        rows += [more] if kind == "weights" else []
    return read("\n".join(rows).encode())


def files(*classes: str) -> list[str]:
    return [FILES[name] for one in classes for name in CLASS[one]]


def item(told: Openness, name: str) -> tuple[bool, bool, str]:
    found = next(i for i in told.items if i.name == name)
    return found.there, found.open, found.why


@pytest.mark.parametrize(
    ("there", "mof"),
    [
        ((), ""),
        (("III",), "III"),
        (("III", "II"), "II"),
        (("III", "II", "I"), "I"),
        (("II", "I"), ""),
        (("III", "I"), "III"),
    ],
)
def test_a_class_is_reached_when_all_of_it_and_of_those_before_is_there(there: tuple[str, ...], mof: str) -> None:
    assert openness(release(), NOW_S, files(*there)).mof == mof


def test_the_framework_has_seventeen_pieces() -> None:
    assert len(PIECES) == 17
    assert [len([p for p in PIECES if p.wanted == c]) for c in ("III", "II", "I")] == [6, 4, 4]


def test_a_research_paper_stands_for_a_technical_report() -> None:
    there = [f for f in files("III") if "report" not in f] + ["docs/paper.pdf"]
    assert openness(release(), NOW_S, there).mof == "III"


def test_what_is_there_under_a_license_that_is_not_open_does_not_count() -> None:
    told = openness(release("CC-BY-NC-4.0"), NOW_S, files("III", "II", "I"))
    assert told.mof == ""
    assert item(told, "model parameters (final)") == (
        True,
        False,
        "component `weights`, under CC-BY-NC-4.0, and CC-BY-NC-4.0 is not open",
    )
    assert "model parameters (final)" in told.missing
    assert not told.open_source_ai


def test_upstream_terms_count_as_the_components_own() -> None:
    upstream = 'upstream = [{ name = "a/b", license = "LicenseRef-scancode-llama-3.1-license-2024" }]'
    told = openness(release(more=upstream), NOW_S, files("III"))
    assert told.mof == "" and "llama-3.1" in item(told, "model parameters (final)")[2]


def test_on_its_change_date_a_release_opens() -> None:
    later = release("CC-BY-NC-4.0", more='change_date = 2028-01-01\nchange_license = "Apache-2.0"')
    assert [openness(later, at, files("III")).mof for at in (OPENED_S - 1, OPENED_S)] == ["", "III"]


def test_what_stays_in_is_not_there() -> None:
    head = '[release]\nname = "one"\nversion = "1"\nlicensor = "Lab"\n'
    text = head + '[[component]]\nname = "w"\nkind = "weights"\nproprietary = true\n'
    told = openness(read(text.encode()), NOW_S)
    assert item(told, "model parameters (final)") == (False, False, "component `w` stays in")


def test_the_definition_of_open_source_ai_asks_for_data_information_code_and_parameters() -> None:
    told = openness(release(), NOW_S, files("III", "II", "I"))
    assert told.open_source_ai
    assert [i.name for i in told.osaid][:2] == ["data information", "data preprocessing code"]
    assert "every line is met" in told.summary and "class I, Open Science" in told.summary
    assert not openness(release(), NOW_S, files("III", "II")).open_source_ai


@pytest.mark.parametrize(
    ("expression", "open_"),
    [
        ("MIT", True),
        ("CC-BY-4.0", True),
        ("CC0-1.0", True),
        ("CC-BY-SA-4.0", True),
        ("CDLA-Permissive-2.0", True),
        ("MIT OR CC-BY-NC-4.0", True),
        ("MIT AND CC-BY-NC-4.0", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", True),
        ("Apache-2.0 AND LicenseRef-scancode-commons-clause", False),
        ("CC-BY-ND-4.0", False),
        ("BUSL-1.1", False),
        ("LicenseRef-scancode-llama-3.1-license-2024", False),
        ("LicenseRef-scancode-bigscience-open-rail-m", False),
        ("LicenseRef-Nobody-Read-It", False),
    ],
)
def test_which_licenses_are_open(expression: str, open_: bool) -> None:
    assert is_open(expression) is open_


@given(st.lists(st.sampled_from(sorted(FILES.values())), unique=True), st.sampled_from(sorted(FILES.values())))
@settings(max_examples=60, deadline=None)
def test_more_files_never_lower_the_class(some: list[str], one: str) -> None:
    order = ["", "III", "II", "I"]
    before, after = openness(release(), NOW_S, some), openness(release(), NOW_S, [*some, one])
    assert order.index(before.mof) <= order.index(after.mof)
    assert all(i.why for i in after.items)
    assert as_json(after)["open_source_ai"] is after.open_source_ai


def test_a_release_without_a_model_is_not_classed_as_one() -> None:
    head = '[release]\nname = "tool"\nversion = "1.0.0"\nlicensor = "Lab"\n'
    code = head + '[[component]]\nname = "code"\nkind = "code"\nlicense = "MIT"\n'
    told = openness(read(code.encode()), NOW_S, ["src/model.py"])
    assert not told.model and told.summary.startswith("No model is in it") and as_json(told)["model"] is False
    assert openness(release(), NOW_S).model
