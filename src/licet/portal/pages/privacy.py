"""What is stored about people, for what and how long? Drawn from the tables as they are, with one line a column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.portal import stored
from licet.portal.config import current


@dataclass(frozen=True, slots=True)
class Section:
    title: str
    about: str
    kept: str
    lines: tuple[tuple[str, str], ...]  # (column, what it is)


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    config = current()
    context = {
        "portal": _sections(stored.tables()),
        "ledger": _sections(stored.LEDGER),
        "addresses_days": config.keep_addresses_days,
        "events_days": config.keep_events_days,
        "mail_waits": config.smtp_url is None,
    }
    return render(request, "pages/privacy.html", context)


def _sections(tables: Mapping[str, stored.Table]) -> tuple[Section, ...]:
    """About people first; what is machinery last, and without its columns."""
    found = [
        Section(_(t.title), _(t.about), _(t.kept) if t.kept else "",
                tuple((name, _(line)) for name, line in (t.fields or {}).items()))
        for t in tables.values()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda section: not section.lines))
