"""Does a text look like a secret? `licet.toml` is published, so a key in it is lost the day it is written.

Patterns are those that the issuers document, tight enough that prose does not match: a false alarm stops a release.
Each run of characters is tried from its beginning only, so that no text takes long to look through.
"""

from __future__ import annotations

import re

_KEYS = {
    "a private key": r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
    "a Stripe key": r"\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}|\bwhsec_[A-Za-z0-9+/]{16,}",
    "an API key": r"(?<![\w-])sk-(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[A-Za-z0-9_-]{20,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{30,}",
    "a GitHub token": r"\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
    "a GitLab token": r"(?<![\w-])glpat-[A-Za-z0-9_-]{20,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a Google API key": r"(?<![\w-])AIza[A-Za-z0-9_-]{30,}",
    "a Slack token": r"(?<![\w-])xox[abprs]-[A-Za-z0-9-]{10,}",
    "a Licet key": r"\blic_[a-z][a-z0-9]*_[A-Za-z0-9]+_[A-Za-z0-9]{16,}",
    "a signed token": r"(?<![\w-])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}",
    "a password in an address": r"\b[a-z][a-z0-9+.-]{0,19}://[^\s/:@\"'#?]*:[^\s/@\"'#?]+@",
}
_ANY = re.compile("|".join(f"(?P<k{n}>{pattern})" for n, pattern in enumerate(_KEYS.values())))
_NAMES = tuple(_KEYS)


def secret_in(text: str) -> str:
    """What the text seems to hold ("a Stripe key"), "" for nothing. The secret itself is never part of the answer."""
    if (seen := _ANY.search(text)) is None or seen.lastgroup is None:
        return ""
    return _NAMES[int(seen.lastgroup[1:])]
