"""Which licenses fit what somebody wants, why, and what does each cost in adoption?

Every judgement asks `may` for people whom one can picture, or reads the sheet; no table here says what a license allows.
What is settled by hand is only which texts anybody can use for a work of their own, and which of those people know best.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from licet.licenses import shelf
from licet.licenses.alarms import Alarm, alarms
from licet.licenses.choose_needs import NEEDS, Judged
from licet.licenses.choose_wish import Wish
from licet.licenses.openness import openness
from licet.licenses.shelf import Sheet

# Texts that are on no list and yet written for any licensor. All others that are on no list name their own licensor.
_FOR_ANYBODY: Final = frozenset(
    "LicenseRef-" + name
    for name in (
        "scancode-bigscience-open-rail-m",
        "scancode-bigscience-open-rail-m2",
        "scancode-responsible-ai-source-1.1",
        "scancode-fair-ai-public-1.0",
        "scancode-fair-ai-public-1.0-sd",
        "scancode-open-weights-permissive-1.0.0",
        "scancode-openatom-model-1.0",
        "scancode-polyform-shield-1.0.0",
        "scancode-polyform-perimeter-1.0.0",
        "scancode-polyform-strict-1.0.0",
        "scancode-polyform-internal-use-1.0.0",
        "scancode-polyform-free-trial-1.0.0",
    )
)
# Where two fit alike, the one that more people have read before costs less to adopt.
_BEST_KNOWN: Final = """
    Apache-2.0 MIT BSD-3-Clause CC-BY-4.0 CC0-1.0 GPL-3.0-or-later MPL-2.0 AGPL-3.0-or-later LGPL-3.0-or-later
    CC-BY-SA-4.0 CC-BY-NC-4.0 CC-BY-NC-SA-4.0 CC-BY-ND-4.0 CC-BY-NC-ND-4.0 LicenseRef-scancode-bigscience-open-rail-m2
    OpenMDW-1.0 CDLA-Permissive-2.0 ODbL-1.0 ODC-By-1.0 PolyForm-Noncommercial-1.0.0 PolyForm-Small-Business-1.0.0
    FSL-1.1-ALv2 BUSL-1.1 BSD-2-Clause ISC MIT-0 0BSD Unlicense EUPL-1.2 CDLA-Sharing-1.0
