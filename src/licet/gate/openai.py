"""Which model may this caller use, and by which of OpenAI's paths? Whoever is let in is handed to `openai_work.py`.

The caller's `model` is the name of a feature, or the upstream's name of its model: then it is the first such feature that
the caller's tier may use. A path that is not in `KINDS` is 404, for what has no meter is not passed on.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any

from licet.errors import LicetError, closest
from licet.gate import body, problem
from licet.gate import openai_limits as limits
from licet.gate.body import Bad
from licet.gate.door import NS, SLOW_BODY_NS, Headers, Receive, Scope, Visit
from licet.gate.hints import Problem
from licet.gate.openai_admission import Asked, Kind, asked
from licet.gate.openai_errors import NEVER_AGAIN
from licet.gate.openai_limits import Beyond
from licet.gate.openai_work import ModelCall
from licet.gate.plan import limits_of
from licet.gate.problem import Reply
from licet.gate.rights import Record, Seat
from licet.gate.upstream import Upstream, Upstreams
from licet.gate.wire import Header, Send, Wire
from licet.release.limits import Limits
from licet.release.release import Feature

KINDS: Mapping[str, Kind] = {
    "/v1/chat/completions": "chat",
    "/v1/completions": "completions",
    "/v1/responses": "responses",
    "/v1/embeddings": "embeddings",
}
MODELS = "/v1/models"
SHORT_BYTES = 1 << 16
# Answers that are kept or made behind the caller's back: nobody would count them, and their ids are nobody's own.
_STATEFUL = ("previous_response_id", "conversation", "background")

log = logging.getLogger("licet.gate")


class OpenAI:
    """The models of the releases served. `key_of` tells the value of the variable that a feature's `key_env` names."""

    def __init__(self, wire: Wire, upstreams: Upstreams, key_of: Callable[[str], str | None], created_s: int) -> None:
        self.wire, self.upstreams, self.created_s = wire, upstreams, created_s
        self.door = wire.calling.door
        self._key_of = key_of
        self._most: dict[tuple[str, ...], int] = {}
        self._heads: dict[tuple[str, str, bool, str], tuple[bytes, str, Upstream]] = {}

    # --- which models

    def models(self, record: Record, now_s: int) -> list[dict[str, Any]]:
        """What this caller may call now, as `/v1/models` lists it. A quota that is used up hides nothing."""
        usable = self._usable(record, now_s)
        return [self._told(seat, name) for seat, feature in usable for name in (feature.name, *_aliases(seat, feature))]

    def model(self, record: Record, name: str, now_ns: int, request_id: str) -> dict[str, Any] | Reply:
        """One model; or why this caller may not use it."""
        visit = self._visit(record, name, now_ns, request_id)
        if isinstance(visit, tuple):
            return visit
        known = name in _aliases(visit.seat, visit.feature)
        return self._told(visit.seat, name if known else visit.feature.name)

    def _told(self, seat: Seat, name: str) -> dict[str, Any]:
        owner = seat.table.newest.licensor
        return {"id": name, "object": "model", "created": self.created_s, "owned_by": owner}

    def _all(self, record: Record, now_s: int) -> list[tuple[Seat, Feature]]:
        rights = self.door.rights
        seats = [rights.seat(record, release, now_s) for release in rights.releases]
        found: dict[str, tuple[Seat, Feature]] = {}
        for seat in seats:
            for document in (seat.table.release, seat.table.newest):
                for feature in document.features:
                    if feature.openai:
                        found.setdefault(feature.name, (seat, feature))
        return list(found.values())

    def _usable(self, record: Record, now_s: int) -> list[tuple[Seat, Feature]]:
        shadow = self.door.config.shadow
        return [(s, f) for s, f in self._all(record, now_s) if shadow or s.plan(f, now_s).ways]

    def _visit(self, record: Record, name: str, now_ns: int, request_id: str) -> Visit | Reply:
        now_s = now_ns // NS
        found = self.door.find(record, name, now_s)
        if found is None or not found[1].openai:
            named = self._by_alias(record, name, now_s)
            named = named or [f.name for _, f in self._all(record, now_s) if name and f.model == name]
            usable = [f.name for _, f in self._usable(record, now_s) if f.name in named]
            if not named:
                return self._unknown(record, name, now_s, request_id, found is not None)
            name = (usable or named)[0]
        return self.door.admit(record, name, now_ns, request_id)

    def _by_alias(self, record: Record, name: str, now_s: int) -> list[str]:
        rights = self.door.rights
        found = (limits.aliased(rights.seat(record, release, now_s), name) for release in rights.releases)
        return [feature for feature in found if feature]

    def _unknown(self, record: Record, name: str, now_s: int, request_id: str, feature: bool) -> Reply:
        if feature:
            words = f"`{name}` is a feature and no model behind this wire: POST /v1/features/{name} calls it."
            return problem.problem(404, "model_not_found", words, request_id, param="model")
        usable = [f.name for _, f in self._usable(record, now_s)]
        where = closest(name, usable) or (f"GET {MODELS} lists yours" if usable else "none is yours to call")
        words = f"There is no model `{name[:100]}` here; {where}" + ("" if where.endswith("?") else ".")
        return problem.problem(404, "model_not_found", words, request_id, param="model")

    # --- a call

    async def call(self, kind: Kind, scope: Scope, receive: Receive, send: Send, headers: Headers) -> Reply | int:
        """The reply; or its status, where it has been sent already."""
        door = self.door
        now_ns = door.clock()
        request_id = door.request_id(now_ns)
        record = door.who(scope, headers, now_ns // NS, request_id)
        if isinstance(record, tuple):
            return record
        given = await self._given(record, receive, headers, now_ns // NS)
        if isinstance(given, Bad):
            return problem.input_problem(given, request_id)
        if door.clock() - now_ns > SLOW_BODY_NS:
            now_ns = door.clock()
            record = door.who(scope, headers, now_ns // NS, request_id)
            if isinstance(record, tuple):
                return record
        told, raw = given
        visit = self._visit(record, told["model"], now_ns, request_id)
        if isinstance(visit, tuple):
            return visit
        return await self._admitted(visit, kind, told, raw, receive, send)

    async def _admitted(
        self, visit: Visit, kind: Kind, told: dict[str, Any], raw: bytes, receive: Receive, send: Send
    ) -> Reply | int:
        feature, request_id = visit.feature, visit.request_id
        if len(raw) > feature.max_bytes:
            too_large = f"The body is larger than the {feature.max_bytes:,} bytes that `{feature.name}` takes."
            return self._unfit(visit, Bad(413, "too_large", too_large))
        limited = visit.plan.limits
        given, told = told, limits.shortened(limited, kind, told)
        asks = _asks(kind, told)
        if isinstance(asks, Problem):
            words = f"The request to `{feature.name}` does not fit: `{asks.path}` {asks.detail}."
            return self._unfit(visit, Bad(422, "invalid_input", words, (asks,)))
        if (no := limits.beyond(limited, kind, told, asks)) is not None and not self.door.config.shadow:
            free = limits.elsewhere(visit.seat.table.newest, feature.name, kind, told, asks)
            return self._not_in_tier(visit, limited, no, free)
        made = self._head(feature, kind, told.get("stream") is True)
        if made is None:
            log.error("%s 503 %s: the variable %s is not set", request_id, feature.name, feature.key_env)
            words = f"`{feature.name}` is yours to call, but the operator has not set its `key_env`."
            return problem.problem(503, "not_available", words, request_id, headers=[NEVER_AGAIN])
        head, secret, upstream = made
        work = ModelCall(
            visit, kind, told, asks, raw if told is given else b"",
            upstream=upstream, head=b"%sx-request-id: %s\r\n" % (head, request_id.encode()), secret=secret,
            ledger=self.wire.calling.turns.ledger, send=send,
        )  # fmt: skip
        try:
            return await self.wire.held(visit, work, receive)
        except LicetError as error:
            log.error("%s 503 %s", request_id, error)
            if work.started:
                return 503
            return problem.problem(503, "unavailable", "The usage cannot be recorded at the moment.", request_id)

    def _not_in_tier(self, visit: Visit, limited: Limits, no: Beyond, elsewhere: list[str]) -> Reply:
        """The tier has the model, and not for this."""
        tier, table = self.door.tier(visit.seat), visit.seat.table
        who = f"tier `{tier}`" if tier else "callers without an account"
        cite = table.release.cite(limited.line, newest=table.release.sha256 == table.newest.sha256)
        words = f"`{no.param}` {no.words} in requests to `{visit.feature.name}` of {who} ({cite})."
        if elsewhere:
            words += f" Without this limit: tier {' or tier '.join(f'`{name}`' for name in elsewhere)}."
        log.info("%s parameter_not_in_tier %s %s", visit.request_id, visit.feature.name, visit.record.key_id)
        self.wire.calling.unfit(visit, 403)
        bad = Bad(403, "parameter_not_in_tier", words, (Problem(no.param, no.words),))
        status, headers, payload = problem.input_problem(bad, visit.request_id)
        return status, [*headers, NEVER_AGAIN], payload

    def _unfit(self, visit: Visit, bad: Bad) -> Reply:
        self.wire.calling.unfit(visit, bad.status)
        return problem.input_problem(bad, visit.request_id)

    async def _given(
        self, record: Record, receive: Receive, headers: Headers, now_s: int
    ) -> tuple[dict[str, Any], bytes] | Bad:
        """The body with its `model`, read and as it came."""
        length = headers.get(b"content-length", b"")
        # A short body is held to its own feature's size later; only for a long one it matters now how much any takes.
        most = SHORT_BYTES if length.isdigit() and int(length[:9]) <= SHORT_BYTES else self._most_bytes(record, now_s)
        raw = body.media_type(headers) or await body.read(receive, headers, most)
        given = raw if isinstance(raw, Bad) else body.parse(raw)
        if isinstance(given, Bad) or isinstance(raw, Bad):
            return given
        if not isinstance(given, dict) or not isinstance(given.get("model"), str):
            words = "The body is no JSON object with a `model`."
            return Bad(422, "invalid_input", words, (Problem("model", "must be the name of a model"),))
        return given, raw

    def _most_bytes(self, record: Record, now_s: int) -> int:
        """What the largest model takes: which one it is stands in the body."""
        rights = self.door.rights
        tables = [rights.seat(record, release, now_s).table for release in rights.releases]
        documents = tuple(table.release.sha256 + table.newest.sha256 for table in tables)
        found = self._most.get(documents)
        if found is None:
            found = max((f.max_bytes for _, f in self._all(record, now_s)), default=SHORT_BYTES)
            self._most = {documents: found}  # all but a few callers hold the same documents
        return found

    def _head(self, feature: Feature, kind: Kind, stream: bool) -> tuple[bytes, str, Upstream] | None:
        """The start of the request: the operator's key and nothing of the caller's. None: the key is not set."""
        secret = (self._key_of(feature.key_env) or "").strip() if feature.key_env else ""
        if feature.key_env and not secret:
            return None
        key = feature.openai, kind, stream, feature.key_env
        known = self._heads.get(key)
        if known is None or known[1] != secret:
            path = next(path for path, of in KINDS.items() if of == kind).removeprefix("/v1")
            upstream, target = self.upstreams.of(feature.openai.rstrip("/") + path)
            lines: list[Header] = [
                (b"content-type", b"application/json"),
                (b"accept", b"text/event-stream" if stream else b"application/json"),
            ]
            if secret:
                lines.append((b"authorization", b"Bearer " + secret.encode()))
            known = self._heads[key] = upstream.head(target, lines), secret, upstream
        return known


def _aliases(seat: Seat, feature: Feature) -> tuple[str, ...]:
    return limits_of(limits.level_of(seat), feature.name).aliases


def _asks(kind: Kind, told: Mapping[str, Any]) -> Asked | Problem:
    """What the request asks for; a problem where it asks for what is not done here."""
    if kind == "responses":
        for name in _STATEFUL:
            if told.get(name):
                return Problem(name, "is not taken: answers are not kept here")
    if told.get("stream") not in (None, True, False):
        return Problem("stream", "must be true or false")
    if not isinstance(told.get("stream_options"), dict | None):
        return Problem("stream_options", "must be an object")
    return asked(kind, told)
