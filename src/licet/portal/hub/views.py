"""Where do a client's links lead: to the exact text of a license, and to the page of a repository?"""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from licet.portal import documents
from licet.portal.models import LicenseText


@require_safe
def text(request: HttpRequest, component: str) -> HttpResponse:
    """The text of a component's license, byte for byte: the newest, or the one with the `sha256` that is asked for.

    What a tier carries for the component is another license: it is here by its `sha256` alone.
    """
    texts = LicenseText.objects.filter(component=component).order_by("carried", "-id")
    if wanted := request.GET.get("sha256"):
        found = texts.filter(sha256=wanted).first()
    else:
        newest = documents.newest(request.GET.get("release") or documents.main())
        found = texts.filter(document=newest.sha256, carried=False).first() if newest else None
    if found is None:
        raise Http404
    answer = HttpResponse(bytes(found.body), content_type="text/plain; charset=utf-8")
    answer["ETag"] = f'"{found.sha256}"'
    return answer


@require_safe
def repository(request: HttpRequest, ns: str, name: str) -> HttpResponse:
    """`/{ns}/{name}`: clients print this address of a repository; its release's page says how it is had."""
    for release in documents.releases():
        if documents.in_force(release).repository == f"{ns}/{name}":
            return redirect("release")
    raise Http404
