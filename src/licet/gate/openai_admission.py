"""How many tokens may this call take at most? Estimated and clamped before it is made, so that no call can overdraw.

The prompt is estimated at four bytes a token, an image or file at `ATTACHED`, a message at `MESSAGE` more. The answer may
be as long as the caller asks, or as the tightest quota of tokens has left; where the caller does not ask, `UNASKED` at
most, for else one call would hold all that is left and shut out those beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

from licet.gate.hints import Problem
from licet.gate.openai_usage import BYTES_A_TOKEN, Usage

UNASKED = 4096
ATTACHED = 1024
MESSAGE = 3
_DEPTH = 32

Kind = Literal["chat", "completions", "responses", "embeddings"]
_PROMPTS = frozenset(
    ("messages", "prompt", "input", "instructions", "suffix", "tools", "functions", "response_format", "text")
)
_ATTACHMENTS = frozenset({"url", "image_url", "file_data", "data", "file_id"})  # never read as text by a model
_MOST = 1 << 31
_MOST_NAMES: Mapping[Kind, tuple[str, ...]] = {
    "chat": ("max_completion_tokens", "max_tokens"),
    "completions": ("max_tokens",),
    "responses": ("max_output_tokens",),
    "embeddings": (),
}


class Asked(NamedTuple):
    """What a request asks for: tokens of the prompt (estimated), of each answer (None: it does not say), answers."""

    prompt: int
    most_out: int | None
    answers: int = 1
    answering: bool = True  # embeddings answer no tokens


class Left(NamedTuple):
    """What one quota of tokens has left: `tokens`, `tokens_in` or `tokens_out`."""

    meter: str
    tokens: int


def asked(kind: Kind, body: Mapping[str, Any]) -> Asked | Problem:
    """What is asked for; a problem where a number is none."""
    prompt = 0
    for name, value in body.items():
        if name in _PROMPTS:
            prompt += _tokens(value)
    if kind == "embeddings":
        return Asked(prompt, 0, 1, answering=False)
    most_out = None
    for name in most_names(kind):
        if (n := body.get(name)) is not None:
            if type(n) is not int or not 0 < n < _MOST:
                return Problem(name, "must be a whole number above 0")
            most_out = n if most_out is None else min(most_out, n)
    answers = 1
    for name in ("n", "best_of") if kind != "responses" else ():
        if (n := body.get(name)) is not None:
            if type(n) is not int or not 0 < n <= 128:
                return Problem(name, "must be a whole number from 1 to 128")
            answers = max(answers, n)
    prompts = body.get("prompt")
    if kind == "completions" and isinstance(prompts, list) and prompts and not isinstance(prompts[0], int):
        answers *= len(prompts)  # each text of a list is completed
    return Asked(prompt, most_out, answers)


def most_names(kind: Kind) -> tuple[str, ...]:
    """The names under which a request says how long its answer may be."""
    return _MOST_NAMES[kind]


def _tokens(value: object, depth: int = 0) -> int:
    """An estimate for a prompt in any of its shapes: text, numbers of tokens, messages with parts."""
    if isinstance(value, str):
        return -(-(len(value) if value.isascii() else len(value.encode("utf-8", "replace"))) // BYTES_A_TOKEN)
    if depth > _DEPTH:
        return 0
    if isinstance(value, Mapping):
        tokens = MESSAGE if "role" in value else 0
        for name, inner in value.items():
            attached = name in _ATTACHMENTS and isinstance(inner, str)
            tokens += ATTACHED if attached else _tokens(inner, depth + 1)
        return tokens
    if isinstance(value, list):
        return sum(_tokens(v, depth + 1) for v in value)
    return 1 if value is not None else 0


class Clamped(NamedTuple):
    """What to hold, and how long each answer may be (None: no quota limits it, so the caller's word stands)."""

    hold: Usage
    each: int | None


def clamp(asks: Asked, left: Sequence[Left]) -> Clamped | None:
    """The most that the call may take of every quota of tokens; None where not even the shortest answer fits.

    `hold` never exceeds what any of them has left.
    """
    room = (asks.most_out if asks.most_out is not None else UNASKED) * asks.answers
    for one in left:
        if one.meter != "tokens_out" and asks.prompt > one.tokens:
            return None
        if one.meter != "tokens_in":
            room = min(room, one.tokens - (asks.prompt if one.meter == "tokens" else 0))
    if not asks.answering:
        return Clamped(Usage(asks.prompt, 0), None) if room >= 0 else None
    each = room // asks.answers
    if each < 1:
        return None
    return Clamped(Usage(asks.prompt, each * asks.answers), each if left else None)
