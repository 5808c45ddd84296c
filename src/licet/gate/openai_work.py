"""What happens to one call of a model, from its hold to its last event? Clamped, asked, counted by what the model says.

Statuses in the ledger: 200, counted by the upstream; 203, it told no usage and the count is an estimate; 499, the client
left, and 502, the stream broke: what was delivered is counted, by the last usage told or else estimated.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from licet.access import spend
from licet.gate import sse
from licet.gate.calling import rate_headers
from licet.gate.door import Visit
from licet.gate.openai_admission import UNASKED, Asked, Clamped, Kind, Left, clamp, most_names
from licet.gate.openai_body import rewritten
from licet.gate.openai_errors import refused_by_upstream, stream_error
from licet.gate.openai_relay import Relay
from licet.gate.openai_usage import Delivered, Usage, delivered_by, usage_at_end, usage_of
from licet.gate.plan import TOKENS, Way
from licet.gate.problem import JSON, NO_STORE, Reply
from licet.gate.upstream import Flow, Upstream
from licet.gate.upstream_wire import Fault
from licet.gate.wire import Ending, Header, Send, Watch, named, no_answer
from licet.ledger.ports import Counter, Ledger, Short, Take

ANSWER_MOST_BYTES = 64 << 20
ERROR_MOST_BYTES = 64 << 10
LARGE_BYTES = 64 << 10  # to read a larger answer whole would keep others waiting
EVENT_STREAM = (b"content-type", b"text/event-stream; charset=utf-8")


class ModelCall:
    """One call. `raw` is the body as it came, empty where it was changed since. `upstream`, `head` and `secret` say where
    to; `send` takes the events of a stream."""

    __slots__ = (
        "_clamped", "_head", "_heard", "_ledger", "_left", "_raw", "_tried", "_way",
        "asks", "body", "kind", "secret", "send", "started", "upstream", "visit",
    )  # fmt: skip

    def __init__(
        self,
        visit: Visit,
        kind: Kind,
        body: dict[str, Any],
        asks: Asked,
        raw: bytes,
        *,
        upstream: Upstream,
        head: bytes,
        secret: str,
        ledger: Ledger,
        send: Send,
    ) -> None:
        self.visit, self.kind, self.body, self.asks, self._raw = visit, kind, body, asks, raw
        self.upstream, self.secret, self.send = upstream, secret, send
        self._head = head
        self._ledger = ledger
        self._clamped = Clamped(Usage(asks.prompt, 0), None)
        self._way: Way | None = None  # that was held
        self._heard = Delivered()
        self.started = False
        self._left: list[tuple[Left, Take]] = []  # of each quota of tokens, before this call
        self._tried = 0  # ways

    # --- how many units

    def amounts(self, way: Way) -> Sequence[int] | Short:
        """What to hold of each of the way's takes: the tokens that this call may use, and what it then costs.

        Where there are further ways the first ones are tried without cutting the answer short: whoever pays past his
        quota is not answered in the five tokens that were left of it. Once all have failed they are tried again.

        What is left is first guessed from what the ledger has in mind: most calls ask for much less, and the hold is
        exact whatever is guessed. Nobody's answer is cut short, and nobody refused, by a guess.
        """
        self._tried += 1
        ways = len(self.visit.plan.ways)
        limited = [(t, kind) for t, kind in zip(way.takes, way.tokens, strict=False) if kind and t.most is not None]
        if self._tried <= ways:
            counters = self._ledger.lately([take for take, _ in limited], self.visit.now_s)
            clamped, left = self._clamp(way, limited, counters)
        if self._tried > ways or clamped is None or clamped.hold.tokens_out < self._wanted_out():
            counters = self._ledger.counters([take for take, _ in limited])
            clamped, left = self._clamp(way, limited, counters)
        if clamped is None or (self._tried < ways and clamped.hold.tokens_out < self._wanted_out()):
            if not limited:
                return self._short_of_money(way)
            tight = min(range(len(left)), key=lambda n: left[n].tokens)
            take, at = limited[tight][0], counters[tight]
            return Short(take.meter, at.used, at.held, take.most or 0, take.resets_s)
        self._clamped, self._way = clamped, way
        self._left = [(one, take) for (take, _), one in zip(limited, left, strict=False)]
        amounts = self._amounts(clamped.hold)
        return [amounts.get(take.meter, take.amount) for take in way.takes]

    def _clamp(
        self, way: Way, limited: Sequence[tuple[Take, str]], counters: Sequence[Counter]
    ) -> tuple[Clamped | None, list[Left]]:
        """What the call may take where the counters stand so, and what they then have left."""
        left = [
            Left(kind, (take.most or 0) - at.used - at.held) for (take, kind), at in zip(limited, counters, strict=True)
        ]
        if way.priced:
            left += self._affordable(way)
        return clamp(self.asks, left), left

    def least(self, take: Take) -> int:
        kind = take.meter.partition("/")[0]
        usage = Usage(self.asks.prompt, self.asks.answers if self.asks.answering else 0)
        if take.meter == spend.SPEND:
            dearest = [way for way in self.visit.plan.ways if way.priced][-1:]
            return max((self._counted(way, usage)[spend.SPEND] for way in dearest), default=0)
        return usage.of(kind) if kind in TOKENS else take.amount

    def _amounts(self, usage: Usage) -> Mapping[str, int]:
        ways = self.visit.plan.ways
        if not ways:  # in shadow mode: a call that no way leads to
            return {}
        return self._counted(self._way or ways[0], usage)  # in shadow mode: the first, without its limits

    @staticmethod
    def _counted(way: Way, usage: Usage) -> dict[str, int]:
        """The units of each take that depends on tokens, by its meter; what they cost among them."""
        told = {take.meter: usage.of(kind) for take, kind in zip(way.takes, way.tokens, strict=False) if kind}
        if way.priced:
            told[spend.SPEND] = spend.cost_nanos(way.priced, {**{t.meter: t.amount for t in way.takes}, **told})
        return told

    def _wanted_out(self) -> int:
        asks = self.asks
        return (UNASKED if asks.most_out is None else asks.most_out) * asks.answers if asks.answering else 0

    def _affordable(self, way: Way) -> list[Left]:
        """How many tokens the cap of the holder pays for on this way, as one more quota."""
        capped = next((take for take in way.takes if take.meter == spend.SPEND and take.most is not None), None)
        if capped is None:
            return []
        (at,) = self._ledger.counters([capped])
        left = (capped.most or 0) - at.used - at.held - self._counted(way, Usage(self.asks.prompt, 0))[spend.SPEND]
        kinds = {name.partition("/")[0]: price for name, price in way.priced}
        outs = [spend.affords(price, left) for kind, price in kinds.items() if kind in ("tokens", "tokens_out")]
        if left < 0:
            return [Left("tokens", -1)]
        return [Left("tokens_out", min(outs) // len(outs))] if outs else []

    def _short_of_money(self, way: Way) -> Short:
        take = next(take for take in way.takes if take.meter == spend.SPEND)
        (at,) = self._ledger.counters([take])
        return Short(take.meter, at.used, at.held, take.most or 0, take.resets_s)

    def _delivered(self) -> Usage:
        return self._heard.usage or Usage(self.asks.prompt, self._heard.tokens_out)

    # --- the call

    async def run(self, ending: Ending, watch: Watch) -> Reply | int:
        """Ask, hand on, count."""
        feature = self.visit.feature
        body = rewritten(self._raw, self.body, self._changed())
        if self.body.get("stream") is not True:
            answer = await self.upstream.ask(
                self._head, body, timeout_s=feature.timeout_s, most_bytes=ANSWER_MOST_BYTES
            )
            return await self._whole(ending, watch, answer.status, answer.headers, answer.body)
        flow = await self.upstream.flow(self._head, body, timeout_s=feature.timeout_s)
        try:
            if flow.status == 200 and named(flow.headers, b"content-type").startswith(b"text/event-stream"):
                _readable(flow.headers)
                return await self._stream(ending, watch, flow)
            most = ANSWER_MOST_BYTES if flow.status == 200 else ERROR_MOST_BYTES
            return await self._whole(ending, watch, flow.status, flow.headers, await _all(flow, most))
        finally:
            flow.close()

    def _changed(self) -> dict[str, Any]:
        """What the upstream gets otherwise: its own model's name, the clamp, and the wish to be told the usage."""
        feature, body = self.visit.feature, self.body
        changed: dict[str, Any] = {"model": feature.model or feature.name}
        if (each := self._clamped.each) is not None:
            names = most_names(self.kind)
            for name in [name for name in names if body.get(name) is not None] or names[-1:]:
                changed[name] = each
        if body.get("stream") is True and self.kind in ("chat", "completions"):
            changed["stream_options"] = {**(body.get("stream_options") or {}), "include_usage": True}
        if self.kind == "responses":
            changed["store"] = False  # what is kept there could be asked for with another caller's id
        return changed

    async def _whole(self, ending: Ending, watch: Watch, status: int, headers: Sequence[Header], body: bytes) -> Reply:
        watch.stop()
        request_id = self.visit.request_id
        if status != 200:
            reply = refused_by_upstream(self.visit.feature, status, headers, body, self.secret, request_id)
            await ending.void(reply[0])
            return reply
        _readable(headers)
        usage, told = usage_at_end(body) if len(body) > LARGE_BYTES else None, None
        if usage is None:
            told = _read(body)
            usage = usage_of(told)
        counted = usage or Usage(self.asks.prompt, delivered_by(told))
        await ending.settle(200 if usage else 203, self._amounts(counted))
        length = (b"content-length", b"%d" % len(body))
        head = [JSON, length, (b"x-request-id", request_id.encode()), *self.visit.owes, *self._limits(counted)]
        return 200, head, body

    async def _stream(self, ending: Ending, watch: Watch, flow: Flow) -> int:
        """Every event at once, but the one that tells a usage nobody asked for. The last waits until all is counted."""
        heard, options = self._heard, self.body.get("stream_options")
        relay = Relay(heard, self.send, isinstance(options, dict) and bool(options.get("include_usage")))
        while True:
            ended = await flow.pour(relay.take)
            if heard.done:
                return await self._last(ending, watch, relay.out)
            if relay.slow is not None:
                watch.sending()
                await relay.slow
                watch.sent()
                relay.slow = None
            else:
                await self._forward(watch, relay.out)
                relay.out, relay.flows = [], self.started
            if relay.fault is not None:
                raise relay.fault
            if ended:
                break
        if heard.finished and not relay.cut:  # some servers end without saying so
            return await self._last(ending, watch, [sse.event(sse.DONE)])
        raise Fault("cut", "its stream ended in the middle")

    async def _forward(self, watch: Watch, out: list[bytes], more: bool = True) -> None:
        if not out and more:
            return
        if not self.started:
            self.started = True
            head = [EVENT_STREAM, NO_STORE, (b"x-accel-buffering", b"no"), *self.visit.owes]
            head.extend(self._limits(self._clamped.hold))
            head.append((b"x-request-id", self.visit.request_id.encode()))
            if self.visit.seat.limit.rate:
                head.extend(rate_headers(self.visit))
            await self.send({"type": "http.response.start", "status": 200, "headers": head})
        watch.sending()
        data = out[0] if len(out) == 1 else b"".join(out)
        await self.send({"type": "http.response.body", "body": data, "more_body": more})
        watch.sent()

    async def _last(self, ending: Ending, watch: Watch, out: list[bytes]) -> int:
        watch.stop()
        status = 200 if self._heard.usage else 203
        await ending.settle(status, self._amounts(self._delivered()))
        await self._forward(watch, out, more=False)
        return 200

    # --- other endings

    async def broken(self, ending: Ending, fault: Fault) -> Reply | int:
        """Before the first event: nothing is charged. After it: an event says so, for a stream that just stops looks
        whole to its readers."""
        feature, request_id = self.visit.feature, self.visit.request_id
        if not self.started:
            reply = no_answer(feature, fault, request_id)
            if not ending.closed:
                await ending.void(reply[0])
            return reply
        if not ending.closed:
            await ending.settle(502, self._amounts(self._delivered()))
        words = f"The server behind `{feature.name}` broke off: what was delivered is counted."
        last = sse.event(stream_error(words, "upstream_failed"))
        await self.send({"type": "http.response.body", "body": last, "more_body": False})
        return 502

    async def gone(self, ending: Ending) -> None:
        await ending.settle(499, self._amounts(self._delivered()))

    def _limits(self, used: Usage) -> list[Header]:
        """What OpenAI's clients show of limits, beside our own headers; with what this call used, or holds."""
        told: list[Header] = []
        limit = self.visit.seat.limit
        if limit.rate:
            left, full_s = limit.left(self.visit.now_ns // 1000)
            told += _ratelimit(b"requests", limit.rate, left, full_s)
        if self._left:
            tight, take = min(self._left, key=lambda at: at[0].tokens - used.of(at[0].meter))
            left, most = max(0, tight.tokens - used.of(tight.meter)), take.most or 0
            told += _ratelimit(b"tokens", most, left, take.resets_s - self.visit.now_s)
        return told


def _ratelimit(what: bytes, most: int, left: int, resets_s: int) -> list[Header]:
    hours, rest = divmod(max(0, resets_s), 3600)
    clock = (f"{hours}h" if hours else "") + (f"{rest // 60}m" if resets_s >= 60 else "") + f"{rest % 60}s"
    return [
        (b"x-ratelimit-limit-" + what, b"%d" % most),
        (b"x-ratelimit-remaining-" + what, b"%d" % left),
        (b"x-ratelimit-reset-" + what, clock.encode()),
    ]


def _readable(headers: Sequence[Header]) -> None:
    """What was asked to be sent as it is cannot be counted otherwise; and nothing is unpacked that may be a bomb."""
    if named(headers, b"content-encoding") not in (b"", b"identity"):
        raise Fault("unreadable", "it answers compressed, although asked not to")


def _read(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault("unreadable", "its answer is no JSON") from None
    if not isinstance(told, dict):
        raise Fault("unreadable", "its answer is no JSON object")
    return told


async def _all(flow: Flow, most_bytes: int) -> bytes:
    parts = bytearray()
    while part := await flow.read():
        parts += part
        if len(parts) > most_bytes:
            raise Fault("too_large", f"its answer is larger than {most_bytes:,} bytes")
    return bytes(parts)
