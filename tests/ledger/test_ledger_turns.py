"""What is asked for in one turn of the loop shares one transaction, and nobody suffers for another."""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from licet.errors import LicetError
from licet.ledger import turn
from licet.ledger.ports import Answer, BusyError, Call, Close, Closed, Held, Hold, Op, Refusal, Renew, Short, Take
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.turn import Turns

NOW, LEASE = 1_000_000, 60


class Counted(SqliteLedger):
    turns = 0

    def turn(self, ops: Sequence[Op]) -> list[Answer | Exception]:
        self.turns += 1
        return super().turn(ops)


@pytest.fixture
def ledger(tmp_path):
    engine = Counted(tmp_path / "ledger.sqlite3", process_id="a")
    yield engine
    assert engine.verify() == ()
    engine.close()


def take(most: int | None = 1_000, amount: int = 1) -> tuple[Take, ...]:
    return (Take("ann", "sana", "calls/month", 0, 2_000_000, amount, most),)


def call(call_id: str) -> Call:
    return Call(call_id, "ann", "sana", "chat", "key_1", NOW)


def held(ledger: SqliteLedger) -> tuple[int, int]:
    ((counter),) = ledger.counters(take())
    return counter.used, counter.held


async def test_who_is_first_waits_for_nobody_and_the_others_of_its_turn_share_one_transaction_in_order_of_arrival(
    ledger: Counted,
) -> None:
    turns = Turns(ledger)
    answers = await asyncio.gather(*(turns.hold(call(f"c{i}"), take(3), NOW, LEASE) for i in range(5)))
    assert [type(a) for a in answers] == [Held, Held, Held, Short, Short]
    assert ledger.turns == 2


async def test_a_settle_joins_the_holds_of_its_turn(ledger: Counted) -> None:
    turns = Turns(ledger)

    async def one(i: int) -> Closed:
        await turns.hold(call(f"c{i}"), take(), NOW, LEASE)
        return await turns.settle(f"c{i}", None, NOW)

    assert [c.state for c in await asyncio.gather(*map(one, range(40)))] == ["settled"] * 40
    assert ledger.turns == 4, "two of the first call's own, two of all others"
    assert held(ledger) == (40, 0)


async def test_with_others_in_flight_a_transaction_waits_for_those_who_come_a_turn_later(ledger: Counted) -> None:
    turns = Turns(ledger)

    async def one(i: int, turns_late: int) -> Held | Short:
        for _ in range(turns_late):
            await asyncio.sleep(0)
        return await turns.hold(call(f"c{i}"), take(4), NOW, LEASE)

    await asyncio.gather(one(0, 0), one(1, 0), one(2, 0))
    assert ledger.turns == 2
    answers = await asyncio.gather(one(3, 0), one(4, 1), one(5, 2))
    assert [type(a) for a in answers] == [Held, Short, Short], "in order of arrival"
    assert ledger.turns == 3


async def test_who_is_alone_in_the_loop_has_its_transactions_at_once(ledger: Counted) -> None:
    turns = Turns(ledger)
    for i in range(3):
        for asked in (turns.hold(call(f"c{i}"), take(), NOW, LEASE), turns.settle(f"c{i}", None, NOW)):
            with pytest.raises(StopIteration):
                asked.send(None)
        await asyncio.sleep(0)
    assert ledger.turns == 6
    assert held(ledger) == (3, 0)


async def test_after_a_shared_transaction_that_was_the_last_of_many_the_next_is_at_once_again(ledger: Counted) -> None:
    turns = Turns(ledger)
    await asyncio.gather(*(turns.hold(call(f"c{i}"), take(), NOW, LEASE) for i in range(5)))
    await turns.settle("c0", None, NOW)  # it waited for others, and nobody came
    before = ledger.turns
    with pytest.raises(StopIteration):
        turns.settle("c1", None, NOW).send(None)
    assert ledger.turns == before + 1


async def test_refusals_have_no_transaction_of_their_own(ledger: Counted) -> None:
    turns = Turns(ledger)
    for i in range(50):
        turns.refused(Refusal(f"r{i}", "ann", "sana", "chat", "key_1", NOW, 403, "{}"))
    assert ledger.turns == 0
    await asyncio.sleep(0.01)
    assert ledger.turns == 1


async def test_a_transaction_is_not_put_off_for_ever_by_those_who_keep_coming(ledger: Counted) -> None:
    turns = Turns(ledger)
    await asyncio.gather(*(turns.hold(call(f"c{i}"), take(None), NOW, LEASE) for i in range(2)))
    await turns.hold(call("c2"), take(None), NOW, LEASE)
    await asyncio.gather(*(turns.hold(call(f"c{i}"), take(None), NOW, LEASE) for i in range(3, 6)))
    begun, tasks = ledger.turns, []
    for i in range(6, 40):
        tasks.append(asyncio.create_task(turns.hold(call(f"c{i}"), take(None), NOW, LEASE)))
        await asyncio.sleep(0)
        if tasks[0].done():
            break
    assert ledger.turns > begun
    assert len(tasks) <= turn._GATHERS + 3
    await asyncio.gather(*tasks)


