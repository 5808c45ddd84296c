"""`/licenses/` and `/licenses/known/<id>`: every license on the shelf for people. Nothing is written, nobody signs in."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote, urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from licet.errors import LicetError
from licet.licenses import shelf
from licet.licenses.explain import explain
from licet.licenses.expression import license_id
from licet.licenses.openness import CLASSES
from licet.licenses.personas import PERSONAS
from licet.licenses.sentences import NOT_ADVICE
from licet.portal.pages import source
from licet.portal.pages.known import comparing, finding, reading
from licet.portal.pages.known.filters import FILTERS
from licet.portal.pages.spoken import deed
from licet.release.release import Release

LONGEST = 120  # no name of a license is longer: the rest of a URL is not looked at


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Search and filters by GET, the list below. What the URL says and nobody understands is named, not obeyed."""
    search = finding.read(request.GET)
    rows = finding.found(search)
    shown = source.newest()
    context = {
        "search": search,
        "rows": rows,
        "known": len(shelf.known()),
        "filters": [(name, _(one.label), name in search.filters) for name, one in FILTERS.items()],
        "classes": [(name, words) for name, words in CLASSES.items()],
        "made_for": finding.MADE_FOR,
        "people": tuple(PERSONAS),
        "deeds": [(do, deed(do)) for do in finding.deeds()],
        "question": deed(search.do) if search.do else "",
        "components": _components(shown.release) if shown else (),
        "not_advice": _(NOT_ADVICE),
    }
    return render(request, "pages/known/index.html", context, status=400 if search.dropped else 200)


def _components(release: Release) -> tuple[tuple[str, str], ...]:
    """(component, license) of what this server publishes."""
    return tuple((c.name, c.license or "") for c in release.components if not c.proprietary)[:40]


@require_safe
def to_index(request: HttpRequest) -> HttpResponse:
    return HttpResponsePermanentRedirect("/licenses/")


@require_safe
def one(request: HttpRequest, name: str) -> HttpResponse:
    """A license explained; `?who=&do=` answers a question, `?with=` compares. Any name it goes by leads to its id."""
    id = _id(name)
    if id != name:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponseRedirect(f"/licenses/known/{quote(id)}{query}")
    sheet, told = shelf.sheet(id), explain(id)
    who, do = request.GET.get("who", "").strip(), request.GET.get("do", "").strip()
    wrong = [field for field, value, known in (("who", who, PERSONAS), ("do", do, finding.deeds()))
             if value and value not in known]  # fmt: skip
    compared, mistake = _compared(id, request.GET.get("with", "").strip())
    context = {
        "sheet": sheet,
        "told": told,
        "class_words": CLASSES[told.openness],
        "groups": reading.groups(told),
        "alarms": reading.alarms(told),
        "refusals": reading.refusals(told),
        "table": reading.table(id),
        "people": tuple((name, reading.facts_told(name)) for name in PERSONAS),
        "deeds": [(known, deed(known)) for known in finding.deeds()],
        "who": who,
        "do": do,
        "answered": reading.answer(id, who, do) if do and not wrong else None,
        "wrong": wrong,
        "compared": compared,
        "mistake": mistake,
        "others": _others(),
        "used_by": _used_by(id),
        "short": reading.shorter,
        "not_advice": _(NOT_ADVICE),
    }
    return render(request, "pages/known/license.html", context, status=400 if wrong or mistake else 200)


def _id(name: str) -> str:
    """The id on the shelf that a name means; Http404 with the way on for any other."""
    if len(name) <= LONGEST:
        if shelf.sheet(name):
            return name
        try:
            found = license_id(name)
        except LicetError as error:
            raise Http404(str(error)) from error
        if shelf.sheet(found):
            return found
    raise Http404(_("Nobody has read this license yet: every answer about it depends on that."))


def _compared(id: str, other: str) -> tuple[comparing.Compared | None, str]:
    if not other:
        return None, ""
    if len(other) > LONGEST:
        return None, _("No license has so long a name.")
    try:
        return comparing.compared(id, other), ""
    except LicetError as error:
        return None, str(error)


@lru_cache(maxsize=1)
def _others() -> tuple[tuple[str, str], ...]:
    """(id, name) of every known license, by name: what can be chosen to compare with."""
    named = ((id, sheet.name) for id in shelf.known() if (sheet := shelf.sheet(id)))
    return tuple(sorted(named, key=lambda row: (row[1].casefold(), row[0])))


def _used_by(id: str) -> tuple[str, ...]:
    """The components of the release shown here that carry this license now or later."""
    shown = source.newest()
    if shown is None:
        return ()
    return tuple(
        c.name
        for c in shown.release.components
        if not c.proprietary
        and id in {word.strip("()") for text in (c.license, c.change_license) if text for word in text.split()}
    )


def url(id: str, **query: str) -> str:
    """The address of a license's page."""
    return f"/licenses/known/{quote(id)}" + (f"?{urlencode(query)}" if query else "")
