"""What do weights say of themselves? Only their header is read: a file of ten gigabytes costs as much as a small one."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final

MOST_HEADER: Final = 16 << 20
_MOST_GGUF: Final = 1 << 20  # bytes of key-value pairs looked at; `general.*` stands before the vocabulary
_LICENSE: Final = ("license", "modelspec.license", "general.license")
_BASES: Final = (
    "base_model",
    "modelspec.base_model",
    "ss_sd_model_name",
    "general.base_model.0.name",
    "modelspec.merged_from",
)
_SIZES: Final[Mapping[int, str]] = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}


def read_weights(path: Path, name: str) -> dict[str, str]:
    """The text values in the header of a safetensors or GGUF file; {} for other files. ValueError for a broken header."""
    low = name.lower()
    with path.open("rb") as file:
        if low.endswith(".safetensors"):
            return _safetensors(file)
        return _gguf(file) if low.endswith(".gguf") else {}


def license_in(told: Mapping[str, str]) -> str:
    """The license that a header names; "" for none."""
    return next((told[key] for key in _LICENSE if told.get(key)), "")


def bases_in(told: Mapping[str, str]) -> Iterator[str]:
    organization = told.get("general.base_model.0.organization", "")
    for key in _BASES:
        if value := told.get(key):
            joined = f"{organization}/{value}" if key.startswith("general.") and organization else value
            yield from (part.strip() for part in joined.split(",") if part.strip())


def _safetensors(file: BinaryIO) -> dict[str, str]:
    start = file.read(8)
    if len(start) < 8:
        raise ValueError("ends before its header does")
    (size,) = struct.unpack("<Q", start)
    if not 2 <= size <= MOST_HEADER:
        raise ValueError(f"has a header that claims {size} bytes")
    try:
        header = json.loads(file.read(size))
    except (ValueError, RecursionError):
        raise ValueError("has a header that is no JSON") from None
    told = header.get("__metadata__") if isinstance(header, dict) else None
    return {str(k): v for k, v in told.items() if isinstance(v, str)} if isinstance(told, dict) else {}


def _gguf(file: BinaryIO) -> dict[str, str]:
    data = file.read(_MOST_GGUF)
    if data[:4] != b"GGUF" or len(data) < 24:
        raise ValueError("does not begin as a GGUF file does")
    version, _, pairs = struct.unpack_from("<IQQ", data, 4)
    if version < 2:
        return {}
    found: dict[str, str] = {}
    at = 24
    try:
        for _ in range(pairs):
            key, at = _text(data, at)
            (kind,) = struct.unpack_from("<I", data, at)
            at += 4
            if kind == 8:
                found[key], at = _text(data, at)
            elif kind == 9:
                at = _past_array(data, at)
            else:
                at += struct.calcsize("<" + _SIZES[kind])
    except (struct.error, IndexError):
        pass  # the pairs go on past what is looked at
    except KeyError:
        raise ValueError("has a value of an unknown type in its header") from None
    return found


def _text(data: bytes, at: int) -> tuple[str, int]:
    (size,) = struct.unpack_from("<Q", data, at)
    end = at + 8 + size
    if end > len(data):
        raise IndexError(end)
    return data[at + 8 : end].decode("utf-8", "replace"), end


def _past_array(data: bytes, at: int) -> int:
    kind, count = struct.unpack_from("<IQ", data, at)
    at += 12
    if kind == 8:
        for _ in range(count):
            (size,) = struct.unpack_from("<Q", data, at)
            at += 8 + size
        return at
    if kind == 9:
        raise IndexError(at)
    return int(at + struct.calcsize("<" + _SIZES[kind]) * count)
