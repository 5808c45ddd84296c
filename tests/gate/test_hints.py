"""An input is checked by the feature's own type hints, and every problem is told with its path."""

from __future__ import annotations

import json
from typing import Any, Literal, NotRequired, TypedDict

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.errors import LicetError
from licet.gate.hints import MOST_PROBLEMS, Parameters, parameters_of, shape_of


class Options(TypedDict):
    method: Literal["mean", "median"]
    limit: NotRequired[int]


def example(
    data: list[float],
    *,
    method: Literal["mean", "median"] = "mean",
    limit: int | None = None,
    rows: list[dict[str, float | str]] | None = None,
    options: Options | None = None,
    flag: bool = False,
    note: str = "",
    whatever: Any = None,
) -> object: ...


PARAMETERS = Parameters.heard(json.loads(json.dumps(parameters_of(example).told())))

FITS = [
    {"data": [1, 2.5, -3]},
    {"data": []},
    {"data": [1], "method": "median", "limit": None, "flag": True, "note": "é"},
    {"data": [1], "rows": [{"a": 1, "b": "x"}], "whatever": {"any": [None]}},
    {"data": [1], "options": {"method": "mean"}},
]
UNFIT = [
    ({}, [("data", "is missing")]),
    ([1, 2], [("", "must be an object of named arguments, not a list")]),
    ("text", [("", "must be an object of named arguments, not text")]),
    (None, [("", "must be an object of named arguments, not null")]),
    ({"data": "1,2"}, [("data", "must be a list, not text")]),
    (
        {"data": [1, "2", True, None]},
        [
            ("data[1]", "must be a number, not text"),
            ("data[2]", "must be a number, not true or false"),
            ("data[3]", "must be a number, not null"),
        ],
    ),
    ({"data": [1, float("nan")]}, [("data[1]", "must be a finite number")]),
    ({"data": [float("inf")]}, [("data[0]", "must be a finite number")]),
    ({"data": [1], "rows": [{"a": float("inf")}]}, [("rows[0].a", "must be a finite number")]),
    ({"data": [1], "method": "men"}, [("method", 'must be "mean" or "median", not "men"')]),
    ({"data": [1], "limit": 1.5}, [("limit", "must be a whole number or null, not a number")]),
    ({"data": [1], "limit": True}, [("limit", "must be a whole number or null, not true or false")]),
    ({"data": [1], "flag": 1}, [("flag", "must be true or false, not a whole number")]),
    ({"data": [1], "rows": [{"a": []}]}, [("rows[0].a", "must be a number or text, not a list")]),
    ({"data": [1], "metod": "mean"}, [("metod", "is not an argument of this feature; did you mean `method`?")]),
    (
        {"data": [1], "options": {"limit": 1, "x": 2}},
        [
            ("options.method", "is missing"),
            ("options.x", "is not known here"),
        ],
    ),
]


@pytest.mark.parametrize("value", FITS)
def test_an_input_that_fits_has_no_problem(value: object) -> None:
    assert PARAMETERS.check(value) == []


@pytest.mark.parametrize(("value", "problems"), UNFIT)
def test_every_problem_of_an_input_is_told_with_its_path(value: object, problems: list[tuple[str, str]]) -> None:
    assert [(p.path, p.detail) for p in PARAMETERS.check(value)] == problems


@pytest.mark.parametrize("value", [*FITS, *(value for value, _ in UNFIT)])
def test_the_schema_that_callers_are_told_agrees_with_the_check(value: object) -> None:
    schema = PARAMETERS.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    finite = "nan" not in repr(value) and "inf" not in repr(value)  # which JSON cannot say at all
    assert jsonschema.Draft202012Validator(schema).is_valid(value) == (not PARAMETERS.check(value) or not finite)


def test_a_long_wrong_list_is_not_told_in_full() -> None:
    assert len(PARAMETERS.check({"data": ["x"] * 100_000})) == MOST_PROBLEMS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(json_values)
def test_any_json_value_is_checked_without_raising(value: object) -> None:
    PARAMETERS.check(value)
    for name in PARAMETERS.shapes:
        PARAMETERS.check({"data": [1], name: value})


@pytest.mark.parametrize("hint", [bytes, dict[int, str], complex, set[int], list[bytes]])
def test_a_hint_that_json_cannot_fill_is_refused_when_the_feature_is_loaded(hint: object) -> None:
    with pytest.raises(LicetError, match="JSON"):
        shape_of(hint)


def test_a_feature_without_hints_takes_what_it_is_given_by_name() -> None:
    def loose(a, b=1, **rest): ...  # type: ignore[no-untyped-def]

    parameters = parameters_of(loose)
    assert parameters.check({"a": [1], "z": None}) == []
    assert [p.path for p in parameters.check({"b": 1})] == ["a"]
