"""What stands in one table of the document? Read key by key; what is wrong is noted, what nobody asked for is unknown.

Every reading gives a value of the right type, a blank one where a finding was noted: the reader goes on to find all
there is to find, and `document.read` lets no blank out.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection
from typing import Any

from licet.errors import Level, closest
from licet.release.lines import Path
from licet.release.reader.source import Source
from licet.release.reader.spelling import NAME, shown, spelt, unprintable

_WORDS = (
    (bool, "true or false"),
    (int, "a whole number"),
    (float, "a number with a fraction"),
    (str, "text"),
    (datetime.datetime, "a date with a time"),
    (datetime.date, "a date"),
    (datetime.time, "a time of day"),
    (list, "a list"),
    (dict, "a table"),
)
_MENDS = {
    str: 'write it in quotes: `{0} = "..."`',
    int: "write it without quotes or fraction: `{0} = 30`",
    bool: "write `{0} = true` or leave it out",
    list: 'write `{0} = ["..."]`',
    dict: "write it as a table",
}


def worded(value: object) -> str:
    """The type of a value, in words."""
    return next(words for kind, words in _WORDS if isinstance(value, kind))


class Table:
    """One table: `what` names it in messages (`tier `premium``), `line` is where it stands."""

    def __init__(self, source: Source, at: Path, values: dict[str, Any], what: str) -> None:
        self.source, self.at, self.values, self.what = source, at, values, what
        self.line = source.line(at)
        self.asked: set[str] = set()

    def line_of(self, *key: str | int) -> int:
        return self.source.line((*self.at, *key))

    def wrong(self, rule: str, message: str, mend: str = "", *key: str | int, level: Level = "error") -> None:
        """Note a finding on the line of `key`, or of the table."""
        self.source.note(rule, self.line_of(*key), message, mend, level)

    def has(self, key: str) -> bool:
        return key in self.values

    def get(self, key: str, kind: type, *, need: bool = False, mend: str = "") -> Any:
        """The value of a key if it is there and of this type, else None."""
        self.asked.add(key)
        mend = mend or _MENDS.get(kind, "").format(key)
        if (value := self.values.get(key)) is None:
            if need:
                name = key if self.at else f"[{key}]" if kind is dict else f"[[{key}]]"
                self.wrong("missing-key", f"{self.what} has no `{name}`", mend.replace("write it in quotes", "add it"))
            return None
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            words = dict(_WORDS)[kind]
            self.wrong("wrong-type", f"`{key}` of {self.what} is {words}, not {worded(value)}", mend, key)
            return None
        return value

    def text(self, key: str, *, need: bool = False, most: int = 300, many_lines: bool = False, mend: str = "") -> str:
        """A text that says something and hides nothing; "" when it is absent or wrong."""
        value = self.get(key, str, need=need, mend=mend)
        return "" if value is None else self.checked(value, key, most=most, also="\n\r\t" if many_lines else "")

    def checked(self, value: str, *key: str | int, most: int = 300, also: str = "") -> str:
        label = f"`{key[0]}` of {self.what}"
        if not value.strip():
            self.wrong("empty", f"{label} is empty", "say something, or leave it out", *key)
        elif len(value) > most:
            self.wrong("too-long", f"{label} has {len(value)} characters", f"keep it under {most + 1}", *key)
        elif unprintable(value, also=also):
            mend = "write plain text" if also else "write plain text, on one line"
            self.wrong("unprintable", f"{label} has characters that cannot be shown", mend, *key)
        else:
            return value
        return ""

    def spelt(self, key: str, pattern: str, mend: str, *, need: bool = False) -> str:
        """A text that is spelt by a pattern. `mend` says which."""
        value = self.text(key, need=need, mend=mend if need else "")
        if value and not spelt(pattern, value):
            self.wrong("bad-spelling", f"{self.what} cannot have the `{key}` {shown(value)}", mend, key)
            return ""
        return value

    def name(self) -> str:
        mend = "a name has lower-case letters, digits, `_`, `-`, `.`, begins with a letter or digit, at most 64"
        return self.spelt("name", NAME, mend, need=True)

    def choice(self, key: str, choices: Collection[str], *, need: bool = False) -> str:
        value = self.text(key, need=need, mend="one of " + ", ".join(f"`{c}`" for c in choices) if need else "")
        if value and value not in choices:
            known = "known: " + ", ".join(f"`{c}`" for c in choices)
            mend = closest(value, choices) or known
            self.wrong("bad-choice", f"`{key}` of {self.what} cannot be {shown(value)}", mend, key)
            return ""
        return value

    def whole(self, key: str, default: int, least: int, most: int) -> int:
        value = self.get(key, int)
        if value is not None and not least <= value <= most:
            says = f"`{key}` of {self.what} is out of range"
            self.wrong("out-of-range", says, f"write a number from {least} to {most}", key)
            return default
        return default if value is None else int(value)

    def flag(self, key: str) -> bool:
        return bool(self.get(key, bool))

    def items(self, key: str, *, need: bool = False) -> list[Any]:
        """The elements of a list, whatever they are."""
        value = self.get(key, list, need=need)
        if value is not None and not value:
            mend = "name at least one" if need else "name at least one, or leave it out"
            self.wrong("empty", f"`{key}` of {self.what} is empty", mend, key)
        return value or []

    def texts(self, key: str, *, need: bool = False) -> list[tuple[str, int]]:
        """The texts of a list, each with its index; a repeat is a finding."""
        texts: dict[str, int] = {}
        for n, value in enumerate(self.items(key, need=need)):
            if not isinstance(value, str):
                mend = 'write each in quotes: `["...", "..."]`'
                self.wrong("wrong-type", f"`{key}` of {self.what} lists texts, not {worded(value)}", mend, key, n)
            elif value in texts:
                self.wrong("twice", f"`{key}` of {self.what} names {shown(value)} twice", "keep one", key, n)
            elif self.checked(value, key, n):
                texts[value] = n
        return list(texts.items())

    def table(self, key: str, *, need: bool = False) -> Table | None:
        value = self.get(key, dict, need=need, mend=f"write it as a table: `[{key}]`")
        return None if value is None else Table(self.source, (*self.at, key), value, f"`[{key}]`")

    def tables(self, key: str, *, need: bool = False) -> list[Table]:
        """Each table of a list, named in messages by its `name` where it has one."""
        mend = f"write `[[{key}]]`, with two brackets, for each" if not self.at else f"write `{key} = [{{ ... }}]`"
        tables = []
        value = self.get(key, list, need=need, mend=mend)
        if value == []:
            self.wrong("empty", f"`{key}` of {self.what} is empty", "name at least one, or leave it out", key)
        for n, one in enumerate(value or []):
            if not isinstance(one, dict):
                self.wrong("wrong-type", f"`{key}` of {self.what} lists tables, not {worded(one)}", mend, key, n)
                continue
            name = one.get("name")
            label = f"{key} {shown(name)}" if isinstance(name, str) else f"`[[{key}]]` number {n + 1}"
            tables.append(Table(self.source, (*self.at, key, n), one, label))
        return tables

    def done(self) -> None:
        """Whatever nobody asked for is unknown."""
        for key in self.values:
            if key not in self.asked:
                mend = closest(key, self.asked)
                self.wrong("unknown-key", f"unknown key {shown(key)} in {self.what}", mend, key)
