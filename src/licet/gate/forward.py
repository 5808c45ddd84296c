"""May a proxy let this request through to the server behind it? nginx, Caddy and Traefik ask before each; it is counted.

Yes is 204 with who calls; the call's fixed cost is held and settled at once, for the proxy never tells how it ended. No
is the refusal as everywhere else. nginx understands no other no than 401 and 403: it asks with `?nginx`, and finds the
true status and the whole problem in headers.
"""

from __future__ import annotations

import json
import logging

from licet.errors import LicetError
from licet.gate import problem
from licet.gate.calling import Calling, rate_headers
from licet.gate.door import NS, Door, Headers, Scope, Visit
from licet.gate.problem import NO_STORE, Reply
from licet.gate.wire_http import who
from licet.ledger.ports import Held

PATH = "/v1/forward/"
METHODS = ("GET", "HEAD", "POST")

log = logging.getLogger("licet.gate")


class Forward:
    """Answers proxies."""

    def __init__(self, calling: Calling) -> None:
        self.calling, self.door = calling, calling.door

    async def ask(self, scope: Scope, name: str, headers: Headers) -> Reply:
        """204 and who calls, or the refusal."""
        now_ns = self.door.clock()
        request_id = self.door.request_id(now_ns)
        try:
            reply = await self._decided(scope, name, headers, now_ns, request_id)
        except LicetError as error:
            log.error("%s 503 %s", request_id, error)
            reply = problem.problem(503, "unavailable", "The usage cannot be recorded at the moment.", request_id)
        return _for_nginx(reply) if scope.get("query_string", b"") == b"nginx" else reply

    async def _decided(self, scope: Scope, name: str, headers: Headers, now_ns: int, request_id: str) -> Reply:
        visit = self.door.decide(scope, headers, name, now_ns, request_id)
        if isinstance(visit, tuple):
            return visit
        if visit.feature.openai or visit.feature.download:
            words = f"`{name}` is counted in what it answers: it goes through Licet itself, not past it."
            return problem.problem(404, "not_found", words, request_id)
        no = self.door.slow_down(visit)
        if no is not None:
            return no
        limit = visit.seat.limit
        limit.alive -= 1  # how long it will be alive only the proxy knows
        held = await self.calling.hold(visit, request_id)
        if not isinstance(held, Held):
            limit.give_back()
            return held
        now_s = self.door.clock() // NS
        await self.calling.turns.settle(request_id, None, now_s, status=204)
        return 204, self._yes(visit), b""

    @staticmethod
    def _yes(visit: Visit) -> list[tuple[bytes, bytes]]:
        told = [*who(visit), *visit.owes, NO_STORE]
        if Door.tier(visit.seat) is None:  # Caddy hands on the name of a header that is missing as if it were its value
            told.append((b"x-licet-tier", b""))
        return [*told, *rate_headers(visit)] if visit.seat.limit.rate else told


def _for_nginx(reply: Reply) -> Reply:
    status, headers, payload = reply
    if status < 400:
        return reply
    told = json.loads(payload)
    # One line of ASCII, without what is long: it has to fit into a header.
    short = {k: told[k] for k in ("type", "title", "status", "detail", "code", "request_id", "error") if k in told}
    more = [
        (b"x-licet-status", b"%d" % status),
        (b"x-licet-code", told["code"].encode()),
        (b"x-licet-problem", json.dumps(short).encode()),
    ]
    return (401 if status == 401 else 403), [*headers, *more], payload
