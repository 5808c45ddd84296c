"""What else is answered on this address, by the wire of the Hub and by the portal? Method, path, and what it is.

The Hub's answers are what `huggingface_hub` reads, so their shapes are its and not told here (docs/hub.md).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from licet.gate import hub
from licet.gate.openapi.operations import BODY, JSON, WHO, Operation
from licet.gate.openapi.schemas import TEXT, record, ref, some

HUB, RIGHTS = "Hugging Face Hub", "Rights"
_IN_PATH = {"ns": "the repository's namespace", "name": "the repository's name", "rev": "a revision: `main`, a tag, a commit",
            "path": "a file's path", "sha256": "the digest of the file"}  # fmt: skip
_SAYS = {
    "/api/whoami-v2": "Whose key is this?", "auth-check": "May I fetch from here?", "refs": "Which revisions are there?",
    "tree": "Which files are there?", "paths-info": "What are these files?", "resolve": "A file", "cdn": "A file, by its digest",
}  # fmt: skip


def hubs() -> Iterator[tuple[str, str, Operation]]:
    """`hub.ROUTES`; what stands there in brackets is a path of its own."""
    for line in hub.ROUTES:
        method, _, path = line.partition(" ")
        short, bracket, more = path.partition("[")
        for one in (short, short + more.rstrip("]")) if bracket else (path,):
            summary = next((says for sign, says in _SAYS.items() if sign in one), "What is this repository?")
            named = {name: about for name, about in _IN_PATH.items() if f"{{{name}}}" in one}
            gives: dict[int, tuple[str, None]] = {
                200: ("*/*", None),
                206: ("*/*", None),
                302: ("", None),
                304: ("", None),
            }
            fails = (*WHO, *BODY, 402, 404, 405, 409, 416, 422, 429, 500, 502, 503)
            yield method, one, Operation(HUB, summary, "", None, gives, fails, named)


_ACCEPTS = record(
    {
        "license": TEXT, "sha256": TEXT, "release": TEXT, "authority": TEXT, "how": TEXT, "words": TEXT,
        "answers": {"type": "object", "additionalProperties": TEXT},
    },
    beside=False, optional=("release", "authority", "how", "words", "answers"),
)  # fmt: skip
_ASKS = record({"tier": TEXT, "reason": TEXT, "release": TEXT}, beside=False, optional=("release",))
_FAILS = (*WHO, 404, 405)
PORTAL: Mapping[tuple[str, str], Operation] = {
    ("GET", "/v1/acceptances"): Operation(
        RIGHTS, "What I accepted, and what is asked for", "", None, {200: (JSON, ref("Acceptances"))}, _FAILS
    ),
    ("POST", "/v1/acceptances"): Operation(
        RIGHTS, "Accept the exact text of a license", "By its SHA-256: another text is another promise.", _ACCEPTS,
        {200: (JSON, ref("Acceptance")), 201: (JSON, ref("Acceptance"))}, (*_FAILS, *BODY, 422),
    ),
    ("GET", "/v1/requests"): Operation(
        RIGHTS, "What I asked for, with the answers", "", None,
        {200: (JSON, record({"requests": some(ref("Request"))}))}, _FAILS,
    ),
    ("POST", "/v1/requests"): Operation(
        RIGHTS, "Ask for a tier that needs approval", "", _ASKS, {202: (JSON, ref("Request"))}, (*_FAILS, *BODY, 422)
    ),
}  # fmt: skip
