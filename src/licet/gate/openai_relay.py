"""How does one event of a model's stream reach the caller? Cut, read and sent on in the moment in which it comes.

What has to be waited for is not done here: whoever pours says no to more, and the call's own task goes on from there.
"""

from __future__ import annotations

from licet.gate import sse
from licet.gate.begun import Begun, at_hand
from licet.gate.openai_usage import Delivered
from licet.gate.upstream_wire import Fault
from licet.gate.wire import Send


class Relay:
    """The events of one stream, on their way. `heard` hears each; unless `wanted`, the one that tells a usage which
    nobody asked for is kept back.

    After `take` said no: `out` is what is to be sent next, `fault` why nothing follows it, and `slow` what is sent already
    and has to be waited for.
    """

    __slots__ = ("_events", "_heard", "_send", "_wanted", "fault", "flows", "out", "slow")

    def __init__(self, heard: Delivered, send: Send, wanted: bool) -> None:
        self._events, self._heard, self._send, self._wanted = sse.Events(), heard, send, wanted
        self.flows = False  # the head of the answer is sent
        self.out: list[bytes] = []
        self.fault: Fault | None = None
        self.slow: Begun[None] | None = None

    @property
    def cut(self) -> bool:
        """Has a part of an event come that did not end?"""
        return self._events.cut

    def take(self, part: bytes) -> bool:
        """One part of the stream. False: the task has to go on."""
        out = self._cut(part)
        if not self.flows or self._heard.done or self.fault is not None:
            self.out = out
            return not (out or self._heard.done or self.fault)
        if out:
            data = out[0] if len(out) == 1 else b"".join(out)
            self.slow = at_hand(self._send({"type": "http.response.body", "body": data, "more_body": True}))
        return self.slow is None

    def _cut(self, part: bytes) -> list[bytes]:
        """The events that are whole now, up to the last; those before a fault are still the caller's."""
        heard = self._heard
        out: list[bytes] = []  # not `list[bytes]()`, which costs as much as a system call
        try:
            events = self._events.feed(part)
        except sse.TooLarge:
            self.fault = Fault("too_large", "an event without end")
            return out
        for raw, data in events:
            if data is not None and data != sse.DONE:
                told = heard.hear(data)
                if told is None or told.get("error"):
                    words = "an event that is no JSON" if told is None else "an error in its stream"
                    self.fault = Fault("unreadable", words)
                    return out
                if not self._wanted and told.get("choices") == [] and told.get("usage"):
                    continue
            out.append(raw)
            if data == sse.DONE or heard.done:
                heard.done = True
                break
        return out
