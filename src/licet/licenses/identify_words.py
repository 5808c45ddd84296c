"""Which words of a text count when it is compared with a license?

Case, punctuation, comment marks, Markdown, line breaks, bullets and copyright lines do not. Two texts with the same
`words` are one text to Licet.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

# A copyright line names its holder and year; a sentence with the word "copyright" has neither. Where line breaks were
# changed, a line of the license may follow at once: it begins with one of the words that licenses begin with.
_COPYRIGHT: Final = re.compile(
    r"""(?:^[^\w\n]*(?:portions\s+|part\s+)?
          (?:copyright\b[ \t:]*(?:\(c\)|©|&copy;|\d{4}\b|[<\[{(]|notice:|by\b|20xx|yyyy|the\ (?:year|authors))
            |\(c\)[ \t]+(?:copyright|\d{4}|[<\[{])
            |©|&copy;)
        |\bcopyright[ \t]+(?:\(c\)|©|\[yyyy\]|<year>))
        [^\n]*?
        (?=$|\b(?-i:All\s[Rr]ights|Licensed|Permission|Redistribution|This|Everyone|Your|You|The\ License|Use\ of
          |ALL\sRIGHTS|LICENSED|PERMISSION|REDISTRIBUTION|THIS|EVERYONE|YOUR|YOU|THE\ LICENSE|USE\ OF)\b)""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
_RESERVED: Final = re.compile(r"\b(?:all\s+)?rights\s+reserved\b\.?", re.IGNORECASE)
# Addresses and markup: where a link leads to is not what the text says.
_LINK: Final = re.compile(
    r"\]\(\s*(?:https?|mailto)[^)]{0,300}\)|\bhttps?://[^\s<>\"')\]]+(?:(?<=-)\n[^\s<>\"')\]]+)?"
    r"|</?(?:a|b|br|center|code|div|em|h[1-6]|hr|i|img|li|ol|p|pre|span|strong|table|td|tr|u|ul)\b[^<>]{0,300}>"
    r"|&(?:nbsp|quot|amp|lt|gt|#\d+);",
    re.IGNORECASE,
)
# Scripts that are written without spaces: each sign is a word, so that a line break changes nothing.
_SIGN: Final = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff"
_LETTERS: Final = rf"[^\W_{_SIGN}]+"
# First what looks like a bullet ("(a)", "3.", "ii)"), which is let go, then a word: "3.1" and "licensor's" are one.
_TOKEN: Final = re.compile(
    rf"(?<![\w.,])\(?(?:\d{{1,2}}|[ivx]{{1,4}}|[a-z])[*_]*[.)][*_]*(?=\s)|({_LETTERS}(?:[.'\u2019]{_LETTERS})*|[{_SIGN}])"
)
_SAME: Final[Mapping[str, str]] = {
    "licence": "license",
    "licences": "licenses",
    "licenced": "licensed",
    "licencing": "licensing",
    "sublicence": "sublicense",
    "organisation": "organization",
    "favour": "favor",
    "acknowledgement": "acknowledgment",
}
# Articles, bullets without a mark, words that only comments or addresses are made of.
_EMPTY: Final = frozenset(
    [*"abcdefghijklmnopqrstuvwxyz", "ii", "iii", "iv", "vi", "vii", "viii", "ix", "http", "https", "www", "rem", "dnl"]
)


@dataclass(frozen=True, slots=True)
class Word:
    """One word that counts, and where it stands in the text as given: `text[start:end]`."""

    word: str
    start: int
    end: int


def words(text: str) -> list[str]:
    """The words that count, in order."""
    found = _TOKEN.findall(_plain(_lower(_blanked(text))))
    return [_SAME.get(word, word) for word in found if word and word not in _EMPTY]


def placed(text: str) -> list[Word]:
    """The same words as `words`, each with its place."""
    return list(_placed(text))


def _placed(text: str) -> Iterator[Word]:
    for found in _TOKEN.finditer(_lower(_blanked(text))):
        if (word := _plain(found.group(1) or "")) and word not in _EMPTY:
            yield Word(_SAME.get(word, word), found.start(1), found.end(1))


def _plain(text: str) -> str:
    """Typographic apostrophes as typed ones, and the one letter that capitals cannot tell from two."""
    return text if text.isascii() else text.replace("\u2019", "'").replace("\u00df", "ss")


def _lower(text: str) -> str:
    """In small letters, every letter in its place (some letters become two; those stay as they are)."""
    if text.isascii():
        return text.lower()
    if not unicodedata.is_normalized("NFC", text) or len(text.lower()) != len(text):
        return "".join(low if len(low := letter.lower()) == 1 else letter for letter in text)
    return text.lower()


def _blanked(text: str) -> str:
    """The text with everything that says who and where blanked out, at the same length."""
    for pattern in (_COPYRIGHT, _RESERVED, _LINK):
        text = pattern.sub(_blank, text)
    return text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found.group())
