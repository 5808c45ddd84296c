"""What people really type: `from_pretrained`, of unmodified transformers and safetensors, through the gate."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy
import pytest
from hub_clients import client, program
from hub_line import served
from hub_world import REPOSITORY, HubWorld

save = pytest.importorskip("safetensors.numpy", reason="the dependency group `models` is not installed").save
tokenizers = pytest.importorskip("tokenizers", reason="the dependency group `models` is not installed")

CONFIG = {"model_type": "llama", "hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "vocab_size": 3}


async def test_from_pretrained_is_refused_with_the_way_and_then_loads(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = client("transformers")
    if isinstance(folder, str):
        pytest.skip(f"not tried, for it cannot be brought here: {folder}")
    hub = HubWorld(tmp_path)
    words = tokenizers.Tokenizer(tokenizers.models.WordLevel({"[UNK]": 0, "hello": 1, "world": 2}, unk_token="[UNK]"))
    words.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    weights = hub.home / "weights"
    (weights / "config.json").write_text(json.dumps(CONFIG))
    (weights / "tokenizer.json").write_text(words.to_str())
    (weights / "tokenizer_config.json").write_text('{"tokenizer_class": "PreTrainedTokenizerFast"}')
    (weights / "model.safetensors").write_bytes(save({"line": numpy.arange(4, dtype=numpy.float32)}))
    told = {
        "repository": REPOSITORY,
        "key": hub.accepting("premium").reveal(),
        "stranger": hub.rights.give("free").reveal(),
    }
    async with served(hub.gate) as port:
        home = tmp_path_factory.mktemp("home")
        url = f"http://127.0.0.1:{port}"
        seen, terminal = await asyncio.to_thread(program, "program_transformers", folder, url, home, **told)
    assert seen["config"] == ["llama", 32]
    assert (seen["tokens"], seen["text"]) == ([1, 2], "hello world")
    assert seen["weights"] == [0, 1, 2, 3]
    # It says in words of its own that the repository is gated; the gate's words with the true link stand on the terminal.
    assert "gated repo" in seen["refused"]
    assert "http://licet.test/licenses/weights/accept" in terminal + seen["refused"]
    hub.close()
