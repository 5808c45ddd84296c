"""How is a no said over HTTP? RFC 9457 with an `error` object beside it, so that every client shows its words.

A pure problem document loses its message in the OpenAI clients; both shapes in one body serve both readers. What
waiting cures (rate, concurrency) says when to come back; for what it does not cure retrying is discouraged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from licet.gate.body import Bad
from licet.terms import Clause, Says, Verdict
from licet.terms.verdict import Answer

Reply = tuple[int, list[tuple[bytes, bytes]], bytes]
"""Status, headers, body: what the app sends."""

JSON, PROBLEM = (b"content-type", b"application/json"), (b"content-type", b"application/problem+json")
NO_STORE = (b"cache-control", b"no-store")
CHALLENGE = (b"www-authenticate", b'Bearer realm="licet"')

STATUS: Mapping[str, int] = {
    "not_authenticated": 401,
    "key_expired": 401,
    "key_revoked": 401,
    "payment_past_due": 402,
    "budget_exhausted": 402,
    "quota_exhausted": 429,
    "rate_limited": 429,
    "concurrency": 429,
}  # every other no is 403
WAITS_MOST_S = 60  # clients sleep as long as Retry-After says: a reset next month must not be slept for

TITLES: Mapping[str, str] = {
    "not_authenticated": "Not authenticated",
    "key_expired": "Key expired",
    "key_revoked": "Key revoked",
    "suspended": "Account suspended",
    "unknown_tier": "Invalid user level",
    "key_out_of_scope": "Key narrowed by its owner",
    "sign_on_required": "Sign in through the organization",
    "second_factor_required": "Second factor needed",
    "role_forbids": "The role does not allow it",
    "feature_not_in_tier": "Feature not available in this tier",
    "approval_pending": "Approval pending",
    "license_forbids": "The license forbids it",
    "license_not_accepted": "License not accepted",
    "declaration_missing": "Declaration missing",
    "payment_past_due": "Payment past due",
    "budget_exhausted": "Budget exhausted",
    "quota_exhausted": "Quota exhausted",
    "rate_limited": "Too many calls",
    "concurrency": "Too many calls at once",
    "not_allowed": "Not allowed",
    "not_found": "Not found",
    "model_not_found": "No such model",
    "link_invalid": "Link not valid",
    "method_not_allowed": "Method not allowed",
    "invalid_json": "Not readable as JSON",
    "invalid_input": "Input does not fit",
    "parameter_not_in_tier": "Parameter not available in this tier",
    "input_refused": "Input refused by the feature",
    "too_large": "Body too large",
    "unsupported_media_type": "Not JSON",
    "request_timeout": "Body too slow",
    "client_gone": "Client gone",
    "repeated_while_running": "Still running",
    "idempotency_key": "Idempotency-Key not usable",
    "not_available": "Not available here",
    "overloaded": "Too many calls wait",
    "feature_failed": "The feature failed",
    "feature_timeout": "The feature took too long",
    "upstream_refused": "Refused by the model's server",
    "upstream_failed": "The server behind failed",
    "internal_error": "Broken here",
    "unavailable": "Not available now",
    "not_ready": "Not ready",
}

_TYPES: Mapping[int, str] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}


def refusal(
    spoken: Mapping[str, Any],
    request_id: str,
    *,
    detail: str = "",
    retry_s: int | None = None,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> Reply:
    """A verdict that is no (`terms.plain.as_json`), as the caller reads it. `detail` says it better than the code alone."""
    code = spoken["code"] or "not_allowed"
    status = status_of(code)
    told = {k: spoken[k] for k in ("because", "duties", "needs", "would_allow") if spoken[k] or k == "because"}
    return _reply(
        status, code, detail or spoken["detail"], request_id, told, [*headers, *_retry(code, status, retry_s)]
    )


def status_of(code: str) -> int:
    """The HTTP status of a refusal's code."""
    return STATUS.get(code, 403)


def input_problem(bad: Bad, request_id: str) -> Reply:
    """An input that is refused; every problem stands in `problems` with its path."""
    told = {"problems": [{"path": p.path, "detail": p.detail} for p in bad.problems]} if bad.problems else {}
    param = bad.problems[0].path if bad.problems else None
    return _reply(bad.status, bad.code, bad.detail, request_id, told, [], param)


def problem(
    status: int, code: str, detail: str, request_id: str, *, headers: Iterable[tuple[bytes, bytes]] = (), **told: Any
) -> Reply:
    """Whatever else is wrong: an unknown route, a feature that failed."""
    return _reply(status, code, detail, request_id, told, list(headers))


def no(code: str, cite: str) -> Verdict:
    """A no that the door gives by itself (a key's expiry, a rate), with a clause like any other."""
    return Verdict(Answer.NO, (Clause(Says.CANNOT, code=code, cite=cite),))


def _retry(code: str, status: int, retry_s: int | None) -> list[tuple[bytes, bytes]]:
    if status != 429:
        return [*([CHALLENGE] if status == 401 else []), (b"x-should-retry", b"false")]
    waits = [] if retry_s is None or retry_s > WAITS_MOST_S else [(b"retry-after", b"%d" % max(1, retry_s))]
    return [*waits, (b"x-should-retry", b"false" if code == "quota_exhausted" else b"true")]


def _reply(
    status: int,
    code: str,
    detail: str,
    request_id: str,
    told: Mapping[str, Any],
    headers: list[tuple[bytes, bytes]],
    param: str | None = None,
) -> Reply:
    kind = "insufficient_quota" if code == "quota_exhausted" else _TYPES.get(status, "api_error")
    if 400 < status < 500 and status not in _TYPES:
        kind = "invalid_request_error"
    body = json.dumps(
        {
            "type": f"urn:licet:problem:{code}",
            "title": TITLES.get(code, code),
            "status": status,
            "detail": detail,
            "code": code,
            **told,
            "request_id": request_id,
            "error": {"message": detail, "type": kind, "param": param, "code": code},
        },
        ensure_ascii=False,
    ).encode("utf-8", "replace")
    start = [PROBLEM, (b"content-length", b"%d" % len(body)), (b"x-request-id", request_id.encode()), NO_STORE]
    return status, start + headers, body
