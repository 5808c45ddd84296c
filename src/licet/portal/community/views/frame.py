"""What does every view of questions begin with? The release in force, and who looks."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from licet.portal.community import people, reading
from licet.portal.community.limits import TooMany
from licet.portal.community.models import Question
from licet.portal.community.reading import Reader
from licet.portal.pages import source
from licet.portal.pages.source import Shown


def shown() -> Shown:
    """The document in force. Http404 before anything is published: there is nothing to ask about."""
    found = source.newest()
    if found is None:
        raise Http404(_("Nothing is published yet."))
    return found


def reader(request: HttpRequest) -> Reader:
    return Reader(people.of(request), people.operator(request))


def question(request: HttpRequest, who: Reader, release: str, id: str) -> Question:
    """The question, or Http404: what somebody may not see is not there for them."""
    found = reading.seen(who, release, id)
    if found is None:
        raise Http404(_("There is no such question."))
    return found


def first_enter(request: HttpRequest, back: str = "") -> HttpResponse:
    """To the door, and back to this page."""
    return HttpResponseRedirect("/questions/enter?" + urlencode({"next": back or request.get_full_path()}))


def onward(request: HttpRequest, default: str) -> str:
    """Where `next` leads, if it leads to a page of ours."""
    to = request.POST.get("next") or request.GET.get("next") or ""
    inside = to.startswith("/questions/") and url_has_allowed_host_and_scheme(to, allowed_hosts=None)
    return to if inside and len(to) < 2_000 else default


def status(wrong: Exception) -> int:
    return 429 if isinstance(wrong, TooMany) else 422
