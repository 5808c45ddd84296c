"""How does a request become an answer? One ASGI application: key, idempotency, the SDK's types, the act, the answer."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from licet.testing.stripe import form, lists, pages, shapes
from licet.testing.stripe.books import Books, Json, seen
from licet.testing.stripe.faults import Fault
from licet.testing.stripe.hooks import Hooks
from licet.testing.stripe.life import live
from licet.testing.stripe.routes import Route, table
from licet.testing.stripe.wrong import Wrong

type Scope = MutableMapping[str, Any]
_LARGEST = 1_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came, for a test to look at: the key is not in it."""

    method: str
    path: str
    given: Json
    idempotency_key: str | None


@dataclass(repr=False)
class App:
    """A Stripe-shaped server. `key` is the only secret key it takes."""

    books: Books
    hooks: Hooks
    key: str
    faults: list[Fault] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    lock: RLock = field(default_factory=RLock)
    done: dict[str, tuple[str, int, Json]] = field(default_factory=dict)  # idempotency key -> digest, status, body
    routes: list[Route] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.routes = table(self.hooks)

    async def __call__(
        self, scope: Scope, receive: Callable[[], Awaitable[Scope]], send: Callable[[Scope], Awaitable[None]]
    ) -> None:
        if scope["type"] == "lifespan":
            while (message := await receive())["type"] != "lifespan.shutdown":
                await send({"type": f"{message['type']}.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body") or len(body) > _LARGEST:
                break
        method, path = scope["method"], scope["path"]
        headers = {k.decode("latin-1"): v.decode("latin-1") for k, v in scope["headers"]}
        fault = next((f for f in self.faults if f.meets(method, path)), None) if path.startswith("/v1/") else None
        if fault is not None and fault.kind == "down":
            await _cut(send)
            return
        with self.lock:
            status, extra, text = self._answer(method, path, scope["query_string"].decode(), body, headers, fault)
        if fault is not None and fault.kind == "lost":
            await _cut(send)
            return
        if fault is not None and fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        if not self.hooks.held:
            await asyncio.to_thread(self.hooks.deliver)
        raw = [(k.encode(), v.encode()) for k, v in {"content-type": "application/json", **extra}.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": text.encode()})

    def _answer(
        self, method: str, path: str, query: str, body: bytes, headers: dict[str, str], fault: Fault | None
    ) -> tuple[int, dict[str, str], str]:
        if not path.startswith("/v1/"):
            found = pages.answer(self.books, method, path, body.decode())
            return found or (404, {}, json.dumps({"error": {"message": f"Unrecognized request URL ({path})"}}))
        request = f"req_{self.books.number('request')}"
        extra = {"request-id": request, "stripe-version": headers.get("stripe-version", "")}
        try:
            self._known(headers)
            if fault is not None and fault.kind == "429":
                raise Wrong("Too many requests", status=429, type="rate_limit_error")
            live(self.books, self.books.clock())
            status, answer, replayed = self._act(method, path, query, body, headers, request, fault)
            if replayed:
                extra["idempotent-replayed"] = "true"
        except Wrong as wrong:
            status, answer = wrong.status, {"error": wrong.error}
            extra |= wrong.headers
        return status, extra, json.dumps(answer)

    def _known(self, headers: dict[str, str]) -> None:
        given = headers.get("authorization", "")
        if given.startswith("Basic "):
            given = base64.b64decode(given[6:]).decode().rstrip(":")
        if given.removeprefix("Bearer ") != self.key:
            raise Wrong("Invalid API Key provided", status=401)

    def _act(
        self,
        method: str,
        path: str,
        query: str,
        body: bytes,
        headers: dict[str, str],
        request: str,
        fault: Fault | None,
    ) -> tuple[int, Json, bool]:
        given = form.parse(query if method == "GET" else body.decode())
        key = headers.get("idempotency-key") if method == "POST" else None
        self.asked.append(Asked(method, path, given, key))
        digest = hashlib.sha256(json.dumps([path, given], sort_keys=True).encode()).hexdigest()
        if key is not None and key in self.done:
            before, status, answer = self.done[key]
            if before != digest:
                raise Wrong(
                    "Keys for idempotent requests can only be used with the same parameters they were first used "
                    "with. Try using a key other than the one that was used before.", type="idempotency_error",
                )  # fmt: skip
            return status, answer, True
        self.books.request = {"id": request, "idempotency_key": key}
        route, ids = self._route(method, path)
        typed = shapes.check(route.params, given)
        status, answer = 200, {}
        try:
            if fault is not None and fault.kind == "500":
                raise Wrong("An error was ordered by the test", status=500, type="api_error")
            answer = self._run(route, typed, ids, path)
        except Wrong as wrong:
            if key is None:
                raise
            status, answer = wrong.status, {"error": wrong.error}
        if key is not None:
            self.done[key] = (digest, status, answer)
        return status, answer, False

    def _route(self, method: str, path: str) -> tuple[Route, tuple[str, ...]]:
        for route in self.routes:
            if route.method == method and (found := route.path.match(path)):
                return route, found.groups()
        raise Wrong(f"Unrecognized request URL ({method}: {path}).", status=404)

    def _run(self, route: Route, given: Json, ids: tuple[str, ...], path: str) -> Json:
        wanted = given.pop("expand", [])
        if route.knows is not None and (strange := sorted(set(given) - route.knows)):
            raise Wrong(f"This server does not act upon `{strange[0]}` yet", status=501, param=strange[0])
        if route.lists:
            return lists.expand(self.books, lists.page(self.books, route.lists, given, path), wanted)
        return lists.expand(self.books, seen(route.act(self.books, given, *ids)), wanted)


async def _cut(send: Callable[[Scope], Awaitable[None]]) -> None:
    """Promise more than is sent: the server closes the connection, and the client has no answer."""
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1000")]})
    await send({"type": "http.response.body", "body": b""})
