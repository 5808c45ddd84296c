"""Is what the caller sent JSON that can be read? Whole, bounded, and before anything is held.

What comes back is the value, or a `Bad` that says what was wrong in the caller's words. Refused besides what the parser
refuses: NaN and Infinity (also as `1e999`), the same key twice, half of a surrogate pair, text that is not UTF-8.
"""

from __future__ import annotations

import json
import math
import re
from asyncio import timeout as within
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from licet.gate.begun import Begun, at_hand
from licet.gate.hints import Problem

Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Headers = Mapping[bytes, bytes]

PATIENCE_S = 30  # for a body to arrive
_JSON_TYPES = (b"application/json", b"application/x-www-form-urlencoded", b"")  # curl -d says the second by itself


@dataclass(frozen=True, slots=True)
class Bad:
    """An input that is refused: the HTTP status, a stable code, the words, and what is wrong where."""

    status: int
    code: str
    detail: str
    problems: Sequence[Problem] = ()


GONE = Bad(499, "client_gone", "The client left before its request was whole.")


async def read(receive: Receive, headers: Headers, most_bytes: int) -> bytes | Bad:
    """The whole body, at most `most_bytes` long. A longer one is refused as soon as that is known."""
    length = headers.get(b"content-length")
    if length is not None and (not length.isdigit() or int(length[:20]) > most_bytes):
        return _too_large(most_bytes)
    if headers.get(b"content-encoding", b"identity").lower() != b"identity":
        return Bad(415, "unsupported_media_type", "Send the body as it is, without Content-Encoding.")
    message = at_hand(receive())
    if isinstance(message, Begun) or message.get("more_body"):
        try:
            async with within(PATIENCE_S):
                return await _read_on(receive, await message if isinstance(message, Begun) else message, most_bytes)
        except TimeoutError:
            return Bad(408, "request_timeout", f"The body did not arrive within {PATIENCE_S} seconds.")
    if message["type"] != "http.request":
        return GONE
    body: bytes = message.get("body", b"")
    return body if len(body) <= most_bytes else _too_large(most_bytes)


async def _read_on(receive: Receive, message: dict[str, Any], most_bytes: int) -> bytes | Bad:
    body = bytearray()
    while True:
        if message["type"] != "http.request":
            return GONE
        body += message.get("body", b"")
        if len(body) > most_bytes:
            return _too_large(most_bytes)
        if not message.get("more_body"):
            return bytes(body)
        message = await receive()


def media_type(headers: Headers) -> Bad | None:
    """None where the body is said to be JSON, or nothing is said."""
    kind = headers.get(b"content-type", b"")
    if kind == b"application/json":
        return None
    kind = kind.partition(b";")[0].strip().lower()
    if kind in _JSON_TYPES or kind.endswith(b"+json"):
        return None
    return Bad(415, "unsupported_media_type", "Send JSON: `Content-Type: application/json`.")


def parse(body: bytes, careful: bool = True) -> Any | Bad:
    """The value of a JSON text. `careful` looks for numbers like `1e999` too; who checks every number needs not."""
    try:
        text = body.decode()
        # Not `decode`: it looks for white space with regular expressions, which costs more than reading a short text.
        value, end = _SCAN(text, 0) if text[:1] in ("{", "[") else _SCAN(text, len(text) - len(text.lstrip(_WHITE)))
        if end != len(text) and text[end:].strip(_WHITE):
            return _not_json(f"something follows the value {_place(text, end)}")
        if careful and _NEEDS_CARE.search(body):
            value = _CAREFUL.decode(text)
    except UnicodeDecodeError as error:
        return _not_json(f"it is not UTF-8 (byte {error.start})")
    except json.JSONDecodeError as error:
        if not body or body.isspace():
            return _not_json("it is empty; send a JSON object, `{}` where nothing is needed")
        return _not_json(f"{error.msg[0].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}")
    except _Refused as error:
        return _not_json(str(error))
    except RecursionError:
        return _not_json("it is nested too deeply")
    except ValueError:  # int() refuses more than 4,300 digits
        return _not_json("a number has too many digits")
    if b"\\u" in body and not _is_text(value):
        return _not_json("a text holds half of a surrogate pair")
    return value


def _place(text: str, at: int) -> str:
    line = text.count("\n", 0, at) + 1
    return f"at line {line}, column {at - text.rfind(chr(10), 0, at)}"


class _Refused(Exception):
    pass


def _constant(name: str) -> NoReturn:
    raise _Refused(f"{name} is not a number in JSON")


def _float(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise _Refused(f"{text[:40]} is too large a number")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"the key {json.dumps(twice)} stands twice in one object")
    return value


_DECODER = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=_object)
_SCAN, _WHITE = _DECODER.raw_decode, " \t\n\r"
_CAREFUL = json.JSONDecoder(parse_constant=_constant, object_pairs_hook=_object, parse_float=_float)
# Only such numbers can be too large: the rest is left to C. It begins with digits, for those are found fastest.
_NEEDS_CARE = re.compile(rb"\d\d\d(?:(?<=[eE]\d\d\d)|(?<=[eE]\+\d\d\d)|\d{297})")


def _is_text(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def _not_json(why: str) -> Bad:
    return Bad(400, "invalid_json", f"The body cannot be read as JSON: {why}.")


def _too_large(most_bytes: int) -> Bad:
    return Bad(413, "too_large", f"The body is larger than the {most_bytes:,} bytes that are taken here.")
