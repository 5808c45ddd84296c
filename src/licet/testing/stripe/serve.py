"""How does a test start it? In a thread, on a free port of loopback, with handles for what a test turns."""

from __future__ import annotations

import logging
import secrets
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn

from licet.testing.stripe import charges, hooks
from licet.testing.stripe.app import App
from licet.testing.stripe.books import Books, Json, Rules
from licet.testing.stripe.faults import Fault, Kind
from licet.testing.stripe.life import live


@dataclass(repr=False)
class Stripe:
    """A running server: its address, its key, and what a test may do behind its back."""

    app: App
    url: str
    key: str

    @property
    def books(self) -> Books:
        return self.app.books

    @property
    def hooks(self) -> hooks.Hooks:
        return self.app.hooks

    def clear(self, clock: Callable[[], int] | None = None) -> None:
        """An empty account again, with this clock."""
        with self.app.lock:
            books = Books(clock or self.books.clock, self.url)
            listening = hooks.Hooks(books, self.hooks.held, self.hooks.retries)
            books.told.append(listening.hear)
            self.app.books, self.app.hooks = books, listening
            self.app.faults, self.app.asked, self.app.done = [], [], {}
            self.app.__post_init__()

    def tick(self) -> None:
        """Everything that came due by the clock: renewals, retries, ends. Any request does the same."""
        with self.app.lock:
            live(self.books, self.books.clock())
        if not self.hooks.held:
            self.hooks.deliver()

    def fault(self, kind: Kind, path: str = "", *, method: str = "", times: int = 1, seconds: float = 0.0) -> None:
        """Something goes wrong with the next requests to this path."""
        self.app.faults.append(Fault(kind, path, method, times, seconds))

    def mended(self) -> None:
        self.app.faults.clear()

    def dispute(self, payment_intent: str) -> Json:
        """A cardholder asks the money of a payment back."""
        with self.app.lock:
            return charges.dispute(self.books, self.books.get("payment_intent", payment_intent)["latest_charge"])

    def judge(self, dispute: str, *, won: bool) -> Json:
        with self.app.lock:
            return charges.judge(self.books, dispute, won=won)

    def deliver(self, events: Iterable[Json] | None = None) -> list[int]:
        """Send the events that wait (or these) now."""
        return self.hooks.deliver(events)

    def browse(self, url: str, **form: str) -> tuple[int, str]:
        """What a customer's browser does on a hosted page: status, and the address it is sent to (or the page)."""
        sent = urllib.parse.urlencode(form).encode() if form else None
        request = urllib.request.Request(url, sent)  # noqa: S310  (loopback)
        try:
            with _NO_REDIRECT.open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as other:
            with other:
                return other.code, other.headers.get("location") or other.read().decode()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


_NO_REDIRECT = urllib.request.build_opener(_Stay())


class _Server(uvicorn.Server):
    def install_signal_handlers(self) -> None:
        """A thread has none."""


@contextmanager
def serve(
    clock: Callable[[], int] | None = None, *, rules: Rules | None = None, held: bool = False, port: int = 0
) -> Iterator[Stripe]:
    """A server on loopback until the block ends. `clock` gives epoch seconds; `held`: webhooks wait for `deliver`."""
    books = Books(clock or (lambda: int(time.time())), rules=rules or Rules())
    listening = hooks.Hooks(books, held)
    books.told.append(listening.hear)
    app = App(books, listening, f"sk_test_{secrets.token_hex(12)}")
    logging.getLogger("uvicorn.error").setLevel("CRITICAL")  # a cut answer is ordered, not an error
    server = _Server(uvicorn.Config(app, port=port, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise RuntimeError("the Stripe-shaped server did not start")
        time.sleep(0.01)
    at = server.servers[0].sockets[0].getsockname()[1]
    books.url = f"http://127.0.0.1:{at}"
    try:
        yield Stripe(app, books.url, app.key)
    finally:
        server.should_exit = True
        thread.join(10)
