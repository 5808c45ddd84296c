"""How does a program read and set the cap of its holder? `/v1/cap`, by the same door as the other paths that write."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse

from licet.errors import LicetError
from licet.portal import api, documents
from licet.portal.api import Caller
from licet.portal.billing import caps, reading
from licet.portal.problem import problem


@api.door
def cap(request: HttpRequest, caller: Caller) -> HttpResponse:
    """GET: the cap and what is spent of it. POST `{"amount": "25.00 EUR"}` sets it, `{"amount": ""}` takes it away
    (on a page's session; a key only makes it lower).
    """
    if forbidden := api.role_forbids(caller, "read:usage" if request.method == "GET" else "manage:tier"):
        return forbidden
    told = {"release": request.GET["release"]} if request.GET.get("release") else {}
    if request.method == "POST":
        read = api.body_of(request, "amount")
        if isinstance(read, HttpResponse):
            return read
        told = read
    release = api.release_meant(told, caller)
    if isinstance(release, HttpResponse):
        return release
    if request.method == "POST" and (refused := _put(request, caller, release, told["amount"].strip())):
        return refused
    row, spent = caps.of(caller.holder, release), reading.spent_nanos(caller.holder, release)
    currency = documents.in_force(release).currency
    return api.as_json({
        "release": release,
        "currency": currency,
        "amount": caps.words(row.nanos, row.currency) if row else None,
        "cap_nanos": row.nanos if row else None,
        "spent": caps.words(spent, currency),
        "spent_nanos": spent,
    })  # fmt: skip


def _put(request: HttpRequest, caller: Caller, release: str, amount: str) -> HttpResponse | None:
    """Set or take away. With a key a cap is only ever made lower: whoever found the key must not be able to spend more."""
    row = caps.of(caller.holder, release)
    try:
        nanos = caps.read(amount, documents.in_force(release).currency) if amount else None
        if "Authorization" in request.headers and row is not None and (nanos is None or nanos > row.nanos):
            words = "With a key a cap is made lower, never higher: raise it, or take it away, on the page `/my/usage`."
            return problem("not_allowed", words)
        if nanos is None:
            caps.remove(caller.holder, release, caller.by)
        else:
            caps.put(caller.holder, release, nanos, caller.by)
    except LicetError as wrong:
        return problem("invalid_input", str(wrong))
    return None
