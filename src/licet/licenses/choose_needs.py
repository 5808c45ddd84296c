"""Does a license give what is wanted? Each need is judged by asking `may`, or by what the sheet says, with its place."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Final

from licet.licenses.alarms import bars_harm
from licet.licenses.ask import may_license
from licet.licenses.choose_wish import QUESTIONS, Wish
from licet.licenses.personas import PERSONAS
from licet.licenses.shelf import Sheet
from licet.terms.clause import Scalar
from licet.terms.verdict import Answer, Verdict


class Judged(Enum):
    MET = "met"
    UNMET = "unmet"
    OPEN = "open"  # the text leaves it open, or asks for a fact that only the reader knows


_Told = tuple[Judged, str]


@dataclass(frozen=True, slots=True)
class Need:
    """One question of a wish, and how a sheet is judged by the answer. The cite is of the clause that decides."""

    field: str
    judge: Callable[[Sheet, Wish], _Told]

    def asked(self, wish: Wish) -> bool:
        only_for = QUESTIONS[self.field].only_for
        return getattr(wish, self.field) is not None and (not only_for or wish.kind in only_for)

    def says(self, wish: Wish) -> str:
        return SAID[self.field, getattr(wish, self.field)]


SAID: Final = {
    ("users", "everyone"): "everyone can use it",
    ("users", "small"): "people and small companies can use it, large ones have to ask",
    ("users", "research"): "only researchers can use it",
    ("commercial", True): "commercial use is allowed",
    ("commercial", False): "commercial use is not allowed, other use is",
    ("changes", "free"): "changed versions may go out under other terms",
    ("changes", "share-alike"): "changed versions stay under the same license",
    ("changes", "none"): "changed versions may not be given on",
    ("naming", "none"): "nobody has to be named",
    ("naming", "credit"): "your notices stay in it",
    ("naming", "brand"): "your name has to be shown",
    ("outputs", "free"): "outputs may be used and sold",
    ("outputs", "limited"): "outputs have limits",
    ("harm_limits", True): "it forbids harmful uses itself",
    ("harm_limits", False): "it forbids no field of use",
    ("later_opening", True): "it opens by itself on a later date",
    ("later_opening", False): "it stays as it is",
}


def _asked(sheet: Sheet, action: str, wanted: Answer, who: Iterable[str] = (), **facts: Scalar) -> _Told:
    """Is the answer the wanted one, for each of these people (or for nobody in particular)?"""
    verdicts = [_verdict(sheet, action, {**PERSONAS[name].facts, **facts}) for name in who]
    return _joined([_one(v, wanted) for v in verdicts or [_verdict(sheet, action, facts)]])


def _verdict(sheet: Sheet, action: str, facts: dict[str, Scalar]) -> Verdict:
    if action in ("commercial-use", "sell-outputs"):
        facts = {name: value for name, value in facts.items() if name != "commercial"}
    return may_license(action, sheet.id, facts=facts)


def _one(verdict: Verdict, wanted: Answer) -> _Told:
    cite = next((clause.cite for clause in verdict.because), "")
    if verdict.answer is wanted:
        return Judged.MET, cite
    return Judged.OPEN if verdict.answer is Answer.DEPENDS else Judged.UNMET, cite


def _joined(told: list[_Told]) -> _Told:
    """All have to hold: the first that does not is the reason."""
    for word in (Judged.UNMET, Judged.OPEN):
        for judged, cite in told:
            if judged is word:
                return judged, cite
    return told[0]


def _reads(sheet: Sheet, kind: str, *values: str) -> _Told:
    """Is the reading of this kind one of these values?"""
    reading = sheet[kind]
    if reading.value == "unknown":
        return Judged.OPEN, f"{sheet.id}, {kind}: not read"
    return Judged.MET if reading.value in values else Judged.UNMET, sheet.cite(reading.section)


def _not(told: _Told) -> _Told:
    turned = {Judged.MET: Judged.UNMET, Judged.UNMET: Judged.MET, Judged.OPEN: Judged.OPEN}
    return turned[told[0]], told[1]


_PRIVATE: Final = ("hobbyist", "researcher")


def _users(sheet: Sheet, wish: Wish) -> _Told:
    if wish.users == "everyone":
        trade = () if wish.commercial is False else ("startup", "large company", "EU company")
        return _asked(sheet, "use", Answer.YES, (*_PRIVATE, *trade))
    if wish.users == "small":
        small = _asked(sheet, "use", Answer.YES, ("hobbyist", "startup"))
        return _joined([small, _not(_asked(sheet, "use", Answer.YES, ("large company",)))])
    research = _asked(sheet, "use", Answer.YES, ("researcher",))
    return _joined([research, _asked(sheet, "use", Answer.NO, ("startup", "hobbyist"))])


def _commercial(sheet: Sheet, wish: Wish) -> _Told:
    who = ("startup",) if wish.users == "small" else ("startup", "large company")
    if wish.commercial:
        return _asked(sheet, "commercial-use", Answer.YES, who)
    return _joined([_asked(sheet, "commercial-use", Answer.NO, who), _asked(sheet, "use", Answer.YES, ("researcher",))])


def _changes(sheet: Sheet, wish: Wish) -> _Told:
    if wish.changes == "none":
        return _asked(sheet, "distribute", Answer.NO, _PRIVATE, modified=True)
    allowed = _asked(sheet, "distribute", Answer.YES, ("researcher",), modified=True)
    free = _reads(sheet, "same_license", "none")
    return _joined([allowed, free if wish.changes == "free" else _not(free)])


def _naming(sheet: Sheet, wish: Wish) -> _Told:
    if wish.naming == "credit":
        return _reads(sheet, "attribution", "required")
    if wish.naming == "brand":
        return _reads(sheet, "naming_branding", "required")
    return _joined([_reads(sheet, "attribution", "none"), _reads(sheet, "naming_branding", "none")])


def _outputs(sheet: Sheet, wish: Wish) -> _Told:
    free = _reads(sheet, "output_restrictions", "none")
    if wish.outputs == "limited":
        return _not(free)
    who = _PRIVATE if wish.commercial is False else ("startup",)
    return _joined([free, _asked(sheet, "use-outputs", Answer.YES, who)])


def _harm_limits(sheet: Sheet, wish: Wish) -> _Told:
    """A ban on commerce is a field of use too, and not the one that is meant."""
    reading = sheet["field_of_use_restrictions"]
    if reading.value == "unknown":
        return _reads(sheet, "field_of_use_restrictions", "none")
    cite = sheet.cite(reading.section)
    return Judged.MET if bars_harm(sheet) is wish.harm_limits else Judged.UNMET, cite


def _later_opening(sheet: Sheet, wish: Wish) -> _Told:
    later = _reads(sheet, "change_date_delayed_opening", "present")
    if not wish.later_opening:
        return _not(later)
    return later if later[0] is Judged.MET else (Judged.OPEN, "licet.toml, change_date")


NEEDS: Final = (
    Need("users", _users),
    Need("commercial", _commercial),
    Need("changes", _changes),
    Need("naming", _naming),
    Need("outputs", _outputs),
    Need("harm_limits", _harm_limits),
    Need("later_opening", _later_opening),
)
