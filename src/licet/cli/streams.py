"""What if a standard stream is closed, plain, full, or lacks a letter? Then the words are poorer; no traceback comes of it.

A shell closes streams (`<&-`, `>&-`), services start without them, and there are terminals that know only ASCII.
"""

from __future__ import annotations

import codecs
import os
import sys

PLAIN = {"§": "sec. ", "¶": "par. ", "…": "...", "→": "->", "·": "-", "—": "-", "≤": "<=", "≥": ">="}
POORER = "licet-poorer"


def ready() -> None:
    """Every stream is there and prints whatever is said. Call it once, before a command runs."""
    sys.stdin = sys.stdin or os.fdopen(os.open(os.devnull, os.O_RDONLY), encoding="utf-8")
    sys.stdout = sys.stdout or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    sys.stderr = sys.stderr or os.fdopen(os.open(os.devnull, os.O_WRONLY), "w", encoding="utf-8")
    codecs.register_error(POORER, poorer)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure") and (stream.encoding or "").lower().replace("-", "") != "utf8":
            stream.reconfigure(errors=POORER)


def colour() -> bool:
    """May what is printed be coloured? On a terminal that shows it, unless its user said NO_COLOR (no-color.org)."""
    return sys.stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def poorer(error: UnicodeError) -> tuple[str, int]:
    """What an encoding lacks: a likeness where there is one, else its number as JSON writes it, so that JSON stays JSON."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(PLAIN.get(c) or _number(c) for c in lacking), error.end


def _number(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[i : i + 2].hex()}" for i in range(0, len(units), 2))


def quiet() -> None:
    """Nobody reads any more: what is still to be flushed at the end goes nowhere, in silence."""
    for stream, number in ((sys.stdout, 1), (sys.stderr, 2)):
        try:
            stream.flush()
        except (OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, number)
            os.close(nowhere)
