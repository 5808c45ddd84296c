"""What happens to a call that was let in? Held, run, and then settled or voided: exactly one of the two.

Voided: a feature that raises, refuses its input, overruns its time or crashes. Settled: what was answered, and what its
client abandoned after it had begun, for work would else be free. A call with an `Idempotency-Key` is the same call when
the same key sends the same body to the same feature again: it runs again and is counted once.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any, Protocol

from licet.access.key import base62
from licet.errors import LicetError
from licet.gate import frames, problem
from licet.gate.door import NS, SLOW_BODY_NS, Door, Headers, Input, Receive, Scope, Visit
from licet.gate.features import Ended
from licet.gate.journal import text_of
from licet.gate.plan import Way
from licet.gate.problem import JSON, Reply
from licet.ledger.ports import Call, Held, Short, Take
from licet.ledger.turn import Turns
from licet.release.policy import SPEND
from licet.terms import METER
from licet.terms.plain import as_json

LEASE_S = 60
LOOK_FOR_CLIENT_S = 0.25  # most calls have ended by then, and never pay for looking
FREE = frozenset({402, 409, 429})  # refused for money, a running repeat or a quota: the rate counts no refusal
ATTEMPTS = 8  # of one Idempotency-Key whose earlier attempts all failed
_IDEMPOTENCY_KEY = re.compile(rb"[!-~]{1,255}")

log = logging.getLogger("licet.gate")


type Send = Callable[[dict[str, Any]], Awaitable[None]]
type Elsewhere = Callable[[Visit, Receive, Send, Headers], Awaitable[Reply | int]]


class Sizes(Protocol):
    """How many units a call takes, where its plan cannot know: tokens are told by the request."""

    def amounts(self, way: Way) -> Sequence[int] | Short | None:
        """What to hold of each take of this way, None: what the takes say; or which counter has too little left."""
        ...

    def least(self, take: Take) -> int:
        """What the shortest such call would take of a counter: for the reasons of a refusal."""
        ...


class AsPlanned:
    """Every call takes what its plan says."""

    def amounts(self, way: Way) -> None:
        return None

    def least(self, take: Take) -> int:
        return take.amount


AS_PLANNED = AsPlanned()


class Calling:
    """Runs calls through the door. `alive` are the calls with a lease to renew: id -> the second of the last one."""

    def __init__(self, door: Door, turns: Turns) -> None:
        self.door, self.turns = door, turns
        self.alive: dict[str, int] = {}
        self.elsewhere: Elsewhere | None = None  # for features that are another server
        self._voiding: set[asyncio.Task[object]] = set()

    async def call(self, scope: Scope, receive: Receive, name: str, headers: Headers, send: Send) -> Reply | int:
        """One call of a feature, from its headers to its reply; or its status, where that has been sent already."""
        door = self.door
        now_ns = door.clock()
        request_id = door.request_id(now_ns)
        visit = door.decide(scope, headers, name, now_ns, request_id)
        if isinstance(visit, tuple):
            return visit
        if visit.feature.http and self.elsewhere is not None:
            return await self.elsewhere(visit, receive, send, headers)
        try:
            given = await door.fit(visit, receive, headers)
            if isinstance(given, tuple):
                self.unfit(visit, given[0])
                return given
            repeatable = b"idempotency-key" in headers
            if repeatable:
                call_id = _repeatable(visit, headers[b"idempotency-key"], given.raw)
                if call_id is None:
                    detail = "An Idempotency-Key is 1 to 255 visible ASCII characters."
                    return problem.problem(400, "idempotency_key", detail, request_id)
                visit.request_id = request_id = call_id
            if door.clock() - now_ns > SLOW_BODY_NS:
                visit = door.decide(scope, headers, name, door.clock(), visit.request_id)
                if isinstance(visit, tuple):
                    return visit
            return await self._limited(visit, given, receive, repeatable)
        except LicetError as error:
            log.error("%s 503 %s", request_id, error)
            return problem.problem(503, "unavailable", "The usage cannot be recorded at the moment.", request_id)

    async def _limited(self, visit: Visit, given: Input, receive: Receive, repeatable: bool) -> Reply:
        no = self.door.slow_down(visit)
        if no is not None:
            return no
        limit = visit.seat.limit
        try:
            reply = await self._held(visit, given, receive, repeatable)
        finally:
            limit.alive -= 1
        if limit.rate:
            if reply[0] in FREE:
                limit.give_back()
            else:
                reply[1].extend(rate_headers(visit))
        return reply

    async def _held(self, visit: Visit, given: Input, receive: Receive, repeatable: bool) -> Reply:
        call_id = first = visit.request_id
        again = ""
        for attempt in range(ATTEMPTS if repeatable else 1):
            call_id = f"{first}.{attempt}" if attempt else first
            held = await self.hold(visit, call_id)
            if not isinstance(held, Held):
                return held
            visit.request_id, again = call_id, held.again
            if again not in ("voided", "lapsed"):  # those counted nothing: this attempt is a call of its own
                break
        if again and again != "settled":
            detail = "The call with this Idempotency-Key still runs, or failed too often: use another key."
            return problem.problem(409, "repeated_while_running", detail, visit.request_id)
        if again == "settled":
            return self._reply(visit, await self._run(visit, given, receive))
        self.alive[call_id] = visit.now_s
        try:
            ended = await self._run(visit, given, receive)
            reply = self._reply(visit, ended)
            now_ns = self.door.clock()
            took_ms = (now_ns - visit.now_ns) // 1_000_000
            if ended[0] == frames.ANSWER or ended[0] == frames.GONE:
                await self.turns.settle(call_id, None, now_ns // NS, status=reply[0], took_ms=took_ms)
            else:
                await self.turns.void(call_id, now_ns // NS, status=reply[0], took_ms=took_ms)
        except BaseException:
            self.void_soon(call_id)
            raise
        finally:
            del self.alive[call_id]
        return reply

    async def hold(self, visit: Visit, call_id: str, sizes: Sizes = AS_PLANNED) -> Held | Reply:
        """The first way whose takes all succeed; else the refusal, asked of the specification with the real counts."""
        standing, plan, now_s = visit.seat.standing, visit.plan, visit.now_s
        told = visit.noted or (plan.ways[0].told or self._told(visit, plan.ways[0]))[0]
        names = visit.seat.holder_id, standing.release, plan.feature.name, visit.record.key_id
        call = Call(call_id, *names, now_s, told)
        short = None
        for _ in range(3):  # again where something was given back in between
            for n, way in enumerate(plan.ways):
                if n and not visit.noted:
                    call = call._replace(verdict=(way.told or self._told(visit, way))[0])
                amounts = sizes.amounts(way)
                if isinstance(amounts, Short):
                    short = amounts
                    continue
                held = await self.turns.hold(call, way.takes, now_s, LEASE_S, amounts)
                if isinstance(held, Held):
                    visit.owes = way.owes
                    return held
                short = held
            if (no := self._short(visit, short, sizes)) is not None:
                return no
            if self.door.config.shadow:
                takes = [replace(t, most=None) for t in plan.ways[0].takes] if plan.ways else plan.uncounted
                held = await self.turns.hold(call, takes, now_s, LEASE_S)
                assert isinstance(held, Held)
                return held
        return problem.problem(503, "unavailable", "The quota moves too fast to be counted: try again.", call_id)

    def _short(self, visit: Visit, short: Short | None, sizes: Sizes) -> Reply | None:
        """Why no way succeeded, in the words of the specification; None: by now one would, or it is shadow mode."""
        takes = {t.meter: t for way in visit.plan.ways for t in way.takes}
        counts = {
            METER + at.meter: at.used + at.held + sizes.least(takes[at.meter])
            for at in self.turns.ledger.counters(takes.values())
        }
        headers, retry_s = [], None
        if short is not None and short.meter != SPEND:  # what is left of a cap is its holder's to know, not every key's
            name = re.sub(r"\W+", "_", short.meter).encode()  # readers of these headers take word characters only
            retry_s = short.resets_s - visit.now_s
            left, window_s = max(0, short.most - short.used - short.held), short.resets_s - takes[short.meter].window_s
            headers = [
                (b"ratelimit", b'"%s";r=%d;t=%d' % (name, left, retry_s)),
                (b"ratelimit-policy", b'"%s";q=%d;w=%d' % (name, short.most, window_s)),
            ]
        verdict = self.door.verdict(visit.seat, visit.plan, visit.now_s, counts)
        anew_s = _anew_s(visit.plan.ways, counts) if verdict.code == "quota_exhausted" else 0
        return self.door.refuse(visit, verdict, counts=counts, retry_s=retry_s, headers=headers, anew_s=anew_s)

    def _told(self, visit: Visit, way: Way) -> list[str]:
        """The way's verdict for the journal: worded once, then every call of it has the same text."""
        tier, plan = self.door.tier(visit.seat), visit.plan
        spoken = as_json(way.yes, action=plan.feature.name, component=plan.component, tier=tier)
        way.told.append(text_of(spoken, visit.seat))
        return way.told

    def unfit(self, visit: Visit, status: int) -> None:
        """The call was let in by its terms, but its input was not: for the journal, without a word of the input."""
        words = "The terms allow it; the input was refused, or the feature cannot run here."
        verdict = {"answer": "yes", "code": "", "detail": words}
        self.door.note(visit, status, text_of(verdict, visit.seat))

    async def _run(self, visit: Visit, given: Input, receive: Receive) -> Ended:
        ended = self.door.features.begin(given.callee, given.given, given.raw, visit.feature.timeout_s)
        if isinstance(ended, tuple):
            return ended
        return await _attended(ended, receive, stop=given.callee.function is not None)

    def _reply(self, visit: Visit, ended: Ended) -> Reply:
        kind, payload = ended
        request_id = visit.request_id
        if kind == frames.ANSWER:
            length = b"%d" % len(payload)
            head = [JSON, (b"content-length", length), (b"x-request-id", request_id.encode()), *visit.owes]
            return 200, head, payload
        name = visit.feature.name
        if kind == frames.REFUSED:
            words = payload.decode() or f"`{name}` refuses this input."
            return problem.problem(422, "input_refused", words, request_id)
        if kind == frames.UNREADABLE:
            return problem.problem(400, "invalid_json", "The body is nested too deeply.", request_id)
        if kind == frames.OVERLOADED:
            headers = [(b"retry-after", b"1")]
            return problem.problem(503, "overloaded", f"Too many calls wait for `{name}`.", request_id, headers=headers)
        if kind == frames.TIMED_OUT:
            log.warning("%s 504 %s took longer than %d s", request_id, name, visit.feature.timeout_s)
            words = f"`{name}` took longer than the {visit.feature.timeout_s} s that it has. Nothing was charged."
            return problem.problem(504, "feature_timeout", words, request_id)
        if kind == frames.GONE:
            return problem.problem(499, "client_gone", "The client left before the answer.", request_id)
        log.error("%s 500 %s failed\n%s", request_id, name, payload.decode("utf-8", "replace") or "its process ended")
        words = f"`{name}` failed. Nothing was charged; the log has the reason under this request id."
        return problem.problem(500, "feature_failed", words, request_id)

    def void_soon(self, call_id: str) -> None:
        """Void from where nobody may wait: the caller is being cancelled. Its lease would lapse it anyway."""
        task: asyncio.Task[object] = asyncio.ensure_future(self.turns.void(call_id, self.door.clock() // NS))
        self._voiding.add(task)
        task.add_done_callback(self._voiding.discard)

    async def renew(self) -> None:
        """New leases for calls that live long."""
        now_s = self.door.clock() // NS
        for call_id, since_s in list(self.alive.items()):
            if now_s - since_s >= LEASE_S // 3 and call_id in self.alive:
                self.alive[call_id] = now_s
                await self.turns.renew(call_id, now_s)


async def _attended(task: asyncio.Task[Ended], receive: Receive, *, stop: bool) -> Ended:
    """How the call ends. A client that leaves ends an async feature; a worker's call runs to its end, for stopping it
    would mean ending the process, with whatever it has loaded."""
    loop = asyncio.get_running_loop()
    watching: asyncio.Task[None] | None = None
    left = False

    async def watch() -> None:
        nonlocal left
        while (await receive())["type"] != "http.disconnect":
            pass
        left = True
        if stop:
            task.cancel()

    def begin() -> None:
        nonlocal watching
        watching = loop.create_task(watch())

    alarm = loop.call_later(LOOK_FOR_CLIENT_S, begin)
    try:
        return await task
    except asyncio.CancelledError:
        if left and not _cancelling():
            return frames.GONE, b""
        raise
    finally:
        alarm.cancel()
        if watching is not None:
            watching.cancel()


def _anew_s(ways: Sequence[Way], counts: Mapping[str, int]) -> int:
    """When the first of the ways is open again: each once the last of its quotas that are used up begins anew."""
    used_up = (
        [t.resets_s for t in way.takes if t.most is not None and counts.get(METER + t.meter, 0) > t.most]
        for way in ways
    )
    return min((max(resets) for resets in used_up if resets), default=0)


def _cancelling() -> bool:
    """Is it this very task that is being cancelled, not the one it waits for?"""
    current = asyncio.current_task()
    return current is not None and current.cancelling() > 0


def _repeatable(visit: Visit, key: bytes, raw: bytes) -> str | None:
    """The call id of a call that may be repeated: the same for the same key, feature and body. None: an unfit key."""
    if not _IDEMPOTENCY_KEY.fullmatch(key):
        return None
    parts = (visit.record.key_id.encode(), key, visit.feature.name.encode(), sha256(raw).digest())
    return "call_" + base62(int.from_bytes(sha256(b"\0".join(parts)).digest()[:16]), 22)


def rate_headers(visit: Visit) -> list[tuple[bytes, bytes]]:
    """What the rate of the tier has left, after this call."""
    limit = visit.seat.limit
    left, full_s = limit.left(visit.now_ns // 1000)
    return [
        (b"ratelimit", b'"rate";r=%d;t=%d' % (left, full_s)),
        (b"ratelimit-policy", b'"rate";q=%d;w=%d' % (limit.rate, limit.window_us // 1_000_000)),
    ]
