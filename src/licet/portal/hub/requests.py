"""Who asks for a gated release, and who may have it? The owner's side of the Hub's wire: requests read and answered.

What the Hub calls an access request is here a request for a tier that needs approval, with the same row, mail and audit as
one that is answered in the console. Only a key with the scope `requests` comes in, of somebody who is an operator still.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from licet.access.key import digest
from licet.errors import LicetError
from licet.portal import api, config, documents, origin, tiers
from licet.portal.events import By
from licet.portal.models import Account, CredentialRow, Holder, Request
from licet.portal.problem import problem

SCOPE = "requests"
PAGE = 100
_STATES = {"pending": Request.State.PENDING, "accepted": Request.State.APPROVED, "rejected": Request.State.REJECTED}
_WORDS = {state: word for word, state in _STATES.items()}

View = Callable[..., HttpResponse]


def _door(method: str, view: View) -> Callable[..., HttpResponse]:
    """A bearer alone opens it, so no page can call it in a visitor's name."""

    @csrf_exempt
    def inner(request: HttpRequest, ns: str, name: str, **more: Any) -> HttpResponse:
        if request.method != method:
            answer: HttpResponse = problem("not_found", f"This path takes {method}.")
            answer.status_code, answer["Allow"] = 405, method
            return answer
        release = _release(f"{ns}/{name}")
        if release is None:
            return _said(problem("not_found", f"There is no repository `{ns}/{name}` here."), "RepoNotFound")
        by = _operator(request, release)
        return _said(by if isinstance(by, HttpResponse) else view(request, release, by, **more))

    return inner


def _listed(request: HttpRequest, release: str, by: By, state: str) -> HttpResponse:
    """The requests in one state, the oldest first; what follows a page stands in `Link`."""
    rows = Request.objects.filter(release=release, state=_STATES[state]).select_related("holder__account")
    rows = rows.order_by("made_s", "id")
    after = Request.objects.filter(pk=request.GET.get("cursor", "")).first()
    if after is not None:
        rows = rows.filter(made_s__gte=after.made_s).exclude(made_s=after.made_s, id__lte=after.pk)
    found = list(rows[: PAGE + 1])
    answer = JsonResponse([_told(row) for row in found[:PAGE]], safe=False)
    answer["Cache-Control"] = "no-store"
    if len(found) > PAGE:
        here = config.current().url.rstrip("/") + request.path
        answer["Link"] = f'<{here}?cursor={found[PAGE - 1].pk}>; rel="next"'
    return answer


def _handled(request: HttpRequest, release: str, by: By) -> HttpResponse:
    """`{"user" or "requestId", "status", "rejectionReason"}`: the answer to one request."""
    told = _body(request, "user", "requestId", "status", "rejectionReason")
    if isinstance(told, HttpResponse):
        return told
    status = told.get("status", "")
    if status not in ("accepted", "rejected"):
        words = (
            "`status` is `accepted` or `rejected`: an answered request is not reopened, but its asker may ask again."
        )
        return problem("invalid_input", words)
    row = _open(release, told)
    if isinstance(row, HttpResponse):
        return row
    try:
        if status == "accepted":
            tiers.approve(row, by)
        else:
            tiers.reject(row, by, told.get("rejectionReason", ""))
    except LicetError as wrong:
        return problem("conflict", str(wrong))
    return JsonResponse(_told(row))


def _granted(request: HttpRequest, release: str, by: By) -> HttpResponse:
    """`{"user"}`: the tier that needs approval, without having been asked for it."""
    told = _body(request, "user")
    if isinstance(told, HttpResponse):
        return told
    holder = _holder(told.get("user", ""))
    if holder is None:
        return problem("not_found", f"There is no account `{told.get('user', '')[:80]}` here.")
    by_approval = [tier.name for tier in documents.in_force(release).tiers if tier.requires_approval]
    if len(by_approval) != 1:
        words = "No tier" if not by_approval else f"More than one tier ({', '.join(by_approval)})"
        return problem("invalid_input", f"{words} of `{release}` needs approval: give the tier in the console.")
    try:
        tiers.give(holder, release, by_approval[0], by, why="granted over the Hub's wire")
    except LicetError as wrong:
        return problem("conflict", str(wrong))
    return JsonResponse({"user": holder.pk, "tier": by_approval[0]})


listed, handled, granted = _door("GET", _listed), _door("POST", _handled), _door("POST", _granted)


def _release(repository: str) -> str | None:
    return next((name for name in documents.releases() if documents.in_force(name).repository == repository), None)


def _operator(request: HttpRequest, release: str) -> By | HttpResponse:
    """Who answers. The key is looked at here for its scope: nothing else on this side asks for one."""
    header = request.headers.get("Authorization")
    if header is None:
        return problem("not_authenticated", "Send a key as `Authorization: Bearer …`.")
    caller = api._by_bearer(header, origin.address(request))
    if isinstance(caller, HttpResponse):
        return caller
    narrow = CredentialRow.objects.get(digest=digest(header.partition(" ")[2].strip())).narrow
    account = caller.holder.account
    if account is None or not (account.is_operator and account.is_active):
        return problem("role_forbids", "Requests are answered by operators.")
    if SCOPE not in narrow.get("scopes", ()):
        return problem("key_out_of_scope", f"This key has not the scope `{SCOPE}`: make one that has it.")
    if caller.releases is not None and release not in caller.releases:
        return problem("key_out_of_scope", f"This key was narrowed to other releases than `{release}`.")
    return By(caller.holder.pk, origin.address(request), operator=True)


def _open(release: str, told: dict[str, str]) -> Request | HttpResponse:
    named = {"pk": told["requestId"]} if "requestId" in told else {"holder": _holder(told.get("user", ""))}
    rows = Request.objects.filter(release=release, state=Request.State.PENDING, **named)
    found = list(rows.select_related("holder__account")[:2])
    if not found:
        return problem("not_found", "There is no open request of that name: it was answered, withdrawn or never made.")
    if len(found) > 1:
        return problem("invalid_input", "There are two: name the `requestId`.")
    return found[0]


def _holder(name: str) -> Holder | None:
    """By id, as `whoami` tells it, or by e-mail address."""
    if name.startswith("hol_"):
        return Holder.objects.filter(pk=name, deleted_s=None).first()
    account = Account.objects.by_email(name) if "@" in name else None
    return account.holder if account is not None else None


def _body(request: HttpRequest, *known: str) -> dict[str, str] | HttpResponse:
    try:
        body: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        return problem("invalid_json", "The body is not readable as JSON.")
    if not isinstance(body, dict) or any(k not in known or not isinstance(v, str) for k, v in body.items()):
        return problem("invalid_input", "The body is an object of texts: " + ", ".join(f"`{n}`" for n in known) + ".")
    return body


def _told(row: Request) -> dict[str, object]:
    holder = row.holder
    email = holder.account.email if holder.account is not None else None
    return {
        "requestId": row.pk,
        "status": _WORDS[Request.State(row.state)],
        "timestamp": datetime.fromtimestamp(row.made_s, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "user": {"_id": holder.pk, "user": holder.pk, "fullname": str(holder), "email": email},
        "fields": {"tier": row.tier, "reason": row.reason},
    }


def _said(answer: HttpResponse, code: str = "") -> HttpResponse:
    """With the headers in which the Hub's clients look for words."""
    if answer.status_code >= 400:
        words = json.loads(answer.content)["detail"]
        answer["X-Error-Message"] = words.encode("latin-1", "replace").decode("latin-1")
        if code:
            answer["X-Error-Code"] = code
    return answer