async def test_a_settle_is_on_file_when_it_is_answered(ledger: Counted) -> None:
    turns = Turns(ledger)
    await turns.hold(call("c1"), take(), NOW, LEASE)
    await turns.settle("c1", None, NOW)
    other = sqlite3.connect(ledger.path)
    assert other.execute("select state from call").fetchall() == [("settled",)]
    other.close()


async def test_an_error_in_one_operation_is_raised_there_and_nowhere_else(ledger: Counted) -> None:
    turns = Turns(ledger)
    await turns.hold(call("c1"), take(), NOW, LEASE)
    answers = await asyncio.gather(
        turns.settle("never", None, NOW),
        turns.hold(call("c2"), take(amount=-1), NOW, LEASE),
        turns.hold(Call("c3", "ann", "sana", object(), "key_1", NOW), take(), NOW, LEASE),  # type: ignore[arg-type]
        turns.hold(call("c4"), take(amount=2**63), NOW, LEASE),
        turns.settle("c1", {"calls/month": 7}, NOW),
        turns.hold(call("c5"), take(), NOW, LEASE),
        return_exceptions=True,
    )
    assert isinstance(answers[0], LicetError)
    assert isinstance(answers[1], LicetError)
    assert isinstance(answers[2], LicetError)
    assert isinstance(answers[3], OverflowError)
    assert answers[4:] == [Closed("c1", "settled", over=True), Held("c5")]
    assert held(ledger) == (7, 1)


async def test_a_caller_that_is_cancelled_before_the_turn_ends_leaves_no_hold(ledger: Counted) -> None:
    turns = Turns(ledger)
    first = asyncio.create_task(turns.hold(call("c0"), take(), NOW, LEASE))  # so that the others wait
    task = asyncio.create_task(turns.hold(call("c1"), take(), NOW, LEASE))
    other = asyncio.create_task(turns.hold(call("c2"), take(), NOW, LEASE))
    await asyncio.sleep(0)
    task.cancel()
    assert (await first, await other) == (Held("c0"), Held("c2"))
    with pytest.raises(asyncio.CancelledError):
        await task
    assert held(ledger) == (0, 2)


async def test_a_caller_that_is_cancelled_after_its_hold_stood_leaves_no_hold(ledger: Counted) -> None:
    turns = Turns(ledger)
    first = asyncio.create_task(turns.hold(call("c0"), take(), NOW, LEASE))  # so that the other waits
    task = asyncio.create_task(turns.hold(call("c1"), take(), NOW, LEASE))
    await asyncio.sleep(0)
    turns.flush()
    assert held(ledger) == (0, 2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0.01)
    assert (await first, held(ledger)) == (Held("c0"), (0, 1))


async def test_a_settle_is_done_even_if_nobody_waits_for_it_any_more(ledger: Counted) -> None:
    turns = Turns(ledger)
    await turns.hold(call("c1"), take(), NOW, LEASE)
    task = asyncio.create_task(turns.settle("c1", None, NOW))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0.01)
    assert held(ledger) == (1, 0)


async def test_while_another_process_writes_the_loop_goes_on_and_the_turn_waits(ledger: Counted) -> None:
    turns = Turns(ledger)
    other = sqlite3.connect(ledger.path, isolation_level=None)
    other.execute("begin immediate")
    first = asyncio.create_task(turns.hold(call("c1"), take(1), NOW, LEASE))
    await asyncio.sleep(0.02)
    second = asyncio.create_task(turns.hold(call("c2"), take(1), NOW, LEASE))
    await asyncio.sleep(0.02)
    assert not first.done()
    other.execute("rollback")
    other.close()
    assert await first == Held("c1"), "who asked first stays first"
    assert isinstance(await second, Short)


