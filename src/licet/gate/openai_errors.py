"""What does a caller hear when the model's server says no? Its words where they are about the request, never more.

An upstream's 401 may quote the operator's own key, its 429 is about the operator's account and its 500 about its
insides: none of them is the caller's business.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence
from typing import Any

from licet.gate import problem
from licet.gate.problem import Reply
from licet.release.release import Feature

NEVER_AGAIN = (b"x-should-retry", b"false")  # by themselves clients try 409 and 503 again
_ABOUT_THE_REQUEST = (400, 409, 413, 415, 422)
_WORDS_MOST = 2000
_WAIT_MOST_S = 60

log = logging.getLogger("licet.gate")


def refused_by_upstream(
    feature: Feature, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes, secret: str, request_id: str
) -> Reply:
    """The reply to a call that the upstream answered with anything but 200. Nothing was charged."""
    name = feature.name
    log.warning("%s %s: its server answered %d", request_id, name, status)
    if status in _ABOUT_THE_REQUEST:
        words, param = _words(body)
        if secret:
            words = words.replace(secret, "…")
        detail = words or f"`{name}` refuses this request."
        return problem.problem(status, "upstream_refused", detail, request_id, headers=[NEVER_AGAIN], param=param)
    if status in (429, 503):
        waits = next((v for k, v in headers if k == b"retry-after"), b"")
        wait_s = min(int(waits), _WAIT_MOST_S) if waits.isdigit() and len(waits) < 6 else 1
        retry = [(b"retry-after", b"%d" % max(1, wait_s))]
        return problem.problem(503, "overloaded", f"The server behind `{name}` is busy.", request_id, headers=retry)
    words = f"The server behind `{name}` gave no answer that can be used. Nothing was charged."
    return problem.problem(502, "upstream_failed", words, request_id)


def stream_error(words: str, code: str) -> bytes:
    """The data of an event that tells an error in the middle of a stream; OpenAI's clients raise it."""
    told = {"error": {"message": words, "type": "api_error", "param": None, "code": code}}
    return json.dumps(told, ensure_ascii=False).encode()


def _words(body: bytes) -> tuple[str, str | None]:
    """What the upstream says is wrong, and with which parameter."""
    try:
        told: Any = json.loads(body)
    except (ValueError, RecursionError):
        return "", None
    error = told.get("error", told) if isinstance(told, dict) else None
    if isinstance(error, str):
        return error[:_WORDS_MOST], None
    if not isinstance(error, dict):
        return "", None
    words = error.get("message") or error.get("detail")
    param = error.get("param")
    return (words[:_WORDS_MOST] if isinstance(words, str) else ""), (param if isinstance(param, str) else None)
