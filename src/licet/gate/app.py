"""What does the gate answer, path by path? A pure ASGI app; every route stands in `ROUTES`, and what is not there is 404.

Cookies are not looked at: a browser that is signed in to the portal is a stranger here, so no page can call in a
visitor's name. Every answer carries its request id.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from typing import Any

from licet.access.key import Dice
from licet.gate import body, files_store, forward, problem, routes
from licet.gate.asking import Asking
from licet.gate.authzen import AuthZen
from licet.gate.body import Bad
from licet.gate.calling import Calling
from licet.gate.config import Clock, GateConfig
from licet.gate.described import Described
from licet.gate.directory import Directory
from licet.gate.door import NS, Door, Headers, Receive, Scope
from licet.gate.features import Features
from licet.gate.forward import Forward
from licet.gate.hub import Hub
from licet.gate.journal import Journal
from licet.gate.metrics import Metrics
from licet.gate.openai import KINDS, MODELS, OpenAI
from licet.gate.pool import Pool
from licet.gate.problem import JSON, NO_STORE, Reply
from licet.gate.rights import Record, Rights
from licet.gate.routes import CALL, ROUTES
from licet.gate.upstream import Upstreams
from licet.gate.warm import warm
from licet.gate.wire import Send, Wire
from licet.gate.wire_http import Http
from licet.ledger.turn import Turns
from licet.release.document import read
from licet.release.release import Release

log = logging.getLogger("licet.gate")


ASK_MOST_BYTES = 1 << 18
TIDY_S = 15


class Gate:
    """The data plane of one server.

    `directory` tells rights, `turns` keeps the ledger, `releases` are the names served. `clock` gives nanoseconds since
    the epoch, `dice` random bytes. Call `start` and `stop`, or let the ASGI server's lifespan do it.
    """

    def __init__(
        self,
        directory: Directory,
        turns: Turns,
        releases: Sequence[str],
        *,
        clock: Clock,
        dice: Dice,
        config: GateConfig,
        read: Callable[[bytes], Release] = read,
    ) -> None:
        self.config, self.clock, self.turns = config, clock, turns
        self.metrics = Metrics()
        self.rights = Rights(directory, read, releases, lambda over: asyncio.get_running_loop().call_soon(over))
        self.features = Features(Pool(config.workers, config.folder))
        self.door = Door(self.rights, self.features, clock, dice, config, self.metrics.refused, Journal(turns))
        self.calling = Calling(self.door, turns)
        self.upstreams, wire = Upstreams(), Wire(self.calling)
        self.calling.elsewhere = Http(wire, self.upstreams, config.key_of).call
        self.forward = Forward(self.calling)
        self.openai = OpenAI(wire, self.upstreams, config.key_of, clock() // NS)
        self.hub = Hub(self.door, turns, self.metrics.refused, config.folder, config.data)
        self.asking = Asking(self.door, turns.ledger)
        self.authzen = AuthZen(self.asking)
        self.described = Described(config.url, self.features, self._in_force)
        self.ready = False
        self._tasks: list[asyncio.Task[None]] = []
        self._exact = {
            (r.method, r.path): getattr(self, r.answer) for r in ROUTES if "{" not in r.path and r.path not in KINDS
        }
        gauges = self.metrics.gauges
        gauges["calls_alive"] = ("Calls that hold something now.", lambda: len(self.calling.alive))
        gauges["upstream_connections"] = ("Connections to other servers.", lambda: self.upstreams.open)
        gauges["workers"] = ("Living worker processes.", lambda: len(self.features.pool.pids))

    @staticmethod
    def owns(path: str) -> bool:
        """Is the path the gate's, whatever it answers there? Everything else is the portal's."""
        return routes.owns(path)

    # --- life

    async def start(self) -> None:
        """Read the documents in force and begin to load their features; `/readyz` tells when that is done."""
        documents = self._in_force()
        self.metrics.lag.start()
        self._tasks = [
            asyncio.create_task(self._load(documents)),
            asyncio.create_task(self._tidy()),
            asyncio.create_task(self.hub.warm()),
            asyncio.create_task(warm(self.rights, lambda: self.clock() // NS)),
        ]

    async def stop(self) -> None:
        """End the workers and what runs beside the calls."""
        self.ready = False
        self.metrics.lag.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.features.close()
        self.upstreams.tidy(every=True)

    def _in_force(self) -> list[Release]:
        now_s = self.clock() // NS
        return [self.rights.newest(name, now_s) for name in self.rights.releases]

    async def _load(self, documents: Sequence[Release]) -> None:
        features = [f for document in documents for f in document.features]
        self.features.pool.withheld.update(f.key_env for f in features if f.key_env)
        if any(part.store for document in documents for part in document.components):
            self.features.pool.withheld.update(files_store.SECRETS)
        while True:
            try:
                await self.features.load(features)
                break
            except OSError:  # no process can be started: it may be a passing shortage
                log.exception("the features cannot be loaded; it is tried again")
                await asyncio.sleep(1)
        for feature in features:
            callee = self.features.callee(feature)
            if callee is not None and callee.lacks:
                log.warning("feature %s cannot run: %s", feature.name, callee.detail)
        self.ready = True

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_S)
            try:
                await self.calling.renew()
                self.rights.limits.tidy(self.clock() // 1000)
                self.features.pool.tidy()
                self.upstreams.tidy()
            except Exception:
                log.exception("tidying up failed; it is tried again")

    # --- ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._not_http(scope, receive, send)
            return
        begun = self.clock()
        headers: dict[bytes, bytes] = dict(scope["headers"])
        method, path = scope["method"], scope["path"]
        if b"origin" in headers and self.config.cors:
            send = _also(send, self._cors(headers[b"origin"]))
        reply: Reply | int
        route = ""
        try:
            if method == "POST" and path.startswith(CALL) and "/" not in path[len(CALL) :]:
                reply = await self.calling.call(scope, receive, path[len(CALL) :], headers, send)
                # Who sent no good key chose the name freely: it must not become a series of its own.
                route = path if isinstance(reply, int) or reply[0] not in (401, 404) else CALL + "{name}"
            elif method == "POST" and path in KINDS:
                route = path
                reply = await self.openai.call(KINDS[path], scope, receive, send, headers)
            elif path.startswith(forward.PATH) and method in forward.METHODS and "/" not in path[len(forward.PATH) :]:
                reply = await self.forward.ask(scope, path[len(forward.PATH) :], headers)
                route = path if reply[0] == 204 else forward.PATH + "{name}"
            elif path.startswith(MODELS + "/") and method in ("GET", "HEAD"):
                route = MODELS + "/{id}"
                reply = await self.model_page(scope, receive, headers)
            elif Hub.takes(path):
                route, reply = await self.hub(scope, receive, send, headers)
            else:
                answer = self._exact.get((("GET" if method == "HEAD" else method), path))
                route = path if answer is not None else ""
                reply = await answer(scope, receive, headers) if answer else self._elsewhere(method, path, headers)
        except Exception:
            request_id = self.door.request_id(begun)
            log.exception("%s 500 %s %s", request_id, method, route)
            reply = problem.problem(500, "internal_error", "Something is broken here; the log says what.", request_id)
        if isinstance(reply, int):  # it has been sent, or there is nobody left to send it to
            self.metrics.request(route, reply, self.clock() - begun)
            return
        status, start, payload = reply
        await send({"type": "http.response.start", "status": status, "headers": start})
        await send({"type": "http.response.body", "body": payload})
        self.metrics.request(route, status, self.clock() - begun)

    async def _not_http(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        else:  # a websocket: there is none here
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    def _elsewhere(self, method: str, path: str, headers: Headers) -> Reply:
        """404, 405 with what is allowed, or the answer to a browser's preflight."""
        request_id = self.door.request_id(self.clock())
        known = routes.route(path)
        allowed = [r.method for r in ROUTES if r.path == known]
        if not allowed:
            return problem.problem(404, "not_found", "There is nothing here.", request_id)
        allow = (b"allow", ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else []), "OPTIONS"]).encode())
        if method != "OPTIONS":
            words = f"`{method}` is not answered here; {' or '.join(allowed)} is."
            return problem.problem(405, "method_not_allowed", words, request_id, headers=[allow])
        start = [allow, (b"x-request-id", request_id.encode())]
        if b"access-control-request-method" in headers and self._cors(headers.get(b"origin", b"")):
            start += [
                (b"access-control-allow-methods", ", ".join(allowed).encode()),
                (b"access-control-allow-headers", b"authorization, content-type, idempotency-key"),
                (b"access-control-max-age", b"600"),
            ]
        return 204, start, b""

    def _cors(self, origin: bytes) -> list[tuple[bytes, bytes]]:
        """For the origins of `LICET_CORS`; never with credentials, so `*` gives away nothing that a key does not."""
        if "*" not in self.config.cors and origin.decode("latin-1") not in self.config.cors:
            return []
        return [
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", b"x-request-id, ratelimit, ratelimit-policy, retry-after"),
            (b"vary", b"origin"),
        ]

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                try:
                    await self.start()
                except Exception as error:
                    await send({"type": "lifespan.startup.failed", "message": str(error)})
                    return
                await send({"type": "lifespan.startup.complete"})
            else:
                await self.stop()
                await send({"type": "lifespan.shutdown.complete"})
                return

    # --- answers

    def _asker(self, scope: Scope, headers: Headers) -> tuple[Record | Reply, int, str]:
        now_ns = self.clock()
        request_id = self.door.request_id(now_ns)
        return self.door.who(scope, headers, now_ns // NS, request_id), now_ns // NS, request_id

    async def features_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /v1/features`: what this caller may use, and what others may."""
        asker, now_s, request_id = self._asker(scope, headers)
        if isinstance(asker, tuple):
            return asker
        return _json({"features": await self.asking.features(asker, now_s)}, request_id)

    async def models_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /v1/models`: the models that this caller may use, as OpenAI's clients read them."""
        asker, now_s, request_id = self._asker(scope, headers)
        if isinstance(asker, tuple):
            return asker
        return _json({"object": "list", "data": self.openai.models(asker, now_s)}, request_id)

    async def model_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /v1/models/{id}`."""
        asker, _, request_id = self._asker(scope, headers)
        if isinstance(asker, tuple):
            return asker
        told = self.openai.model(asker, scope["path"][len(MODELS) + 1 :], self.clock(), request_id)
        return told if isinstance(told, tuple) else _json(told, request_id)

    async def me(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /v1/me`: tier, quotas, limits, acceptances, usage."""
        asker, now_s, request_id = self._asker(scope, headers)
        if isinstance(asker, tuple):
            return asker
        return _json(self.asking.me(asker, self.rights.releases[0], now_s), request_id)

    async def evaluation(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`POST /access/v1/evaluation`."""
        return await self._evaluated(scope, receive, headers, self.authzen.evaluation)

    async def evaluations(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`POST /access/v1/evaluations`."""
        return await self._evaluated(scope, receive, headers, self.authzen.evaluations)

    async def _evaluated(
        self,
        scope: Scope,
        receive: Receive,
        headers: Headers,
        evaluate: Callable[[Record, Any, int], dict[str, Any] | Bad],
    ) -> Reply:
        asker, now_s, request_id = self._asker(scope, headers)
        given = headers.get(b"x-request-id", b"")
        if re.fullmatch(rb"[A-Za-z0-9._:-]{1,128}", given):  # AuthZEN: the asker's own id comes back
            request_id = given.decode()
        if isinstance(asker, tuple):
            return asker
        unfit = body.media_type(headers)
        raw = unfit or await body.read(receive, headers, ASK_MOST_BYTES)
        request = raw if isinstance(raw, Bad) else body.parse(raw)
        answer = request if isinstance(request, Bad) else evaluate(asker, request, now_s)
        if isinstance(answer, Bad):
            return problem.input_problem(answer, request_id)
        return _json(answer, request_id)

    async def openapi_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /openapi.json`: this interface, for machines."""
        return self.described.openapi(self.door.request_id(self.clock()))

    async def docs_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /docs`: the same, to read."""
        return self.described.docs(self.door.request_id(self.clock()))

    async def authzen_metadata(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /.well-known/authzen-configuration`."""
        return self.described.authzen(self.door.request_id(self.clock()))

    async def healthz(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /healthz`: the process answers."""
        return _json({"status": "ok"}, self.door.request_id(self.clock()))

    async def readyz(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /readyz`: the features are loaded, rights and ledger can be read."""
        request_id = self.door.request_id(self.clock())
        if not self.ready:
            return problem.problem(503, "not_ready", "The features are still being loaded.", request_id)
        try:
            self.rights.directory.version()
            self.turns.ledger.counters(())
        except Exception:
            log.exception("%s 503 not ready", request_id)
            return problem.problem(503, "not_ready", "Rights or ledger cannot be read.", request_id)
        return _json({"status": "ready"}, request_id)

    async def metrics_page(self, scope: Scope, receive: Receive, headers: Headers) -> Reply:
        """`GET /metrics`, for loopback and keys with the scope `metrics`."""
        asker, _, request_id = self._asker(scope, headers)
        if isinstance(asker, tuple):
            return asker
        allowed = asker.credential is not None and "metrics" in asker.credential.narrow.scopes
        if not allowed and not _is_loopback(scope, headers):
            words = "Metrics are for this machine and for keys with the scope `metrics`."
            return problem.problem(403, "not_allowed", words, request_id)
        page = self.metrics.page()
        kind = b"text/plain; version=1.0.0; charset=utf-8; escaping=underscores"
        start = [
            (b"content-type", kind),
            (b"content-length", b"%d" % len(page)),
            (b"x-request-id", request_id.encode()),
        ]
        return 200, start, page


def _also(send: Send, more: list[tuple[bytes, bytes]]) -> Send:
    """`send`, with these headers beside those of the answer."""

    async def sent(message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], *more]}
        await send(message)

    return sent


def _json(value: object, request_id: str) -> Reply:
    payload = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
    return (
        200,
        [JSON, (b"content-length", b"%d" % len(payload)), (b"x-request-id", request_id.encode()), NO_STORE],
        payload,
    )


def _is_loopback(scope: Scope, headers: Headers) -> bool:
    """The caller itself is on this machine, and not only a proxy that forwards for somebody."""
    peer = scope.get("client")
    if peer is None or b"x-forwarded-for" in headers or b"forwarded" in headers:
        return False
    try:
        return ip_address(peer[0]).is_loopback
    except ValueError:
        return False
