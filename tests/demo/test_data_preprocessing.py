"""`data_preprocessing`: each step against values computed by hand, and the laws that hold for every table."""

from __future__ import annotations

import numpy as np
import pytest
from demo_inputs import numbers, plain, tables
from hypothesis import assume, given
from hypothesis import strategies as st

from licet.demo.features import data_preprocessing
from licet.errors import Refused


def column(name: str = "value", **given_: object) -> list[object]:
    return plain(data_preprocessing(**given_))["data"][name]  # type: ignore[arg-type]


@pytest.mark.parametrize(("how", "value"), [("mean", 4.0), ("median", 3.0), ("mode", 1.0)])
def test_a_gap_is_filled_as_asked_and_the_report_says_by_what(how: str, value: float) -> None:
    found = plain(data_preprocessing([1, 1, None, 5, 9], missing=how, scaling="none"))  # type: ignore[arg-type]
    assert found["data"]["value"] == [1.0, 1.0, value, 5.0, 9.0]
    assert found["report"]["value"]["missing"] == {"count": 1, "done": how, "value": value}


def test_of_equally_frequent_values_the_least_is_the_mode() -> None:
    assert column(data=[5, 2, None, 2, 5], missing="mode", scaling="none")[2] == 2.0


def test_dropping_takes_the_row_from_every_column_and_says_which() -> None:
    found = plain(data_preprocessing({"a": [1, None, 3], "b": ["x", "y", None]}, missing="drop", scaling="none"))
    assert found["data"] == {"a": [1.0], "b=x": [1]}
    assert found["rows"] == {"given": 3, "returned": 1, "kept": [0], "dropped": [1, 2]}


def test_a_kept_gap_stays_null_in_numbers_and_in_every_column_of_a_label() -> None:
    found = plain(data_preprocessing({"a": [1, None, 3], "b": ["x", None, "y"]}, missing="keep"))
    assert found["data"] == {"a": [-1.0, None, 1.0], "b=x": [1, None, 0], "b=y": [0, None, 1]}


def test_labels_are_filled_with_the_most_frequent_since_they_have_no_mean() -> None:
    found = plain(data_preprocessing({"b": ["x", None, "y", "x"]}, missing="mean", encoding="none"))
    assert found["data"]["b"] == ["x", "x", "y", "x"]
    assert found["report"]["b"]["missing"] == {"count": 1, "done": "mode", "value": "x"}


@pytest.mark.parametrize(
    ("how", "expected"),
    [
        ("standard", [-1.25, -0.75, 0.25, 1.75]),
        ("minmax", [0.0, 1 / 6, 0.5, 1.0]),
        ("robust", [-0.75, -0.25, 0.75, 2.25]),
        ("none", [1.0, 2.0, 4.0, 7.0]),
    ],
)
def test_each_scale_is_the_one_its_name_says(how: str, expected: list[float]) -> None:
    # 1 2 4 7: mean 3.5, median 3, quartiles 1.75 and 4.75, range 6.
    got = np.array(column(data=[1, 2, 4, 7], scaling=how))
    if how == "standard":
        expected = [e * 2 / np.std([1, 2, 4, 7]) for e in expected]
    elif how == "robust":
        expected = [(x - 3) / 3 for x in (1, 2, 4, 7)]
    assert got == pytest.approx(np.array(expected))


def test_a_column_without_spread_becomes_zero_and_the_report_says_why() -> None:
    for how in ("standard", "minmax", "robust"):
        found = plain(data_preprocessing([0.1] * 6, scaling=how))  # type: ignore[arg-type]
        assert found["data"]["value"] == [0.0] * 6
        assert "no spread" in found["report"]["value"]["scaling"]["note"]


def test_an_outlier_is_clipped_to_the_fence_that_the_report_names() -> None:
    # 1 2 3 4 100: quartiles 2 and 4, fences -1 and 7.
    found = plain(data_preprocessing([1, 2, 3, 4, 100], outliers="clip", scaling="none"))
    assert found["data"]["value"] == [1.0, 2.0, 3.0, 4.0, 7.0]
    said = found["report"]["value"]["outliers"]
    assert (said["low"], said["high"], said["count"], said["rows"]) == (-1.0, 7.0, 1, [4])


