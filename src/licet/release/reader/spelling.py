"""How are things named, and how is what somebody wrote shown back to them?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

from licet.errors import closest
from licet.release.reader.secret import secret_in

NAME = r"[a-z0-9][a-z0-9._-]{0,63}"  # of components, features and tiers; they stand in URLs, claims and counters
RELEASE = r"[a-z0-9][a-z0-9-]{0,62}[a-z0-9]"
REPOSITORY = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
CALL = r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*(:[A-Za-z_][A-Za-z0-9_]*)?"
VARIABLE = r"[A-Z_][A-Z0-9_]{0,127}"
MODEL = r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,127}"
CURRENCY = r"[A-Z]{3}"
STORE = r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/(?!\.\.?(/|$))[A-Za-z0-9!_.*'()=+,@-]+)*/?"

# First segments of paths that gate and portal own: no repository may stand there.
RESERVED = frozenset(
    {
        "access",
        "accounts",
        "admin",
        "api",
        "cdn",
        "changes",
        "docs",
        "healthz",
        "identity",
        "licenses",
        "metrics",
        "my",
        "oauth",
    }
    | {"payments", "programs", "questions", "readyz", "sandbox", "static", "terms", "texts", "v1", ".well-known"}
)

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def spelt(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text) is not None


def near(word: str, known: Collection[str], table: str) -> str:
    """The name that was meant, or the way to make one. A name that is itself a finding is no advice."""
    return (
        closest(word, [name for name in known if spelt(NAME, name) and not secret_in(name)])
        or f"add a `[[{table}]]` of that name"
    )


def unprintable(text: str, *, also: str = "") -> bool:
    """Has it characters that would lie on a page or command a terminal (control, direction overrides)?"""
    for sign in also:
        text = text.replace(sign, "")
    return not text.isprintable() and any(  # nearly every text is, and one look says so
        unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") or c in _BIDI for c in text
    )


def shown(text: str) -> str:
    """What was written, in backticks: short, harmless to a terminal, and never a secret."""
    if secret := secret_in(text):
        return f"({secret}, not shown)"
    short = text if len(text) <= 60 else text[:57] + "..."
    return f"`{harmless(short)}`"


def harmless(text: str) -> str:
    """The text without what commands a terminal or turns the reading direction."""
    return "".join(c if c.isprintable() and c not in _BIDI else "\N{REPLACEMENT CHARACTER}" for c in text)
