"""A feature runs in the loop or in a worker process, and no feature delays or ends another's call."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from licet.gate import frames
from licet.gate.features import Ended, Features
from licet.gate.pool import Pool
from licet.release.release import Feature

HERE = Path(__file__).parent
NAMES = ("mean", "echo", "nap", "sleep", "where", "fail", "fail_in_loop", "numbers", "bytes_please", "environment")


def feature(name: str) -> Feature:
    return Feature(name, 1, ("code",), call=f"gate_sample:{name}")


@pytest.fixture
async def features() -> AsyncIterator[Features]:
    made = Features(Pool(1, HERE))
    await made.load(map(feature, NAMES))
    yield made
    await made.close()


async def call(features: Features, name: str, timeout_s: float = 20, **given: Any) -> Ended:
    callee = features.callee(feature(name))
    assert callee is not None
    ended = features.begin(callee, given, json.dumps(given).encode(), timeout_s)
    return ended if isinstance(ended, tuple) else await ended


async def test_a_plain_feature_runs_in_a_worker_and_an_async_one_in_the_loop(features: Features) -> None:
    assert await call(features, "mean", data=[1, 2, 3, 4, 5]) == (frames.ANSWER, b'{"mean":3.0}')
    assert await call(features, "echo", text="é") == (frames.ANSWER, b'{"text":"\\u00e9"}')
    kind, pid = await call(features, "where")
    assert kind == frames.ANSWER
    assert int(pid) in features.pool.pids
    assert int(pid) != os.getpid()


async def test_the_hints_of_a_feature_are_known_without_importing_it(features: Features) -> None:
    callee = features.callee(feature("mean"))
    assert callee is not None
    assert [(p.path, p.detail) for p in callee.parameters.check({"data": ["1"]})] == [
        ("data[0]", "must be a number, not text")
    ]


async def test_what_cannot_be_loaded_says_why_and_breaks_nothing_else(features: Features) -> None:
    missing = Feature("x", 1, ("code",), call="surely_no_such_package.module:f")
    absent = Feature("y", 1, ("code",), call="gate_sample:absent")
    lacking = Feature("z", 1, ("code",), call="gate_lacking:f")
    await features.load([missing, absent, lacking])
    for one, words in (
        (missing, "pip install surely_no_such_package"),
        (absent, "log"),
        (lacking, "its weights are not here; `make weights` brings them"),
        (feature("bytes_please"), "log"),
    ):
        callee = features.callee(one)
        assert callee is not None
        assert words in callee.lacks
    assert (await call(features, "mean", data=[1]))[0] == frames.ANSWER


@pytest.mark.parametrize(
    ("name", "how", "kind", "words"),
    [
        ("fail", "raise", frames.BROKEN, "canary-of-a-traceback"),
        ("fail", "nan", frames.BROKEN, "JSON compliant"),
        ("fail", "set", frames.BROKEN, "a `set` in the result"),
        ("fail", "exit", frames.CRASHED, ""),
        ("fail", "kill", frames.CRASHED, ""),
        ("fail", "print", frames.ANSWER, "printed"),
        ("fail_in_loop", "raise", frames.BROKEN, "canary-of-a-traceback"),
        ("fail_in_loop", "exit", frames.BROKEN, "SystemExit"),
        ("fail_in_loop", "refuse", frames.REFUSED, "not like this"),
    ],
)
async def test_a_feature_that_fails_ends_its_own_call_only(
    features: Features, name: str, how: str, kind: int, words: str
) -> None:
    other = asyncio.create_task(call(features, "sleep", seconds=0.1))
    await asyncio.sleep(0)
    ended = await call(features, name, how=how)
    assert ended[0] == kind
    assert words in ended[1].decode()
    assert (await other)[0] == frames.ANSWER
    assert await call(features, "mean", data=[1]) == (frames.ANSWER, b'{"mean":1.0}')


async def test_a_feature_that_overruns_its_time_is_killed(features: Features) -> None:
    _, pid = await call(features, "sleep", seconds=0)
    assert (await call(features, "sleep", 0.1, seconds=30))[0] == frames.TIMED_OUT
    assert int(pid) not in features.pool.pids
    assert (await call(features, "nap", 0.05, seconds=30))[0] == frames.TIMED_OUT
    assert (await call(features, "fail_in_loop", 0.05, how="stubborn"))[0] == frames.TIMED_OUT
    assert (await call(features, "where"))[0] == frames.ANSWER


async def test_a_slow_feature_does_not_delay_another(features: Features) -> None:
    slow = asyncio.create_task(call(features, "sleep", seconds=10))
    await asyncio.sleep(0.05)
    assert await call(features, "mean", data=[1]) == (frames.ANSWER, b'{"mean":1.0}')
    assert not slow.done()
    slow.cancel()
    await asyncio.wait([slow])


async def test_calls_of_one_feature_wait_for_its_worker_in_order(features: Features) -> None:
    calls = [asyncio.create_task(call(features, "sleep", seconds=0.02)) for _ in range(5)]
    calls[3].cancel()
    ended = await asyncio.gather(*calls, return_exceptions=True)
    assert len({e for e in ended if isinstance(e, tuple)}) == 1, "one process ran them all"
    assert (await call(features, "sleep", seconds=0))[0] == frames.ANSWER


async def test_too_many_waiting_calls_are_refused_at_once(features: Features, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("licet.gate.pool.WAITING_MOST", 2)
    calls = [asyncio.create_task(call(features, "sleep", seconds=0.1)) for _ in range(4)]
    assert sorted(e[0] for e in await asyncio.gather(*calls)) == [frames.ANSWER] * 3 + [frames.OVERLOADED]


async def test_a_killed_worker_is_replaced(features: Features) -> None:
    for pid in features.pool.pids:
        os.kill(pid, signal.SIGKILL)
    while features.pool.pids:
        await asyncio.sleep(0.01)
    assert await call(features, "mean", data=[1]) == (frames.ANSWER, b'{"mean":1.0}')


async def test_numpy_results_become_json(features: Features) -> None:
    kind, text = await call(features, "numbers")
    assert kind == frames.ANSWER
    assert json.loads(text) == {"array": [0, 1, 2], "one": 1.5, "whole": 2, "yes": True}


async def test_a_worker_never_sees_the_settings(features: Features, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LICET_STRIPE_KEY", "canary")
    other = Features(Pool(1, HERE))
    monkeypatch.setenv("CHAT_KEY", "a key of another server")
    other.pool.withheld.add("CHAT_KEY")
    await other.load([feature("environment")])
    assert await call(other, "environment") == (frames.ANSWER, b"[]")
    await other.close()


async def test_closing_ends_every_worker(features: Features) -> None:
    pids = features.pool.pids
    await features.close()
    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize("how", ["called off", "closed"])
async def test_a_worker_that_is_being_started_when_the_gate_stops_is_not_left_behind(
    how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pool, started, start = Pool(1, HERE), [], asyncio.create_subprocess_exec
    closing: list[asyncio.Task[None]] = []

    async def watched(*words: Any, **more: Any) -> asyncio.subprocess.Process:
        process = await start(*words, **more)
        started.append(process)
        loop = asyncio.get_running_loop()
        loop.call_soon(
            loading.cancel if how == "called off" else lambda: closing.append(loop.create_task(pool.close()))
        )
        return process

    monkeypatch.setattr(asyncio, "create_subprocess_exec", watched)
    loading = asyncio.create_task(pool.load(["gate_sample:mean"]))
    await asyncio.gather(loading, return_exceptions=True)
    await asyncio.gather(*closing)
    await pool.close()
    (process,) = started
    assert process.returncode is not None and not pool.pids
