"""The ledger as a page of dictionaries: the oracle that every engine is held to, and itself an engine of the suite."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from licet.errors import Finding, LicetError
from licet.ledger.ports import Answer, Call, Close, Closed, Counter, Held, Hold, Op, Renew, Seal, Short, State, Take

Key = tuple[str, str, str, int]


@dataclass
class Row:
    call: Call
    takes: list[tuple[Key, int]]
    lease_s: int
    lapses_s: int
    process: str
    state: State = "open"
    over: bool = False
    late: bool = False


class MemoryLedger:
    def __init__(self) -> None:
        self.calls: dict[str, Row] = {}
        self.units: dict[Key, list[int]] = {}  # used, held
        self.resets_s: dict[Key, int] = {}
        self.process = "a"  # whose operations these are

    def hold(self, call: Call, takes: Sequence[Take], now_s: int, lease_s: int) -> Held | Short:
        if lease_s < 1 or any(take.amount < 0 for take in takes):
            raise LicetError("makes no sense")
        self.sweep(now_s)
        if row := self.calls.get(call.call_id):
            return Held(call.call_id, row.state)
        taken: list[tuple[Key, int]] = []
        for take in takes:
            key = take.holder, take.release, take.meter, take.window_s
            self.resets_s.setdefault(key, take.resets_s)
            used, held = self.units.setdefault(key, [0, 0])
            if take.most is not None and used + held + take.amount > take.most:
                for other, amount in taken:
                    self.units[other][1] -= amount
                used, held = self.units[key]
                return Short(take.meter, used, held, take.most, take.resets_s)
            self.units[key][1] += take.amount
            taken.append((key, take.amount))
        self.calls[call.call_id] = Row(call, taken, lease_s, now_s + lease_s, self.process)
        return Held(call.call_id)

    def renew(self, call_id: str, now_s: int) -> bool:
        row = self.calls.get(call_id)
        if row is None or row.state != "open" or row.lapses_s <= now_s:
            return False
        row.lapses_s = now_s + row.lease_s
        return True

    def settle(
        self, call_id: str, amounts: Mapping[str, int] | None, now_s: int, *, status: int = 0, took_ms: int = 0
    ) -> Closed:
        row = self._row(call_id)
        if row.state in ("settled", "voided"):
            return Closed(call_id, row.state, row.over, row.late)
        amounts = amounts or {}
        if not amounts.keys() <= {key[2] for key, _ in row.takes} or any(amount < 0 for amount in amounts.values()):
            raise LicetError("makes no sense")
        row.late = row.state == "lapsed" or row.lapses_s <= now_s
        for key, held in row.takes:
            amount = amounts.get(key[2], held)
            row.over = row.over or amount > held
            self.units[key][0] += amount
            self.units[key][1] -= held if row.state == "open" else 0
        row.state = "settled"
        return Closed(call_id, row.state, row.over, row.late)

    def void(self, call_id: str, now_s: int, *, status: int = 0, took_ms: int = 0) -> Closed:
        row = self._row(call_id)
        if row.state in ("open", "lapsed"):
            self._release(row, "voided")
        return Closed(call_id, row.state, row.over, row.late)

    def turn(self, ops: Sequence[Op]) -> list[Answer | Exception]:
        answers: dict[int, Answer | Exception] = {}
        for i in sorted(range(len(ops)), key=lambda i: isinstance(ops[i], Hold)):
            try:
                answers[i] = self.do(ops[i])
            except LicetError as error:
                answers[i] = error
        return [answers[i] for i in range(len(ops))]

    def do(self, op: Op) -> Answer:
        match op:
            case Hold(call, takes, now_s, lease_s, amounts):
                if amounts is not None:
                    takes = [replace(take, amount=n) for take, n in zip(takes, amounts, strict=True)]
                return self.hold(call, takes, now_s, lease_s)
            case Renew(call_id, now_s):
                return self.renew(call_id, now_s)
            case Close(call_id, _, now_s, void=True):
                return self.void(call_id, now_s)
            case Close(call_id, amounts, now_s):
                return self.settle(call_id, amounts, now_s)

    def sweep(self, now_s: int) -> int:
        return self.lapse(row for row in self.calls.values() if row.lapses_s <= now_s)

    def lapse(self, rows: Iterable[Row]) -> int:
        lapsed = [row for row in rows if row.state == "open"]
        for row in lapsed:
            self._release(row, "lapsed")
        return len(lapsed)

    def dies(self, process: str) -> None:
        self.lapse(row for row in self.calls.values() if row.process == process)

    def used(self, holder: str, release: str, now_s: int | None = None) -> tuple[Counter, ...]:
        return tuple(
            Counter(key[2], key[3], self.resets_s[key], *self.units[key])
            for key in sorted(self.units)
            if key[:2] == (holder, release) and (now_s is None or key[3] <= now_s < self.resets_s[key])
        )

    def counters(self, takes: Iterable[Take]) -> tuple[Counter, ...]:
        keys = [(t, (t.holder, t.release, t.meter, t.window_s)) for t in takes]
        return tuple(Counter(t.meter, t.window_s, t.resets_s, *self.units.get(key, (0, 0))) for t, key in keys)

    def lately(self, takes: Iterable[Take], now_s: int) -> tuple[Counter, ...]:
        return self.counters(takes)

    def verify(self) -> tuple[Finding, ...]:
        return ()

    def seal(self, month: str, now_s: int) -> Seal:
        raise NotImplementedError("the oracle keeps everything")

    def _row(self, call_id: str) -> Row:
        if call_id not in self.calls:
            raise LicetError("there is no such call")
        return self.calls[call_id]

    def _release(self, row: Row, state: State) -> None:
        if row.state == "open":
            for key, amount in row.takes:
                self.units[key][1] -= amount
        row.state = state