async def test_who_waits_for_a_file_that_stays_taken_is_told_so_after_so_many_tries(
    ledger: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "_PATIENCE", 3)
    turns = Turns(ledger)
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        for tries in (4, 8):  # patience begins anew with what is asked for next
            other.execute("begin immediate")
            asked = [turns.hold(call(f"c{i}"), take(), NOW, LEASE) for i in range(2)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            assert [type(answer) for answer in answers] == [BusyError, BusyError]
            assert ledger.turns == tries
            other.execute("rollback")
    assert await turns.hold(call("c1"), take(), NOW, LEASE) == Held("c1")
    assert held(ledger) == (0, 1)


def test_a_turn_that_finds_the_file_taken_says_so_at_once(ledger: Counted) -> None:
    waits = ledger._db.execute("pragma busy_timeout").fetchone()
    assert waits == (0,), "the loop would stand still as long as SQLite waits"
    with closing(sqlite3.connect(ledger.path, isolation_level=None)) as other:
        other.execute("begin immediate")
        with pytest.raises(BusyError):
            ledger.turn([Hold(call("c1"), take(), NOW, LEASE)])
        other.execute("rollback")
    assert ledger.turn([Hold(call("c1"), take(), NOW, LEASE)]) == [Held("c1")]


async def test_a_ledger_that_cannot_be_written_fails_every_caller_of_the_turn_and_works_again_after(
    ledger: Counted,
) -> None:
    turns = Turns(ledger)
    pages = ledger._db.execute("pragma page_count").fetchone()[0]
    ledger._db.execute(f"pragma max_page_count = {pages}")
    many = [turns.hold(call(f"{i:04}" + "x" * 500), take(), NOW, LEASE) for i in range(300)]
    answers = await asyncio.gather(*many, return_exceptions=True)
    assert {type(a) for a in answers} == {LicetError}
    assert "make room" in str(answers[0])
    assert held(ledger) == (0, 0)
    ledger._db.execute("pragma max_page_count = 1000000")
    assert await turns.hold(call("c1"), take(), NOW, LEASE) == Held("c1")


async def test_a_renewal_goes_with_its_turn(ledger: Counted) -> None:
    turns = Turns(ledger)
    await turns.hold(call("c1"), take(), NOW, LEASE)
    assert await turns.renew("c1", NOW + LEASE - 1)
    assert not await turns.renew("c1", NOW + 3 * LEASE)


async def test_a_renewal_and_the_end_of_its_call_in_one_turn_are_answered_in_their_order(ledger: Counted) -> None:
    turns = Turns(ledger)
    await asyncio.gather(turns.hold(call("c"), take(), NOW, LEASE), turns.hold(call("d"), take(), NOW, LEASE))
    renewed, settled, settled_before, late = await asyncio.gather(
        turns.renew("c", NOW + 1),
        turns.settle("c", None, NOW + 1),
        turns.settle("d", None, NOW + 1),
        turns.renew("d", NOW + 1),
    )
    assert (renewed, settled.state, settled_before.state, late) == (True, "settled", "settled", False)
    assert held(ledger) == (2, 0)


async def test_a_server_that_stops_flushes_what_was_asked_for(ledger: Counted) -> None:
    turns = Turns(ledger)
    await turns.hold(call("c1"), take(), NOW, LEASE)
    task = asyncio.create_task(turns.void("c1", NOW))
    await asyncio.sleep(0)
    turns.flush()
    assert held(ledger) == (0, 0)
    assert (await task).state == "voided"


ops = st.lists(st.tuples(st.sampled_from("hscr"), st.integers(0, 5), st.integers(0, 4)), max_size=6)


@given(turns=st.lists(st.tuples(ops, st.booleans(), st.sampled_from([0, 1, 61])), max_size=8))
@settings(deadline=None)
def test_what_a_process_has_in_mind_is_what_stands_as_long_as_it_is_alone(turns) -> None:
    with tempfile.TemporaryDirectory() as folder:
        ledger = SqliteLedger(Path(folder) / "ledger.sqlite3", process_id="a")
        try:
            now_s, takes = NOW, take(12)
            for wanted, reads, later_s in turns:
                if reads:
                    assert ledger.lately(takes, now_s) == ledger.counters(takes)
                asked: list[Op] = []
                for kind, n, amount in wanted:
                    match kind:
                        case "h":
                            asked.append(Hold(call(f"c{n}"), takes, now_s, LEASE, [amount]))
                        case "s":
                            asked.append(Close(f"c{n}", {"calls/month": amount}, now_s))
                        case "c":
                            asked.append(Close(f"c{n}", None, now_s, void=True))
                        case _:
                            asked.append(Renew(f"c{n}", now_s))
                ledger.turn(asked)
                assert ledger.lately(takes, now_s) == ledger.counters(takes)
                now_s += later_s
        finally:
            ledger.close()


def test_what_others_wrote_is_known_a_second_later(ledger: Counted) -> None:
    ledger.turn([Hold(call("c1"), take(), NOW, LEASE)])
    assert ledger.lately(take(), NOW)[0].held == 1
    other = SqliteLedger(ledger.path, process_id="b")
    other.turn([Hold(call("c2"), take(), NOW, LEASE)])
    assert ledger.lately(take(), NOW + 1)[0].held == 2
    other.close()


def test_what_this_process_used_and_holds_is_known_within_the_second(ledger: Counted) -> None:
    ledger.turn([Hold(call("c1"), take(amount=5), NOW, LEASE), Hold(call("c2"), take(amount=2), NOW, LEASE)])
    ledger.turn([Close("c1", {"calls/month": 3}, NOW)])
    assert [(c.used, c.held) for c in ledger.lately(take(), NOW)] == [(3, 2)]
    ledger.turn([Hold(call("c3"), take(amount=4), NOW, LEASE)])
    assert [(c.used, c.held) for c in ledger.lately(take(), NOW)] == [(3, 6)]
    ledger.turn([Close("c2", {"calls/month": 1}, NOW), Hold(call("c4"), take(amount=7), NOW, LEASE)])
    assert [(c.used, c.held) for c in ledger.lately(take(), NOW)] == [(4, 11)]
    assert ledger.lately(take(), NOW) == ledger.counters(take())
