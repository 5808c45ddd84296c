"""How does the Hub's wire say no, so that its clients show the words?

Anything but 401 and 403 with `X-Error-Code: GatedRepo` is told to people as "check your connection", and a 429 puts their
program to sleep. So every refusal is one of those two, and its reason stands in a header: one line, in Latin-1, with the
full link, for a HEAD has no body and clients add a link of their own that leads elsewhere.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, Literal

from licet.gate import problem
from licet.gate.problem import Reply

Missing = Literal["RepoNotFound", "RevisionNotFound", "EntryNotFound"]
FOREIGN = b"bearer hf_"
WARNING = b"x-hf-warning"
MOST = 900  # of a header line, in characters: servers and proxies have their limits


def line(text: str) -> bytes:
    """The text as the value of one header."""
    flat = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return flat[:MOST].encode("latin-1", "replace")


def refused(reply: Reply, message: str = "", *, gated: bool = True) -> Reply:
    """A refusal as the Hub's clients read it; `message` stands for the problem's own detail. What is no refusal (5xx)
    keeps its status."""
    status, start, body = reply
    told: Mapping[str, Any] = json.loads(body)
    said = message or str(told["detail"])
    headers = [
        (k, v) for k, v in start if k not in (b"retry-after", b"x-should-retry", b"ratelimit", b"ratelimit-policy")
    ]
    if status < 500:
        status = 401 if status == 401 else 403
        if gated:
            headers.append((b"x-error-code", b"GatedRepo"))
    # The command `hf` says of a refusal only that there is one; what stands in a warning it prints, once a topic.
    topic = sha1(said.encode()).hexdigest()[:8]  # noqa: S324
    return status, [*headers, (b"x-error-message", line(said)), (WARNING, line(f"refused-{topic}; {said}"))], body


def words(spoken: Mapping[str, Any], url: str, *, stranger: bool = False, resets: str = "") -> str:
    """The reason and the way to a yes, with the link where it is taken."""
    here = url.rstrip("/")
    parts = [spoken["detail"]]
    if resets:
        parts.append(f"It begins anew at {resets}.")
    if spoken["would_allow"]:
        way = spoken["would_allow"][0]
        parts.append(f"What would open it: {way['detail']}: {way['url']}")
    else:
        parts.append(f"The terms: {here}/")
    if stranger:
        parts.append(f"Then pass a key from {here}/my/keys as token=... or HF_TOKEN.")
    return " ".join(parts)


def foreign(request_id: str, url: str) -> Reply:
    """A Hugging Face token came here by mistake: it was not looked at, and its owner should know where it went."""
    here = url.rstrip("/")
    said = (
        "This is a Hugging Face token (hf_...): it was not looked at and not kept. This server takes keys of its own:"
        f" make one at {here}/my/keys and pass it as token=..., or set HF_TOKEN in a separate HF_HOME for this endpoint."
    )
    return problem.problem(401, "not_authenticated", said, request_id, headers=[problem.CHALLENGE])


def missing(code: Missing, said: str, request_id: str, commit: str = "") -> Reply:
    """404. With the version where there is one: clients remember that a file is not in it."""
    headers = [(b"x-error-code", code.encode()), (b"x-error-message", line(said))]
    if commit:
        headers.append((b"x-repo-commit", commit.encode()))
    return problem.problem(404, "not_found", said, request_id, headers=headers)
