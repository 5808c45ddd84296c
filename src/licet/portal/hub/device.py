"""How does `hf auth login` get a key? A program shows a code, its owner says yes on a page, the program fetches the key.

The key is one of the holder's own, like any other: it stands on the keys page, where it is revoked. Which programs may ask
is a short list; what they ask for is always the same, so no scopes are told.
"""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from licet.errors import LicetError
from licet.portal import clock, documents, keys, origin
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.hub.pending import EXPIRES_S, INTERVAL_S, Pending
from licet.portal.models import Holder

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
# The public client ids of programs that people may let in; huggingface_hub's is in its source, for everybody to use.
CLIENTS = {"26be6b09-91c5-47da-9861-d2d2bb7a7e36": "hf auth login"}
ERRORS = ("authorization_pending", "slow_down", "access_denied", "expired_token")

pending = Pending(lambda n: clock.dice(n))


@csrf_exempt
def device(request: HttpRequest) -> HttpResponse:
    """POST by a program: its codes. GET by a person: the page on which to answer."""
    return _begin(request) if request.method == "POST" else _page(request)


def _begin(request: HttpRequest) -> HttpResponse:
    client_id = request.POST.get("client_id", "")
    if client_id not in CLIENTS:
        return _error("invalid_client", "No program of this id is known here.")
    codes = pending.begin(client_id, origin.address(request), clock.now_s())
    if codes is None:
        return _error("slow_down", "Too many programs wait to be let in: try again in a few minutes.", 429)
    page = f"{current().url.rstrip('/')}/oauth/device"
    return _json(
        {
            "device_code": codes[0],
            "user_code": codes[1],
            "verification_uri": page,
            "verification_uri_complete": f"{page}?{urlencode({'user_code': codes[1]})}",
            "expires_in": EXPIRES_S,
            "interval": INTERVAL_S,
        }
    )


@csrf_protect
@login_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def _page(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("user_code", "")[:20]
    wait = pending.find(typed, clock.now_s()) if typed else None
    context = {"typed": typed, "wait": wait, "program": CLIENTS.get(wait.client_id) if wait else "", "asks": _asks()}
    return render(request, "hub/device.html", context, status=404 if typed and wait is None else 200)


@csrf_protect
@login_required
@never_cache
@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """The owner's yes or no, from the page."""
    wait = pending.find(request.POST.get("user_code", "")[:20], clock.now_s())
    let_in = request.POST.get("answer") == "yes" and not _asks()
    done = wait is not None and pending.answer(wait, origin.holder(request).pk, let_in=let_in)
    context = {"done": done, "let_in": let_in and done}
    return render(request, "hub/device_answered.html", context, status=200 if done else 404)


@csrf_exempt
@require_POST
@sensitive_variables()
def token(request: HttpRequest) -> HttpResponse:
    """POST by the program, again and again: the key, once its owner has said yes."""
    if request.POST.get("grant_type") != GRANT:
        return _error(
            "unsupported_grant_type", "Only the device flow is answered here; a key does not have to be renewed."
        )
    client_id, code = request.POST.get("client_id", ""), request.POST.get("device_code", "")
    if client_id not in CLIENTS:
        return _error("invalid_client", "No program of this id is known here.")
    found = pending.poll(code, client_id, clock.now_s())
    if found in ERRORS:
        return _error(found)
    holder = Holder.objects.filter(pk=found, suspended_s=None, deleted_s=None).first()
    if holder is None:
        return _error("access_denied", "The account is suspended or gone.")
    day = clock.rfc3339(clock.now_s())
    try:
        by = By(holder.pk, origin.address(request))
        made = keys.make(holder, f"{CLIENTS[client_id]}, {day}", by, env=current().environment)
    except LicetError as wrong:
        return _error("access_denied", str(wrong))
    return _json({"access_token": made.secret.reveal(), "token_type": "bearer"})


def _asks() -> bool:
    """Does some release ask what a key is for? Then its owner has to say so himself, on the keys page."""
    return any(documents.in_force(name).declare for name in documents.releases())


def _error(code: str, said: str = "", status: int = 400) -> HttpResponse:
    return _json({"error": code, **({"error_description": said} if said else {})}, status)


def _json(told: dict[str, object], status: int = 200) -> HttpResponse:
    response = JsonResponse(told, status=status)
    response["Cache-Control"] = "no-store"
    return response
