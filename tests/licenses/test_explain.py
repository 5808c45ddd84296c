"""Is a license explained as its text is, with alarms, openness and the tags that people know?"""

from __future__ import annotations

import pytest

from licet.errors import LicetError
from licet.licenses import compare, explain, known, may_license, sheet
from licet.licenses.alarms import BELLS, alarms
from licet.licenses.kinds import KINDS
from licet.licenses.openness import CLASSES

SANA = "NSCL-NC"

TAGS = """
MIT           include-copyright                                                            liability warranty
Apache-2.0    include-copyright document-changes                              trademark-use liability warranty
GPL-3.0-only  include-copyright document-changes disclose-source same-license              liability warranty
MPL-2.0       include-copyright disclose-source same-license--file            trademark-use liability warranty
LGPL-3.0-only include-copyright document-changes disclose-source same-license--library     liability warranty
BSL-1.0       include-copyright--source                                                    liability warranty
CC-BY-4.0     include-copyright document-changes                   trademark-use patent-use liability warranty
Unlicense                                                                                  liability warranty
"""


@pytest.mark.parametrize("row", TAGS.strip().splitlines())
def test_the_tags_are_those_that_people_know(row: str) -> None:
    id, *tags = row.split()
    explained = explain(id)
    assert [*explained.conditions, *explained.limitations] == tags
    assert {"commercial-use", "modifications", "distribution", "private-use"} <= set(explained.permissions)


def test_sana_is_explained_with_hardware_lock_filter_and_non_commercial_clause() -> None:
    explained = explain(SANA)
    told = {clause.kind: clause for clause in explained.clauses}
    assert told["hardware_lock"].items == ("NVIDIA processors only",)
    assert "inputs must be filtered through ShieldGemma-2B" in told["output_restrictions"].items
    assert told["commercial_use"].cite.endswith("§3.3")
    assert {"non-commercial", "hardware-lock", "filter-lock"} <= {alarm.kind for alarm in explained.alarms}
    assert any("other hardware than nvidia" in half for half in explained.shut_out)


def test_sana_against_apache_gains_everybody_and_refuses_commerce_in_3_3() -> None:
    compared = compare(SANA, "Apache-2.0")
    assert compared.who_loses == ()
    assert {c.kind: c.direction for c in compared.changes}["hardware_lock"] == "looser"
    assert [c.cite.rpartition("§")[2] for c in may_license("commercial-use", SANA).because] == ["3.3"]


@pytest.mark.parametrize("id", known())
def test_an_explanation_tells_every_clause_once_and_in_words(id: str) -> None:
    explained = explain(id)
    assert [clause.kind for clause in explained.clauses] == list(KINDS)
    assert all(clause.sentence.endswith(".") and "{" not in clause.sentence for clause in explained.clauses)
    groups = (explained.you_may, explained.you_must, explained.you_may_not, explained.not_said)
    shown = [clause.kind for group in (*groups, explained.nobody_has_read) for clause in group]
    assert len(shown) == len(set(shown))
    assert explained.openness in CLASSES


def test_every_sentence_is_one_that_somebody_would_say() -> None:
    for id in known():
        for one in explain(id).clauses:
            assert " no a " not in one.sentence, (id, one.sentence)


def test_of_a_license_that_nobody_has_read_every_clause_is_unknown() -> None:
    explained = explain("ZPL-2.1")
    assert {clause.value for clause in explained.clauses} == {"unknown"}
    assert explained.read == "not read"
    assert explained.openness == "unknown"


def test_a_name_that_several_texts_share_is_refused_with_both() -> None:
    with pytest.raises(LicetError) as raised:
        explain("gemma")
    assert "2024-04-01" in raised.value.mend and "2025-03-24" in raised.value.mend


@pytest.mark.parametrize(
    ("id", "kinds"),
    [
        ("MIT", ()),
        ("CC-BY-NC-4.0", ("non-commercial",)),  # its field of use is that it is not for commerce: told once
        ("PolyForm-Small-Business-1.0.0", ("commercial-use-conditional", "size-threshold")),
        ("LicenseRef-nvidia-source-code-nc-sana-2024", ("non-commercial", "field-of-use", "hardware-lock")),
        ("GPL-3.0-only", ("strong-copyleft",)),
        ("LicenseRef-scancode-exaone-ai-model-1.1-nc", ("licensor-owns-outputs",)),
        ("LicenseRef-scancode-llama-3.1-license-2024", ("size-threshold", "mandatory-branding", "indemnity")),
    ],
)
def test_the_alarms_that_ring_are_the_clauses_that_are_there(id: str, kinds: tuple[str, ...]) -> None:
    found = sheet(id)
    assert found is not None
    rung = [alarm.kind for alarm in alarms(found)]
    assert set(kinds) <= set(rung)
    assert rung == list(kinds) or len(kinds) < len(rung)
    assert rung or not kinds


def test_every_bell_rings_for_some_license_and_tells_a_case_with_its_source() -> None:
    rung = {alarm.kind for id in known() if (found := sheet(id)) for alarm in alarms(found)}
    assert rung == set(BELLS)
    assert all(bell.case and bell.source for bell in BELLS.values())


@pytest.mark.parametrize(
    ("before", "after", "kind", "direction"),
    [
        ("llama3", "llama3.1", "train_other_models_on_outputs", "looser"),
        ("MIT", "GPL-3.0-only", "same_license", "stricter"),
        ("CC-BY-4.0", "CC-BY-NC-4.0", "commercial_use", "stricter"),
        ("LicenseRef-tencent-hunyuan-community-2024-12-03", "LicenseRef-scancode-tencent-hunyuan-3d-2.0-cla",
         "revenue_or_mau_threshold", "stricter"),
        ("MIT", "EUPL-1.2", "governing_law", "other"),
    ],
)  # fmt: skip
def test_a_difference_has_the_direction_that_its_taker_sees(before: str, after: str, kind: str, direction: str) -> None:
    assert {c.kind: c.direction for c in compare(before, after).changes}[kind] == direction


def test_a_license_that_nobody_has_read_cannot_be_compared() -> None:
    with pytest.raises(LicetError, match="nobody has read"):
        compare("ZPL-2.1", "MIT")
