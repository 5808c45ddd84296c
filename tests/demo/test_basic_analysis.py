"""`basic_analysis` against values computed by hand, by NumPy and by laws."""

from __future__ import annotations

import statistics

import numpy as np
import pytest
from demo_inputs import numbers, plain, tables
from hypothesis import assume, given
from hypothesis import strategies as st

from licet.demo.features import basic_analysis
from licet.errors import Refused


def test_the_numbers_one_to_five_have_the_statistics_a_textbook_gives() -> None:
    found = plain(basic_analysis([1, 2, 3, 4, 5]))
    expected = {"count": 5, "missing": 0, "mean": 3.0, "median": 3.0, "min": 1.0, "max": 5.0, "variance": 2.5}
    assert {key: found[key] for key in expected} == expected
    assert found["std"] == pytest.approx(1.5811388300841898)
    assert found["standard_error"] == pytest.approx(0.7071067811865476)
    assert found["quartiles"] == {"q1": 2.0, "q2": 3.0, "q3": 4.0, "iqr": 2.0}
    assert found["skewness"] == pytest.approx(0.0)
    assert found["kurtosis"] == pytest.approx(-1.2)
    assert found["histogram"] == {"edges": [1.0, 2.0, 3.0, 4.0, 5.0], "counts": [1, 1, 1, 2]}


def test_skewness_and_kurtosis_follow_their_formulas_on_a_skewed_sample() -> None:
    # By hand for 1 2 3 10: mean 4, deviations -3 -2 -1 6, m2 = 50 / 4, m3 = 180 / 4, m4 = 1394 / 4.
    g1 = 45 / 12.5**1.5
    g2 = 348.5 / 12.5**2 - 3
    found = basic_analysis([1, 2, 3, 10])
    assert found["skewness"] == pytest.approx(g1 * np.sqrt(4 * 3) / 2)
    assert found["kurtosis"] == pytest.approx(3 / (2 * 1) * (5 * g2 + 6))


def test_one_far_value_is_an_outlier_and_does_not_ask_for_a_billion_bins() -> None:
    found = plain(basic_analysis([*range(20), 1e12]))
    assert found["outliers"]["count"] == 1
    assert len(found["histogram"]["counts"]) == 50
    assert sum(found["histogram"]["counts"]) == 21


def test_a_single_value_has_a_mean_and_no_spread() -> None:
    found = plain(basic_analysis([7]))
    assert (found["mean"], found["std"], found["variance"], found["skewness"]) == (7.0, None, None, None)
    assert found["histogram"] == {"edges": [7.0, 7.0], "counts": [1]}


def test_missing_values_are_counted_left_out_and_spoken_of() -> None:
    found = plain(basic_analysis([1, None, 3]))
    assert (found["count"], found["missing"], found["mean"]) == (2, 1, 2.0)
    assert any("1 of 3 are missing" in note for note in found["notes"])


def test_a_table_answers_for_each_column_labels_among_them() -> None:
    found = plain(basic_analysis({"size": [1, 2, 3, 4], "colour": ["red", "blue", None, "red"]}))
    assert found["rows"] == 4
    assert found["columns"]["size"]["mean"] == 2.5
    assert found["columns"]["colour"] == {
        "kind": "labels",
        "count": 3,
        "missing": 1,
        "distinct": 2,
        "most_frequent": [{"label": "red", "count": 2}, {"label": "blue", "count": 1}],
    }


def test_rows_and_columns_of_the_same_table_answer_alike() -> None:
    by_rows = basic_analysis([[1, 5], [2, 3], [4, 4]], columns=["a", "b"])
    assert by_rows == basic_analysis({"a": [1, 2, 4], "b": [5, 3, 4]})


def test_correlations_are_those_of_numpy_over_the_complete_pairs() -> None:
    dice = np.random.default_rng(3)
    a, b = dice.normal(size=40), dice.normal(size=40)
    b = a + b
    found = basic_analysis({"a": [*a.tolist(), None, 1.0], "b": [*b.tolist(), 9.0, None]})["correlations"]
    assert found["pearson"]["a"]["b"] == found["pearson"]["b"]["a"] == pytest.approx(np.corrcoef(a, b)[0, 1])
    rank_a, rank_b = a.argsort().argsort(), b.argsort().argsort()
    assert found["spearman"]["a"]["b"] == pytest.approx(np.corrcoef(rank_a, rank_b)[0, 1])


def test_a_curve_that_only_rises_has_rank_correlation_one_and_ties_share_their_rank() -> None:
    found = plain(basic_analysis({"x": [1, 2, 3, 4], "y": [1, 8, 27, 1000]}))["correlations"]
    assert found["spearman"]["x"]["y"] == pytest.approx(1.0)
    assert found["pearson"]["x"]["y"] < 0.9
    tied = plain(basic_analysis({"x": [1, 1, 2, 3], "y": [1, 2, 3, 4]}))["correlations"]["spearman"]["x"]["y"]
    assert tied == pytest.approx(np.corrcoef([1.5, 1.5, 3, 4], [1, 2, 3, 4])[0, 1])


