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
    """GET: the cap and what is spent of it. POST `{"amount": "25.00 EUR"}` sets it, `{"amount": ""}` takes it away."""
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
    if request.method == "POST":
        try:
            if told["amount"].strip():
                nanos = caps.read(told["amount"], documents.in_force(release).currency)
                caps.put(caller.holder, release, nanos, caller.by)
            else:
                caps.remove(caller.holder, release, caller.by)
        except LicetError as wrong:
            return problem("invalid_input", str(wrong))
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