def test_an_outlier_is_dropped_with_its_row_or_marked_beside_its_value() -> None:
    data = {"a": [1, 2, 3, 4, 100], "b": ["x", "x", "x", "x", "y"]}
    dropped = plain(data_preprocessing(data, outliers="drop", scaling="none"))
    assert dropped["data"] == {"a": [1.0, 2.0, 3.0, 4.0], "b=x": [1, 1, 1, 1]}
    marked = plain(data_preprocessing(data, outliers="mark", scaling="none", encoding="none"))
    assert marked["data"]["a"] == [1.0, 2.0, 3.0, 4.0, 100.0]
    assert marked["data"]["a_outlier"] == [0, 0, 0, 0, 1]


def test_the_z_rule_measures_in_standard_deviations() -> None:
    data = [0.0] * 20 + [10.0]  # mean 10 / 21, standard deviation 2.13: ten lies 4.5 of them away
    said = plain(data_preprocessing(data, outliers="mark", outlier_rule="zscore"))["report"]["value"]["outliers"]
    assert said["rows"] == [20]
    wide = data_preprocessing(data, outliers="mark", outlier_rule="zscore", outlier_limit=5)
    assert plain(wide)["report"]["value"]["outliers"]["count"] == 0


def test_half_equal_values_leave_no_fence_rather_than_making_all_others_outliers() -> None:
    found = plain(data_preprocessing([1, 1, 1, 1, 2, 3], outliers="drop", outlier_limit=1e-9, scaling="none"))
    assert found["rows"]["dropped"] == [4, 5]
    equal = plain(data_preprocessing([1, 1, 1, 1, 1, 3], outliers="drop", scaling="none"))
    assert equal["rows"]["dropped"] == []
    assert "no fence" in equal["report"]["value"]["outliers"]["note"]


def test_a_filled_gap_is_no_evidence_for_where_the_fences_stand() -> None:
    with_gaps = data_preprocessing([1, 2, 3, 4, 100, *[None] * 20], outliers="clip")
    without = data_preprocessing([1, 2, 3, 4, 100], outliers="clip")
    for key in ("low", "high"):
        assert with_gaps["report"]["value"]["outliers"][key] == without["report"]["value"]["outliers"][key]


def test_ordinal_numbers_follow_the_order_given_or_else_the_alphabet_and_say_so() -> None:
    sizes = {"size": ["small", "large", "small"]}
    asked = plain(data_preprocessing(sizes, encoding="ordinal", order={"size": ["small", "middle", "large"]}))
    assert asked["data"]["size"] == [0, 2, 0]
    assert asked["report"]["size"]["encoding"] == {"done": "ordinal", "key": {"small": 0, "middle": 1, "large": 2}}
    unasked = plain(data_preprocessing(sizes, encoding="ordinal"))
    assert unasked["data"]["size"] == [1, 0, 1]
    assert "alphabet" in unasked["report"]["size"]["encoding"]["note"]


def test_true_and_false_are_labels_spelt_as_json_spells_them() -> None:
    assert plain(data_preprocessing({"b": [True, False]}))["data"] == {"b=false": [0, 1], "b=true": [1, 0]}


def test_a_column_without_any_value_is_left_out_and_spoken_of() -> None:
    found = plain(data_preprocessing({"a": [1, 2], "b": [None, None]}))
    assert found["columns"] == ["a"]
    assert found["report"]["b"] == {"kind": "empty", "left_out": "every value is missing"}
    assert any("`b` is left out" in note for note in found["notes"])


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_standard_column_has_mean_zero_and_spread_one(values: list[float]) -> None:
    assume(len({float(v) for v in values}) > 1)
    assume(max(map(abs, values)) > 1e-300)  # below, numbers have no digits left to be scaled by
    made = np.array(column(data=values, scaling="standard"))
    assert made.mean() == pytest.approx(0.0, abs=1e-9)
    assert made.std() == pytest.approx(1.0, abs=1e-9)


