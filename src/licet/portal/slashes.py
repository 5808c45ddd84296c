"""Where does `/my/keys/` lead? To `/my/keys`: a slash too many is no other page."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.urls import Resolver404, resolve
from django.utils.http import escape_leading_slashes


class Unslashed:
    """Middleware: a GET that found nothing is sent to the page without the slash, if there is one. Forms are not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self._get_response(request)
        if answer.status_code != 404 or request.method not in ("GET", "HEAD") or not request.path_info.endswith("/"):
            return answer
        if request.path_info.startswith("/admin/"):  # the console's own catch-all would resolve anything
            return answer
        bare = request.path_info.rstrip("/")
        try:
            resolve(bare)
        except Resolver404:
            return answer
        query = request.META.get("QUERY_STRING", "")
        # `//evil.example/` would else lead to another server: a path that begins with two slashes names a host.
        return HttpResponsePermanentRedirect(escape_leading_slashes(bare) + (f"?{query}" if query else ""))
