"""How does an API path of the portal say no? RFC 9457 with an `error` object beside it, as the gate does."""

from __future__ import annotations

from django.http import JsonResponse

from licet.portal import request_id
from licet.portal.masking import masked

TITLES = {
    "not_authenticated": "Not authenticated",
    "key_expired": "Key expired",
    "key_revoked": "Key revoked",
    "suspended": "Account suspended",
    "key_out_of_scope": "Key narrowed by its owner",
    "sign_on_required": "Sign in through the organization",
    "second_factor_required": "Second factor needed",
    "role_forbids": "The role does not allow it",
    "invalid_json": "Not readable as JSON",
    "unsupported_media_type": "Not JSON",
    "invalid_input": "Input does not fit",
    "not_found": "Not found",
    "not_allowed": "Not allowed",
    "conflict": "Not now",
}
STATUS = {
    "not_authenticated": 401, "key_expired": 401, "key_revoked": 401, "suspended": 403, "key_out_of_scope": 403,
    "sign_on_required": 403, "second_factor_required": 403, "role_forbids": 403,
    "invalid_json": 400, "unsupported_media_type": 415, "invalid_input": 422, "not_found": 404,
    "not_allowed": 403, "conflict": 409,
}  # fmt: skip
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 409: "conflict_error"}


def problem(code: str, detail: str) -> JsonResponse:
    """The answer for a code of `STATUS`, with its status."""
    status, detail = STATUS[code], masked(detail)  # a key put into the wrong field is not sent back
    error = {"type": _TYPES.get(status, "invalid_request_error"), "code": code, "message": detail}
    body: dict[str, object] = {
        "type": f"urn:licet:problem:{code}",
        "title": TITLES[code],
        "status": status,
        "detail": detail,
        "code": code,
    }
    if name := request_id.current():
        body["request_id"] = name
    answer = JsonResponse({**body, "error": error}, status=status, content_type="application/problem+json")
    if status == 401:
        answer["WWW-Authenticate"] = 'Bearer realm="licet"'
    answer["Cache-Control"] = "no-store"
    return answer
