"""`advanced_modelling`: does it find what is there, does it admit what is not, and does nothing leak?"""

from __future__ import annotations

import csv
from importlib.resources import files

import numpy as np
import pytest
from demo_inputs import numbers, plain, tables
from hypothesis import given
from hypothesis import strategies as st

from licet.demo import classification, clustering, regression
from licet.demo.features import advanced_modelling, data_preprocessing
from licet.demo.folds import folds, splits, student
from licet.demo.lbfgs import least
from licet.errors import Refused


def noise(seed: int, rows: int, width: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(rows, width))


# --- regression ------------------------------------------------------------------------------------------------------


def test_a_straight_line_is_found_with_its_slope_and_intercept() -> None:
    found = plain(advanced_modelling({"x": list(range(40)), "y": [2 * x + 1 for x in range(40)]}, target="y"))
    assert found["task"] == "regression"
    assert found["scores"]["r2"] > 0.9999
    assert found["model"]["coefficients"]["x"] == pytest.approx(2.0, rel=0.01)
    assert found["model"]["intercept"] == pytest.approx(1.0, abs=0.2)
    assert found["better_than_baseline"]


def test_the_scores_are_those_of_the_predictions_that_come_with_them() -> None:
    x = noise(1, 60, 2)
    y = x @ [1.0, -2.0] + noise(2, 60, 1)[:, 0] + 100
    found = plain(advanced_modelling(x.tolist(), y.tolist()))
    off = np.array(found["predictions"]) - y
    assert found["scores"]["rmse"] == pytest.approx(np.sqrt(np.mean(off**2)))
    assert found["scores"]["mae"] == pytest.approx(np.abs(off).mean())
    assert found["scores"]["r2"] == pytest.approx(1 - np.sum(off**2) / np.sum((y - y.mean()) ** 2))
    assert sum(fold["rows"] for fold in found["per_fold"]) == 60


def test_ridge_solves_its_normal_equations() -> None:
    x, y = noise(3, 30, 4), noise(4, 30, 1)[:, 0]
    fit = regression.Ridge.fit(x, y, np.array([0.7]))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    expected = np.linalg.solve(z.T @ z + 0.7 * 30 * np.eye(4), z.T @ (y - y.mean()))
    assert fit.slopes[0] == pytest.approx(expected)
    assert fit.predict(x)[:, 0] == pytest.approx(y.mean() + z @ expected)


def test_pure_noise_is_hardly_ever_called_better_than_the_baseline() -> None:
    claims = [
        plain(advanced_modelling(noise(seed, 25, 4).tolist(), noise(1000 + seed, 25, 1)[:, 0].tolist()))
        for seed in range(120)
    ]
    assert sum(found["better_than_baseline"] for found in claims) <= 7  # 1 in 40 promised: more than 7 of 120 never
    assert np.mean([found["improvement"]["share"] for found in claims]) < 0.01


def test_a_held_out_target_changes_no_prediction_made_for_its_own_row() -> None:
    x, y = noise(5, 30, 3), noise(6, 30, 1)[:, 0]
    held_out = folds(np.zeros(30, dtype=np.intp), 5, np.random.default_rng(0))

    def guesses(goal: np.ndarray) -> np.ndarray:
        made = regression.regression(x, goal, ["a", "b", "c"], held_out, np.random.default_rng(1))
        return np.asarray(made["predictions"])

    first = held_out[0]
    changed = y.copy()
    changed[first] = noise(7, len(first), 1)[:, 0] * 50
    assert guesses(changed)[first] == pytest.approx(guesses(y)[first])


def test_a_held_out_row_far_away_does_not_move_the_scale_of_the_others() -> None:
    x, y = noise(8, 30, 1), noise(9, 30, 1)[:, 0]
    held_out = folds(np.zeros(30, dtype=np.intp), 5, np.random.default_rng(0))
    far = x.copy()
    far[held_out[0][0]] = 1e6
    one = regression.regression(x, y, ["a"], held_out, np.random.default_rng(1))
    other = regression.regression(far, y, ["a"], held_out, np.random.default_rng(1))
    rest = held_out[0][1:]
    assert np.asarray(one["predictions"])[rest] == pytest.approx(np.asarray(other["predictions"])[rest])


# --- classification --------------------------------------------------------------------------------------------------


