"""Is a text that resembles a license that license, or was something added, changed or left out?

Harmless: other line breaks, names and years of holders, a title, a few words lost. Not harmless: a stretch of sixteen words
that stands in no edition of the license; a shorter one that speaks of commerce, research or the like; a number that the
license does not have; a pinned clause that is gone; a part of the license left out.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from licet.licenses.fingerprint import RUN
from licet.licenses.identify_match import Match

STRETCH: Final = 16  # words; shorter additions count where they speak of one of SPEAKS_OF
SHORT: Final = 4
CLEAN: Final = 0.03  # so few broken runs elsewhere that nothing but a deliberate change broke these
LONG_TEXT: Final = 450  # words; shorter licenses are often printed with the holder's name in their sentences
STRAY: Final = 1  # new words in a short license that may be anything
CUT: Final = 6  # runs of the license that one lost word can cost, its neighbours lost as well
NAMES_A_MODEL: Final = "LicenseRef-"
_TITLE: Final = 16  # words; a title is no longer
_VERSION: Final = re.compile(r"(?<=-)\d+\.\d+(?:\.\d+)?(?=-|$)")  # in an id
_NUMBER: Final = re.compile(r"\d|\d{1,2}(?:\.\d+){1,2}")
_MONTHS: Final = frozenset(month.casefold() for month in calendar.month_name if month)

# What an added passage speaks of: the kind of clause -> words that only such clauses are made of.
SPEAKS_OF: Final[Mapping[str, re.Pattern[str]]] = {
    kind: re.compile(rf"\b(?:{words})\b")
    for kind, words in {
        "commercial_use": r"commercial(?:ly)?|noncommercial|non profit|nonprofit|for profit|monetary|paid|sold",
        "use": r"research|academic|educational|evaluation|personal use|internal use|solely|only for|for use only"
        r"|only be used|not be used|may not use",
        "sell": r"sell|resell|selling|resale",
        "modify": r"may not (?:be )?(?:modif\w+|alter\w*|chang\w+)|no derivatives?",
        "distribute": r"(?:may not|not) (?:be )?(?:redistribut\w+|distribut\w+)|no redistribution",
        "field_of_use_restrictions": r"military|weapons?|surveillance|medical|nuclear|prohibited|harm(?:ful)?|unlawful"
        r"|good not evil",
        "hardware_lock": r"gpus?|processors?|hardware|accelerators?|chips?|nvidia|devices of",
        "revocability": r"revok\w+|revocable|withdraw\w*|at any time|at will|sole discretion",
        "revenue_or_mau_threshold": r"revenues?|turnover|monthly active|million|employees|users per",
        "user_geography_exclusion": r"european union|territory|countries|residents?|sanctioned|citizens",
        "no_compete": r"compet(?:e|es|ing|itors?|itive)",
        "host_as_service": r"hosted|managed service|as a service|saas|api|cloud",
        "train_other_models_on_outputs": r"train(?:ing)?|large language model|machine learning|ai models?",
        "output_restrictions": r"outputs?|generated (?:content|images)",
        "naming_branding": r"prominently|display(?:ed)?|logo|brand(?:ing)?|built with|powered by",
        "indemnity": r"indemnif\w+|hold harmless",
        "patent_grant": r"patents?",
        "sublicense": r"sublicens\w+",
        "attribution": r"acknowledg\w+|credit(?:ed)?|cite|citation",
        "same_license": r"same license|copyleft|source code of",
        "unilateral_change_of_terms": r"updated? (?:this|these|the) (?:license|terms)|amend\w*|change these terms",
        "governing_law": r"governed by|jurisdiction|courts?",
    }.items()
}

# Beside such words holders write their own names into short licenses.
_BESIDE_NAMES: Final = """
    copyright holder holders owner owners author authors contributor contributors name names regents university
    organization institute foundation inc ltd llc corporation company by trademark trademarks liable provided disclaims
    developed
