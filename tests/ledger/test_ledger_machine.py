"""In every interleaving of hold, settle, void, renew, lapse, crash, tier change and clock moves the ledger stays exact.

Two processes (two open ledgers) share one file; every answer is compared with the oracle's. The sums are kept here once
more, apart from both.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, rule
from ledger_model import MemoryLedger

from licet.errors import LicetError
from licet.ledger.ports import Answer, Call, Close, Closed, Counter, Held, Hold, Op, Renew, Take
from licet.ledger.sqlite import SqliteLedger

START = 1_767_222_000  # an hour before 2026 begins
HOUR, DAY = 3_600, 86_400
MONTHS = ("2025-12", "2026-01", "2026-02")

processes = st.sampled_from("ab")
ids = st.sampled_from([f"call_{i}" for i in range(12)])
amounts = st.none() | st.dictionaries(st.sampled_from(["calls/month", "tokens/day"]), st.integers(0, 9), max_size=2)
takes = st.lists(
    st.builds(
        Take,
        holder=st.sampled_from(["ann", "bob"]),
        release=st.just("sana"),
        meter=st.sampled_from(["calls/month", "tokens/day"]),
        window_s=st.sampled_from([0, DAY]),
        resets_s=st.just(2 * DAY),
        amount=st.integers(0, 6),
        most=st.sampled_from([0, 3, 8, 20, None]),  # every hold may come from another tier
    ),
    max_size=3,
).map(tuple)


def abandon(ledger: SqliteLedger) -> None:
    """What the kernel does to a process that dies."""
    os.close(ledger._alive._fd)
    ledger._shut()


def touched(counters: Iterable[Counter]) -> list[Counter]:
    """A refused hold may leave a counter of zeros, or none."""
    return [counter for counter in counters if counter.used or counter.held]


class Machine(RuleBasedStateMachine):
    made = Bundle("made")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.model = MemoryLedger()
        self.open = {name: self._open(name) for name in "ab"}
        self.now_s = START
        self.counted: dict[str, Mapping[tuple[str, str, int], int]] = {}
        self.held: dict[str, tuple[Take, ...]] = {}
        self.most: dict[tuple[str, str, int], int] = defaultdict(int)
        self.excess: dict[tuple[str, str, int], int] = defaultdict(int)
        self.unlimited: set[tuple[str, str, int]] = set()

    def _open(self, name: str) -> SqliteLedger:
        return SqliteLedger(self.folder / "ledger.sqlite3", process_id=name)

    def _same(self, name: str, ops: list[Op]) -> None:
        self.model.process = name
        expected = [self._do(self.model, op) for op in ops]
        answers = [self._do(self.open[name], ops[0])] if len(ops) == 1 else self.open[name].turn(ops)
        for op, answer, wanted in zip(ops, answers, expected, strict=True):
            if isinstance(wanted, Exception):
                assert isinstance(answer, LicetError), (op, answer)
            else:
                assert answer == wanted, (op, answer, wanted)
            self._note(op, answer)

    def _do(self, ledger: SqliteLedger | MemoryLedger, op: Op) -> Answer | Exception:
        try:
            match op:
                case Hold(call, wanted, now_s, lease_s, amounts) if amounts is None:
                    return ledger.hold(call, wanted, now_s, lease_s)
                case Hold():
                    (answer,) = ledger.turn([op])
                    return answer
                case Renew(call_id, now_s):
                    return ledger.renew(call_id, now_s)
                case Close(call_id, _, now_s, void=True):
                    return ledger.void(call_id, now_s)
                case Close(call_id, used, now_s):
                    return ledger.settle(call_id, used, now_s)
        except LicetError as error:
            return error

    def _note(self, op: Op, answer: Answer | Exception) -> None:
        if isinstance(op, Hold) and isinstance(answer, Held) and not answer.again:
            assert op.call.call_id not in self.held
            amounts = op.amounts or [take.amount for take in op.takes]
            self.held[op.call.call_id] = tuple(replace(t, amount=n) for t, n in zip(op.takes, amounts, strict=True))
            for take in op.takes:
                key = take.holder, take.meter, take.window_s
                if take.most is None:
                    self.unlimited.add(key)
                else:
                    self.most[key] = max(self.most[key], take.most)
        if isinstance(op, Close) and isinstance(answer, Closed) and answer.call_id not in self.counted:
            self._count(op, answer)

    def _count(self, op: Close, answer: Closed) -> None:
        sums: dict[tuple[str, str, int], int] = defaultdict(int)
        for take in self.held[op.call_id]:
            key = take.holder, take.meter, take.window_s
            amount = 0 if answer.state == "voided" else (op.amounts or {}).get(take.meter, take.amount)
            sums[key] += amount
            assert answer.over or amount <= take.amount
            self.excess[key] += amount if answer.late else max(0, amount - take.amount)
        self.counted[op.call_id] = sums

    @initialize()
    def a_first_hold(self) -> None:
        take = Take("ann", "sana", "calls/month", 0, 2 * DAY, 2, 8)
        self._same("a", [Hold(Call("call_0", "ann", "sana", "chat", "key", START), (take,), START, 60)])

    @rule(target=made, name=processes, call_id=ids, wanted=takes, lease_s=st.sampled_from([1, 60, 0]))
    def hold(self, name: str, call_id: str, wanted: tuple[Take, ...], lease_s: int) -> str:
        before = call_id in self.model.calls
        self._same(name, [self._hold(call_id, wanted, lease_s)])
        if call_id in self.model.calls and not before:
            last = {(take.holder, take.meter, take.window_s): take for take in wanted}.values()  # of each counter
            for take, counter in zip(last, self.open[name].counters(last), strict=True):
                assert take.most is None or counter.used + counter.held <= take.most
        return call_id

    def _hold(self, call_id: str, wanted: tuple[Take, ...], lease_s: int = 60, apart: bool = False) -> Hold:
        amounts = [take.amount for take in wanted] if apart else None
        takes = tuple(replace(take, amount=1) for take in wanted) if apart else wanted
        return Hold(Call(call_id, "ann", "sana", "chat", "key", self.now_s), takes, self.now_s, lease_s, amounts)

    @rule(name=processes, call_id=made, used=amounts)
    def settle(self, name: str, call_id: str, used: Mapping[str, int] | None) -> None:
        self._same(name, [Close(call_id, used, self.now_s)])

    @rule(name=processes, call_id=made)
    def void(self, name: str, call_id: str) -> None:
        self._same(name, [Close(call_id, None, self.now_s, void=True)])

    @rule(name=processes, call_id=made)
    def renew(self, name: str, call_id: str) -> None:
        self._same(name, [Renew(call_id, self.now_s)])

    @rule(
        name=processes,
        holds=st.lists(st.tuples(ids, takes, st.just(60), st.booleans()), max_size=4),
        closes=st.lists(st.tuples(ids, amounts, st.booleans()), max_size=4),
        renewed=st.lists(ids, max_size=1),
    )
    def turn(
        self,
        name: str,
        holds: list[tuple[str, tuple[Take, ...], int, bool]],
        closes: list[tuple[str, Mapping[str, int] | None, bool]],
        renewed: list[str],
    ) -> None:
        ends: list[Op] = [Renew(call_id, self.now_s) for call_id in renewed]
        ends += [Close(call_id, None if void else used, self.now_s, void=void) for call_id, used, void in closes]
        self._same(name, [*ends, *(self._hold(*hold) for hold in holds)])

    @rule(seconds=st.sampled_from([1, 59, 60, HOUR, 20 * DAY, -1, -90, -2 * DAY]))
    def the_clock_moves(self, seconds: int) -> None:
        self.now_s += seconds

    @rule(name=processes)
    def sweep(self, name: str) -> None:
        assert self.open[name].sweep(self.now_s) == self.model.sweep(self.now_s)

    @rule(name=processes)
    def crash_and_start_again(self, name: str) -> None:
        abandon(self.open[name])
        self.open[name] = self._open(name)
        self.model.dies(name)

    @rule(name=processes)
    def stop_and_start_again(self, name: str) -> None:
        self.open[name].close()
        self.open[name] = self._open(name)
        self.model.dies(name)

    @rule(name=processes, month=st.sampled_from(MONTHS))
    def seal(self, name: str, month: str) -> None:
        try:
            made = self.open[name].seal(month, self.now_s)
        except LicetError:
            return
        assert self.open["b" if name == "a" else "a"].seal(month, self.now_s) == made

    @rule(call_id=consumes(made))
    def forget(self, call_id: str) -> None:
        """Its caller never comes back; the lease will end it."""

    @invariant()
    def counters_are_the_oracles(self) -> None:
        for holder in ("ann", "bob"):
            assert touched(self.open["a"].used(holder, "sana")) == touched(self.model.used(holder, "sana"))

    @invariant()
    def the_limit_holds_but_for_what_is_marked(self) -> None:
        for holder in ("ann", "bob"):
            for counter in self.open["b"].used(holder, "sana"):
                key = holder, counter.meter, counter.window_s
                if key not in self.unlimited:
                    assert counter.used + counter.held <= self.most[key] + self.excess[key]

    @invariant()
    def each_id_is_counted_once(self) -> None:
        sums: dict[tuple[str, str, int], int] = defaultdict(int)
        for of_call in self.counted.values():
            for key, amount in of_call.items():
                sums[key] += amount
        for holder in ("ann", "bob"):
            for counter in self.open["a"].used(holder, "sana"):
                assert counter.used == sums[holder, counter.meter, counter.window_s]

    @invariant()
    def verify_is_clean(self) -> None:
        assert self.open["b"].verify() == ()

    def teardown(self) -> None:
        try:
            self.open["a"].sweep(START + 10_000 * DAY)
            for holder in ("ann", "bob"):
                assert not [c for c in self.open["a"].used(holder, "sana") if c.held], "a hold has leaked"
        finally:
            for ledger in self.open.values():
                ledger.close()
            shutil.rmtree(self.folder)


TestMachine = Machine.TestCase
TestMachine.settings = settings(deadline=None, stateful_step_count=30)
