"""The two real models: do they mean what they say? Runs where the dependency group `models` is installed."""

from __future__ import annotations

import math
import subprocess
import sys

import numpy as np
import pytest
from demo_inputs import plain

from licet.errors import Refused

models = pytest.importorskip("licet.demo.models", reason="the dependency group `models` is not installed")


def test_sentences_near_in_meaning_are_near_in_space() -> None:
    texts = [
        "May I use the model in a commercial product?",
        "Business use of the weights is forbidden.",
        "Cats sleep most of the day.",
        "A kitten naps all afternoon.",
    ]
    found = plain(models.embeddings(texts))
    vectors = np.array(found["embeddings"])
    assert vectors.shape == (4, found["dimensions"]) == (4, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(4), abs=1e-5)
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2] + 0.2
    assert near[2, 3] > near[2, 0] + 0.3


def test_a_text_has_the_same_vector_whatever_stands_beside_it() -> None:
    alone = np.array(models.embeddings(["a short text"])["embeddings"][0])
    beside = np.array(models.embeddings(["word " * 300, "a short text", "three more words"])["embeddings"][1])
    assert beside == pytest.approx(alone, abs=1e-5)


def test_a_text_beyond_256_tokens_is_read_to_there_and_said_to_be_cut() -> None:
    long = "many words and more of them " * 100
    found = models.embeddings(["short", long])
    assert found["truncated"] == [1]
    assert found["usage"]["prompt_tokens"] == 3 + 256
    assert models.embeddings([long + "and an end that nobody reads"])["embeddings"] == pytest.approx(
        np.array(found["embeddings"][1:]), abs=1e-5
    )


def test_the_error_function_inside_gelu_is_exact_to_seven_digits() -> None:
    from licet.demo.minilm import gelu

    x = np.linspace(-6, 6, 241, dtype=np.float32)
    assert gelu(x) == pytest.approx([0.5 * v * (1 + math.erf(v / math.sqrt(2))) for v in x.tolist()], abs=2e-6)


def test_the_chat_knows_the_capital_of_france_and_answers_in_openais_shape() -> None:
    ask = [{"role": "user", "content": "What is the capital of France? Answer in one sentence."}]
    found = plain(models.chat(ask, max_tokens=40))
    assert found["object"] == "chat.completion"
    (choice,) = found["choices"]
    assert choice["message"]["role"] == "assistant"
    assert "Paris" in choice["message"]["content"]
    assert choice["finish_reason"] == "stop"
    usage = found["usage"]
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert models.chat(ask, max_tokens=40)["choices"] == found["choices"]


def test_the_chat_stops_at_the_tokens_it_was_given() -> None:
    found = models.chat([{"role": "user", "content": "Write a long story."}], max_tokens=5)
    assert found["usage"]["completion_tokens"] == 5
    assert found["choices"][0]["finish_reason"] == "length"


def test_the_chat_server_is_started_once_and_answers_nobody_without_its_key() -> None:
    from licet.demo.smollm import server

    assert server() is server()
    assert server().address.hostname == "127.0.0.1"
    body = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 1}
    assert server().ask(body, key="another")[0] == 401
    assert server().ask(body)[0] == 200


USER = {"role": "user", "content": "hi"}


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"messages": []}, "no conversation"),
        ({"messages": [USER] * 33}, "no conversation"),
        ({"messages": [{"role": "user"}]}, "a role and a content"),
        ({"messages": [{**USER, "name": "x"}]}, "a role and a content"),
        ({"messages": [{"role": "boss", "content": "hi"}]}, "nobody is called `boss`"),
        ({"messages": [{"role": "user", "content": " "}]}, "empty"),
        ({"messages": [{"role": "user", "content": "\ud800"}]}, "not Unicode"),
        ({"messages": [USER, {"role": "assistant", "content": "hi"}]}, "nothing is asked"),
        ({"messages": [{"role": "user", "content": "hi there " * 2200}]}, "too long"),
        ({"messages": [USER], "max_tokens": 0}, "0 tokens"),
        ({"messages": [USER], "max_tokens": 257}, "257 tokens"),
        ({"messages": [USER], "temperature": -1}, "temperature"),
        ({"messages": [USER], "temperature": float("nan")}, "temperature"),
        ({"messages": [USER], "seed": -1}, "seed"),
        ({"messages": [USER], "stop": []}, "stops"),
    ],
)
def test_a_conversation_that_is_none_is_refused_with_a_mend(given_: dict, says: str) -> None:
    with pytest.raises(Refused, match=says) as no:
        models.chat(**given_)
    assert no.value.mend


@pytest.mark.parametrize(
    ("texts", "says"),
    [
        ([], "0 texts"),
        (["x"] * 33, "33 texts"),
        (["ok", " "], "empty"),
        (["\udfff"], "Unicode"),
        (["x" * 20_001], "many"),
    ],
)
def test_texts_that_cannot_be_embedded_are_refused_with_a_mend(texts: list[str], says: str) -> None:
    with pytest.raises(Refused, match=says) as no:
        models.embeddings(texts)
    assert no.value.mend


def test_importing_the_module_loads_no_model_and_not_even_numpy() -> None:
    code = "import sys, licet.demo.models; print(sorted({'numpy', 'xllamacpp', 'tokenizers'} & set(sys.modules)))"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize("package", models.PACKAGES)
def test_a_missing_package_is_told_when_the_module_is_imported(package: str) -> None:
    code = (
        "import importlib.util as u\n"
        f"find, u.find_spec = u.find_spec, lambda name, *rest: None if name == {package!r} else find(name, *rest)\n"
        "try:\n    import licet.demo.models\n"
        "except ModuleNotFoundError as missing:\n    print(missing.name)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == package
