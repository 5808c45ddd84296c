"""One process of several at one ledger: `hammer.py WAY FILE NAME [LIMIT TRIES]`.

`alone` and `turns` try to hold and settle one unit of one counter, one after the other or 50 in flight, and print how
many were admitted. `forever` does everything at once until it is killed, and prints each call when its end is answered.
"""

from __future__ import annotations

import asyncio
import os
import sys
from itertools import count

from licet.ledger.ports import Call, Held, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.turn import Turns

NOW = 1_767_222_000


def take(most: int | None) -> tuple[Take, ...]:
    return (Take("ann", "sana", "calls/month", 0, 2 * NOW, 1, most),)


def call(name: str, i: int) -> Call:
    return Call(f"call_{name}_{i:08}", "ann", "sana", "chat", "key_1", NOW)


def alone(ledger: SqliteLedger, name: str, limit: int, tries: int) -> int:
    admitted, takes = 0, take(limit)
    for i in range(tries):
        if isinstance(ledger.hold(call(name, i), takes, NOW, 60), Held):
            admitted += 1
            ledger.settle(call(name, i).call_id, None, NOW)
    return admitted


async def turns(ledger: SqliteLedger, name: str, limit: int, tries: int) -> int:
    together, numbers, takes = Turns(ledger), iter(range(tries)), take(limit)

    async def one() -> int:
        admitted = 0
        for i in numbers:
            if isinstance(await together.hold(call(name, i), takes, NOW, 60), Held):
                admitted += 1
                await together.settle(call(name, i).call_id, None, NOW)
        return admitted

    return sum(await asyncio.gather(*(one() for _ in range(50))))


async def forever(ledger: SqliteLedger, name: str) -> None:
    together, numbers, takes = Turns(ledger), count(), take(None)

    async def one(way: int) -> None:
        for i in numbers:
            called = call(name, i)
            await together.hold(called, takes, NOW, 60)
            if way == 0:
                continue  # its caller never comes back
            ended = await (together.void if way == 1 else together.settle)(called.call_id, *[None] * (way > 1), NOW)
            os.write(1, f"{ended.call_id} {ended.state}\n".encode())

    await asyncio.gather(*(one(way) for way in range(8)))


def main(way: str, file: str, name: str, limit: str = "0", tries: str = "0") -> None:
    ledger = SqliteLedger(file, process_id=name, wait_s=30)
    print("ready", flush=True)
    sys.stdin.readline()  # all begin at once
    if way == "forever":
        ledger.start()
        asyncio.run(forever(ledger, name))
    elif way == "turns":
        print(asyncio.run(turns(ledger, name, int(limit), int(tries))))
    else:
        print(alone(ledger, name, int(limit), int(tries)))
    ledger.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
