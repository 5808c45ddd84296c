"""Parts of an answer are handed over in the moment they come; whoever says no to more loses nothing of what follows."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest

from licet.gate.begun import Begun, at_hand
from licet.gate.openai_relay import Relay
from licet.gate.openai_usage import Delivered
from licet.gate.upstream_wire import Connection, Fault

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


class Wire:
    """Stands for the transport."""

    aborted = False

    def write(self, data: bytes) -> None: ...

    def abort(self) -> None:
        self.aborted = True

    def pause_reading(self) -> None: ...

    def resume_reading(self) -> None: ...


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def answering() -> Connection:
    """A connection whose answer has its head."""
    one = Connection(asyncio.get_running_loop())
    one.connection_made(cast("asyncio.BaseTransport", Wire()))
    one.begin(b"POST / HTTP/1.1\r\n\r\n", None)
    one.data_received(HEAD)
    await one.head(5)
    return one


async def test_a_part_is_handed_over_before_the_read_that_brought_it_returns() -> None:
    one, got = await answering(), list[bytes]()
    pouring = asyncio.create_task(one.pour(lambda part: not got.append(part), 5))
    await asyncio.sleep(0)
    for n in range(3):
        one.data_received(chunk(b"%d" % n))
        assert got == [b"%d" % i for i in range(n + 1)]
    one.data_received(END)
    await pouring
    assert one.whole and one.reusable


async def test_what_came_before_anybody_poured_is_handed_over_first() -> None:
    one, got = await answering(), list[bytes]()
    one.data_received(chunk(b"a") + chunk(b"b"))
    pouring = asyncio.create_task(one.pour(lambda part: not got.append(part), 5))
    await asyncio.sleep(0)
    one.data_received(chunk(b"c") + END)
    await pouring
    assert got == [b"ab", b"c"]


async def test_who_says_no_is_handed_nothing_more_and_finds_the_rest_later() -> None:
    one, got = await answering(), list[bytes]()

    def take(part: bytes) -> bool:
        got.append(part)
        return False

    pouring = asyncio.create_task(one.pour(take, 5))
    await asyncio.sleep(0)
    one.data_received(chunk(b"a"))
    one.data_received(chunk(b"b"))  # before the task has heard that it is over
    await pouring
    assert got == [b"a"]
    assert not one.whole
    one.data_received(END)
    await one.pour(take, 5)
    assert got == [b"a", b"b"]
    assert one.whole


async def test_what_the_taker_raises_is_raised_where_it_was_asked_for_and_not_in_the_loop() -> None:
    one = await answering()

    def take(part: bytes) -> bool:
        raise ValueError("no")

    pouring = asyncio.create_task(one.pour(take, 5))
    await asyncio.sleep(0)
    one.data_received(chunk(b"a"))
    with pytest.raises(ValueError, match="no"):
        await pouring


async def test_an_answer_that_is_cut_is_told_after_what_came_of_it() -> None:
    one, got = await answering(), list[bytes]()
    pouring = asyncio.create_task(one.pour(lambda part: not got.append(part), 5))
    await asyncio.sleep(0)
    one.data_received(chunk(b"a"))
    one.connection_lost(None)
    with pytest.raises(Fault, match="closed"):
        await pouring
    assert got == [b"a"]


async def test_each_part_has_its_own_time_and_the_one_that_never_comes_is_late() -> None:
    one = await answering()
    pouring = asyncio.create_task(one.pour(lambda part: True, 0.3))
    for _ in range(5):
        await asyncio.sleep(0.1)  # together longer than one may take
        one.data_received(chunk(b"a"))
    assert not pouring.done()
    with pytest.raises(Fault) as late:
        await pouring
    assert late.value.kind == "late"


async def test_who_is_cancelled_while_it_pours_is_handed_nothing_more() -> None:
    one, got = await answering(), list[bytes]()
    pouring = asyncio.create_task(one.pour(lambda part: not got.append(part), 5))
    await asyncio.sleep(0)
    pouring.cancel()
    one.data_received(chunk(b"a"))
    with pytest.raises(asyncio.CancelledError):
        await pouring
    assert got == []


# --- the events of a model's stream


async def test_a_client_that_is_slow_to_take_an_event_is_waited_for_before_the_next() -> None:
    takes, sent = asyncio.Event(), list[bytes]()

    async def send(message: dict[str, Any]) -> None:
        await takes.wait()
        sent.append(message["body"])

    relay = Relay(Delivered(), send, wanted=True)
    relay.flows = True
    event = b'data: {"choices": []}\n\n'
    assert not relay.take(event), "whoever pours must not go on"
    assert (relay.out, sent) == ([], [])
    takes.set()
    assert relay.slow is not None
    await relay.slow
    assert sent == [event]
    relay.slow = None
    assert relay.take(event), "a quick one costs no waiting"
    assert sent == [event, event]


# --- what is there already


async def given(value: Any) -> Any:
    return value


async def waited(future: asyncio.Future[Any]) -> Any:
    return await future


async def test_what_is_there_is_given_without_a_turn_of_the_loop() -> None:
    assert at_hand(given(5)) == 5


async def test_what_is_not_there_is_awaited_where_it_stopped() -> None:
    future = asyncio.get_running_loop().create_future()
    begun = at_hand(waited(future))
    assert isinstance(begun, Begun)
    future.set_result(5)
    assert await begun == 5


async def test_what_goes_wrong_is_raised_at_once_or_where_it_is_awaited() -> None:
    async def wrong() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        at_hand(wrong())
    future = asyncio.get_running_loop().create_future()
    begun = at_hand(waited(future))
    future.set_exception(ValueError("later"))
    with pytest.raises(ValueError, match="later"):
        await cast("Begun[Any]", begun)


async def test_who_is_cancelled_while_it_waits_cancels_what_it_waits_for() -> None:
    closed = []

    async def waits() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            closed.append(True)

    async def awaits() -> None:
        await cast("Begun[None]", at_hand(waits()))

    task = asyncio.create_task(awaits())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert closed == [True]
