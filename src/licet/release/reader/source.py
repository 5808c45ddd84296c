"""From bytes to values with lines: what the reader stands on, and where it notes what it finds."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Any

from licet.errors import Finding, Findings, Level
from licet.release.lines import Path, lines
from licet.release.reader.secret import secret_in
from licet.release.reader.spelling import harmless, shown

MOST_BYTES = 1 << 18
DEEPEST = 12  # nothing in a licet.toml nests half as deep

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_KEY = re.compile(r"\('(.*?)',?\)")  # a key as Python prints its parts: ('tier', 'free')
_MENDS = (  # what tomllib says -> what usually happened
    ("Invalid value", 'text stands in quotes (`name = "sana"`), true and false do not'),
    ("Expected '=' after a key", 'a line is `key = value`, `[table]` or `# a comment`'),
    ("Cannot overwrite a value", "the same key stands twice: keep one"),
    ("Cannot declare", "the same table stands twice: keep one, or write `[[...]]` for a list of them"),
    ("Expected newline or end of document", "one key a line; text with quotes inside stands in single quotes"),
    ("Unterminated string", "close the quotes"),
    ("Illegal character '\\n'", 'close the quotes, or use """ for text of several lines'),
    ("Unclosed array", "close the list with `]`"),
)  # fmt: skip


@dataclass(slots=True)
class Source:
    """A document that is TOML: its values, the line of each, and the findings so far."""

    path: str
    text: str
    values: dict[str, Any]
    lines: dict[Path, int]
    found: list[Finding] = field(default_factory=list)

    @property
    def broken(self) -> bool:
        return any(f.level == "error" for f in self.found)

    def line(self, at: Path) -> int:
        """The line of a value; of what is around it where it is missing."""
        while at and at not in self.lines:
            at = at[:-1]
        return self.lines.get(at, 1)

    def note(self, rule: str, line: int, message: str, mend: str = "", level: Level = "error") -> None:
        self.found.append(Finding(self.path, line, rule, harmless(message), harmless(mend), level))


def opened(data: bytes, path: str) -> Source:
    """The document behind the bytes. Raises `Findings` for what is no TOML at all, with the line."""

    def stop(rule: str, line: int, message: str, mend: str) -> Findings:
        return Findings([*secrets(text, path), Finding(path, line, rule, message, mend)])

    text = ""
    if len(data) > MOST_BYTES:
        raise stop("too-large", 1, f"the document has {len(data)} bytes", f"keep it under {MOST_BYTES}")
    try:
        text = data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as wrong:
        line = data.count(b"\n", 0, wrong.start) + 1
        raise stop("not-utf-8", line, f"byte 0x{data[wrong.start]:02x} is not UTF-8", "save it as UTF-8") from None
    for line, row in enumerate(text.split("\n"), 1):
        if row.count(".") > 1000:  # a dotted key this long would keep tomllib busy for minutes
            raise stop("too-deep", line, "too many dots on one line", "nothing here nests so deep")
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        line, what = _placed(str(wrong), text)
        mend = next((mend for says, mend in _MENDS if what.startswith(says)), "")
        raise stop("not-toml", line, f"not TOML: {what[:1].lower()}{what[1:]}", mend) from None
    except RecursionError:
        raise stop("too-deep", 1, "brackets stand in brackets too often", "nothing here nests so deep") from None
    except ValueError:  # an integer of thousands of digits: Python's own limit
        digits = re.search(r"[0-9_]{4000}", text)
        line = text.count("\n", 0, digits.start()) + 1 if digits else 1
        raise stop("not-toml", line, "a number is too long", "write a smaller number") from None
    if _depth(values) > DEEPEST:
        raise stop("too-deep", 1, "tables stand in tables too often", "nothing here nests so deep")
    return Source(path, text, values, lines(text), secrets(text, path))


def secrets(text: str, path: str) -> list[Finding]:
    """A finding for each line that seems to hold a secret, in a value, a key or a comment. None echoes it."""
    return [
        Finding(
            path,
            number,
            "secret",
            f"{secret} stands here, and this file is published",
            "take it out and revoke it; name an environment variable instead (`key_env`)",
        )
        for number, row in enumerate(text.split("\n"), 1)
        if (secret := secret_in(row))
    ]


def _depth(values: object) -> int:
    """How deep it nests, by layers: a hostile depth must not meet a recursion."""
    depth, layer = 0, [values]
    while layer:
        depth += 1
        inside = (one.values() if isinstance(one, dict) else one for one in layer if isinstance(one, dict | list))
        layer = [part for parts in inside for part in parts]
    return depth


def _placed(message: str, text: str) -> tuple[int, str]:
    """tomllib's message as (line, words)."""
    last = text.count("\n") + 1 - text.endswith("\n") or 1
    if not (place := _PLACE.search(message)):
        return 1, message
    words = _KEY.sub(lambda key: shown(key[1].replace("', '", ".")), message[: place.start()])
    return (min(int(place[1]), last), f"{words}, column {place[2]}") if place[1] else (last, f"{words}, at the end")
