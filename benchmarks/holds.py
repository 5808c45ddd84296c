"""What does an exact hold cost, and is it exact? One command, ratios inside one interleaved run: `python benchmarks/holds.py`.

First table, one process, N callers in flight, no quota short: `alone` is the same hold (sweep, conditional update, call
row) in a transaction of its own; `update` the least that one could do in a transaction of its own, a bare conditional
update without any record; `group` is `ledger.turn` with N holds and no event
loop around it; `turn` is what the gate does: `await Turns.hold(...)`, all of a loop turn in one transaction.
Second table, four processes on one file, 5,000 units, 8,000 tries of hold and settle: who admits how many. `read, then
write` is the control: it shows that the bench sees an over-admission where there is one.

Durability of every figure: SQLite, WAL, synchronous=NORMAL: exact through kill -9; a power cut may lose the last moments.
CPU time is the figure to trust; rates by the clock depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import uvloop

from licet.ledger.ports import Call, Held, Hold, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.turn import Turns

NOW, LEASE = 1_767_222_000, 60
FLIGHTS = (1, 8, 32, 128, 512)
LIMIT, TRIES, PROCESSES = 5_000, 8_000, 4


def take(holder: int, most: int) -> tuple[Take, ...]:
    return (Take(f"hol_{holder:022}", "sana", "calls/month", 0, 2 * NOW, 1, most),)


def call(i: int, holder: int, name: str = "a") -> Call:
    return Call(f"call_{name}{i:021}", f"hol_{holder:022}", "sana", "basic_analysis", "key_0000000000000000000001", NOW)


def in_flight(way: str, callers: int, holds: int, holders: int) -> tuple[float, float]:
    """Holds a second by the clock, CPU microseconds a hold."""
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.sqlite3", process_id="bench")
        takes = [take(holder, 10**9) for holder in range(holders)]
        for holder, wanted in enumerate(takes):  # the counters are there, as for every holder but a new one
            ledger.hold(call(holder, holder, "first"), wanted, NOW, LEASE)
        calls = [call(i, i % holders) for i in range(holds)]  # what a caller brings along is not what a hold costs
        numbers, turns, db = iter(range(holds)), Turns(ledger), ledger._db

        async def turn() -> None:
            for i in numbers:
                await turns.hold(calls[i], takes[i % holders], NOW, LEASE)

        async def alone() -> None:
            for i in numbers:
                ledger.hold(calls[i], takes[i % holders], NOW, LEASE)

        async def update() -> None:
            least = "update counter set held = held + 1 where n = ? and used + held < 1000000000"
            for i in numbers:
                db.execute(least, (i % holders + 1,))

        async def group() -> None:
            while some := [calls[i] for i in islice(numbers, callers)]:
                ledger.turn([Hold(one, takes[int(one.holder[4:])], NOW, LEASE) for one in some])

        async def all_of_them() -> None:
            if way == "group":
                await group()
                return
            await asyncio.gather(*({"turn": turn, "alone": alone, "update": update}[way]() for _ in range(callers)))

        clock, cpu = time.perf_counter(), time.process_time()
        uvloop.run(all_of_them())
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        assert way == "update" or not ledger.verify()
        ledger.close()
        return holds / clock, 1e6 * cpu / holds


def flights(holds: int, rounds: int, holders: int) -> list[dict[str, Any]]:
    rows = []
    for callers in FLIGHTS:
        seen: dict[str, list[tuple[float, float]]] = {"update": [], "alone": [], "group": [], "turn": []}
        for _ in range(rounds):
            for way, results in seen.items():
                results.append(in_flight(way, callers, holds, holders))
        rate = {way: statistics.median(r for r, _ in results) for way, results in seen.items()}
        cpu = {way: statistics.median(c for _, c in results) for way, results in seen.items()}
        ratios = {
            way: [a / t for (_, a), (_, t) in zip(seen["alone"], seen[way], strict=True)] for way in ("group", "turn")
        }
        rows.append(
            {
                "in_flight": callers,
                "holds_per_s": {way: round(r) for way, r in rate.items()},
                "cpu_us": {way: round(c, 1) for way, c in cpu.items()},
                "alone_to": {way: round(statistics.median(r), 2) for way, r in ratios.items()},
            }
        )
    return rows


def unsafe(file: str, name: str, start: Any, told: Any) -> None:
    """Looks first, then counts: what the ledger must never be."""
    ledger, admitted = SqliteLedger(file, process_id=name, wait_s=60), 0
    start.wait()
    for i in range(TRIES // PROCESSES):
        (counter,) = ledger.counters(take(0, LIMIT))
        if counter.used + counter.held < LIMIT:
            ledger.hold(call(i, 0, name), take(0, 10**9), NOW, LEASE)
            ledger.settle(call(i, 0, name).call_id, None, NOW)
            admitted += 1
    told.put(admitted)
    ledger.close()


def alone(file: str, name: str, start: Any, told: Any) -> None:
    ledger, wanted, admitted = SqliteLedger(file, process_id=name, wait_s=60), take(0, LIMIT), 0
    start.wait()
    for i in range(TRIES // PROCESSES):
        if isinstance(ledger.hold(call(i, 0, name), wanted, NOW, LEASE), Held):
            ledger.settle(call(i, 0, name).call_id, None, NOW)
            admitted += 1
    told.put(admitted)
    ledger.close()


def turn(file: str, name: str, start: Any, told: Any) -> None:
    ledger, wanted = SqliteLedger(file, process_id=name, wait_s=60), take(0, LIMIT)
    turns, numbers = Turns(ledger), iter(range(TRIES // PROCESSES))

    async def one() -> int:
        admitted = 0
        for i in numbers:
            if isinstance(await turns.hold(call(i, 0, name), wanted, NOW, LEASE), Held):
                await turns.settle(call(i, 0, name).call_id, None, NOW)
                admitted += 1
        return admitted

    async def many() -> int:
        return sum(await asyncio.gather(*(one() for _ in range(32))))

    start.wait()
    told.put(uvloop.run(many()))
    ledger.close()


def at_once(way: Callable[[str, str, Any, Any], None]) -> dict[str, Any]:
    """Four processes begin together; how many units did they give away, and how fast?"""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ledger.sqlite3"
        SqliteLedger(file, process_id="first").close()
        start, told = context.Barrier(PROCESSES + 1), context.Queue()
        children = [context.Process(target=way, args=(str(file), f"p{i}", start, told)) for i in range(PROCESSES)]
        for child in children:
            child.start()
        start.wait()
        clock = time.perf_counter()
        admitted = [told.get() for _ in children]
        clock = time.perf_counter() - clock
        for child in children:
            child.join()
        after = SqliteLedger(file, process_id="after")
        used = sum(counter.used for counter in after.used(f"hol_{0:022}", "sana"))
        clean = not after.verify()
        after.close()
    over = max(0, sum(admitted) - LIMIT)
    return {
        "tries_per_s": round(TRIES / clock),
        "admitted": sum(admitted),
        "counted": used,
        "over": over,
        "clean": clean,
    }


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--holds", type=int, default=10_000, help="holds a measurement (10000)")
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds; medians are told (5)")
    parser.add_argument("--holders", type=int, default=1, help="holders that the holds are spread over, in turn (1)")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of tables")
    args = parser.parse_args(argv)

    rows = flights(args.holds, args.rounds, args.holders)
    ways = {"read, then write": unsafe, "alone": alone, "turn": turn}
    exact = {name: at_once(way) for name, way in ways.items()}
    best = {way: max(row["alone_to"][way] for row in rows) for way in ("group", "turn")}
    if args.json:
        print(json.dumps({"durability": "WAL, synchronous=NORMAL", "in_flight": rows, "processes": exact}))
    else:
        print("SQLite, WAL, synchronous=NORMAL: exact through kill -9, a power cut may lose the last moments\n")
        print("in flight | CPU us a hold: update   alone   group    turn |   turn/s | alone : group, alone : turn")
        for row in rows:
            cpu, times = row["cpu_us"], row["alone_to"]
            print(
                f"{row['in_flight']:>9} | {cpu['update']:>21} {cpu['alone']:>7} {cpu['group']:>7} {cpu['turn']:>7} "
                f"| {row['holds_per_s']['turn']:>8} | {times['group']:>11} x {times['turn']:>10} x"
            )
        print(
            f"\ngoal: 5 x one transaction a hold; best {best['group']} x in the ledger, {best['turn']} x with the loop"
        )
        print(f"\n{PROCESSES} processes, {LIMIT} units, {TRIES} tries of hold and settle")
        for name, seen in exact.items():
            print(f"  {name:<17} {seen['tries_per_s']:>7} tries/s, admitted {seen['admitted']}, over {seen['over']}")
    return int(any(exact[name]["over"] or not exact[name]["clean"] for name in ("alone", "turn")))


if __name__ == "__main__":
    raise SystemExit(main())
