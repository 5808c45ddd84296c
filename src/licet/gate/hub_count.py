"""May this caller fetch a component's file, and is it counted? The Hub wire's way through the door.

The question is `download` of the component, decided by the same tables as every call. HEAD only asks. A GET is counted
once for a holder, a file's content and a window (a month; a day where some quota counts by the day, or for strangers): it
is the same call however often it is repeated, cut and resumed. Rate and concurrency are not asked: clients fetch eight
files at a time, and for this wire there is no "later".
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256

from licet.access import grant, quota, spend
from licet.access.key import base62
from licet.access.offers import Offer, offers
from licet.access.slot import Slot, Way
from licet.errors import LicetError
from licet.gate import problem
from licet.gate.clocks import rfc3339
from licet.gate.door import Door
from licet.gate.files import File
from licet.gate.hub_say import refused, words
from licet.gate.journal import text_of
from licet.gate.problem import Reply
from licet.gate.rights import Record, Seat
from licet.ledger.ports import Call, Held, Short, Take
from licet.ledger.turn import Turns
from licet.release.policy import ANONYMOUS
from licet.release.release import Feature, Release
from licet.terms import METER, Answer, Verdict
from licet.terms.action import DOWNLOAD
from licet.terms.plain import as_json

LEASE_S = 60
ATTEMPTS = 8  # of a count that was begun and never ended: a crash between two writes
DAY = frozenset({"minute", "hour", "day"})

log = logging.getLogger("licet.gate")


class Downloads:
    """Decides and counts; `told` hears the code of every no."""

    def __init__(self, door: Door, turns: Turns, told: Callable[[str], None]) -> None:
        self.door, self.turns, self._refused = door, turns, told

    def open_to_all(self, release: Release, component: str, record: Record, now_s: int) -> bool:
        """May callers without an account have it? `record` is of such a caller."""
        return bool(self._slot(self.door.rights.seat(record, release.name, now_s), component, now_s).ways)

    def refusal(self, record: Record, release: Release, component: str, now_s: int, request_id: str) -> Reply | None:
        """The reply that says no; None: it may be fetched, as far as that can be told without counting."""
        seat = self.door.rights.seat(record, release.name, now_s)
        if self._slot(seat, component, now_s).ways:
            return None
        return self._refuse(record, seat, component, now_s, request_id, {})

    async def count(self, record: Record, release: Release, file: File, now_s: int, request_id: str) -> Reply | None:
        """Count the download of a file, once. The reply that says no; None: it may be sent."""
        if not file.component:
            return None
        seat = self.door.rights.seat(record, release.name, now_s)
        slot = self._slot(seat, file.component, now_s)
        feature = self._feature(seat, file.component)
        if not slot.ways:
            no = self._refuse(record, seat, file.component, now_s, request_id, {})
            if no is not None:
                return no
        ways = [(way, self._takes(seat, way, feature, file, now_s)) for way in slot.ways]
        if not ways:  # shadow mode: let in, and counted all the same
            free = Way((), Verdict(Answer.YES))
            ways = [(free, self._takes(seat, free, feature, file, now_s))]
        first = self._call_id(seat, file, [take for _, takes in ways for take in takes], now_s)
        try:
            for attempt in range(ATTEMPTS):
                held = await self._held(f"{first}.{attempt}" if attempt else first, record, seat, feature, ways, now_s)
                if isinstance(held, Short):
                    return await self._short(held, record, seat, file, ways, feature, now_s, request_id, first)
                if held.again in ("voided", "lapsed"):
                    continue
                if not held.again:
                    await self.turns.settle(held.call_id, None, now_s, status=200)
                return None
        except LicetError as error:
            log.error("%s 503 %s", request_id, error)
        return problem.problem(503, "unavailable", "The download cannot be recorded at the moment.", request_id)

    # --- slot and takes

    @staticmethod
    def _slot(seat: Seat, component: str, now_s: int) -> Slot:
        if seat.table.release.component(component) is None:
            return Slot(())
        return seat.table.slot(DOWNLOAD, component, now_s)

    @staticmethod
    def _feature(seat: Seat, component: str) -> Feature:
        """The feature that sends it: one of the holder's tier, else the first."""
        by = [f for f in (*seat.table.release.features, *seat.table.newest.features) if f.download == component]
        level = seat.table.tier
        return next((f for f in by if level is not None and f.name in level.features), by[0])

    @staticmethod
    def _takes(seat: Seat, way: Way, feature: Feature, file: File, now_s: int) -> list[Take]:
        amounts = {"calls": 1, "downloads": 1, "bytes": file.size, "units": feature.cost_units}
        always = "day" if ANONYMOUS in seat.standing.claims else "month"
        taken = {fact for fact, _ in way.takes}
        limits: dict[str, int | None] = {fact.removeprefix(METER): most for fact, most in way.takes}
        priced = spend.priced(seat.table.release, way.yes.duties)
        for counter in (*(name for name, _ in priced), *([spend.SPEND] if priced else ())):
            limits.setdefault(counter, None)
        for meter in ("calls", "downloads", "bytes"):  # counted in any case: "my usage" would else be empty
            limits.setdefault(f"{meter}/{always}", None)
        theirs = grant.beside(way.yes, seat.standing.grants, seat.table.quotas()) - {m for m, _ in priced}
        takes = []
        for counter, most in limits.items():
            window = quota.window(quota.period(counter), now_s, seat.standing.anchor_s)
            spared = counter in theirs and METER + counter not in taken
            amount = 0 if spared else amounts.get(counter.partition("/")[0], 0)
            if counter == spend.SPEND:
                amount = spend.cost_nanos(priced, {name: amounts.get(name.partition("/")[0], 0) for name, _ in priced})
            holder, release = seat.holder_id, seat.standing.release
            takes.append(Take(holder, release, counter, window.start_s, window.end_s, amount, most))
        return takes

    @staticmethod
    def _call_id(seat: Seat, file: File, takes: list[Take], now_s: int) -> str:
        """The same for the same holder, content and window."""
        daily = ANONYMOUS in seat.standing.claims or any(quota.period(t.meter) in DAY for t in takes)
        start_s = quota.window("day" if daily else "month", now_s, seat.standing.anchor_s).start_s
        parts = (seat.holder_id, seat.standing.release, file.component, file.sha256, str(start_s))
        return "call_" + base62(int.from_bytes(sha256("\0".join(parts).encode()).digest()[:16]), 22)

    # --- hold

    async def _held(
        self, call_id: str, record: Record, seat: Seat, feature: Feature, ways: list[tuple[Way, list[Take]]], now_s: int
    ) -> Held | Short:
        held: Held | Short | None = None
        for way, takes in ways:
            names = seat.holder_id, seat.standing.release, feature.name, record.key_id
            call = Call(call_id, *names, now_s, self._told(seat, feature, way))
            held = await self.turns.hold(call, takes, now_s, LEASE_S)
            if isinstance(held, Held):
                return held
        assert held is not None
        return held

    async def _short(
        self, short: Short, record: Record, seat: Seat, file: File, ways: list[tuple[Way, list[Take]]],
        feature: Feature, now_s: int, request_id: str, call_id: str,
    ) -> Reply | None:  # fmt: skip
        """Why no way succeeded, by the specification with the real counts."""
        takes = {t.meter: t for _, many in ways for t in many}
        counts = {
            METER + at.meter: at.used + at.held + takes[at.meter].amount
            for at in self.turns.ledger.counters(takes.values())
        }
        no = self._refuse(record, seat, file.component, now_s, request_id, counts, rfc3339(short.resets_s))
        if no is None and self.door.config.shadow:
            free = [(ways[0][0], [replace(t, most=None) for t in ways[0][1]])]
            held = await self._held(call_id, record, seat, feature, free, now_s)
            if isinstance(held, Held) and not held.again:
                await self.turns.settle(held.call_id, None, now_s, status=200)
        elif no is None:
            return problem.problem(503, "unavailable", "The quota moves too fast to be counted: try again.", request_id)
        return no

    # --- saying no

    def _refuse(
        self,
        record: Record,
        seat: Seat,
        component: str,
        now_s: int,
        request_id: str,
        counts: dict[str, int],
        resets: str = "",
    ) -> Reply | None:
        """The refusal. None: nobody is refused here (shadow mode), or it is a yes after all."""
        if seat.table.release.component(component) is None:  # new in a later document than the holder's
            found = seat.table.newest.component(component)
            verdict = problem.no("feature_not_in_tier", f"licet.toml:{found.line if found else 1}")
        else:
            verdict = seat.table.refusal(DOWNLOAD, component, now_s, counts)
        if verdict.answer is Answer.YES:
            return None
        code = verdict.code or "not_allowed"
        self._refused(code)
        shadow = self.door.config.shadow
        log.info("%s %s download %s%s", request_id, code, record.key_id, " (shadow: let in)" if shadow else "")
        if shadow:
            return None
        tier = self.door.tier(seat)
        ways = self._offers(seat, component, now_s, counts)
        spoken = as_json(verdict, action=DOWNLOAD, component=component, tier=tier, offers=ways)
        stranger = ANONYMOUS in seat.standing.claims
        said = words(spoken, self.door.config.url, stranger=stranger, resets=resets)
        reply = refused(problem.refusal(spoken, request_id), said)
        name, release = self._feature(seat, component).name, seat.standing.release
        self.door.journal.refused(request_id, record, release, name, now_s, reply[0], text_of(spoken, seat))
        return reply

    def _offers(self, seat: Seat, component: str, now_s: int, counts: dict[str, int]) -> tuple[Offer, ...]:
        table, url = seat.table, self.door.config.url
        if table.release.component(component) is not None:
            return table.offers(DOWNLOAD, component, now_s, counts, url)
        return offers(
            table.newest, seat.standing, table.facts, DOWNLOAD, component, now_s, url,
            held=table.release, narrow=table.narrow, role=table.role,
        )  # fmt: skip

    def _told(self, seat: Seat, feature: Feature, way: Way) -> str:
        spoken = as_json(way.yes, action=DOWNLOAD, component=feature.download, tier=self.door.tier(seat))
        return text_of(spoken, seat)