def test_a_small_spread_beside_a_large_offset_is_still_centred() -> None:
    made = np.array(column(data=[1e16, 1e16 + 2, 1e16 + 2, 1e16 + 8, 1e16 + 10], scaling="standard"))
    assert made.mean() == pytest.approx(0.0, abs=1e-12)
    assert made * np.std([0, 2, 2, 8, 10]) == pytest.approx([-4.4, -2.4, -2.4, 3.6, 5.6])


@given(st.lists(numbers, min_size=1, max_size=30))
def test_a_minmax_column_fills_zero_to_one_and_keeps_the_order(values: list[float]) -> None:
    assume(len({float(v) for v in values}) > 1)
    made = column(data=values, scaling="minmax")
    assert (min(made), max(made)) == (0.0, 1.0)
    pairs = sorted(zip(map(float, values), made, strict=True))
    assert [m for _, m in pairs] == sorted(made)


@given(
    tables(),
    st.sampled_from(["mean", "median", "mode", "drop", "keep"]),
    st.sampled_from(["standard", "minmax", "robust", "none"]),
    st.sampled_from(["keep", "clip", "drop", "mark"]),
    st.sampled_from(["iqr", "zscore"]),
    st.sampled_from(["one-hot", "ordinal", "none"]),
)
def test_every_table_comes_back_whole_and_finite_or_is_refused_with_a_mend(
    table: dict, missing: str, scaling: str, outliers: str, rule: str, encoding: str
) -> None:
    asked = {"missing": missing, "scaling": scaling, "outliers": outliers, "outlier_rule": rule, "encoding": encoding}
    before = {name: list(cells) for name, cells in table.items()}
    try:
        found = plain(data_preprocessing(table, **asked))  # type: ignore[arg-type]
    except Refused as no:
        assert no.mend
        return
    finally:
        assert {n: [repr(c) for c in t] for n, t in table.items()} == {
            n: [repr(c) for c in t] for n, t in before.items()
        }
    rows = found["rows"]
    assert sorted(rows["kept"] + rows["dropped"]) == list(range(rows["given"]))
    assert found["columns"] == list(found["data"])
    assert set(found["report"]) == set(table)
    for cells in found["data"].values():
        assert len(cells) == rows["returned"]
        if missing != "keep":
            assert None not in cells
    if missing == "drop" or outliers == "drop":
        return
    assert rows["dropped"] == []


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=12))
def test_one_hot_says_exactly_one_label_a_row_and_ordinal_can_be_read_back(texts: list[str]) -> None:
    hot = plain(data_preprocessing({"x": texts}))["data"]
    assert [next(n for n, cells in hot.items() if cells[i]) for i in range(len(texts))] == [f"x={t}" for t in texts]
    assert all(sum(row) == 1 for row in zip(*hot.values(), strict=True))
    ordinal = plain(data_preprocessing({"x": texts}, encoding="ordinal"))
    back = {number: label for label, number in ordinal["report"]["x"]["encoding"]["key"].items()}
    assert [back[number] for number in ordinal["data"]["x"]] == texts


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"data": []}, "no data"),
        ({"data": {"a": [None]}}, "every value is missing"),
        ({"data": {"a": [1, "x"]}}, "mixes numbers"),
        ({"data": {"a": [1, None], "b": [None, 1]}, "missing": "drop"}, "no row is left"),
        ({"data": [1], "outlier_limit": 0}, "outlier limit"),
        ({"data": [1], "outlier_limit": float("nan")}, "outlier limit"),
        ({"data": {"a": ["x", "y"]}, "encoding": "ordinal", "order": {"a": ["x"]}}, "lacks `y`"),
        ({"data": {"a": ["x"]}, "encoding": "ordinal", "order": {"a": ["x", "x"]}}, "twice"),
        ({"data": {"a": ["x"]}, "order": {"b": ["x"]}}, "no column of labels"),
        ({"data": {"a": ["x"], "a=x": [1]}}, "two columns"),
        ({"data": {"a": [str(i) for i in range(51)]}}, "51 labels"),
        ({"data": {f"c{k}": [str(i % 50) for i in range(400)] for k in range(50)}}, "too large"),
    ],
)
def test_nonsense_is_refused_with_a_mend(given_: dict, says: str) -> None:
    with pytest.raises(Refused, match=says) as no:
        data_preprocessing(**given_)
    assert no.value.mend
