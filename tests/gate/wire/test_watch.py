"""A client that leaves, or takes nothing, ends its call; and however many calls there are, one alarm looks after them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from licet.gate import watch
from licet.gate.watch import Watch, Watches


class Client:
    """Says nothing until it leaves."""

    def __init__(self) -> None:
        self.gone = asyncio.Event()
        self.heard = 0

    async def receive(self) -> dict[str, Any]:
        self.heard += 1
        await self.gone.wait()
        return {"type": "http.disconnect"}


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watch, "LOOK_S", 0.02)
    monkeypatch.setattr(watch, "STALLED_S", 0.2)


async def call(watches: Watches, client: Client, seconds: float = 30, sending: bool = False) -> Watch:
    one = watches.watch(client.receive)
    if sending:
        one.sending()
    try:
        await asyncio.sleep(seconds)
    except asyncio.CancelledError:
        if not one.left:
            raise
    finally:
        one.stop()
    return one


async def ended(one: asyncio.Task[Watch]) -> Watch:
    """It ended by itself: `wait_for` would cancel it, which looks like what is asked for."""
    done, _ = await asyncio.wait({one}, timeout=5)
    assert done
    return one.result()


async def test_a_client_that_leaves_ends_its_call_and_no_other() -> None:
    watches, leaves, stays = Watches(), Client(), Client()
    ends = asyncio.create_task(call(watches, leaves))
    goes_on = asyncio.create_task(call(watches, stays))
    await asyncio.sleep(0.1)
    leaves.gone.set()
    assert (await ended(ends)).left
    assert not goes_on.done()
    goes_on.cancel()
    with pytest.raises(asyncio.CancelledError):
        await goes_on


async def test_a_client_that_left_before_anybody_looked_is_seen_too() -> None:
    client = Client()
    client.gone.set()
    assert (await ended(asyncio.create_task(call(Watches(), client)))).left


async def test_a_call_that_is_over_soon_is_never_looked_at() -> None:
    watches, client = Watches(), Client()
    assert not (await call(watches, client, 0)).left
    await asyncio.sleep(0.1)
    assert client.heard == 0


async def test_a_client_that_takes_nothing_for_long_has_left_and_one_that_takes_it_has_not() -> None:
    watches = Watches()
    stalled = asyncio.create_task(call(watches, Client(), sending=True))
    waits = asyncio.create_task(call(watches, Client(), 0.8))
    assert (await ended(stalled)).left
    assert not (await waits).left


async def test_many_calls_have_one_alarm_and_none_is_left_when_they_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    loop, watches, set_at = asyncio.get_running_loop(), Watches(), []
    call_later = loop.call_later

    def counted(delay: float, callback: Any, *args: Any, **more: Any) -> Any:
        if getattr(callback, "__self__", None) is watches:
            set_at.append(loop.time())
        return call_later(delay, callback, *args, **more)

    monkeypatch.setattr(loop, "call_later", counted)
    await asyncio.gather(*(call(watches, Client(), 0.1) for _ in range(200)))
    assert 1 <= len(set_at) < 20
    await asyncio.sleep(0.1)
    before = len(set_at)
    await asyncio.sleep(0.1)
    assert len(set_at) == before, "nobody is watched, and yet it rings"
    client = Client()
    client.gone.set()
    assert (await ended(asyncio.create_task(call(watches, client)))).left, "it rings again when somebody is"