"""
_HOLDERS: Final = frozenset(_BESIDE_NAMES.split())
# One such word turns a clause around.
_TURNS: Final = frozenset(
    ["not", "non", "never", "noncommercial", "commercial", "except", "unless", "prohibited", "nor"]
)
# One word by which a grant is cut to fewer people, a shorter time, a smaller place, or to those who pay: the kind of clause
# -> words. None of them stands in names of holders ("Limited", "Academic Foundation").
_CUTS: Final[Mapping[str, re.Pattern[str]]] = {
    kind: re.compile(words)
    for kind, words in {
        "use": r"students?|pupils?|researchers|scholars?|academics|nonprofits?|internally|personally|evaluation|trial",
        "commercial_use": r"fees?|paid|paying|payments?|priced?|subscribers?|(?:non)?commercial(?:ly)?",
        "revocability": r"temporary|temporarily|terminable|revocable",
        "user_geography_exclusion": r"domestic(?:ally)?|citizens?|residents?",
    }.items()
}
# Beside a tag stands prose about anything; only plain words of refusal count there.
_NARROWS: Final[Mapping[str, re.Pattern[str]]] = {
    "commercial_use": re.compile(
        r"\bnon ?commercial\b|\b(?:not|no|without|prohibit\w*|forbid\w*|excluding) (?:\w+ ){0,3}commercial"
        r"|\bcommercial\w* (?:\w+ ){0,6}(?:prohibited|forbidden|not|requires?|without)\b"
    ),
    "use": re.compile(
        r"\b(?:only|solely|exclusively) (?:\w+ ){0,3}(?:research|academic|evaluation|personal|educational)\b"
        r"|\b(?:research|academic|evaluation|personal|educational) (?:use|purposes) only\b"
    ),
    "hardware_lock": re.compile(r"\bonly (?:\w+ ){0,4}(?:gpus?|processors?|hardware)\b"),
}


def added(words: Sequence[str], match: Match, *, part: bool = False) -> tuple[tuple[int, int], ...]:
    """The stretches of words that somebody added to the license, and that cannot be passed over.

    In a clean copy the words around an addition are all known, so that a short one can be told from damage. `part`: the
    license is a header in a comment that speaks of other things too; there only what takes something back counts.
    """
    return tuple(stretch for stretch in match.strangers if _counts(words, match, stretch, part))


def _counts(words: Sequence[str], match: Match, stretch: tuple[int, int], part: bool) -> bool:
    start, end = stretch
    said = words[start:end]
    if part:
        return bool(narrowed(said))
    if end - start >= STRETCH:
        return True
    if not _TURNS.isdisjoint(words[n] for n in match.new_words if start <= n < end):
        return True  # damage never brings a word in, and this license has no such word
    elsewhere = match.fresh - (end - start + RUN - 1) / len(words)
    if elsewhere >= CLEAN:
        return False
    return not _TURNS.isdisjoint(said) or (end - start >= SHORT and any(_kinds(said)))


def narrowed(words: Sequence[str]) -> tuple[str, ...]:
    """Which kinds of clause do words beside a tag or a header take back?"""
    return tuple(kind for kind, spoken in _NARROWS.items() if spoken.search(" ".join(words)))


def spoken_of(words: Sequence[str], stretches: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """Which kinds of clause do these stretches speak of?"""
    found = dict.fromkeys(kind for start, end in stretches for kind in _kinds(words[start:end]))
    return tuple(found)


def _kinds(words: Sequence[str]) -> Iterator[str]:
    said = " ".join(words)
    return (kind for kind, spoken in SPEAKS_OF.items() if spoken.search(said))


def swapped(words: Sequence[str], match: Match) -> bool:
    """Are there words in it that make it another license: numbers, versions, another name, a clause put differently?

    Lost words never bring new ones in, so this can be told in damaged texts too.
    """
    if _renumbered(words, match):
        return True
    opening = 12 if match.fresh >= 0.03 else 0  # in a damaged text the first words may be a broken copyright line
    new = [n for n in match.new_words if n >= opening]
    numbers = [n for n in new if any(map(str.isdigit, words[n])) and "copyright" not in words[max(n - 4, 0) : n]]
    years = [n for n in numbers if re.fullmatch(r"(?:19|20)\d\d", words[n])]
    if match.id.startswith(NAMES_A_MODEL):
        if match.fresh < 0.045:  # a clean copy: there is no second edition of such a text, so each word counts
            breaks = sum(not _of_holder(words, *each) for each in match.breaks)
            return bool(numbers) or breaks > 1 or (breaks == 1 and bool(new))
        return len(numbers) > len(years) + 1 or len(new) > 2
    if cuts(words, match):
        return True
    inner = _inner(words, match)
    if len(words) < LONG_TEXT:
        return len(set(inner) - set(years)) > STRAY
    return bool(set(numbers) - set(years) & set(inner)) or len(inner) > 0.003 * len(words)


def _renumbered(words: Sequence[str], match: Match) -> bool:
    """Does the title name another version of this license? Holders write titles of their own, but not such ones."""
    own = _VERSION.search(match.id)
    if own is None:
        return False
    stem = match.id.removeprefix(NAMES_A_MODEL).casefold().partition("-")[0]
    told = [n for n in range(1, min(_TITLE, len(words))) if words[n - 1] in ("version", stem)]
    if match.fresh >= CLEAN:  # "version 8 december" has lost its number
        told = [n for n in told if "." in words[n] or _MONTHS.isdisjoint(words[n + 1 : n + 2])]
    numbers = {_bare(words[n]) for n in told if _NUMBER.fullmatch(words[n])}
    return bool(numbers) and not any(f"{_bare(own[0])}.".startswith(f"{number}.") for number in numbers)


def _bare(number: str) -> str:
    """`2.00` and `2.0` are `2`."""
    return re.sub(r"(?:\.0+)+$", "", number)


def cuts(words: Sequence[str], match: Match) -> tuple[str, ...]:
    """The kinds of clause that one new word inside the license cuts down: `to any student`, `for a fee`."""
    new = [words[n] for n in _within(words, match)]
    return tuple(kind for kind, cut in _CUTS.items() if any(map(cut.fullmatch, new)))


def _inner(words: Sequence[str], match: Match) -> list[int]:
    """New words inside the license that are no names: holders put theirs in it."""
    return [
        n
        for n in _within(words, match)
        if words[n] not in ("rights", "reserved") and _HOLDERS.isdisjoint(words[max(n - 5, 0) : n + 5])
    ]


def _within(words: Sequence[str], match: Match) -> Iterator[int]:
    """New words inside the license: before and after it stand titles, and how it is applied."""
    first, last = 0, len(words)
    if match.strangers and match.strangers[0][0] == 0:
        first = match.strangers[0][1]
    if match.strangers and match.strangers[-1][1] == last:
        last = match.strangers[-1][0]
    return (n for n in match.new_words if first <= n < last)


def _of_holder(words: Sequence[str], start: int, end: int) -> bool:
    """Is it only the line that names the holder, which stands elsewhere after other line breaks?"""
    return "copyright" in words[max(start - 16, 0) : end + 8]


def shortened(words: Sequence[str], match: Match) -> bool:
    """Is the text itself whole, yet a part of the license is not in it? A lost word costs four runs, a sentence more.

    Where each sign is a word, what a blank ends may be a sentence: there this cannot be told.
    """
    cut = match.missing > CUT * len(match.breaks) + 12
    if not cut and (match.fresh >= 0.05 or match.recall**4 >= 0.93):
        return False
    signs = sum(len(word) == 1 and not word.isdigit() for word in words)
    return signs <= len(words) / 10
