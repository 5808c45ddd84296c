"""How is a feature called that is another server (`http = "http://…"`)? Bodies go both ways as they come, neither kept.

What is passed on is what speaks of the body and of the caller's wishes. The caller's key, cookies, addresses and whatever
one connection says about itself stay here; of the answer nothing passes that would act on a browser in our name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from licet.errors import LicetError
from licet.gate import problem
from licet.gate.begun import Begun, at_hand
from licet.gate.body import GONE, PATIENCE_S, Bad
from licet.gate.calling import AsPlanned, rate_headers
from licet.gate.door import Door, Headers, Receive, Visit
from licet.gate.problem import Reply
from licet.gate.upstream import Flow, Upstreams
from licet.gate.upstream_wire import Fault
from licet.gate.wire import Ending, Header, Send, Watch, Wire, named, no_answer

# RFC 9110 7.6.1, and what names the caller, the way here or our own framing.
_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer trailers "
    b"transfer-encoding upgrade".split()
)
_NOT_SENT = _HOP | frozenset(
    b"authorization cookie host content-length expect accept-encoding forwarded x-real-ip x-request-id origin referer "
    b"idempotency-key via".split()
)
_NOT_SENT_STARTS = (b"x-forwarded-", b"x-licet-", b"sec-", b"cf-")
_NOT_TOLD = _HOP | frozenset(
    b"set-cookie content-length server date x-request-id alt-svc strict-transport-security clear-site-data "
    b"content-security-policy x-content-type-options www-authenticate location service-worker-allowed via".split()
)
_NOT_TOLD_STARTS = (b"access-control-", b"x-licet-", b"x-accel-", b"ratelimit")
# An answer that is a page must not act as one of ours: it comes from the address on which people are signed in.
_NO_PAGE = ((b"x-content-type-options", b"nosniff"), (b"content-security-policy", b"default-src 'none'; sandbox"))

log = logging.getLogger("licet.gate")


class _Passes(dict[bytes, bool]):
    """May a header of this name pass? Worked out once a name; strangers choose names, so not too many are kept."""

    def __init__(self, not_these: frozenset[bytes], nor_starts: tuple[bytes, ...]) -> None:
        super().__init__()
        self._not_these, self._nor_starts = not_these, nor_starts

    def __missing__(self, name: bytes) -> bool:
        if len(self) > 1000:
            self.clear()
        self[name] = passes = name not in self._not_these and not name.startswith(self._nor_starts)
        return passes


_SENT, _TOLD = _Passes(_NOT_SENT, _NOT_SENT_STARTS), _Passes(_NOT_TOLD, _NOT_TOLD_STARTS)


class _Unfit(Exception):
    """The body turned out to be refused while it was being sent on."""

    def __init__(self, bad: Bad) -> None:
        super().__init__(bad.detail)
        self.bad = bad


class Http:
    """Calls features of the kind `http`. `key_of` tells the value of the variable that `key_env` names."""

    def __init__(self, wire: Wire, upstreams: Upstreams, key_of: Callable[[str], str | None]) -> None:
        self.wire, self.upstreams, self._key_of = wire, upstreams, key_of

    async def call(self, visit: Visit, receive: Receive, send: Send, headers: Headers) -> Reply | int:
        """The reply to a visit that was let in; or its status, where it has been sent already."""
        feature, request_id = visit.feature, visit.request_id
        length, chunked = headers.get(b"content-length"), b"transfer-encoding" in headers
        if length is not None and (not length.isdigit() or int(length[:20]) > feature.max_bytes):
            return self._refused(visit, _too_large(feature.max_bytes))
        secret = (self._key_of(feature.key_env) or "").strip() if feature.key_env else ""
        if feature.key_env and not secret:
            log.error("%s 503 %s: the variable %s is not set", request_id, feature.name, feature.key_env)
            words = f"`{feature.name}` is yours to call, but the operator has not set its `key_env`."
            return problem.problem(503, "not_available", words, request_id)
        upstream, target = self.upstreams.of(feature.http)
        told = [*_sent(headers), *who(visit)]
        if secret:
            told.append((b"authorization", b"Bearer " + secret.encode()))
        head = upstream.head(target, told)
        first = await _next(receive)
        if isinstance(first, Bad):
            return self._refused(visit, first)
        if first["type"] != "http.request":
            return 499
        given: bytes | AsyncIterator[bytes] = first.get("body", b"")
        stays = receive
        if first.get("more_body"):
            incoming = _Incoming(first["body"], receive, feature.max_bytes)
            given, stays = incoming.parts(), incoming.after
        elif len(first["body"]) > feature.max_bytes:
            return self._refused(visit, _too_large(feature.max_bytes))
        size = None if chunked or length is None else int(length)

        async def ask() -> Flow:
            return await upstream.flow(head, given, timeout_s=feature.timeout_s, length=size)

        call = _HttpCall(visit, ask, send)
        try:
            return await self.wire.held(visit, call, stays)
        except LicetError as error:
            log.error("%s 503 %s", request_id, error)
            if call.started:
                return 503
            return problem.problem(503, "unavailable", "The usage cannot be recorded at the moment.", request_id)

    def _refused(self, visit: Visit, bad: Bad) -> Reply:
        self.wire.calling.unfit(visit, bad.status)
        return problem.input_problem(bad, visit.request_id)


class _HttpCall(AsPlanned):
    """One call, from its hold to the last byte of its answer."""

    def __init__(self, visit: Visit, ask: Callable[[], Awaitable[Flow]], send: Send) -> None:
        self.visit, self._ask, self._send = visit, ask, send
        self.started = False

    async def run(self, ending: Ending, watch: Watch) -> Reply | int:
        """Ask, hand on, count."""
        try:
            flow = await self._ask()
        except _Unfit as unfit:
            watch.stop()
            await ending.void(unfit.bad.status)
            return problem.input_problem(unfit.bad, self.visit.request_id)
        try:
            if 300 <= flow.status < 400 or flow.status in (401, 407):
                raise Fault("unreadable", f"it answered {flow.status}, which is not passed on")
            return await self._handed_on(ending, watch, flow)
        finally:
            flow.close()

    async def _handed_on(self, ending: Ending, watch: Watch, flow: Flow) -> int:
        """Every part at once; the end of it when the call is counted. An answer that says no is not counted."""
        part = await flow.read()
        while part and not flow.whole:
            await self._forward(watch, flow, part)
            part = await flow.read()
        watch.stop()
        if flow.status < 400:
            await ending.settle(flow.status)
        else:
            await ending.void(flow.status)
        await self._forward(watch, flow, part, more=False)
        return flow.status

    async def _forward(self, watch: Watch, flow: Flow, part: bytes, more: bool = True) -> None:
        if not self.started:
            self.started = True
            said = named(flow.headers, b"connection")
            of_its_connection = {name.strip().lower() for name in said.split(b",")} if said else ()
            start = [header for header in flow.headers if _TOLD[header[0]] and header[0] not in of_its_connection]
            if length := named(flow.headers, b"content-length"):
                start.append((b"content-length", length))
            start += [*_NO_PAGE, (b"x-request-id", self.visit.request_id.encode())]
            if flow.status < 400:
                start += self.visit.owes
            if self.visit.seat.limit.rate:
                start += rate_headers(self.visit)
            await self._send({"type": "http.response.start", "status": flow.status, "headers": start})
        watch.sending()
        await self._send({"type": "http.response.body", "body": part, "more_body": more})
        watch.sent()

    async def broken(self, ending: Ending, fault: Fault) -> Reply | int:
        """Before the first byte: nothing is charged. After it: the connection is closed early, so that nobody takes a
        part for the whole."""
        if self.started:
            if not ending.closed:
                await ending.settle(502)
            return 502
        reply = no_answer(self.visit.feature, fault, self.visit.request_id)
        if not ending.closed:
            await ending.void(reply[0])
        return reply

    async def gone(self, ending: Ending) -> None:
        """Counted, for work would else be free."""
        await ending.settle(499)


class _Incoming:
    """A body that is still coming. `after` waits until nobody reads it any more: a message has one reader."""

    def __init__(self, first: bytes, receive: Receive, most_bytes: int) -> None:
        self._first, self._receive, self._most = first, receive, most_bytes
        self._over = asyncio.Event()

    async def parts(self) -> AsyncIterator[bytes]:
        """The parts as they come, no faster than they are sent on."""
        try:
            size, part, more = 0, self._first, True
            while True:
                size += len(part)
                if size > self._most:
                    raise _Unfit(_too_large(self._most))
                yield part
                if not more:
                    return
                message = await _next(self._receive)
                if isinstance(message, Bad):
                    raise _Unfit(message)
                if message["type"] != "http.request":
                    raise _Unfit(GONE)
                part, more = message.get("body", b""), message.get("more_body", False)
        finally:
            self._over.set()

    async def after(self) -> dict[str, Any]:
        """`receive` for whoever looks whether the client is still there."""
        await self._over.wait()
        return await self._receive()


async def _next(receive: Receive) -> dict[str, Any] | Bad:
    """The next part of a body, waited for no longer than `PATIENCE_S`."""
    message = at_hand(receive())
    if not isinstance(message, Begun):
        return message
    try:
        async with asyncio.timeout(PATIENCE_S):
            return await message
    except TimeoutError:
        return Bad(408, "request_timeout", f"The body did not arrive: nothing came for {PATIENCE_S} seconds.")


def _sent(headers: Headers) -> list[Header]:
    """The caller's headers that are passed on."""
    connection = headers.get(b"connection", b"")
    named_by_connection = {name.strip().lower() for name in connection.split(b",")} if connection else ()
    return [(name, value) for name, value in headers.items() if _SENT[name] and name not in named_by_connection]


def who(visit: Visit) -> list[Header]:
    """Who calls, for the server behind: it may trust this, for nobody else can send these names through the gate."""
    told = [(b"x-licet-holder", visit.seat.holder_id.encode()), (b"x-request-id", visit.request_id.encode())]
    tier = Door.tier(visit.seat)
    return [*told, (b"x-licet-tier", tier.encode())] if tier else told


def _too_large(most_bytes: int) -> Bad:
    return Bad(413, "too_large", f"The body is larger than the {most_bytes:,} bytes that are taken here.")
