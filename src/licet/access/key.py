"""What does a key look like, and how is it told from any other text, without ever being printed?

    lic_<env>_<id>_<secret><crc>      lic_live_02rTb…_4f0w…k3K2Pd9

`id` names the key and stays when its secret is rotated; `secret` is 192 bits of dice; `crc` lets a scanner, and the
gate, tell a mistyped or invented key without a look-up. Only the SHA-256 of the whole is ever stored.
Ids are UUIDv7 in base62 behind a prefix (`key_`, `call_`, `hol_`): they sort by the moment they were made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import NoReturn
from zlib import crc32

Dice = Callable[[int], bytes]
"""So many random bytes, as `secrets.token_bytes` gives them."""

DIGITS = (
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  # in ASCII order, so that text sorts as numbers do
)
_PAIRS = tuple(a + b for a in DIGITS for b in DIGITS)
_ID_WIDTH, _SECRET_WIDTH, _CRC_WIDTH = 22, 33, 6  # 128, 192 and 32 bits
_ENV = "[a-z][a-z0-9]{1,11}"
_SHAPE = re.compile(f"lic_({_ENV})_([0-9A-Za-z]{{{_ID_WIDTH}}})_[0-9A-Za-z]{{{_SECRET_WIDTH + _CRC_WIDTH}}}")

_SIGN = b"lic_"
_IN_BYTES = re.compile(_SHAPE.pattern.encode())
LONGEST = len("lic__") + 12 + _ID_WIDTH + len("_") + _SECRET_WIDTH + _CRC_WIDTH


class Secret:
    """A bearer that cannot be printed by accident: `str`, `repr` and formatting hide it, pickling it is refused.

    `reveal()` gives the text, once, where it is shown to its owner.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    @property
    def digest(self) -> bytes:
        """The SHA-256 under which it is stored and found."""
        return digest(self._text)

    def __repr__(self) -> str:
        return "Secret(…)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self.digest)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled or copied into anything")


@dataclass(frozen=True, slots=True)
class Parts:
    """What may be known of a key without its secret."""

    env: str
    key_id: str  # "key_…"


def make(env: str, dice: Dice, now_ms: int, *, key_id: str = "") -> tuple[str, Secret]:
    """A new key: its id (`key_…`; the one given, when a key is rotated) and its secret, to be shown once.

    `env` tells where it is from ("live", "test", "demo"): 2 to 12 lower-case letters and digits.
    """
    if not re.fullmatch(_ENV, env):
        raise ValueError("env is 2 to 12 lower-case letters and digits")
    key_id = key_id or new_id("key", now_ms, dice)
    body = f"lic_{env}_{key_id.removeprefix('key_')}_{base62(int.from_bytes(dice(24)), _SECRET_WIDTH)}"
    return key_id, Secret(body + _crc(body))


def digest(bearer: str) -> bytes:
    """The SHA-256 of a bearer: 32 bytes, the only form in which any credential is stored."""
    return sha256(bearer.encode("utf-8", "surrogateescape")).digest()


def parse(bearer: str) -> Parts | None:
    """Environment and id of a well-formed key; None for any other text, a mistyped key among it."""
    shape = _SHAPE.fullmatch(bearer)
    if shape is None or _crc(bearer[:-_CRC_WIDTH]) != bearer[-_CRC_WIDTH:]:
        return None
    return Parts(shape[1], "key_" + shape[2])


def find(data: bytes) -> Iterator[tuple[int, str, bytes]]:
    """Every well-formed key in some bytes: where it begins, its id, and the digest that it is known by."""
    at = data.find(_SIGN)
    while at >= 0:  # from sign to sign, so that what only looks like a key hides none that begins inside it
        shape = _IN_BYTES.match(data, at)
        if shape and (parts := parse(text := shape[0].decode("ascii"))) is not None:
            yield at, parts.key_id, digest(text)
        at = data.find(_SIGN, at + 1)


def new_id(prefix: str, now_ms: int, dice: Dice) -> str:
    """A UUIDv7 in base62 behind a prefix: `call_0Eo…`, 22 digits, sorted by time."""
    return f"{prefix}_{base62(uuid7(now_ms, dice(10)), _ID_WIDTH)}"


def uuid7(now_ms: int, rand: bytes) -> int:
    """RFC 9562, section 5.7, as a number: 48 bits of time, 74 of the 80 random bits."""
    r = int.from_bytes(rand)
    return now_ms << 80 | 7 << 76 | (r >> 68) << 64 | 2 << 62 | (r & (1 << 62) - 1)


def base62(number: int, width: int = 0) -> str:
    """The number in base62, padded with zeros to `width` digits."""
    pairs: list[str] = []
    while number:
        number, low = divmod(number, 3844)
        pairs.append(_PAIRS[low])
    text = "".join(reversed(pairs))
    if len(text) > width > 0:  # pairs come in twos: an odd width may hold one zero too many
        text = text[1:] if text[0] == "0" else text
    return (text if width else text.lstrip("0") or "0").rjust(width, "0")


def _crc(body: str) -> str:
    return base62(crc32(body.encode("ascii", "replace")), _CRC_WIDTH)
