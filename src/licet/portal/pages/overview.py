"""What does the page of a release tell everybody? Worked out once a day and language for each document: it is hundreds of
answers, and the same for every reader. Dates of terms turn at midnight UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from licet.portal import documents
from licet.portal.pages import alarms, words
from licet.portal.pages.alarms import Alarm
from licet.portal.pages.drawings.ladder import Rung, ladder
from licet.portal.pages.drawings.web import Thread, web
from licet.portal.pages.parts import Part, parts
from licet.portal.pages.tiers import Table, table
from licet.release.openness import CLASSES, Openness, openness
from licet.release.release import Release

DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Overview:
    """`mof` is the Model Openness Framework's class with its name, "" for none; pictures are "" where there is nothing."""

    parts: tuple[Part, ...]
    tiers: Table
    alarms: tuple[Alarm, ...]
    openness: Openness
    mof: str
    ladder: SafeString
    web: SafeString


@lru_cache(maxsize=32)
def overview(sha256: str, today: int, language: str | None, at: str = "") -> Overview:
    release = documents.read(sha256)
    now_s = today * DAY_S
    told, levels = parts(release, now_s, at), table(release, now_s, at)
    open_ = openness(release, now_s)
    name = CLASSES.get(open_.mof, "")
    return Overview(
        parts=told,
        tiers=levels,
        alarms=alarms.of(release, now_s),
        openness=open_,
        mof=_("class %(mof)s, %(name)s") % {"mof": open_.mof, "name": name} if name else "",
        ladder=_ladder(release, levels),
        web=_web(told),
    )


def _ladder(release: Release, levels: Table) -> SafeString:
    cells = [[row.cells[n].answer for row in levels.features] for n in range(len(levels.columns))]
    prices = {tier.name: words.price(tier.price) if tier.price else _("free") for tier in release.tiers}
    rungs = [
        Rung(column.name, prices.get(column.who, _("free")), told.count("yes"), told.count("depends"))
        for column, told in zip(levels.columns, cells, strict=True)
    ]
    total = len(levels.features)
    said = "; ".join(
        _("%(tier)s may call %(yes)s of %(all)s features, %(price)s")
        % {"tier": r.name, "yes": r.yes, "all": total, "price": r.price}
        for r in rungs
    )
    return mark_safe(  # noqa: S308  (the pen escapes every word)
        ladder(
            rungs, total, title=_("The tiers as a ladder"), words=said, of=_("{yes} of {all}"), more=_("and {n} more")
        )
    )


def _web(told: tuple[Part, ...]) -> SafeString:
    threads = [Thread(p.component.name, p.license, p.later, p.glances[0].answer if p.glances else "kept") for p in told]
    kept = _("kept")
    said = "; ".join(
        (_("%(name)s is under %(license)s") if t.license else _("%(name)s is %(license)s"))
        % {"name": t.name, "license": t.license or kept}
        + (_(", later %s") % t.later if t.later else "")
        for t in threads
    )
    return mark_safe(  # noqa: S308  (the pen escapes every word)
        web(threads, title=_("Components and their licenses"), words=said, kept=kept, more=_("and {n} more"))
    )
