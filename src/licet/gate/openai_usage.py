"""How many tokens did the upstream count, and how many were delivered? From the shapes that real servers answer in.

The last usage object stands, wherever it is found; usage is never added up, for some servers count on in every chunk.
Where there is none, what was delivered is estimated: a chunk with text is one token at least, and four bytes are one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NamedTuple

BYTES_A_TOKEN = 4
_SCAN = json.JSONDecoder().raw_decode
# The same without a layer of Python: it is asked for every event.
_ONCE = json.JSONDecoder().scan_once  # type: ignore[attr-defined]
_MOST = 1 << 40  # beyond that it is no count
_IN = ("prompt_tokens", "input_tokens")
_OUT = ("completion_tokens", "output_tokens")
ENDINGS = frozenset({"response.completed", "response.incomplete", "response.failed"})


class Usage(NamedTuple):
    """Tokens of one call: those of its prompt and those of its answer."""

    tokens_in: int
    tokens_out: int

    def of(self, meter: str) -> int:
        """The count by a meter's name."""
        if meter == "tokens_in":
            return self.tokens_in
        return self.tokens_out if meter == "tokens_out" else self.tokens_in + self.tokens_out


def usage_of(told: object) -> Usage | None:
    """The usage in one answer or chunk; None where it has none."""
    found = None
    for place in _places(told):
        found = _usage(place) or found
    return found


def usage_at_end(answer: bytes) -> Usage | None:
    """The usage of a whole answer, read from its end alone; None where that does not tell it for sure.

    The last `"usage"` is that of the answer itself, if what follows its object ends the whole text as it would end an
    object: in JSON no string can hold a quote that nothing escapes.
    """
    at = answer.rfind(b'"usage"')
    if at < 1 or answer[at - 1] == 0x5C or not answer.lstrip().startswith(b"{"):
        return None
    try:
        text = answer[at + len(b'"usage"') :].decode().lstrip()
        if not text.startswith(":"):
            return None
        told, end = _SCAN(text[1:].lstrip())
        rest = text[1:].lstrip()[end:].strip().removeprefix(",")
        _, end = _SCAN("{" + rest)
    except (ValueError, RecursionError):
        return None
    return _usage(told) if end == len(rest) + 1 else None


def _places(told: object) -> Iterator[object]:
    """Where servers put it, the best known last: inside a choice (Moonshot), under a name of its own (Groq), in the
    response that an event carries (`/v1/responses`), at the top."""
    if not isinstance(told, dict):
        return
    choices = told.get("choices")
    for choice in choices if isinstance(choices, list) else ():
        if isinstance(choice, dict):
            yield choice.get("usage")
    for name in ("x_groq", "response"):
        inner = told.get(name)
        if isinstance(inner, dict):
            yield inner.get("usage")
    yield told.get("usage")


def _usage(told: object) -> Usage | None:
    if not isinstance(told, dict):
        return None
    tokens_in, tokens_out, total = _count(told, *_IN), _count(told, *_OUT), _count(told, "total_tokens")
    if tokens_in is None and tokens_out is None and total is None:
        return None
    if tokens_in is None:
        tokens_in = max(0, (total or 0) - (tokens_out or 0))
    # What the total has beyond both was answered too: some servers leave their reasoning out of the second.
    return Usage(tokens_in, max(tokens_out or 0, (total or 0) - tokens_in))


def _count(told: dict[str, Any], *names: str) -> int | None:
    for name in names:
        n = told.get(name)
        if type(n) is int and 0 <= n < _MOST:
            return n
    return None


class Delivered:
    """What a stream has told so far. `hear` each event's data; `usage` is the last that was told."""

    __slots__ = ("_bytes", "_chunks", "done", "finished", "usage")

    def __init__(self) -> None:
        self.usage: Usage | None = None
        self.done = False  # the upstream said that it is over
        self.finished = False  # a choice has its reason to end
        self._chunks = self._bytes = 0

    def hear(self, data: bytes) -> dict[str, Any] | None:
        """The chunk, its content noted; None where it is not a JSON object."""
        try:
            text = data.decode()
            if text[:1] != "{" or text[-1] != "}":
                text = text.strip()
            told, end = _ONCE(text, 0)
        except (ValueError, RecursionError, StopIteration):
            return None
        if type(told) is not dict or end != len(text):
            return None
        if b'usage"' in data:
            self.usage = usage_of(told) or self.usage
        size, choices = 0, told.get("choices")
        kind = None if choices else told.get("type")
        if isinstance(kind, str) and kind.startswith("response."):
            if kind.endswith(".delta"):
                size = _bytes(told.get("delta"))
            self.done = self.done or kind in ENDINGS
        elif type(choices) is list:
            for choice in choices:
                if type(choice) is dict:
                    size += _size(choice)
                    if choice.get("finish_reason") is not None:
                        self.finished = True
        if size:
            self._chunks += 1
            self._bytes += size
        return told

    @property
    def tokens_out(self) -> int:
        """An estimate of what was delivered."""
        return max(self._chunks, -(-self._bytes // BYTES_A_TOKEN))


def _size(choice: dict[str, Any]) -> int:
    """Bytes of text in one choice of a chunk or of a whole answer: all of its texts but the role, and what it calls."""
    part = choice.get("delta") or choice.get("message")
    if not isinstance(part, dict):
        return _bytes(choice.get("text"))
    size = 0
    for name, value in part.items():
        if type(value) is str:
            if name != "role":
                size += len(value) if value.isascii() else len(value.encode("utf-8", "replace"))
        elif name == "tool_calls" and isinstance(value, list):
            for call in value:
                function = call.get("function") if isinstance(call, dict) else None
                size += _bytes(function.get("arguments")) if isinstance(function, dict) else 0
    return size


def _bytes(text: object) -> int:
    if not isinstance(text, str):
        return 0
    return len(text) if text.isascii() else len(text.encode("utf-8", "replace"))


def delivered_by(told: object) -> int:
    """An estimate of the tokens in a whole answer that tells no usage."""
    if not isinstance(told, dict):
        return 0
    size = 0
    choices, output = told.get("choices"), told.get("output")
    for choice in choices if isinstance(choices, list) else ():
        size += _size(choice) if isinstance(choice, dict) else 0
    for item in output if isinstance(output, list) else ():
        content = item.get("content") if isinstance(item, dict) else None
        for part in content if isinstance(content, list) else ():
            size += _size(part) if isinstance(part, dict) else 0
    return -(-size // BYTES_A_TOKEN)
