"""The schema that editors use and the reader that decides say the same of a document's structure."""

from __future__ import annotations

import copy
import datetime
import json
import tomllib
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from licet.errors import Findings
from licet.release.document import read
from licet.release.program import PATTERNS
from licet.release.reader import amount, component, spelling
from licet.release.release import Kind, Meter, Period
from licet.release.schema import schema, text
from licet.terms.action import ACTIONS, SUGAR
from licet.terms.fact import askable

EXAMPLE = Path(__file__).with_name("example.toml").read_text()
RICH = (
    EXAMPLE
    + """
[[feature]]
name = "fetch"
download = "code"

[[feature]]
name = "relay"
http = "http://127.0.0.1:9000/"
serves = ["weights", "code"]
timeout_s = 5
max_bytes = 100
description = "passes on"

[[tier]]
name = "odd"
features = ["fetch", "relay"]
quota = [{ limit = "1_000 units / day", features = ["relay"] }, "10 downloads / hour"]
rate = "5 calls / second"
price = ["490.00 EUR once", "9.00 EUR / month", "90.00 EUR / year"]
per_seat = true
trial_days = 14
coupons = ["LAUNCH 20 % for 3 months", "FRIEND 100%"]

[[program]]
pattern = "research"
features = ["*"]

[[program]]
name = "art"
title = "Art"
features = ["fetch"]
components = ["code"]
questions = ["What is the work about?", "Where is it shown?"]
evidence = ["A page of yours"]
quota = ["500 calls / month", "5 calls / day"]
months = 3
answer_days = 5

[[component]]
name = "extra"
kind = "data"
path = "extra/"
license = "CC-BY-NC-4.0"
accept = true
ask = ["Your affiliation", "What will you use it for?"]

[[certificate]]
license = "LicenseRef-Example-Commercial-1.0"
can = ["use", "modify"]
must = ["Name the lab."]
"""
)
VALIDATOR = jsonschema.Draft202012Validator(schema())

# What a schema can see. The rest (names that refer to others, licenses, addresses, secrets) is the reader's alone.
STRUCTURAL = {
    *("unknown-key", "wrong-type", "missing-key", "empty", "too-long", "out-of-range", "bad-choice", "bad-spelling"),
    *("license-and-proprietary", "accept-nothing", "two-sources", "key-without-use", "feature-named-like-action"),
    *("star-and-more", "reserved-name", "unknown-fact", "key-in-document"),
}


def jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {k: jsonable(v) for k, v in value.items()}
    if isinstance(value, list):
        return [jsonable(v) for v in value]
    return value.isoformat() if isinstance(value, datetime.date) else value


def toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    return value.isoformat() if isinstance(value, datetime.date) else json.dumps(value)


def places(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(place for key, part in inside for place in places(part, (*here, key)))]


def agree(document: dict[str, Any]) -> None:
    valid = VALIDATOR.is_valid(jsonable(document))
    data = "\n".join(f"{json.dumps(k)} = {toml(v)}" for k, v in document.items()).encode()
    try:
        read(data)
    except Findings as raised:
        wrong = [f for f in raised.findings if f.rule in STRUCTURAL and f.level == "error"]
        assert not (valid and wrong), f"the schema accepts what the reader refuses: {wrong}\n{data.decode()}"
    else:
        errors = [e.message for e in VALIDATOR.iter_errors(jsonable(document))]
        assert valid, f"the reader accepts what the schema refuses: {errors}\n{data.decode()}"


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    assert json.loads(text()) == schema()


def test_the_examples_validate_and_read() -> None:
    for document in (EXAMPLE, RICH):
        VALIDATOR.validate(jsonable(tomllib.loads(document)))
        read(document.encode())


def test_every_key_tells_editors_what_it_is() -> None:
    def keys(part: Any) -> list[Any]:
        if not isinstance(part, dict):
            return [k for one in part for k in keys(one)] if isinstance(part, list) else []
        return [*part.get("properties", {}).values(), *(k for one in part.values() for k in keys(one))]

    for key in keys(schema()):
        said = schema()["$defs"][key["$ref"].rpartition("/")[2]] if "$ref" in key else key
        assert "const" in said or {"title", "description"} <= said.keys(), key


def test_vocabularies_are_those_of_the_code() -> None:
    defs = schema()["$defs"]
    assert tuple(defs["component"]["properties"]["kind"]["enum"]) == get_args(Kind)
    assert tuple(defs["component"]["properties"]["contributions"]["enum"]) == component.CONTRIBUTIONS
    assert set(defs["feature"]["properties"]["name"]["not"]["enum"]) == {*ACTIONS, *SUGAR, "download"}
    assert tuple(defs["release"]["properties"]["declare"]["items"]["enum"]) == askable()
    assert tuple(defs["program"]["properties"]["pattern"]["enum"]) == tuple(PATTERNS)
    assert "|".join(get_args(Meter)) in defs["quota"]["pattern"]
    assert "|".join(get_args(Period)) in defs["quota"]["pattern"]
    assert "|".join(amount.RATES) in defs["rate"]["pattern"]
    for place, pattern in (("release", spelling.RELEASE), ("component", spelling.NAME), ("tier", spelling.NAME)):
        assert defs[place]["properties"]["name"]["pattern"] == f"^{pattern}$"
    assert defs["feature"]["properties"]["call"]["pattern"] == f"^{spelling.CALL}$"
    assert defs["feature"]["properties"]["key_env"]["pattern"] == f"^{spelling.VARIABLE}$"
    assert defs["release"]["properties"]["repository"]["pattern"] == f"^{spelling.REPOSITORY}$"


WHOLE = tomllib.loads(RICH)
VALUES = st.sampled_from(
    [
        *(
            0,
            -1,
            10**9,
            True,
            False,
            1.5,
            "",
            " ",
            "x",
            "X",
            "*",
            "MIT",
            "CLA",
            "approval",
            "anonymous",
            "sell",
            "weights",
        ),
        *("5 calls / day", "5 / minute", "1.00 EUR / month", "commercial", "y" * 400, "2030-01-01"),
        *([], ["*"], ["*", "chat"], ["chat"], [1], ["x", "x"], {}, {"name": "x"}, [{}], {"weights": "MIT"}),
    ]
)
KEYS = st.sampled_from(
    ["name", "license", "proprietary", "call", "http", "download", "model", "extra", "price", "Name"]
)


@given(st.data())
def test_reader_and_schema_agree_on_any_change_of_structure(data: st.DataObject) -> None:
    document = copy.deepcopy(WHOLE)
    for _ in range(data.draw(st.integers(1, 3))):
        *above, last = data.draw(st.sampled_from(places(document)[1:]))
        around: Any = document
        for key in above:
            around = around[key]
        match data.draw(st.sampled_from(["drop", "put", "add"])):
            case "drop":
                del around[last]
            case "put":
                around[last] = copy.deepcopy(data.draw(VALUES))
            case "add" if isinstance(around, dict):
                around[data.draw(KEYS)] = copy.deepcopy(data.draw(VALUES))
        if not places(document)[1:]:
            break
    agree(document)


@pytest.mark.parametrize("place", places(WHOLE)[1:], ids=lambda p: ".".join(map(str, p)))
def test_reader_and_schema_agree_when_any_one_thing_is_missing_or_odd(place: tuple[Any, ...]) -> None:
    for value in ("drop", 0, True, "", "odd", [], {}, [1]):
        document = copy.deepcopy(WHOLE)
        around: Any = document
        for key in place[:-1]:
            around = around[key]
        if value == "drop":
            del around[place[-1]]
        else:
            around[place[-1]] = value
        agree(document)
