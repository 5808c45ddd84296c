"""On which lines of a file does something stand that looks like a secret? What it is, never the secret itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from licet.release.reader.secret import secret_in

# One of these stands in every secret that `secret_in` knows. Looking for them in bytes is a hundred times cheaper.
_SIGNS: Final = (
    b"PRIVATE KEY-----", b"k_live_", b"k_test_", b"whsec_", b"sk-", b"hf_", b"github_pat_", b"glpat-", b"AKIA", b"ASIA", b"AIza",
    b"xox", b"lic_", b"eyJ",
)  # fmt: skip
MOST: Final = 20  # a file with more is a list of them, and telling all would hide the rest
_MORE: Final = re.compile(rb"gh[pousr]_")
_ADDRESS: Final = re.compile(rb"://[^\s/:@\"'#?]*:[^\s/@\"'#?]+@")
_MADE_UP: Final = re.compile(
    r"\b(?:foo|user|username|login):[^\s@]*@|"
    r"://[^\s/:@]*:(?:[^\s@]*[<>{}$%*\[\]()\\`]|x{2,}|\.{2,}|(?:my|your|some|the)?[-_]?(?:pass(?:word|wd|w)?|pwd|pw|secret|token|key|"
    r"postgres|root|admin|user|test|guest|changeme|foo|bar)\d*)[^\s/]*@|@(?:localhost|127\.0\.0\.1|\[::1\]|[\w.-]*example\.\w+|host|"
    r"[\w-]+\.(?:test|invalid|local))\b|@[a-z0-9_-]*(?:[:/\s]|$)",
    re.IGNORECASE,
)
_SHOWN: Final = re.compile(
    r"EXAMPLE|example|xxxx|XXXX|\.\.\.|1234567890|abcdef|ABCDEF|<[a-z_ -]+>|0000|your[-_ ]", re.ASCII
)
_KEY_BODY: Final = re.compile(rb"PRIVATE KEY-----[\\rn\s\"'+,]*[A-Za-z0-9+/=]{40,}")


def secret_lines(data: bytes) -> Iterator[tuple[int, str]]:
    """Lines (from 1) with what seems to stand there, at most `MOST`. Placeholders of documentation are passed over."""
    for at, what in islice(_found(data), MOST):
        yield data.count(b"\n", 0, at) + 1, what


def _found(data: bytes) -> Iterator[tuple[int, str]]:
    if b"://" in data:
        for found in _ADDRESS.finditer(data):
            row = _row(data, found.start())
            if not _MADE_UP.search(row) and secret_in(row):
                yield found.start(), "a password in an address"
    seen: set[int] = set()
    for sign in (*_SIGNS, *sorted({found[0] for found in _MORE.finditer(data)})):
        at = data.find(sign)
        while at >= 0:
            end = data.find(b"\n", at)
            row = _row(data, at)
            what = "" if end in seen else secret_in(row)
            if what and what != "a password in an address" and _meant(data, at, row, what):
                seen.add(end)
                yield at, what
            at = data.find(sign, max(end, at + 1)) if end >= 0 else -1


def _meant(data: bytes, at: int, row: str, what: str) -> bool:
    """A key's first line alone, as code compares with it, is no key; an example is none either."""
    if what == "a private key":
        return _KEY_BODY.match(data, at) is not None
    return not _SHOWN.search(row)


def _row(data: bytes, at: int) -> str:
    start = max(data.rfind(b"\n", 0, at) + 1, at - 500)
    end = data.find(b"\n", at)
    return data[start : min(end if end >= 0 else len(data), at + 1000)].decode("utf-8", "replace")
