"""What of a stranger's text is kept? The words: nothing invisible, nothing that turns the page around, nothing endless."""

from __future__ import annotations

import re
import unicodedata

# Joiners change what is read in many scripts and in emoji; every other format character only hides or turns text.
_JOINERS = frozenset("\u200c\u200d\ufe0f")
_MARKS = 4  # so many marks may stand on one letter: more is no script, it climbs over other lines

# Letters of other scripts that are drawn as Latin ones, enough to tell a borrowed name.
_DRAWN_AS = dict(
    zip("аеорсухіјѕԁһӏкмтвнгαορτνικυ0135ɑɡǀ", "aeopcyxijsdhlkmtbhraoptvikuolesagl", strict=True)  # noqa: RUF001
)


def words(text: str, most: int) -> str:
    """The text as it is kept: NFC, without control and format characters, lines trimmed, at most `most` characters."""
    text = "".join(_sober(text[: 4 * most].replace("\r\n", "\n").replace("\r", "\n")))
    text = "\n".join(row.rstrip(" \t") for row in unicodedata.normalize("NFC", text).split("\n"))
    text = re.sub(r"\n{4,}", "\n\n\n", text).strip("\n")[:most].rstrip()
    return text if any(_seen(c) for c in text) else ""


def line(text: str, most: int) -> str:
    """The same on one line."""
    return " ".join(words(text, most).split())


def _sober(text: str) -> list[str]:
    kept: list[str] = []
    marks = 0
    for char in text:
        kind = unicodedata.category(char)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        hides = kind in ("Cc", "Cf", "Cs", "Co") and char not in "\n\t" and char not in _JOINERS
        if not hides and marks <= _MARKS:
            kept.append(char)
    return kept


def _seen(char: str) -> bool:
    """Does this character leave ink? Blanks, joiners and fillers that are letters by name do not."""
    return unicodedata.category(char)[0] in "LNPS" and char not in "\u115f\u1160\u3164\uffa0\u2800"


def folded(text: str) -> str:
    """The form in which a search compares: width and case fall together."""
    return unicodedata.normalize("NFKC", text).casefold()


def drawn(text: str) -> str:
    """What a name looks like: letters as the Latin ones they are drawn as (i is l), without marks and blanks."""
    plain = unicodedata.normalize("NFKD", folded(text))
    return "".join(_DRAWN_AS.get(c, c) for c in plain if c.isalnum()).replace("i", "l")