def test_a_constant_column_has_no_correlation_rather_than_a_number_out_of_rounding() -> None:
    found = plain(basic_analysis({"x": [0.1] * 7, "y": [1, 2, 3, 4, 5, 6, 7]}))
    assert found["correlations"]["pearson"]["x"] == {"x": None, "y": None}
    assert found["columns"]["x"]["std"] == 0.0


@given(st.lists(numbers, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_the_order_of_the_values_never_matters(values: list[float], dice: object) -> None:
    mixed = list(values)
    dice.shuffle(mixed)  # type: ignore[attr-defined]
    assert basic_analysis(values) == basic_analysis(mixed)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=30))
def test_mean_median_and_spread_are_those_of_the_standard_library(values: list[float]) -> None:
    found = basic_analysis(values)
    assert found["mean"] == pytest.approx(statistics.fmean(values), abs=1e-9)
    assert found["median"] == pytest.approx(statistics.median(values))
    assert found["std"] == pytest.approx(statistics.stdev(values), rel=1e-9, abs=1e-9)


@given(st.lists(st.integers(-1000, 1000), min_size=4, max_size=30), st.integers(1, 50), st.integers(-1000, 1000))
def test_a_change_of_unit_moves_place_and_spread_and_leaves_the_shape(xs: list[int], scale: int, shift: int) -> None:
    assume(len(set(xs)) > 1)
    before, after = basic_analysis(xs), basic_analysis([scale * x + shift for x in xs])
    assert after["mean"] == pytest.approx(scale * before["mean"] + shift)
    assert after["std"] == pytest.approx(scale * before["std"])
    assert after["skewness"] == pytest.approx(before["skewness"], abs=1e-9)
    assert after["kurtosis"] == pytest.approx(before["kurtosis"], abs=1e-9)


@given(tables(), st.none() | st.integers(1, 200))
def test_every_table_gets_finite_numbers_or_a_refusal_with_a_mend(table: dict[str, list], bins: int | None) -> None:
    try:
        found = plain(basic_analysis(table, bins=bins))
    except Refused as no:
        assert no.mend
        assert set().union(*map(set, table.values())) == {None}
        return
    for name, said in found["columns"].items():
        assert said["count"] + said["missing"] == len(table[name])
        if said["kind"] == "numbers":
            assert said["min"] <= said["quartiles"]["q1"] <= said["median"] <= said["max"]
            assert said["min"] <= said["mean"] <= said["max"]
            histogram = said["histogram"]
            assert sum(histogram["counts"]) == said["count"]
            assert len(histogram["edges"]) == len(histogram["counts"]) + 1
            assert (histogram["edges"][0], histogram["edges"][-1]) == (said["min"], said["max"])
    for row in found["correlations"].get("pearson", {}).values():
        assert all(value is None or -1 <= value <= 1 for value in row.values())


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"data": []}, "no data"),
        ({"data": {}}, "no data"),
        ({"data": [[]]}, "no data"),
        ({"data": {"a": []}}, "no data"),
        ({"data": [None, None]}, "every value is missing"),
        ({"data": ["x"]}, "'x' is not a number"),
        ({"data": [True]}, "True is not a number"),
        ({"data": [1, [2]]}, "a list among them"),
        ({"data": [[1, 2], [3]]}, "2 cells"),
        ({"data": [[1], 2]}, "1 cells"),
        ({"data": {"a": [1, 2], "b": [1]}}, "differ in length"),
        ({"data": {"a": [1, "x"]}}, "mixes numbers"),
        ({"data": {"": [1]}}, "no name"),
        ({"data": [float("nan")]}, "not a number between"),
        ({"data": [float("inf")]}, "not a number between"),
        ({"data": [10**400]}, "not a number between"),
        ({"data": [1e101]}, "not a number between"),
        ({"data": [1] * 200_001}, "too many"),
        ({"data": {f"c{i}": [1] for i in range(51)}}, "too many"),
        ({"data": [[1, 2]], "columns": ["a"]}, "name 2 columns"),
        ({"data": [[1, 2]], "columns": ["a", "a"]}, "each once"),
        ({"data": {"a": [1]}, "columns": ["a"]}, "already"),
        ({"data": [1], "columns": ["a", "b"]}, "2 names for one column"),
        ({"data": [1], "bins": 0}, "0 bins"),
        ({"data": [1], "bins": 201}, "201 bins"),
    ],
)
def test_nonsense_is_refused_with_a_mend(given_: dict, says: str) -> None:
    with pytest.raises(Refused, match=says) as no:
        basic_analysis(**given_)
    assert no.value.mend
