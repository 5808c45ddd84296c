"""`/changes/consultations/…`: terms that are proposed: what would change, what people say, what was decided."""

from __future__ import annotations

from difflib import unified_diff

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from licet.errors import LicetError
from licet.portal import clock, documents, origin
from licet.portal.changes import consult, mails, telling
from licet.portal.changes.models import Consultation
from licet.portal.changes.views.history import shown
from licet.portal.community import people as writers
from licet.portal.community import reading
from licet.portal.community.forms import Say
from licet.portal.models import Document
from licet.portal.pages.source import Shown
from licet.release.document import read
from licet.release.notice import kept

FIRST = 10  # so many comments stand on the page; all of them stand in the thread


@require_safe
def one(request: HttpRequest, id: str) -> HttpResponse:
    """What would change, plainly and line by line; the first comments; the word at the end."""
    return _page(request, _found(id))


@require_POST
def drop(request: HttpRequest, id: str) -> HttpResponse:
    """An operator ends it without a change, with words. For anybody else there is no such address."""
    talk = _found(id)
    if not writers.operator(request):
        raise Http404(_("There is no such consultation."))
    try:
        consult.drop(talk, origin.by(request), request.POST.get("words", ""))
    except LicetError as wrong:
        return _page(request, talk, wrong=str(wrong), status=422)
    mails.send_soon()
    return HttpResponseRedirect(f"/changes/consultations/{talk.pk}#decided")


def _found(id: str) -> Consultation:
    talk = Consultation.objects.filter(pk=id[:40], release=shown().release.name).select_related("question").first()
    if talk is None:
        raise Http404(_("There is no such consultation."))
    return talk


def _page(request: HttpRequest, talk: Consultation, *, wrong: str = "", status: int = 200) -> HttpResponse:
    body = bytes(talk.body)
    old, new = documents.read(talk.before), read(body)
    before = Shown(old, 0, talk.before[:12])
    comments, more = reading.answers(talk.question)
    said = [c for c in comments if c.hidden_s is None and c.withdrawn_s is None]
    published = Document.objects.filter(sha256=talk.document).order_by("-id").first() if talk.document else None
    context = {
        "release": shown().release,
        "talk": talk,
        "open": talk.outcome == "" and talk.until_s > clock.now_s(),
        "new": new,
        "groups": telling.groups(consult.found(talk), before, None),
        "people": telling.people(old, new),
        "kept": kept(old, new),
        "lines": body.decode("utf-8", "replace").splitlines(),
        "diff": _diff(_body(talk.before), body),
        "comments": said[:FIRST],
        "all": talk.question.replies,
        "more": bool(more) or len(said) > FIRST,
        "say": Say(),
        "writer": writers.of(request),
        "operator": writers.operator(request),
        "published": published,
        "wrong": wrong,
    }
    return render(request, "changes/consultation.html", context, status=status)


def _body(sha256: str) -> bytes:
    row = Document.objects.filter(sha256=sha256).first()
    return b"" if row is None else bytes(row.body)


def _diff(before: bytes, after: bytes) -> list[tuple[str, str]]:
    """(kind, line) of a unified diff: `+`, `-`, ` ` or `@`."""
    old, new = (part.decode("utf-8", "replace").splitlines() for part in (before, after))
    found = list(unified_diff(old, new, lineterm="", n=2))[2:]
    return [(line[:1], line if line[:1] == "@" else line[1:]) for line in found]
