"""What does this server say of itself? Its HTTP interface as OpenAPI and as a page, and where AuthZEN's endpoints are."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from licet.gate.openapi.document import Taken, document
from licet.gate.openapi.page import POLICY, page
from licet.gate.problem import JSON, Reply
from licet.gate.routes import ROUTES

if TYPE_CHECKING:
    from licet.gate.features import Features
    from licet.release.release import Release


class Described:
    """`releases` gives the documents in force; `features` what is loaded of them."""

    def __init__(self, url: str, features: Features, releases: Callable[[], list[Release]]) -> None:
        self._url, self._features, self._releases = url, features, releases

    def whole(self) -> dict[str, Any]:
        """OpenAPI 3.1."""
        releases = self._releases()
        title = ", ".join(release.name for release in releases) or "Licet"
        routes = [(route.method, route.path, route.answer) for route in ROUTES]
        return document(routes, self._taken(releases), url=self._url, title=title, version=_version())

    def _taken(self, releases: list[Release]) -> Iterator[Taken]:
        for release in releases:
            for feature in release.features:
                if feature.openai or feature.download:
                    continue  # a model is asked by its name in the body, files are fetched by their path
                callee = self._features.callee(feature)
                fits = callee is not None and not callee.lacks
                schema = callee.parameters.schema() if callee and fits else None
                yield Taken(feature.name, feature.description, schema, feature.example)

    def openapi(self, request_id: str) -> Reply:
        return _reply(json.dumps(self.whole(), ensure_ascii=False).encode(), JSON[1], request_id)

    def docs(self, request_id: str) -> Reply:
        return _reply(page(self.whole()), b"text/html; charset=utf-8", request_id)

    def authzen(self, request_id: str) -> Reply:
        """AuthZEN 1.0, section 9: who decides, and where it is asked."""
        told = {
            "policy_decision_point": self._url,
            "access_evaluation_endpoint": f"{self._url}/access/v1/evaluation",
            "access_evaluations_endpoint": f"{self._url}/access/v1/evaluations",
        }
        return _reply(json.dumps(told).encode(), JSON[1], request_id)


def _reply(payload: bytes, kind: bytes, request_id: str) -> Reply:
    return 200, [
        (b"content-type", kind), (b"content-length", b"%d" % len(payload)), (b"x-request-id", request_id.encode()),
        (b"cache-control", b"no-cache"), (b"content-security-policy", POLICY), (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
    ], payload  # fmt: skip


def _version() -> str:
    try:
        return version("licet")
    except PackageNotFoundError:  # run from a folder that was never installed
        return "0"
