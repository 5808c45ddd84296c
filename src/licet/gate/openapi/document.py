"""The whole description, for one server as it runs: its routes, its features with what each takes, its address."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from licet.gate.openapi import elsewhere
from licet.gate.openapi.operations import OPERATIONS, Operation
from licet.gate.openapi.schemas import SCHEMAS

ABOUT = (
    "May WHO do WHAT with WHICH COMPONENT, and why? A refusal is a problem of RFC 9457: `code` is stable, `because` cites"
    " the clauses that decided, `would_allow` holds the ways to a yes. Every answer has its `X-Request-Id`."
)


@dataclass(frozen=True, slots=True)
class Taken:
    """A feature that is called by its name, with a JSON Schema of its input; None where it takes anything.

    `example` is an input as JSON, "" where the release names none.
    """

    name: str
    about: str
    input: Mapping[str, Any] | None
    example: str = ""


def document(
    routes: Iterable[tuple[str, str, str]], features: Iterable[Taken], *, url: str, title: str, version: str
) -> dict[str, Any]:
    """`routes` are (method, path, answer) of the gate's table. KeyError for an answer that nothing is said of."""
    paths: dict[str, dict[str, Any]] = {}
    for method, path, operation in [*_of_gate(routes), *_of_features(features), *elsewhere.hubs(), *_of_portal()]:
        name = re.sub(r"\W+", "_", f"{method.lower()} {path}").strip("_")
        paths.setdefault(path, {})[method.lower()] = operation.told(name, method)
    return {
        "openapi": "3.1.1",
        "info": {"title": title, "version": version, "description": ABOUT},
        "servers": [{"url": url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": SCHEMAS,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "`lic_<env>_<id>_<secret>`"}
            },
        },
    }


def _of_gate(routes: Iterable[tuple[str, str, str]]) -> Iterator[tuple[str, str, Operation]]:
    for method, path, answer in routes:
        yield method, path, OPERATIONS[answer]


def _of_features(features: Iterable[Taken]) -> Iterator[tuple[str, str, Operation]]:
    for one in features:
        about = one.about or OPERATIONS["call"].about
        takes: dict[str, Any] = dict(one.input) if one.input is not None else {"type": "object"}
        if one.example:
            takes["examples"] = [json.loads(one.example)]
        called = replace(OPERATIONS["call"], summary=f"Call `{one.name}`", about=about, takes=takes, path={})
        yield "POST", f"/v1/features/{one.name}", called


def _of_portal() -> Iterator[tuple[str, str, Operation]]:
    for (method, path), operation in elsewhere.PORTAL.items():
        yield method, path, operation
