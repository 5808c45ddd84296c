"""Which paths are the gate's, and what answers there? One table; a test prints it and holds every row to the app."""

from __future__ import annotations

import re
from dataclasses import dataclass

from licet.gate import forward
from licet.gate.openai import KINDS, MODELS


@dataclass(frozen=True, slots=True)
class Route:
    """One thing that the gate answers. `answer` names the method of `Gate`; HEAD goes where GET goes."""

    method: str
    path: str
    answer: str


AUTHZEN = "/.well-known/authzen-configuration"

ROUTES: tuple[Route, ...] = (
    Route("POST", "/v1/features/{name}", "call"),
    Route("GET", "/v1/features", "features_page"),
    *(Route("POST", path, "model_call") for path in KINDS),
    *(Route(method, forward.PATH + "{name}", "forward_page") for method in ("GET", "POST")),
    Route("GET", MODELS, "models_page"),
    Route("GET", MODELS + "/{id}", "model_page"),
    Route("GET", "/v1/me", "me"),
    Route("POST", "/access/v1/evaluation", "evaluation"),
    Route("POST", "/access/v1/evaluations", "evaluations"),
    Route("GET", AUTHZEN, "authzen_metadata"),
    Route("GET", "/openapi.json", "openapi_page"),
    Route("GET", "/docs", "docs_page"),
    Route("GET", "/healthz", "healthz"),
    Route("GET", "/readyz", "readyz"),
    Route("GET", "/metrics", "metrics_page"),
)
# What is the gate's although nothing may stand there yet: the portal must never answer for it.
# The Hub's other kinds of repository are among it: their clients must hear that there is none, in their own words.
OWNED = ("/v1/", "/access/v1/", "/api/models/", "/api/datasets/", "/api/spaces/", "/api/kernels/", "/cdn/")
OWNED_EXACTLY = ("/api/whoami-v2", AUTHZEN, "/openapi.json", "/docs", "/healthz", "/readyz", "/metrics")
NOT_OWNED = ("/v1/acceptances", "/v1/requests", "/v1/cap")  # they write rights
_REQUESTS = re.compile(r"/api/models/[^/]+/[^/]+/user-access-request(?:/|$)")  # and so do these
_RESOLVE = re.compile(
    r"/(?!accounts/|admin/|identity/|licenses/|docs/|oauth/|static/)(?:(?:datasets|spaces|kernels)/)?[^/]+(?:/[^/]+)?/resolve/"
)

CALL = "/v1/features/"


def owns(path: str) -> bool:
    """Is the path the gate's, whatever it answers there? Everything else is the portal's."""
    if path.startswith(NOT_OWNED):
        return False
    if path.startswith(OWNED):
        return not path.startswith("/api/") or _REQUESTS.match(path) is None
    return path in OWNED_EXACTLY or _RESOLVE.match(path) is not None


def route(path: str) -> str:
    """The path as `ROUTES` has it: `/v1/features/{name}` for `/v1/features/mean`."""
    for start, name in ((CALL, "{name}"), (forward.PATH, "{name}"), (MODELS + "/", "{id}")):
        rest = path.removeprefix(start)
        if rest and rest != path and ("/" not in rest or name == "{id}"):  # the id of a model may hold one
            return start + name
    return path
