"""What does each tier give, side by side? Every cell is the gate's own answer, or the line it is written on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from licet.portal.pages import model_limits, words
from licet.portal.pages.asking import ANYONE, Question, answer
from licet.portal.payments import providers
from licet.release.release import Anonymous, Release, Tier
from licet.terms import Answer


@dataclass(frozen=True, slots=True)
class Cell:
    """`answer` is yes, no or depends (on what `texts` say) for a feature; "" for a cell that only says something."""

    texts: tuple[str, ...] = ()
    answer: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    label: str
    cells: tuple[Cell, ...]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`who` is the tier's name, or "" for callers without an account. `line` is where it is written."""

    name: str
    who: str
    line: int
    description: str
    approval: bool
    free: bool

    @property
    def sold(self) -> bool:
        """Can it be bought here now?"""
        return not self.free and not self.approval and providers.selling() is not None


@dataclass(frozen=True, slots=True)
class Table:
    columns: tuple[Column, ...]
    features: tuple[Row, ...]
    limits: tuple[Row, ...]

    @property
    def sold(self) -> bool:
        """Is any of them bought here?"""
        return any(column.sold for column in self.columns)


def table(release: Release, now_s: int, at: str = "") -> Table:
    """The table of a release. Callers without an account come first, then the tiers in the order written."""
    levels: list[Tier | Anonymous] = [*([release.anonymous] if release.anonymous else []), *release.tiers]
    return Table(
        columns=tuple(_column(level) for level in levels),
        features=tuple(
            Row(f.name, tuple(_cell(release, _who(level), f.name, now_s, at) for level in levels), f.description)
            for f in release.features
        ),
        limits=tuple(row for row in _limits(levels) if any(cell.texts for cell in row.cells)),
    )


def _who(level: Tier | Anonymous) -> str:
    return level.name if isinstance(level, Tier) else ANYONE


def _column(level: Tier | Anonymous) -> Column:
    if isinstance(level, Tier):
        return Column(
            level.name, level.name, level.line, level.description, level.requires_approval, level.price is None
        )
    return Column(_("Without an account"), ANYONE, level.line, "", False, True)


def _cell(release: Release, who: str, feature: str, now_s: int, at: str) -> Cell:
    asked = Question(who, feature, at=at)
    verdict = answer(release, asked, now_s).verdict
    if verdict.code == "license_not_accepted":  # the tier has it: what is missing is the reader's own promise
        return Cell((_("once its license is accepted"),), "depends", asked.url())
    return Cell(answer=Answer(verdict.answer).name.lower(), url=asked.url())


def _limits(levels: list[Tier | Anonymous]) -> Iterator[Row]:
    def row(label: str, says: Callable[[Tier | Anonymous], tuple[str, ...]]) -> Row:
        return Row(label, tuple(Cell(says(level)) for level in levels))

    def of_tier(says: Callable[[Tier], tuple[str, ...]]) -> Callable[[Tier | Anonymous], tuple[str, ...]]:
        return lambda level: says(level) if isinstance(level, Tier) else ()

    yield row(_("Quota"), lambda level: tuple(words.quota(q) for q in level.quotas) or (_("no quota"),))
    yield row(_("Rate"), lambda level: (words.rate(level.rate),) if level.rate else ())
    yield row(_("At a time"), lambda level: (words.at_a_time(level.concurrency),) if level.concurrency else ())
    yield row(_("Models"), lambda level: tuple(map(model_limits.in_words, level.models)))
    yield row(_("Seats"), of_tier(lambda t: (words.figure(t.seats),) if t.seats else ()))
    yield row(_("Past the quota"), of_tier(lambda t: tuple(words.price(p) for p in t.overage)))
    yield row(_("Price"), _prices)
    yield row(_("How to get it"), lambda level: (_way_in(level),))
    yield row(_("Carries a license"), of_tier(lambda t: tuple(f"{c}: {name}" for c, name in t.licenses.items())))


def _price(level: Tier | Anonymous) -> str:
    return words.price(level.price) if isinstance(level, Tier) and level.price else _("free")


def _prices(level: Tier | Anonymous) -> tuple[str, ...]:
    """Every way to pay, the trial before the first of them, and whether each seat is paid."""
    if not isinstance(level, Tier) or not level.prices:
        return (_price(level),)
    seat = _("%(price)s a seat") if level.per_seat else "%(price)s"
    found = [seat % {"price": words.price(price)} for price in level.prices]
    if level.trial_days:
        found.append(ngettext("%(n)s day of trial", "%(n)s days of trial", level.trial_days) % {"n": level.trial_days})
    return tuple(found)


def _way_in(level: Tier | Anonymous) -> str:
    if isinstance(level, Anonymous):
        return _("just call")
    if level.requires_approval and level.price is not None and providers.selling() is not None:
        return _("ask for it; once a person says yes, buy it")
    if level.requires_approval:
        return _("ask for it; a person answers")
    if level.price is None:
        return _("sign up")
    return _("buy it") if providers.selling() is not None else _("sign up; the operator gives it")