def test_two_separate_classes_are_told_apart_and_overlapping_ones_as_well_as_can_be() -> None:
    x = noise(10, 200, 2)
    apart = plain(advanced_modelling(x.tolist(), ["yes" if v > 0 else "no" for v in x[:, 0]]))
    assert apart["task"] == "classification"
    assert apart["model"]["classes"] == ["no", "yes"]
    assert apart["scores"]["accuracy"] > 0.95
    assert apart["scores"]["auc"] > 0.99
    # Bayes' own accuracy for two normals two apart is 0.84.
    shifted = x + np.repeat([[1.0, 0.0], [-1.0, 0.0]], 100, axis=0)
    found = plain(advanced_modelling(shifted.tolist(), ["a"] * 100 + ["b"] * 100))
    assert 0.78 < found["scores"]["accuracy"] < 0.9
    assert found["better_than_baseline"]


def test_accuracy_and_confusion_are_those_of_the_predictions() -> None:
    x = noise(11, 90, 2)
    y = [["red", "green", "blue"][int(np.argmax([a, b, 0]))] for a, b in x]
    found = plain(advanced_modelling(x.tolist(), y))
    assert found["scores"]["accuracy"] == pytest.approx(
        np.mean([p == t for p, t in zip(found["predictions"], y, strict=True)])
    )
    counts = np.array(found["confusion"]["counts"])
    assert counts.sum() == 90
    assert np.trace(counts) / 90 == pytest.approx(found["scores"]["accuracy"])
    assert counts.sum(axis=1).tolist() == [y.count(label) for label in found["model"]["classes"]]


def test_labels_drawn_by_lot_are_hardly_ever_called_predictable() -> None:
    claims = 0
    for seed in range(60):
        labels = np.random.default_rng(seed).choice(["a", "b"], 40).tolist()
        claims += bool(advanced_modelling(noise(2000 + seed, 40, 3).tolist(), labels)["better_than_baseline"])
    assert claims <= 5


def test_a_held_out_label_changes_no_share_predicted_for_its_own_row() -> None:
    x, y = noise(18, 40, 3), np.arange(40) % 2
    held_out = folds(y, 5, np.random.default_rng(0))
    first = held_out[0]
    changed = y.copy()
    changed[first] = 1 - y[first]

    def told(labels: np.ndarray) -> list[str]:
        dice = np.random.default_rng(1)
        made = classification.classification(x, labels, ["a", "b"], ["p", "q", "r"], held_out, dice)
        return [made["predictions"][i] for i in first]  # type: ignore[index]

    assert told(changed) == told(y)


def test_the_logistic_fit_has_no_slope_left_and_its_shares_sum_to_one() -> None:
    x = noise(12, 80, 3)
    y = (x[:, 0] + noise(13, 80, 1)[:, 0] > 0).astype(np.intp)
    fit = classification.path(x, y, 2, 0.1)[-1]
    logs = fit.log_probability(x)
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(80))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    slope = z.T @ (np.exp(logs) - np.eye(2)[y]) / 80 + 0.1 * fit.weights[1:]
    assert np.abs(slope).max() < 1e-5


def test_two_values_are_taken_for_classes_unless_regression_is_asked_for() -> None:
    x, y = list(range(20)), [0] * 10 + [1] * 10
    found = plain(advanced_modelling(x, y))
    assert (found["task"], found["model"]["classes"]) == ("classification", ["0", "1"])
    assert any("taken for two classes" in note for note in found["notes"])
    assert advanced_modelling(x, y, task="regression")["task"] == "regression"


def test_auc_is_the_share_of_pairs_in_the_right_order_with_ties_as_halves() -> None:
    logs = classification.log_softmax(np.array([[0, 1.0], [0, 2.0], [0, 1.0], [0, 0.0]]))
    assert classification.scores(logs, np.array([0, 1, 1, 0]))["auc"] == pytest.approx(3.5 / 4)


def test_the_minimum_of_a_crooked_bowl_is_found() -> None:
    bowl = np.array([[100.0, 3.0], [3.0, 0.5]])
    middle = np.array([3.0, -7.0])
    found = least(lambda w: (0.5 * float((w - middle) @ bowl @ (w - middle)), bowl @ (w - middle)), np.zeros(2))
    assert found == pytest.approx(middle, abs=1e-4)


# --- clustering ------------------------------------------------------------------------------------------------------


