"""Which bytes are signed? The JSON of a statement in one form only (RFC 8785), so that spaces and order never matter.

What is signed here holds objects with ASCII names, lists, texts, whole numbers up to 2^53, true, false and null. For
these the rules of RFC 8785 are those of `json.dumps` with sorted names and no spaces; whatever else is refused.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

MOST_BYTES = 1 << 20
DEEPEST = 60  # objects within objects: no statement needs half of it, and no reader has to follow more
_EXACT = 2**53 - 1  # beyond it another program's JSON may round


def canonical(value: object) -> bytes:
    """The one form of a value. ValueError for what has none."""
    _check(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()


def strict(body: bytes) -> Any:
    """JSON as a value; ValueError for what two programs could read in two ways: a name twice, a number with a fraction."""
    if len(body) > MOST_BYTES:
        raise ValueError(f"more than {MOST_BYTES} bytes")
    try:
        value = json.loads(
            body.decode("utf-8"), object_pairs_hook=_once, parse_float=_no_float, parse_constant=_no_float
        )
        _check(value)
    except RecursionError:
        raise ValueError("too deep") from None
    return value


def b64u(data: bytes) -> str:
    """base64url without padding (RFC 7515)."""
    return urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def unb64u(text: str) -> bytes:
    """The bytes; ValueError for anything but the one spelling of them: stray bits could hide a change."""
    data = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if b64u(data) != text:
        raise ValueError("not base64url in its one form")
    return data


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name stands twice")
    return found


def _no_float(text: str) -> Any:
    raise ValueError(f"`{text[:20]}` is no whole number")


def _check(value: object, depth: int = 0) -> None:
    if depth > DEEPEST:
        raise ValueError("too deep")
    match value:
        case None | bool():
            return
        case int():
            if abs(value) > _EXACT:
                raise ValueError("a number that not every program can hold")
        case str():
            value.encode("utf-8")  # a lone surrogate has no bytes: UnicodeEncodeError is a ValueError
        case list():
            for one in value:
                _check(one, depth + 1)
        case dict():
            for name, one in value.items():
                if not isinstance(name, str) or not name.isascii():
                    raise ValueError("a name that is not ASCII")
                _check(one, depth + 1)
        case _:
            raise ValueError(f"a {type(value).__name__} has no canonical form")
