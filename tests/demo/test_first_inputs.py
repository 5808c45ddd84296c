"""The inputs that pages show for a first call are inputs that the demo's features take."""

from __future__ import annotations

import json
import tomllib
from importlib import import_module
from importlib.resources import files

import pytest

from licet.demo.inputs import INPUTS


@pytest.mark.parametrize("call", sorted(INPUTS))
def test_a_feature_answers_the_input_that_its_example_shows(call: str) -> None:
    module, name = call.split(":")
    if module == "licet.demo.models":
        pytest.importorskip(module, reason="the dependency group `models` is not installed")
    assert getattr(import_module(module), name)(**json.loads(INPUTS[call]))


def test_every_feature_that_the_demo_computes_has_such_an_input() -> None:
    document = tomllib.loads(files("licet.demo").joinpath("release", "licet.toml").read_text("utf-8"))
    assert {feature["call"] for feature in document["feature"] if "call" in feature} == set(INPUTS)
