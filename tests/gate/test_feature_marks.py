"""`@feature`: the function that a module marks is found by the feature's name, with its type hints."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import marked_sample
import pytest
from gate_world import DOCUMENT, World, ask

import licet
from licet.errors import Findings, LicetError
from licet.gate import worker
from licet.release.document import read

NAMES = ("middle", "in-the-loop", "doubled", "same", "unmarked")


def document() -> str:
    features = "".join(f'\n[[feature]]\nname = "{name}"\ncall = "marked_sample"\nserves = ["code"]\n' for name in NAMES)
    return DOCUMENT + features + '\n[[tier]]\nname = "free"\nfeatures = ["*"]\nquota = ["9 calls / month"]\n'


@pytest.fixture
async def marked(tmp_path: Path) -> AsyncIterator[World]:
    made = World(tmp_path, document())
    await made.gate.start()
    yield made
    await made.gate.stop()
    made.close()


async def test_a_marked_function_is_called_by_the_features_name(marked: World) -> None:
    key = marked.rights.give("free")
    assert (await ask(marked.gate, "POST", "/v1/features/middle", {"data": [3, 1, 2]}, key=key)).json == 2
    assert (await ask(marked.gate, "POST", "/v1/features/in-the-loop", {"text": "a", "times": 2}, key=key)).json == "aa"
    assert (await ask(marked.gate, "POST", "/v1/features/doubled", {"word": "x"}, key=key)).json == ["x", "x"]
    assert marked.used(key) == (3, 0)


async def test_its_type_hints_are_held_to_before_anything_is_held(marked: World) -> None:
    key = marked.rights.give("free")
    wrong = await ask(marked.gate, "POST", "/v1/features/middle", {"data": ["x"]}, key=key)
    assert (wrong.status, wrong.json["problems"][0]["path"]) == (422, "data[0]")
    assert (await ask(marked.gate, "POST", "/v1/features/in-the-loop", {"text": 1}, key=key)).status == 422
    assert marked.used(key) == (0, 0)


async def test_what_is_not_marked_or_twice_is_told_in_the_log_and_charges_nobody(
    marked: World, caplog: pytest.LogCaptureFixture
) -> None:
    key = marked.rights.give("free")
    for name in ("same", "unmarked"):
        assert (await ask(marked.gate, "POST", f"/v1/features/{name}", {}, key=key)).status == 503
    assert "marks two functions as `same`" in caplog.text
    assert "marks no function as `unmarked`" in caplog.text
    assert marked.used(key) == (0, 0)


def test_a_misspelt_mark_gets_its_mend() -> None:
    with pytest.raises(LicetError, match="did you mean `middle`"):
        worker.load("marked_sample:@midle")


def test_the_function_stays_as_it_is() -> None:
    assert marked_sample.middle([5, 4, 6]) == 5
    assert licet.feature(marked_sample.unmarked) is marked_sample.unmarked
    del marked_sample.unmarked.__licet_feature__  # type: ignore[attr-defined]
    for wrong in (3, "", None):
        with pytest.raises(TypeError, match="above a function"):
            licet.feature(wrong)(marked_sample.one) if isinstance(wrong, str) else licet.feature(wrong)  # type: ignore


@pytest.mark.parametrize("call", ["marked_sample:", "marked sample", ":middle", "marked_sample:@middle", "a-b"])
def test_the_name_of_a_module_or_function_is_spelt_as_python_spells_it(call: str) -> None:
    text = document().replace('"marked_sample"', json.dumps(call), 1)
    with pytest.raises(Findings, match="call"):
        read(text.encode())
