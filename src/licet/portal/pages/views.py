"""The public pages: read what is published, ask `may`, draw. None of them writes, none needs an account."""

from __future__ import annotations

import re
from functools import lru_cache

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.portal import clock
from licet.portal import documents as published
from licet.portal.pages import form, source, twin, ways, words
from licet.portal.pages.asking import Answered, answer, read
from licet.portal.pages.parts import Part, openness, parts
from licet.portal.pages.reading import readings
from licet.portal.pages.spoken import Said, spoken
from licet.portal.pages.tiers import Table, table

DAY_S = 86_400
FIRST_PARTS = 12  # so many components are shown at once, the rest on demand


@require_safe
def release(request: HttpRequest) -> HttpResponse:
    """`/`: the release for people, and the answer to the question in the URL (400 where it makes no sense)."""
    shown = source.newest()
    if shown is None:
        return render(request, "pages/nothing.html", status=503)
    now_s = clock.now_s()
    asked, mistakes = read(shown.release, request.GET)
    answered = answer(shown.release, asked, now_s) if asked else None
    said = _said(shown, answered, now_s)
    told, levels = _told(shown.release.sha256, now_s // DAY_S, get_language())
    context = {
        "release": shown.release,
        "shown": shown,
        "said": said,
        "mistakes": mistakes,
        "form": form.form(shown.release, request.GET, answered, mistakes),
        "openness": openness(told),
        "parts": told[:FIRST_PARTS],
        "more_parts": told[FIRST_PARTS:],
        "tiers": levels,
        "url": source.url(),
        "example": _example(levels),
        "since": shown.from_s,
    }
    return render(request, "pages/release.html", context, status=400 if mistakes else 200)


def _said(shown: source.Shown, answered: Answered | None, now_s: int) -> Said | None:
    return spoken(shown, answered, ways.offers(shown, answered, now_s)) if answered else None


@lru_cache(maxsize=32)
def _told(sha256: str, today: int, language: str | None) -> tuple[tuple[Part, ...], Table]:
    """What costs hundreds of answers and is the same for every reader of a day. Dates of terms turn at midnight UTC."""
    at = published.read(sha256)
    now_s = today * DAY_S
    return parts(at, now_s), table(at, now_s)


def _example(levels: Table) -> str:
    """A feature for the example call: the first that somebody may call."""
    return next((row.label for row in levels.features if any(c.answer == "yes" for c in row.cells)), "")


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
def license(request: HttpRequest, component: str) -> HttpResponse:
    """A component's license: the plain reading, the text as it lay in the release, the way to accept it."""
    shown = source.newest()
    found = shown.release.component(component) if shown else None
    if shown is None or found is None or found.proprietary:
        raise Http404(_("No such component, or nothing of it is licensed."))
    now_s = clock.now_s()
    text = source.text_of(shown.release.sha256, found.name)
    context = {
        "component": found,
        "text": text,
        "body": bytes(text.body).decode("utf-8", "replace") if text else "",
        "shown": shown,
        "license": found.license_at(now_s),
        "readings": readings(found, now_s),
    }
    return render(request, "pages/license.html", context)


@require_safe
def terms(request: HttpRequest) -> HttpResponse:
    """`/terms.json`: the machine's twin of the page."""
    shown = source.newest()
    if shown is None:
        return JsonResponse({"detail": _("Nothing is published yet.")}, status=503)
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
