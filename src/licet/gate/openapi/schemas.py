"""Which shapes do answers have? JSON Schemas, by name."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WHOLE: Schema = {"type": "integer"}
YES_NO: Schema = {"type": "boolean"}


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def some(item: Schema) -> Schema:
    return {"type": "array", "items": item}


def record(properties: Schema, *, beside: bool = True, optional: tuple[str, ...] = ()) -> Schema:
    """An object that has all of these; `beside` lets it have more, as later versions may."""
    required = [name for name in properties if name not in optional]
    told: Schema = {"type": "object", "properties": properties, "required": required}
    return told if beside else {**told, "additionalProperties": False}


def maybe(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


_SAID = record({"cite": TEXT, "says": TEXT})
_LEFT = record({"meter": TEXT, "period": TEXT, "limit": WHOLE, "used": WHOLE, "held": WHOLE, "remaining": WHOLE,
                "resets": {"type": "string", "format": "date-time"}, "features": some(TEXT)}, optional=("features",))  # fmt: skip
_NAMED = record({"type": TEXT, "id": TEXT})
_EVALUATION = record(
    {"subject": ref("Subject"), "action": record({"name": TEXT}), "resource": _NAMED, "context": {"type": "object"}},
    optional=("subject", "context"),
)

SCHEMAS: Schema = {
    "Problem": {
        "description": "RFC 9457, with an `error` object beside it for clients of OpenAI's kind.",
        **record({
            "type": TEXT, "title": TEXT, "status": WHOLE, "detail": TEXT, "code": TEXT, "request_id": TEXT,
            "error": record({"message": TEXT, "type": TEXT, "code": TEXT}), "because": some(ref("Said")),
            "duties": some(ref("Said")), "needs": some(record({"fact": TEXT, "question": TEXT})),
            "would_allow": some(ref("Offer")), "problems": some(record({"path": TEXT, "detail": TEXT})),
        }, optional=("request_id", "because", "duties", "needs", "would_allow", "problems")),
    },
    "Said": {"description": "A clause: where it is written, and what it says.", **_SAID},
    "Offer": {
        "description": "A way to a yes. It was tried: whoever takes it is answered yes.",
        **record({"offer": TEXT, "detail": TEXT, "url": TEXT, "cite": TEXT}),
    },
    "Feature": record({
        "name": TEXT, "release": TEXT, "description": TEXT, "url": TEXT, "allowed": YES_NO, "detail": TEXT, "code": TEXT,
        "duties": some(ref("Said")), "would_allow": some(ref("Offer")), "tiers": some(TEXT), "anonymous": YES_NO,
        "input": maybe({"type": "object", "description": "A JSON Schema."}), "available": YES_NO,
        "example": maybe({"type": "object", "description": "An input that it takes."}),
    }),
    "Left": {"description": "A quota, of the tier or of a grant, or the budget of a key, and what is left of it.", **_LEFT},
    "Me": record({
        "holder": maybe(TEXT), "key": maybe(TEXT), "release": TEXT, "tier": maybe(TEXT), "suspended": YES_NO,
        "document": TEXT, "quotas": some(ref("Left")), "budgets": some(ref("Left")),
        "grants": some(record({"grant": TEXT, "until": maybe(TEXT), "quotas": some(ref("Left"))})),
        "rate": maybe(record({"limit": WHOLE, "window_s": WHOLE})), "concurrency": maybe(record({"limit": WHOLE})),
        "acceptances": some(TEXT), "usage": {"type": "object", "additionalProperties": WHOLE},
    }),
    "Subject": {
        "description": "Who is asked about: a key by its id, an account by its holder's id, a tier, or anonymous.",
        **record({"type": {"enum": ["key", "account", "tier", "anonymous"]}, "id": TEXT}),
    },
    "Evaluation": {"description": "AuthZEN 1.0. Without a subject the asking key is meant.", **_EVALUATION},
    "Evaluations": {
        "description": "What an evaluation does not say itself, the request says for all.",
        **record({
            "subject": ref("Subject"), "action": record({"name": TEXT}), "resource": _NAMED,
            "context": {"type": "object"}, "evaluations": {**some({"type": "object"}), "maxItems": 100},
            "options": record({"evaluations_semantic": {"enum": ["execute_all", "deny_on_first_deny", "permit_on_first_permit"]}},
                              optional=("evaluations_semantic",)),
        }, optional=("subject", "action", "resource", "context", "evaluations", "options")),
    },
    "Decision": record({"decision": YES_NO, "context": {"type": "object"}}),
    "Decisions": {"anyOf": [record({"evaluations": some(ref("Decision"))}), ref("Decision")]},
    "Models": record({"object": {"const": "list"}, "data": some(ref("Model"))}),
    "Model": record({"id": TEXT, "object": {"const": "model"}, "created": WHOLE, "owned_by": TEXT}),
    "Acceptance": record({
        "license": TEXT, "sha256": TEXT, "release": TEXT, "version": TEXT, "component": TEXT, "document": TEXT,
        "accepted_at": TEXT, "how": {"enum": ["page", "api", "command"]}, "summary_sha256": TEXT, "authority": TEXT,
        "answers": {"type": "object", "additionalProperties": TEXT},
        "receipt": maybe(record({"receipt": {"type": "object"}, "signature": TEXT})),
    }),
    "Acceptances": record({
        "accepted": some(ref("Acceptance")),
        "asked": some(record({
            "release": TEXT, "component": TEXT, "license": TEXT, "sha256": TEXT, "page": TEXT, "text": TEXT,
            "summary": TEXT, "summary_sha256": TEXT, "ask": some(TEXT), "until": TEXT,
        }, optional=("until",))),
        "without_text": some(record({"release": TEXT, "component": TEXT, "license": TEXT})),
    }, optional=("without_text",)),
    "Request": record({
        "id": TEXT, "release": TEXT, "tier": TEXT, "state": {"enum": ["pending", "approved", "rejected", "withdrawn"]},
        "reason": TEXT, "asked_at": TEXT, "answered_at": maybe(TEXT), "words": TEXT,
    }),
}  # fmt: skip
