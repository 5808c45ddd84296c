"""The public pages: read what is published, ask `may`, draw. None of them writes, none needs an account."""

from __future__ import annotations

import re
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.portal import clock
from licet.portal import documents as published
from licet.portal.changes import history, telling
from licet.portal.pages import calls, form, source, twin, ways, words
from licet.portal.pages.asking import Answered, answer, read
from licet.portal.pages.overview import DAY_S, overview
from licet.portal.pages.parts import openness
from licet.portal.pages.source import Shown
from licet.portal.pages.spoken import Said, spoken

FIRST_PARTS = 12  # so many components are shown at once, the rest on demand
FIRST_ALARMS = 6
STEPS = 5  # of what changed; the rest has its own page


@require_safe
def release(request: HttpRequest) -> HttpResponse:
    """`/`: the release for people, and the answer to the question in the URL (400 where it makes no sense)."""
    shown = source.newest()
    if shown is None:
        return render(request, "pages/nothing.html", status=503)
    return _page(request, shown)


@require_safe
def icon(request: HttpRequest) -> HttpResponse:
    """`/favicon.ico`, which browsers ask for beside an answer that has no head: JSON, a text."""
    return redirect(static("licet/icon.png"))


@require_safe
def older(request: HttpRequest, prefix: str) -> HttpResponse:
    """`/terms/<sha256>`: the same page for any document that was ever published, at an address that stays."""
    return _page(request, _at(prefix))


def _at(prefix: str) -> Shown:
    shown = source.at(prefix)
    if shown is None:
        raise Http404(_("No published document begins with these digits."))
    return shown


def _page(request: HttpRequest, shown: Shown) -> HttpResponse:
    now_s = clock.now_s()
    asked, mistakes = read(shown.release, request.GET, shown.at)
    answered = answer(shown.release, asked, now_s) if asked else None
    told = overview(shown.release.sha256, now_s // DAY_S, get_language(), shown.at)
    steps = history.steps(shown.release.name)
    context = {
        "release": shown.release,
        "shown": shown,
        "said": _said(shown, answered, now_s),
        "mistakes": mistakes,
        "form": form.form(shown.release, request.GET, answered, mistakes),
        "told": told,
        "openness": openness(told.parts),
        "parts": told.parts[:FIRST_PARTS],
        "more_parts": told.parts[FIRST_PARTS:],
        "alarms": told.alarms[:FIRST_ALARMS],
        "more_alarms": told.alarms[FIRST_ALARMS:],
        "tiers": told.tiers,
        "calls": calls.of(shown.release, told.tiers),
        "url": source.url(),
        "since": shown.from_s,
        "drawn": telling.drawn(steps[:STEPS], now_s) if len(steps) > 1 else "",
        "changed": len(steps) > 1,
        "now": source.newest() if shown.at else shown,
    }
    return render(request, "pages/release.html", context, status=400 if mistakes else 200)


def _said(shown: Shown, answered: Answered | None, now_s: int) -> Said | None:
    if answered is None:
        return None
    # Of older terms nothing can be had: what is offered is in force.
    return spoken(shown, answered, () if shown.at else ways.offers(shown, answered, now_s))


@require_safe
def documents(request: HttpRequest) -> HttpResponse:
    """Every publication of the release, the newest first: old terms stay at a stable address."""
    shown = source.newest()
    rows = [(row.sha256, words.moment(row.from_s)) for row in source.history(shown.release.name)] if shown else []
    return render(request, "pages/documents.html", {"rows": rows, "newest": shown.release.sha256 if shown else ""})


@require_safe
def document(request: HttpRequest, sha256: str) -> HttpResponse:
    """A published `licet.toml`, line by line; any prefix of its SHA-256 from six digits on that means one document."""
    row = source.by_prefix(sha256) if re.fullmatch(r"[0-9a-f]{6,64}", sha256) else None
    if row is None:
        raise Http404(_("No published document begins with these digits."))
    body = bytes(row.body)
    if request.GET.get("raw") == "1":
        answer = HttpResponse(body, content_type="text/plain; charset=utf-8")
        answer["Content-Disposition"] = "attachment; filename=licet.toml"
        return _for_ever(answer)
    newest = source.newest()
    lines = body.decode("utf-8", "replace").splitlines()
    context = {
        "row": row,
        "lines": lines,
        "from": words.moment(row.from_s),
        "is_newest": newest is not None and newest.release.sha256 == row.sha256,
    }
    return render(request, "pages/document.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """`/terms.json`: the machine's twin of the page."""
    shown = source.newest()
    if shown is None:
        return JsonResponse({"detail": _("Nothing is published yet.")}, status=503)
    return _json(shown)


@require_safe
def older_terms(request: HttpRequest, prefix: str) -> HttpResponse:
    """`/terms/<sha256>.json`: the machine's twin of any document that was ever published."""
    return _json(_at(prefix))


def _json(shown: Shown) -> HttpResponse:
    answer = JsonResponse(twin.terms(shown, source.url()), json_dumps_params={"indent": 2, "ensure_ascii": False})
    answer["Access-Control-Allow-Origin"] = "*"  # published terms: nobody's session is read
    patch_cache_control(answer, public=True, max_age=60)
    return answer


@require_safe
def odrl(request: HttpRequest) -> HttpResponse:
    """`/odrl.jsonld`: the policies that the gate asks, as ODRL; the same file that `licet build` writes."""
    shown = source.newest()
    if shown is None:
        return JsonResponse({"detail": _("Nothing is published yet.")}, status=503)
    made = _odrl(shown.release.sha256, clock.now_s() // DAY_S)  # dates of terms turn at midnight UTC
    answer = HttpResponse(made, content_type="application/ld+json")
    answer["Access-Control-Allow-Origin"] = "*"
    patch_cache_control(answer, public=True, max_age=60)
    return answer


@lru_cache(maxsize=8)
def _odrl(sha256: str, today: int) -> str:
    from licet.release.publish.odrl import odrl as policies

    return policies(published.read(sha256), today * DAY_S)


def _for_ever(answer: HttpResponse) -> HttpResponse:
    patch_cache_control(answer, public=True, max_age=31_536_000, immutable=True)
    return answer
