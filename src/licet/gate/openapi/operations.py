"""What does each answer of the gate take and give? One entry for each `answer` in `gate.routes`; a test holds both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from licet.gate.openapi.schemas import Schema, ref

OPEN, KEYED, MACHINE = "What there is", "Calls", "For operators"
AUTHZEN, MODELS = "AuthZEN", "Models"
WHO = (401, 403)  # a key that is not known, is over, or was narrowed to other addresses
BODY = (400, 408, 413, 415)


@dataclass(frozen=True, slots=True)
class Operation:
    """`gives` are the good answers: status -> (media type, schema or None). `fails` are the statuses of problems."""

    tag: str
    summary: str
    about: str = ""
    takes: Schema | None = None
    gives: Mapping[int, tuple[str, Schema | None]] = field(default_factory=dict)
    fails: tuple[int, ...] = WHO
    path: Mapping[str, str] = field(default_factory=dict)  # what the parameters in the path are
    asked: Mapping[str, str] = field(default_factory=dict)  # those after the question mark
    keyed: bool = True  # a key may come with it

    def told(self, name: str, method: str) -> dict[str, Any]:
        """As OpenAPI has it."""
        where = [{"name": n, "in": "path", "required": True, "description": d, "schema": {"type": "string", "minLength": 1}}
                 for n, d in self.path.items()]  # fmt: skip
        where += [{"name": n, "in": "query", "required": False, "description": d, "schema": {"type": "string"}}
                  for n, d in self.asked.items()]  # fmt: skip
        told: dict[str, Any] = {
            "operationId": name, "tags": [self.tag], "summary": self.summary, "description": self.about,
            "parameters": where, "responses": self.responses(),
            "security": [{"key": []}, {}] if self.keyed else [{}],
        }  # fmt: skip
        if self.takes is not None and method == "POST":
            told["requestBody"] = {"required": True, "content": {"application/json": {"schema": self.takes}}}
        return told

    def responses(self) -> dict[str, Any]:
        good = {}
        for status, (kind, schema) in self.gives.items():
            content = {"content": {kind: {"schema": schema} if schema is not None else {}}} if kind else {}
            good[str(status)] = {"description": "As asked." if status < 300 else "Elsewhere.", **content}
        problem = {"application/problem+json": {"schema": ref("Problem")}}
        return good | {
            str(status): {"description": WHY.get(status, "Refused."), "content": problem}
            for status in sorted(self.fails)
        }


WHY = {
    400: "The body cannot be read.", 401: "No good key came with it.", 402: "Something is to be paid first.",
    403: "Refused; `because` cites the clauses.", 404: "There is nothing here.", 405: "Not by this method.",
    408: "The body came too slowly.", 409: "The same call still runs.", 413: "The body is too large.",
    415: "The body is not JSON.", 422: "The input does not fit.", 429: "Too many, or the quota is used up.",
    500: "Something is broken here.", 502: "The other server failed.", 503: "Not available now.", 504: "It took too long.",
}  # fmt: skip

JSON = "application/json"
CALLED = (*WHO, *BODY, 402, 404, 409, 422, 429, 500, 502, 503, 504)


def _json(schema: Schema | None) -> dict[int, tuple[str, Schema | None]]:
    return {200: (JSON, schema)}


OPERATIONS: Mapping[str, Operation] = {
    "call": Operation(
        KEYED, "Call a feature",
        "The body names the arguments, the answer is what the feature gives. A no costs nothing; `Idempotency-Key` makes"
        " a repeat count once.",
        {"type": "object"}, {200: ("*/*", None)}, CALLED, {"name": "the feature, as `GET /v1/features` lists it"},
    ),
    "features_page": Operation(
        OPEN, "Every feature, and whether you may call it", "With the ways to a yes where it is no.", None,
        _json({"type": "object", "properties": {"features": {"type": "array", "items": ref("Feature")}},
               "required": ["features"]}),
    ),
    "model_call": Operation(
        MODELS, "Ask a model, as OpenAI's clients do", "See docs/openai.md for what is passed on.", {"type": "object"},
        {200: ("*/*", None)}, CALLED,
    ),
    "forward_page": Operation(
        KEYED, "May this request be carried?", "For nginx, Caddy and Traefik: one call of the feature is held and counted.",
        None, {204: ("", None)}, (*CALLED, 405), {"name": "the feature that the request is a call of"},
    ),
    "models_page": Operation(MODELS, "The models that you may use", "", None, _json(ref("Models"))),
    "model_page": Operation(
        MODELS, "One model", "", None, _json(ref("Model")), (*WHO, 404), {"id": "the model, as the list names it"}
    ),
    "me": Operation(OPEN, "Who am I here, and what is left?", "", None, _json(ref("Me"))),
    "evaluation": Operation(
        AUTHZEN, "May this subject do this?", "It never spends. About others only with the scope `decide`.",
        ref("Evaluation"), _json(ref("Decision")), (*WHO, *BODY),
    ),
    "evaluations": Operation(
        AUTHZEN, "The same, many at once", "", ref("Evaluations"), _json(ref("Decisions")), (*WHO, *BODY)
    ),
    "authzen_metadata": Operation(
        AUTHZEN, "Where the decisions are asked for", "", None, _json({"type": "object"}), (), keyed=False
    ),
    "openapi_page": Operation(OPEN, "This description", "", None, _json({"type": "object"}), (), keyed=False),
    "docs_page": Operation(OPEN, "This description, to read", "", None, {200: ("text/html", None)}, (), keyed=False),
    "healthz": Operation(MACHINE, "Does the process answer?", "", None, _json({"type": "object"}), (), keyed=False),
    "readyz": Operation(
        MACHINE, "Are features loaded, can rights and ledger be read?", "", None, _json({"type": "object"}), (503,),
        keyed=False,
    ),
    "metrics_page": Operation(
        MACHINE, "Prometheus", "From this machine, or with a key that has the scope `metrics`.", None,
        {200: ("text/plain", None)},
    ),
}  # fmt: skip
