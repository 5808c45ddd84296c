"""Who hears of an event? Webhook endpoints: signed as Stripe signs, sent again when refused; and every way to go wrong.

A test may hold the events back and send them itself: some never, some twice, in any order, with a signature of its own.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from licet.testing.stripe.books import Books, Json, seen
from licet.testing.stripe.catalogue import metadata

type Sink = Callable[[bytes, dict[str, str]], int]  # body, headers -> status


def sign(body: bytes, at_s: int, *keys: str) -> str:
    """The value of `Stripe-Signature`: one `v1` for each secret, so that a secret can be rolled."""
    signed = f"{at_s}.".encode() + body
    return ",".join([f"t={at_s}", *(f"v1={hmac.new(k.encode(), signed, hashlib.sha256).hexdigest()}" for k in keys)])


@dataclass(repr=False)
class Endpoint:
    """One who listens: over HTTP, or a function of a test's."""

    send: Sink
    secret: str
    events: tuple[str, ...] = ("*",)


@dataclass(repr=False)
class Hooks:
    """The endpoints of an account, and the events that they have not had yet."""

    books: Books
    held: bool = False  # a test sends them itself
    retries: int = 3
    endpoints: list[Endpoint] = field(default_factory=list)
    waiting: list[Json] = field(default_factory=list)
    bend: Callable[[list[Json]], list[Json]] | None = None  # what really goes out: less, more, in another order
    answers: list[tuple[str, int]] = field(default_factory=list)  # event type, status

    def hear(self, event: Json) -> None:
        self.waiting.append(event)

    def listen(self, to: str | Sink, secret: str, events: Iterable[str] = ("*",)) -> None:
        """Send events to this address (or function), signed with this secret."""
        self.endpoints.append(Endpoint(over_http(to) if isinstance(to, str) else to, secret, tuple(events)))

    def take(self) -> list[Json]:
        """The events that wait; they are a test's now."""
        taken, self.waiting = self.waiting, []
        return taken

    def deliver(self, events: Iterable[Json] | None = None) -> list[int]:
        """Send these events (by default all that wait), in this order; the status each was answered with."""
        statuses: list[int] = []
        sent = self.take() if events is None else list(events)
        for event in self.bend(sent) if self.bend else sent:
            wanted = [e for e in self.endpoints if "*" in e.events or event["type"] in e.events]
            statuses += [self._send(event, endpoint) for endpoint in wanted]
            event["pending_webhooks"] = 0
        return statuses

    def _send(self, event: Json, endpoint: Endpoint) -> int:
        status = 0
        for _ in range(1 + self.retries):
            body = json.dumps(seen(event), indent=2).encode()
            headers = {"Stripe-Signature": sign(body, self.books.clock(), endpoint.secret),
                       "Content-Type": "application/json; charset=utf-8"}  # fmt: skip
            status = endpoint.send(body, headers)
            self.answers.append((event["type"], status))
            if 200 <= status < 300:
                break
        return status


def over_http(url: str) -> Sink:
    """Post to an address; 0 where nobody answers."""

    def send(body: bytes, headers: dict[str, str]) -> int:
        request = urllib.request.Request(url, body, headers, method="POST")  # noqa: S310  (a test's own address)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            return refused.code
        except OSError:
            return 0

    return send


def endpoint(hooks: Hooks, given: Json) -> Json:
    """POST /v1/webhook_endpoints: its secret is told once."""
    secret = f"whsec_{secrets.token_hex(16)}"
    hooks.listen(given["url"], secret, given["enabled_events"])
    made = hooks.books.add("webhook_endpoint", {
        "api_version": given.get("api_version"), "application": None, "description": given.get("description"),
        "enabled_events": given["enabled_events"], "metadata": metadata({}, given), "status": "enabled",
        "url": given["url"],
    })  # fmt: skip
    return made | {"secret": secret}
