"""`/licenses/<component>`: a component's license, its text and its plain reading side by side, linked both ways."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.licenses import shelf
from licet.licenses.write_sources import at_hand
from licet.portal import clock
from licet.portal.pages import beside, source
from licet.portal.pages.beside import Told
from licet.portal.pages.reading import Role, roles
from licet.portal.pages.source import Shown
from licet.release.release import Component

SHOWN = 1_000_000  # characters of a text; the whole of it can be downloaded


@dataclass(frozen=True, slots=True)
class Reading:
    """One license of the component in plain words; `told` is empty where nobody has read it."""

    role: Role
    told: tuple[Told, ...]
    found: int


@require_safe
def license(request: HttpRequest, component: str) -> HttpResponse:
    """Of the terms in force."""
    return _page(request, source.newest(), component)


@require_safe
def older(request: HttpRequest, prefix: str, component: str) -> HttpResponse:
    """Of any document that was ever published, with the text that lies beside it."""
    return _page(request, source.at(prefix), component)


def _page(request: HttpRequest, shown: Shown | None, name: str) -> HttpResponse:
    found = shown.release.component(name) if shown else None
    if shown is None or found is None or found.proprietary:
        raise Http404(_("No such component, or nothing of it is licensed."))
    text = source.text_of(shown.release.sha256, found.name)
    now_s = clock.now_s()
    whole = bytes(text.body).decode("utf-8", "replace")[:SHOWN] if text else installed(found.license_at(now_s) or "")
    body = beside.reflowed(whole) if whole.strip() else ""
    readings = tuple(_readings(found, now_s, body))
    context = {
        "component": found,
        "text": text,
        "installed": body != "" and text is None,
        "shown": shown,
        "release": shown.release,
        "license": found.license_at(now_s),
        "readings": readings,
        "pieces": beside.pieces(body, ((r.role.id, r.told) for r in readings)),
        "linked": any(r.found for r in readings),
        "cut": len(whole) == SHOWN,
    }
    return render(request, "pages/license.html", context)


@lru_cache(maxsize=256)
def installed(id: str) -> str:
    """The text of a license that the release did not bring, where this machine has it word for word; else ""."""
    found = at_hand(id) if shelf.sheet(id) else None
    return found.text if found else ""


def _readings(component: Component, now_s: int, body: str) -> Iterator[Reading]:
    number = 1
    for role in roles(component, now_s):
        told = beside.told(role.id, body if role.now else "", number)
        rows = [one for group in told for one in group.sentences]
        number += len(rows)
        yield Reading(role, told, sum(one.found for one in rows))