def test_three_heaps_are_counted_placed_and_labelled() -> None:
    heaps = np.concatenate([noise(14, 30, 2) * 0.3 + place for place in ([0, 0], [9, 0], [0, 9])])
    found = plain(advanced_modelling(heaps.tolist(), columns=["x", "y"]))
    assert (found["task"], found["model"]["clusters"]) == ("clustering", 3)
    assert [group["size"] for group in found["model"]["groups"]] == [30, 30, 30]
    labels = found["predictions"]
    assert [len(set(labels[i : i + 30])) for i in (0, 30, 60)] == [1, 1, 1]
    for group, place in zip(labels[::30], ([0, 0], [9, 0], [0, 9]), strict=True):
        centre = found["model"]["groups"][group]["centre"]
        assert [centre["x"], centre["y"]] == pytest.approx(place, abs=0.5)
    assert found["better_than_baseline"]
    assert found["scores"]["stability"] == pytest.approx(1.0)


def test_one_heap_is_hardly_ever_called_groups() -> None:
    claims = [advanced_modelling(noise(seed, 40, 2).tolist(), clusters=4)["better_than_baseline"] for seed in range(30)]
    assert sum(map(bool, claims)) <= 5


def test_the_silhouette_is_its_definition() -> None:
    x, labels = noise(15, 12, 2), np.array([0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 3])
    apart = np.sqrt(((x[:, None] - x[None]) ** 2).sum(axis=2))
    expected = []
    for i, own in enumerate(labels):
        mates = [j for j in range(12) if labels[j] == own and j != i]
        if not mates:
            expected.append(0.0)
            continue
        inside = apart[i, mates].mean()
        outside = min(apart[i, labels == other].mean() for other in set(labels.tolist()) - {own})
        expected.append((outside - inside) / max(inside, outside))
    assert clustering.silhouette(apart, labels, 4) == pytest.approx(np.mean(expected))


def test_agreement_is_one_for_the_same_grouping_under_other_names_and_about_zero_by_chance() -> None:
    one = np.array([0, 0, 1, 1, 2, 2])
    assert clustering.agreement(one, np.array([2, 2, 0, 0, 1, 1])) == pytest.approx(1.0)
    # Hubert and Arabie's index by hand: 0 pairs together in both, 3 in each, 15 in all.
    assert clustering.agreement(one, np.array([0, 1, 0, 2, 1, 2])) == pytest.approx((0 - 9 / 15) / (3 - 9 / 15))


@given(st.integers(2, 5), st.integers(0, 2**32))
def test_k_means_ends_with_full_groups_around_their_means_and_every_row_at_its_nearest(k: int, seed: int) -> None:
    z = noise(seed, 25, 2)
    labels, centres = clustering.k_means(z, k, np.random.default_rng(seed))
    assert sorted(set(labels.tolist())) == list(range(k))
    assert (clustering.distances(z, centres).argmin(axis=1) == labels).all()
    assert centres == pytest.approx(np.array([z[labels == group].mean(axis=0) for group in range(k)]))


# --- all three -------------------------------------------------------------------------------------------------------


def test_the_numbers_one_to_five_get_an_answer_full_of_cautions() -> None:
    found = plain(advanced_modelling([1, 2, 3, 4, 5]))
    assert found["task"] == "clustering"
    assert not found["better_than_baseline"]
    assert any("only 5 rows" in note for note in found["notes"])
    assert any("do not rely" in note for note in found["notes"])


