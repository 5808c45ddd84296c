"""What may a page of ours load and do? One policy for all of them: our own files, no script between the tags.

`Headers` is the outermost of the portal's middlewares. A view that needs more (Stripe's checkout, later) sets
its own `Content-Security-Policy`; this one never overwrites it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest, HttpResponse

# `data:` for images is the QR code of a TOTP set-up, which is drawn by the server and must never be a URL of its own.
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), publickey-credentials-get=(self), "
    "publickey-credentials-create=(self)",
}


class Headers:
    """Works in both worlds of Django, so that it never turns an async request into a thread."""

    sync_capable = async_capable = True

    def __init__(self, get_response: Callable[[HttpRequest], Any]) -> None:
        self.get_response = get_response
        if iscoroutinefunction(get_response):
            markcoroutinefunction(self)

    def __call__(self, request: HttpRequest) -> HttpResponse | Awaitable[HttpResponse]:
        if iscoroutinefunction(self.get_response):
            return self._later(request)
        return _dressed(self.get_response(request))

    async def _later(self, request: HttpRequest) -> HttpResponse:
        return _dressed(await self.get_response(request))


def _dressed(answer: HttpResponse) -> HttpResponse:
    for name, value in ALWAYS.items():
        if name not in answer:
            answer[name] = value
    return answer
