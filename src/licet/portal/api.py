"""What may a program write about its own holder? Acceptances and requests for a tier, by bearer or by session.

These are the portal's only paths that take a bearer: they write rights, and the gate writes none. A session needs the
CSRF word as on any form; a bearer does not, because no browser sends one by itself.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from ipaddress import ip_network
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from licet.access.key import digest
from licet.access.role import asked
from licet.access.standing import within
from licet.errors import LicetError
from licet.portal import acceptances as promises
from licet.portal import clock, documents, origin, tiers
from licet.portal.certificates import receipts
from licet.portal.directory import role_in
from licet.portal.events import By
from licet.portal.models import Acceptance, CredentialRow, Holder, Request
from licet.portal.problem import problem
from licet.release import summary as summaries
from licet.terms import Answer, Terms
from licet.terms.plain import say


@dataclass(frozen=True, slots=True)
class Caller:
    holder: Holder
    by: By
    releases: frozenset[str] | None  # what the key was narrowed to
    role: Terms | None = None  # of a key that calls for an organization
    capacity: str = ""  # the name of that role


View = Callable[[HttpRequest, Caller], HttpResponse]


def door(view: View) -> Callable[[HttpRequest], HttpResponse]:
    @wraps(view)
    def inner(request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "POST"):
            answer = problem("not_found", "This path takes GET and POST.")
            answer.status_code = 405
            answer["Allow"] = "GET, POST"
            return answer
        caller = _caller(request)
        if isinstance(caller, HttpResponse):
            return caller
        return view(request, caller)

    protected = csrf_protect(inner)

    @csrf_exempt
    @wraps(view)
    def outer(request: HttpRequest) -> HttpResponse:
        # Where nobody is logged in there is nothing to forge: such a call is told to bring a key, not to reload a form.
        safe = "Authorization" in request.headers or not request.user.is_authenticated
        return inner(request) if safe else protected(request)

    return outer


@door
def acceptances(request: HttpRequest, caller: Caller) -> HttpResponse:
    """POST `{"license", "sha256"}` -> 201 (200 for a repeat). GET: what was accepted, and what is asked for;
    `without_text` names what is asked for and cannot be accepted, because the release carries no text of it.

    Beside them a program may say `authority`, `answers`, and `how` it asked whoever accepts, in which `words`.
    """
    if forbidden := role_forbids(caller, "read:tier" if request.method == "GET" else "accept:licenses"):
        return forbidden
    if request.method == "GET":
        return _told_acceptances(caller)
    told = body_of(request, "license", "sha256", more=("authority", "how", "words"), tables=("answers",))
    if isinstance(told, HttpResponse):
        return told
    release = release_meant(told, caller)
    if isinstance(release, HttpResponse):
        return release
    before = _promises(caller).filter(release=release, license=told["license"], sha256=told["sha256"]).exists()
    try:
        row = promises.accept(
            caller.holder, release, told["license"], told["sha256"], caller.by, answers=told.get("answers"),
            how="command" if told.get("how") == "command" else "api", words=told.get("words") or "POST /v1/acceptances",
            authority=told.get("authority") or _capacity(caller), agent=request.headers.get("User-Agent", ""),
        )  # fmt: skip
    except LicetError as wrong:
        return problem("invalid_input", str(wrong))
    return as_json(_acceptance(row), 200 if before else 201)


@door
def requests(request: HttpRequest, caller: Caller) -> HttpResponse:
    """POST `{"tier", "reason"}` -> 202 with the open request. GET: all of them with their answers."""
    if forbidden := role_forbids(caller, "read:tier" if request.method == "GET" else "manage:tier"):
        return forbidden
    if request.method == "GET":
        rows = Request.objects.filter(holder=caller.holder).order_by("-made_s")
        return as_json({"requests": [_request(row) for row in rows if _within(caller, row.release)]})
    told = body_of(request, "tier", "reason")
    if isinstance(told, HttpResponse):
        return told
    release = release_meant(told, caller)
    if isinstance(release, HttpResponse):
        return release
    try:
        row = tiers.request(caller.holder, release, told["tier"], told["reason"], caller.by)
    except LicetError as wrong:
        return problem("invalid_input", str(wrong))
    return as_json(_request(row), 202)


def _caller(request: HttpRequest) -> Caller | HttpResponse:
    address = origin.address(request)
    if (header := request.headers.get("Authorization")) is not None:
        return _by_bearer(header, address)
    if not request.user.is_authenticated:
        return problem("not_authenticated", "Send a key as `Authorization: Bearer …`, or log in.")
    holder = origin.holder(request)
    return _suspended(holder) or Caller(holder, origin.by(request), None)


def _by_bearer(header: str, address: str) -> Caller | HttpResponse:
    """The same table, and the same words, as at the gate."""
    scheme, _, bearer = header.partition(" ")
    row = None
    if bearer.strip().startswith("hf_"):  # of another server: not looked up, and its owner should know where it went
        return problem(
            "not_authenticated", "This is a Hugging Face token: it was not looked at. Send a key of this server."
        )
    if scheme.lower() == "bearer" and bearer.strip():
        row = CredentialRow.objects.filter(digest=digest(bearer.strip())).first()
    if row is None:
        return problem("not_authenticated", "No key like this was given out.")
    if row.revoked_s is not None:
        return problem("key_revoked", "This key was revoked.")
    if row.expires_s is not None and row.expires_s <= clock.now_s():
        return problem("key_expired", "This key has expired.")
    networks = row.narrow.get("networks")
    if networks is not None and not within(address, map(ip_network, networks)):
        return problem("key_out_of_scope", f"This key was narrowed by its owner to other addresses than {address}.")
    holder = Holder.objects.get(pk=row.holder_id)
    releases = row.narrow.get("releases")
    narrowed = None if releases is None else frozenset(releases)
    capacity = str(row.narrow.get("role", {}).get("name", ""))
    return _suspended(holder) or Caller(holder, By(_who(row), address), narrowed, role_in(row.narrow), capacity)


def _who(row: CredentialRow) -> str:
    """Who acts with the key: its holder, or the member of the organization whose key it is."""
    from licet.portal.organizations.models import Membership

    member = Membership.objects.filter(keys__key_id=row.key_id).first()
    return row.holder_id if member is None else member.person_id or member.pk


def role_forbids(caller: Caller, act: str) -> HttpResponse | None:
    """A role may call for an organization and yet not promise anything in its name."""
    if caller.role is None:
        return None
    verdict = asked(caller.role, act, clock.now_s())
    if verdict.answer is Answer.YES:
        return None
    return problem(verdict.code or "role_forbids", say(verdict, action=act).detail)


def _capacity(caller: Caller) -> str:
    """A key that calls for an organization signs in its role there, unless more is said."""
    return f"{caller.capacity}, by key" if caller.capacity else ""


def _suspended(holder: Holder) -> HttpResponse | None:
    if holder.suspended_s is None:
        return None
    return problem("suspended", "The account is suspended." + (f" {holder.suspended_why}" * bool(holder.suspended_why)))


def body_of(
    request: HttpRequest, *needed: str, more: tuple[str, ...] = (), tables: tuple[str, ...] = ()
) -> dict[str, Any] | HttpResponse:
    """The body: texts, all of `needed` among them, and `tables` of texts."""
    bare = "Authorization" in request.headers and request.content_type == "application/x-www-form-urlencoded"
    if request.content_type != "application/json" and not bare:  # `curl -d` says so of anything; the gate takes it too
        return problem("unsupported_media_type", "Send JSON, with `Content-Type: application/json`.")
    try:
        body: Any = json.loads(request.body)
    except (ValueError, RecursionError):
        return problem("invalid_json", "The body is not readable as JSON.")
    if not isinstance(body, dict):
        return problem("invalid_input", "The body is an object: " + ", ".join(f"`{n}`" for n in needed) + ".")
    known = {*needed, *more, "release"}
    wrong = [f"`{n}` is missing" for n in needed if n not in body]
    wrong += [f"`{n}` is a text" for n in known if n in body and not isinstance(body[n], str)]
    wrong += [f"`{n}` is an object of texts" for n in tables if n in body and not _texts(body[n])]
    wrong += [f"there is no `{str(n)[:40]}`" for n in body if n not in known and n not in tables]
    if wrong:
        return problem("invalid_input", "; ".join(sorted(wrong)) + ".")
    return body


def _texts(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(one, str) for one in value.values())


def release_meant(told: dict[str, Any], caller: Caller) -> str | HttpResponse:
    """The release that is meant: the one named, else the only one, else the first served."""
    names = documents.releases()
    name = told.get("release") or (names[0] if names else "")
    if name not in names:
        return problem("not_found", f"There is no release `{name[:64]}` here.")
    if not _within(caller, name):
        return problem("key_out_of_scope", f"This key was narrowed to other releases than `{name}`.")
    return name


def _within(caller: Caller, release: str) -> bool:
    return caller.releases is None or release in caller.releases


def _promises(caller: Caller) -> Any:
    return Acceptance.objects.filter(holder=caller.holder)


def _told_acceptances(caller: Caller) -> HttpResponse:
    rows = [row for row in _promises(caller).order_by("-at_s") if _within(caller, row.release)]
    wanted = [_asked(one) for one in promises.asked_for(caller.holder) if _within(caller, one.text.release)]
    lacking = [
        {"release": release, "component": part.name, "license": part.license}
        for release, part in promises.without_text(caller.holder)
        if _within(caller, release)
    ]
    told: dict[str, object] = {"accepted": [_acceptance(row) for row in rows], "asked": wanted}
    return as_json({**told, "without_text": lacking} if lacking else told)


def _asked(one: promises.Asked) -> dict[str, object]:
    text, where = one.text, f"/licenses/{one.text.component}"
    told: dict[str, object] = {
        "release": text.release, "component": text.component, "license": text.license, "sha256": text.sha256,
        "page": f"{where}/accept", "text": f"{where}/text?sha256={text.sha256}",
        "summary": f"{where}/summary?sha256={text.sha256}",
        "summary_sha256": summaries.digest(promises.summary(text)), "ask": list(one.ask),
    }  # fmt: skip
    return told if one.until_s is None else {**told, "until": clock.rfc3339(one.until_s)}


def _acceptance(row: Acceptance) -> dict[str, object]:
    return {
        "license": row.license, "sha256": row.sha256, "release": row.release, "version": row.version,
        "component": row.component, "document": row.document, "accepted_at": clock.rfc3339(row.at_s), "how": row.how,
        "summary_sha256": row.summary_sha256, "authority": row.authority, "answers": row.answers,
        "receipt": json.loads(receipts.file(row)) if row.receipt else None,
    }  # fmt: skip


def _request(row: Request) -> dict[str, object]:
    return {
        "id": row.pk, "release": row.release, "tier": row.tier, "state": row.state, "reason": row.reason,
        "asked_at": clock.rfc3339(row.made_s), "answered_at": clock.rfc3339(row.answered_s), "words": row.words,
    }  # fmt: skip


def as_json(body: dict[str, object], status: int = 200) -> HttpResponse:
    answer = JsonResponse(body, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