"""
FAMILIAR: Final = tuple(_BEST_KNOWN.split())
# An alarm about the very thing that is wanted is shown, and costs no rank.
_WANTED: Final = {
    ("changes", "share-alike"): ("strong-copyleft",),
    ("commercial", False): ("non-commercial", "field-of-use"),
    ("harm_limits", True): ("field-of-use", "flow-down"),
    ("outputs", "limited"): ("output-restrictions", "output-training-limits"),
    ("naming", "brand"): ("mandatory-branding",),
    ("users", "small"): ("size-threshold", "commercial-use-conditional"),
    ("users", "research"): ("non-commercial", "field-of-use"),
    ("later_opening", True): ("commercial-use-conditional",),
}
WRITTEN_FOR: Final = {"code": "software", "weights": "model", "data": "data", "docs": "content"}
_COPYLEFT_OF_CODE: Final = ("file", "library", "work", "network", "service-stack")


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence with the place in the license that it rests on (empty where it rests on nothing in the text)."""

    says: str
    cite: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A license and how it fits: reasons `fits` and `against`, `depends` where the text leaves it open.

    `costs` are its alarms: clauses of a kind that drew backlash, each with the documented case. `unfit` says that the
    license was not written for such a component. Candidates come best first.
    """

    id: str
    name: str
    openness: str
    fits: tuple[Reason, ...]
    against: tuple[Reason, ...]
    depends: tuple[Reason, ...]
    costs: tuple[Alarm, ...]
    unfit: str = ""


def choose(wish: Wish | None = None, *, most: int = 5) -> tuple[Candidate, ...]:
    """The licenses that fit best, at most so many; `most=0` gives all that anybody can use.

    A wish that is None asks for nothing: then what is written for code comes with the fewest costs first.
    """
    asked = wish or Wish()
    found = sorted((_candidate(sheet, asked) for sheet in _usable()), key=lambda one: _rank(one, asked))
    return tuple(found[:most] if most else found)


def advice(wish: Wish) -> tuple[Reason, ...]:
    """What is to be said of the wish itself, whichever license is taken."""
    return tuple(_advice(wish))


def _rank(one: Candidate, wish: Wish) -> tuple[int, bool, int, int, int, str]:
    wanted = {kind for (field, value), kinds in _WANTED.items() if getattr(wish, field) == value for kind in kinds}
    costs = sum(alarm.kind not in wanted for alarm in one.costs)
    missed = 2 * len(one.against) + len(one.depends)
    known = FAMILIAR.index(one.id) if one.id in FAMILIAR else len(FAMILIAR)
    return missed + 3 * bool(one.unfit), bool(one.unfit), costs, _closed(one), known, one.id


def _closed(one: Candidate) -> int:
    return 0 if one.openness in ("osi-approved", "fsf-free", "open") else 1


def _candidate(sheet: Sheet, wish: Wish) -> Candidate:
    told = [(need.says(wish), need.judge(sheet, wish)) for need in NEEDS if need.asked(wish)]

    def those(word: Judged) -> tuple[Reason, ...]:
        return tuple(Reason(says, cite) for says, (judged, cite) in told if judged is word)

    return Candidate(
        sheet.id,
        sheet.name,
        openness(sheet),
        those(Judged.MET),
        those(Judged.UNMET),
        those(Judged.OPEN),
        alarms(sheet),
        _unfit(sheet, wish.kind),
    )


def _unfit(sheet: Sheet, kind: str) -> str:
    """Why the license is the wrong kind for such a component; empty where it was written for one."""
    if WRITTEN_FOR[kind] in sheet.made_for:
        if kind == "code" and sheet.family.startswith("cc-"):
            return _NOT_CC
        return ""
    if kind == "code" and "content" in sheet.made_for:
        return _NOT_CC
    if sheet["same_license"].value in _COPYLEFT_OF_CODE:
        return f"its copyleft speaks of source code, and nobody has settled what the source of {_PLURAL[kind]} is"
    return f"its text was written for {', '.join(sheet.made_for)}, not for {_PLURAL[kind]}"


_NOT_CC: Final = (
    "Creative Commons itself advises against its licenses for software: they say nothing of source code or of patents"
)
_PLURAL: Final = {"code": "code", "weights": "weights", "data": "data", "docs": "documents"}


def _advice(wish: Wish) -> Iterator[Reason]:
    if wish.kind == "code":
        yield Reason(f"No Creative Commons license for code: {_NOT_CC}.", "https://creativecommons.org/faq/")
    else:
        yield Reason(
            f"No GPL for {_PLURAL[wish.kind]}: its copyleft speaks of source code, and nobody has settled what the source of "
            f"{_PLURAL[wish.kind]} is."
        )
    if wish.commercial is False and not wish.path_to_yes and not wish.later_opening:
        yield Reason(
            "Non-commercial without a way to yes turns away everybody who would have paid. Offer a commercial license beside "
            "it (in licet.toml a tier with `licenses`), or a date on which it opens (`change_date`)."
        )
    if wish.later_opening:
        yield Reason(
            "A later opening needs no special license: `change_date` and `change_license` in licet.toml promise it for any."
        )
    if wish.harm_limits and wish.commercial is not False:
        yield Reason(
            "Limits on harmful uses make it no open source license to those who keep such lists; some distributors and "
            "companies take nothing else."
        )


@cache
def _usable() -> tuple[Sheet, ...]:
    """The licenses that anybody can use for a work of their own, the newest version of each."""
    sheets = [sheet for id in shelf.known() if (sheet := shelf.sheet(id)) and _for_anybody(sheet)]
    newest: dict[str, tuple[tuple[int, ...], Sheet]] = {}
    for sheet in sheets:
        name, version = _version(sheet.id)
        if name not in newest or version > newest[name][0]:
            newest[name] = (version, sheet)
    return tuple(sheet for _, sheet in newest.values())


def _for_anybody(sheet: Sheet) -> bool:
    whole = sheet.read == "full" and not sheet.addendum
    later = f"{sheet.id.removesuffix('-only')}-or-later"
    superseded = sheet.id.endswith("-only") and later in shelf.known()
    return whole and not superseded and (sheet.spdx or sheet.id in _FOR_ANYBODY)


def _version(id: str) -> tuple[str, tuple[int, ...]]:
    """`CC-BY-4.0` -> `CC-BY-`, (4, 0): what is the same license in another edition?"""
    found = re.search(r"(\d+(?:\.\d+)+)", id)
    if not found:
        return id, ()
    return id[: found.start()] + id[found.end() :], tuple(int(n) for n in found.group().split("."))