def test_what_was_put_into_the_sample_is_found_in_it() -> None:
    text = files("licet.demo").joinpath("release/sample/measurements.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 120
    data = {n: [r[n] if n == "site" else float(r[n]) if r[n] else None for r in rows] for n in rows[0]}
    ready = plain(data_preprocessing(data, scaling="none"))
    found = plain(advanced_modelling(ready["data"], target="response"))
    slopes = found["model"]["coefficients"]
    assert slopes["dose"] == pytest.approx(1.5, abs=0.25)
    assert slopes["temperature"] == pytest.approx(-0.8, abs=0.25)
    assert slopes["humidity"] == pytest.approx(0.0, abs=0.06)
    assert slopes["site=west"] - (slopes["site=north"] + slopes["site=south"]) / 2 == pytest.approx(3.0, abs=1.0)
    assert found["scores"]["rmse"] == pytest.approx(2.0, abs=0.4)


@pytest.mark.parametrize("target", [None, "numbers", "labels"])
def test_the_same_seed_gives_the_same_answer_and_the_data_are_left_as_they_were(target: str | None) -> None:
    x = noise(16, 30, 2).tolist()
    goal = {None: None, "numbers": noise(17, 30, 1)[:, 0].tolist(), "labels": ["a", "b", "c"] * 10}[target]
    copy = [list(row) for row in x]
    first = advanced_modelling(x, goal, seed=7)
    assert advanced_modelling(x, goal, seed=7) == first
    assert x == copy
    if target:
        assert advanced_modelling(x, goal, seed=8)["predictions"] != first["predictions"]


@given(
    st.lists(st.lists(numbers, min_size=2, max_size=2), min_size=3, max_size=12),
    st.sampled_from(["none", "numbers", "labels"]),
    st.data(),
)
def test_every_accepted_input_gets_finite_numbers_and_every_other_a_mend(
    rows: list, goal: str, draw: st.DataObject
) -> None:
    of = {"numbers": numbers, "labels": st.sampled_from(["a", "b"])}
    target = None if goal == "none" else draw.draw(st.lists(of[goal], min_size=len(rows), max_size=len(rows)))
    try:
        found = plain(advanced_modelling(rows, target, clusters=3))
    except Refused as no:
        assert no.mend
        return
    assert len(found["predictions"]) == len(rows)


@given(tables(), st.none() | st.sampled_from("abcd"))
def test_tables_with_gaps_and_labels_are_answered_or_refused_with_a_mend(table: dict, target: str | None) -> None:
    try:
        plain(advanced_modelling(table, target, clusters=3))
    except Refused as no:
        assert no.mend


@given(st.lists(st.integers(0, 3), min_size=4, max_size=40), st.integers(2, 4), st.integers(0, 99))
def test_folds_hold_each_row_out_once_and_share_every_group_evenly(groups: list[int], count: int, seed: int) -> None:
    of = np.array(groups, dtype=np.intp)
    held_out = folds(of, count, np.random.default_rng(seed))
    assert sorted(int(i) for fold in held_out for i in fold) == list(range(len(of)))
    sizes = [len(fold) for fold in held_out]
    assert max(sizes) - min(sizes) <= 1
    for group in set(groups):
        shares = [int((of[fold] == group).sum()) for fold in held_out]
        assert max(shares) - min(shares) <= 1
    for train, test in splits(held_out, len(of)):
        assert sorted([*train.tolist(), *test.tolist()]) == list(range(len(of)))


def test_students_points_are_those_of_the_tables() -> None:
    for freedom, point in ((4, 2.776), (9, 2.262), (29, 2.045), (1000, 1.962)):
        assert student(freedom) == pytest.approx(point, rel=0.005)


LINE = list(range(10))


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"data": []}, "no data"),
        ({"data": [1, 2]}, "2 rows"),
        ({"data": [1, 1, 1, 1]}, "all rows are equal"),
        ({"data": [1.0] * 1001}, "1001 rows"),
        ({"data": [1, None, 3, 4, 5]}, "missing value"),
        ({"data": {"a": ["x"] * 9}}, "holds labels"),
        ({"data": LINE, "target": LINE[:9]}, "9 targets for 10 rows"),
        ({"data": LINE, "target": [*LINE[:9], None]}, "a target is missing"),
        ({"data": LINE, "target": [5] * 10}, "all targets are equal"),
        ({"data": LINE, "target": [1, "x"] * 5}, "mixes numbers"),
        ({"data": LINE, "target": ["x"] * 10}, "1 classes"),
        ({"data": LINE, "target": ["x"] * 8 + ["y"] * 2}, "`y` has 2 rows"),
        ({"data": LINE, "target": ["x", "y"] * 5, "task": "regression"}, "needs a target of numbers"),
        ({"data": LINE, "target": LINE, "task": "classification"}, "has 1 rows"),
        ({"data": LINE, "target": LINE, "task": "clustering"}, "takes no target"),
        ({"data": LINE, "task": "regression"}, "needs a target"),
        ({"data": {"a": LINE}, "target": "b"}, "no column `b`"),
        ({"data": {"a": LINE}, "target": "a"}, "nothing is left"),
        ({"data": LINE, "folds": 1}, "1 folds"),
        ({"data": LINE, "clusters": 11}, "11 clusters"),
        ({"data": LINE, "seed": -1}, "seed"),
    ],
)
def test_nonsense_is_refused_with_a_mend(given_: dict, says: str) -> None:
    with pytest.raises(Refused, match=says) as no:
        advanced_modelling(**given_)
    assert no.value.mend
