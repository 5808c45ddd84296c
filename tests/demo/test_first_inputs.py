"""The inputs that pages show for a first call are inputs that the demo's features take."""

from __future__ import annotations

import json
import tomllib
from importlib import import_module
from importlib.resources import files

import pytest

DOCUMENT = tomllib.loads(files("licet.demo").joinpath("release", "licet.toml").read_text("utf-8"))
CALLED = {feature["name"]: feature for feature in DOCUMENT["feature"] if "call" in feature}


@pytest.mark.parametrize("name", sorted(CALLED))
def test_a_feature_answers_the_input_that_its_example_shows(name: str) -> None:
    module, _, function = CALLED[name]["call"].partition(":")
    if module == "licet.demo.models":
        pytest.importorskip(module, reason="the dependency group `models` is not installed")
    assert getattr(import_module(module), function)(**json.loads(CALLED[name]["example"]))
