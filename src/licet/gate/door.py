"""May this call come in? The one choke point for calls of features: cheap questions first, spending last.

    credential -> standing -> slot -> input -> rate -> concurrency -> hold -> call -> settle | void

A refusal costs nothing: nothing is held, and rate and concurrency do not count it. `calling.py` does what comes after
the hold. In shadow mode every no is logged and none is given.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from licet.access.key import Dice
from licet.access.offers import Offer, offers
from licet.access.slot import NEVER_S
from licet.access.standing import within
from licet.gate import bearer, body, problem
from licet.gate.bearer import Strangers, Unfit
from licet.gate.body import Bad
from licet.gate.clocks import rfc3339
from licet.gate.config import Clock, GateConfig
from licet.gate.features import Callee, Features
from licet.gate.ids import RequestIds
from licet.gate.journal import Journal, text_of
from licet.gate.plan import Plan
from licet.gate.problem import Reply
from licet.gate.rights import Record, Rights, Seat
from licet.release.policy import ANONYMOUS
from licet.release.release import Feature
from licet.terms import Answer, Verdict
from licet.terms.plain import as_json

NS = 1_000_000_000
SLOW_BODY_NS = NS  # a body that took longer is decided upon anew: rights may have changed meanwhile

log = logging.getLogger("licet.gate")
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Headers = Mapping[bytes, bytes]


@dataclass(slots=True, eq=False)
class Visit:
    """One call that may come in, as far as it is decided."""

    now_ns: int
    now_s: int
    request_id: str
    record: Record
    seat: Seat
    plan: Plan
    noted: str = ""  # in shadow mode: the no that was not given, for the journal
    owes: tuple[tuple[bytes, bytes], ...] = ()  # headers that tell what the way taken costs

    @property
    def feature(self) -> Feature:
        return self.plan.feature


@dataclass(slots=True, eq=False)
class Input:
    """What is called with what; `raw` is the body as it came, for the worker."""

    callee: Callee
    given: dict[str, Any]
    raw: bytes


class Door:
    """Decides. `refused` is told the code of every no, the journal the whole of it."""

    def __init__(
        self,
        rights: Rights,
        features: Features,
        clock: Clock,
        dice: Dice,
        config: GateConfig,
        refused: Callable[[str], None],
        journal: Journal,
    ) -> None:
        self.rights, self.features, self.config, self.clock = rights, features, config, clock
        self._refused, self.journal = refused, journal
        self.request_id = RequestIds(dice)
        self._strangers = Strangers(config.url_key, config.trusted_proxies)

    # --- credential

    def who(self, scope: Scope, headers: Headers, now_s: int, request_id: str) -> Record | Reply:
        """Whose call it is: a record, or the 401 that says why nobody's."""
        self.rights.look(now_s)
        authorization = headers.get(b"authorization")
        if authorization is None:
            return self._stranger(scope, headers, now_s)
        digest = bearer.digest_of(authorization)
        if isinstance(digest, Unfit):
            return self._unknown(digest.detail, scope, headers, now_s, request_id)
        record = self.rights.record(digest)
        if record is None:
            typo = " It is mistyped or cut short: its checksum does not fit." if bearer.mistyped(authorization) else ""
            return self._unknown(f"This key is not known here.{typo}", scope, headers, now_s, request_id)
        if record.ends_s is not NEVER_S and now_s >= record.ends_s:
            credential = record.credential
            revoked = credential is not None and credential.revoked_s is not None and credential.revoked_s <= now_s
            code = "key_revoked" if revoked else "key_expired"
            return self._unknown("", scope, headers, now_s, request_id, code, record.key_id)
        if record.credential is not None and (networks := record.credential.narrow.networks) is not None:
            peer = scope.get("client")
            address = self._strangers.address(peer[0] if peer else "", headers.get(b"x-forwarded-for", b""))
            if not within(address, networks):
                return self._elsewhere(record, address, now_s, request_id)
        return record

    def _elsewhere(self, record: Record, address: str, now_s: int, request_id: str) -> Record | Reply:
        """A key of an address list, used from another address. The list itself is nobody's business."""
        code = "key_out_of_scope"
        self._refused(code)
        log.info("%s 403 %s %s", request_id, code, record.key_id)
        if self.config.shadow:
            return record
        detail = f"This key was narrowed by its owner to other addresses than {address or 'this one'}."
        spoken = {**as_json(problem.no(code, "key: narrowed by its owner"), action=""), "detail": detail}
        self.journal.refused(request_id, record, "", "", now_s, problem.status_of(code), text_of(spoken, None))
        return problem.refusal(spoken, request_id, detail=f"{detail} {self._way}")

    @property
    def _way(self) -> str:
        """How a key that is of no use is mended, on every wire."""
        return f"Keys are made at {self.config.url.rstrip('/')}/my/keys"

    def _stranger(self, scope: Scope, headers: Headers, now_s: int) -> Record:
        peer = scope.get("client")
        return self.rights.stranger(self._strangers.holder_id(peer[0] if peer else "", headers, now_s))

    def _unknown(
        self,
        detail: str,
        scope: Scope,
        headers: Headers,
        now_s: int,
        request_id: str,
        code: str = "not_authenticated",
        key_id: str = "",
    ) -> Record | Reply:
        self._refused(code)
        log.info("%s 401 %s %s", request_id, code, key_id)
        if self.config.shadow:
            return self._stranger(scope, headers, now_s)
        spoken = as_json(problem.no(code, f"key {key_id}".rstrip()), action="")
        status, text = problem.status_of(code), text_of({**spoken, "detail": detail or spoken["detail"]}, None)
        self.journal.refused(request_id, None, "", "", now_s, status, text)
        return problem.refusal(spoken, request_id, detail=f"{detail or spoken['detail']} {self._way}")

    # --- standing and slot

    def find(self, record: Record, name: str, now_s: int) -> tuple[Seat, Feature] | None:
        """The caller's seat at the first release that has a feature of this name, and the feature."""
        for release in self.rights.releases:
            seat = self.rights.seat(record, release, now_s)
            plan = seat.plans.get(name)
            if plan is not None:
                return seat, plan.feature
            feature = seat.table.release.feature(name) or seat.table.newest.feature(name)
            if feature is not None:
                return seat, feature
        return None

    def decide(self, scope: Scope, headers: Headers, name: str, now_ns: int, request_id: str) -> Visit | Reply:
        """Credential, standing, slot: a visit with at least one way to yes, or the reply that says no."""
        record = self.who(scope, headers, now_ns // NS, request_id)
        return record if isinstance(record, tuple) else self.admit(record, name, now_ns, request_id)

    def admit(self, record: Record, name: str, now_ns: int, request_id: str) -> Visit | Reply:
        """Standing and slot of a caller who is known."""
        now_s = now_ns // NS
        found = self.find(record, name, now_s)
        if found is None:
            return problem.problem(404, "not_found", f"There is no feature `{name}` here.", request_id)
        seat, feature = found
        visit = Visit(now_ns, now_s, request_id, record, seat, seat.plan(feature, now_s))
        if visit.plan.ways:
            return visit
        return self.refuse(visit, self.verdict(seat, visit.plan, now_s, {})) or visit

    @staticmethod
    def verdict(seat: Seat, plan: Plan, now_s: int, counts: Mapping[str, int]) -> Verdict:
        """Why it is no, by the specification, with the real counts (the meters' facts after the call)."""
        feature = plan.feature
        if seat.table.release.feature(feature.name) is None:
            return problem.no("feature_not_in_tier", f"licet.toml:{feature.line}")
        return seat.table.refusal(feature.name, plan.component, now_s, counts)

    def refuse(
        self,
        visit: Visit,
        verdict: Verdict,
        *,
        counts: Mapping[str, int] | None = None,
        retry_s: int | None = None,
        headers: list[tuple[bytes, bytes]] | None = None,
        anew_s: int = 0,
    ) -> Reply | None:
        """The reply that says no, with the ways to a yes, and from when on it is none (`anew_s`). None: it is a yes after
        all, or nobody is refused here."""
        if verdict.answer is Answer.YES:
            return None
        feature, component = visit.feature, visit.plan.component
        code = verdict.code or "not_allowed"
        self._refused(code)
        shadow = " (shadow: let in)" if self.config.shadow else ""
        log.info("%s %s %s %s%s", visit.request_id, code, feature.name, visit.record.key_id, shadow)
        ways = self.offers(visit.seat, visit.plan, visit.now_s, counts)
        tier = self.tier(visit.seat)
        spoken = as_json(verdict, action=feature.name, component=component, tier=tier, offers=ways)
        if self.config.shadow:
            visit.noted = text_of(spoken, visit.seat, shadow=True)
            return None
        self.note(visit, problem.status_of(code), text_of(spoken, visit.seat))
        words = f"{spoken['detail']} It begins anew at {rfc3339(anew_s)}." if anew_s else ""
        return problem.refusal(spoken, visit.request_id, detail=words, retry_s=retry_s, headers=headers or ())

    def offers(self, seat: Seat, plan: Plan, now_s: int, counts: Mapping[str, int] | None) -> tuple[Offer, ...]:
        """The ways to a yes, each tried, cheapest first."""
        table, name = seat.table, plan.feature.name
        if table.release.feature(name) is not None:
            return table.offers(name, plan.component, now_s, counts, self.config.url)
        return offers(  # new in a later document than the holder's: the table of his own knows nothing of it
            table.newest, seat.standing, table.facts, name, plan.component, now_s, self.config.url,
            held=table.release, narrow=table.narrow, role=table.role,
        )  # fmt: skip

    def note(self, visit: Visit, status: int, text: str) -> None:
        """Into the journal: this visit was refused."""
        release = visit.seat.standing.release
        self.journal.refused(visit.request_id, visit.record, release, visit.feature.name, visit.now_s, status, text)

    @staticmethod
    def tier(seat: Seat) -> str | None:
        """The tier as it is told: None for callers without an account."""
        return None if ANONYMOUS in seat.standing.claims else seat.standing.tier or None

    # --- input, rate, concurrency

    async def fit(self, visit: Visit, receive: Receive, headers: Headers) -> Input | Reply:
        """The input, read and checked by the feature's own type hints; else the reply that lists what is wrong."""
        feature, request_id = visit.feature, visit.request_id
        callee = self.features.callee(feature)
        if callee is None and feature.call:
            await self.features.load((feature,))
            callee = self.features.callee(feature)
        if feature.openai:
            words = f"`{feature.name}` is a model: call `/v1/chat/completions` and name it as the `model`."
            return problem.problem(404, "not_found", words, request_id)
        if feature.download:
            words = f"`{feature.name}` is not called: its files are fetched from the repository, as by `hf download`."
            return problem.problem(404, "not_found", words, request_id)
        if callee is None or callee.lacks:
            why = callee.lacks if callee else "this version cannot serve it yet"
            if callee:
                log.warning("%s 503 %s cannot run: %s", request_id, feature.name, callee.detail)
            return problem.problem(503, "not_available", f"`{feature.name}` is yours to call, but {why}.", request_id)
        unfit = body.media_type(headers)
        raw: bytes | Bad = unfit or await body.read(receive, headers, feature.max_bytes)
        given = raw if isinstance(raw, Bad) else body.parse(raw, not callee.exact)
        if isinstance(given, Bad) or isinstance(raw, Bad):
            return problem.input_problem(given, request_id)
        problems = callee.parameters.check(given)
        if problems:
            told = "; ".join(f"`{p.path}` {p.detail}" if p.path else f"the input {p.detail}" for p in problems[:3])
            more = f" (and {len(problems) - 3} more)" if len(problems) > 3 else ""
            stop = "" if told.endswith("?") and not more else "."
            bad = Bad(422, "invalid_input", f"The input of `{feature.name}` does not fit: {told}{more}{stop}", problems)
            return problem.input_problem(bad, request_id)
        return Input(callee, given, raw)

    def slow_down(self, visit: Visit) -> Reply | None:
        """Rate, then concurrency. None: both are taken, and `visit.seat.limit` counts the call as alive."""
        limit = visit.seat.limit
        waits_us = limit.take(visit.now_ns // 1000)
        if waits_us:
            seconds = -(-waits_us // 1_000_000)
            headers = [
                (b"ratelimit", b'"rate";r=0;t=%d' % seconds),
                (b"ratelimit-policy", b'"rate";q=%d;w=%d' % (limit.rate, limit.window_us // 1_000_000)),
            ]
            cite = f"{self.cite(visit)}: {limit.rate} calls in {limit.window_us // 1_000_000} s"
            reply = self.refuse(visit, problem.no("rate_limited", cite), retry_s=seconds, headers=headers)
            if reply is not None:
                return reply
        if limit.most and limit.alive >= limit.most:
            cite = f"{self.cite(visit)}: {limit.most} at once"
            reply = self.refuse(visit, problem.no("concurrency", cite), retry_s=1)
            if reply is not None:
                limit.give_back()
                return reply
        limit.alive += 1
        return None

    @staticmethod
    def cite(visit: Visit) -> str:
        """Where the tier of the visit is written."""
        table = visit.seat.table
        at = f"@{table.release.sha256[:6]}" if table.release.sha256 != table.newest.sha256 else ""
        return f"licet.toml{at}:{table.tier.line if table.tier else table.release.line}"
