"""Does a text hold something that looks like a secret? Then it is not repeated, wherever it was put by mistake."""

from __future__ import annotations

import re

_SECRET = re.compile(r"lic_[a-z][a-z0-9]+_[0-9A-Za-z]{22}_[0-9A-Za-z]+|hf_[0-9A-Za-z]{20,}|argon2\$")


def looks_secret(text: str) -> bool:
    return _SECRET.search(text) is not None


def masked(text: str) -> str:
    """The text without what looks like a key or a token of ours or of a hub."""
    return _SECRET.sub("…", text)
