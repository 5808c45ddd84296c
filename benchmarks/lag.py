"""Do pages keep calls waiting? `python benchmarks/lag.py`: the gate's loop while pages load without pause, in both shapes.

The demo's release is served once by one process and once by two (`--portal`, `--gate`). Four readers load three pages over
and over; meanwhile one caller calls a feature. Told are the beats of the gate's loop (fifty a second, from its own
/metrics) that came later than 5 and than 10 ms, and what the caller waited. On a machine that others use too the scheduler
alone makes some late: so the same without readers stands beside it, and how long the loop's thread was ready to run and had
no core (by /proc): what is late beyond that is our own doing.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from _harness import free_port

PAGES = ("/", "/licenses/", "/accounts/login/")
READERS = 4
BUCKET = re.compile(r'licet_loop_lag_seconds_bucket\{le="([^"]+)"\} (\S+)')


@contextmanager
def licet(*words: str) -> Iterator[Any]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LICET_")}
    with subprocess.Popen([sys.executable, "-m", "licet", *words], stdout=subprocess.PIPE, text=True, env=clean) as one:
        try:
            yield one
        finally:
            one.terminate()


def get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=60) as answer:
        return str(answer.read().decode())


def beats(url: str) -> dict[str, float]:
    """How many beats came at most so late; by the upper end of the bucket."""
    return {le: float(n) for le, n in BUCKET.findall(get(f"{url}/metrics"))}


async def read(port: int, until: float, seen: list[int]) -> None:
    """One reader: page after page, each on a connection of its own, as browsers begin."""
    while time.perf_counter() < until:
        for path in PAGES:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET {path} HTTP/1.1\r\nhost: localhost:{port}\r\nconnection: close\r\n\r\n".encode())
            if not (await reader.read()).startswith(b"HTTP/1.1 200"):
                raise SystemExit(f"{path} is no page")
            seen.append(1)
            writer.close()


async def call(url: str, key: str, until: float, waits: list[float]) -> None:
    told = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(f"{url}/v1/features/basic_analysis", b'{"data": [1, 2, 3]}', told)

    def once() -> float:
        begun = time.perf_counter()
        with urllib.request.urlopen(request, timeout=60) as answer:
            answer.read()
        return (time.perf_counter() - begun) * 1e3

    once()
    while time.perf_counter() < until:
        waits.append(await asyncio.to_thread(once))
        await asyncio.sleep(0.02)


def without_core_ms(pid: int) -> float:
    """How long the first thread of a process was ready and waited for a core, so far."""
    return int(Path(f"/proc/{pid}/task/{pid}/schedstat").read_text().split()[1]) / 1e6


async def watch(url: str, key: str, pid: int, readers: int, seconds: float) -> str:
    starved = without_core_ms(pid)
    port, until = int(url.rpartition(":")[2]), time.perf_counter() + seconds
    before, seen, waits = beats(url), list[int](), list[float]()
    await asyncio.gather(call(url, key, until, waits), *(read(port, until, seen) for _ in range(readers)))
    after = beats(url)
    starved = (without_core_ms(pid) - starved) / seconds
    moved = {le: after[le] - before[le] for le in after}
    late = {ms: 1 - moved[le] / moved["+Inf"] for ms, le in ((5, "0.005"), (10, "0.01"))}
    return (
        f"{len(seen):5} pages; beats later than 5 ms {late[5]:6.1%}, than 10 ms {late[10]:6.1%};"
        f" calls wait {statistics.median(waits):5.1f} ms, one in twenty {statistics.quantiles(waits, n=20)[-1]:5.1f};"
        f" without a core {starved:4.0f} ms a second"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=8)
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        with licet("demo", "--json", "--port", "0", "--dir", name) as demo:
            told = json.loads(demo.stdout.readline())
        for shape in ("one process", "two processes"):
            port = free_port()
            words = ("serve", str(Path(name)), "--port", str(port))
            with ExitStack() as stack:
                for part in ([],) if shape == "one process" else (["--portal"], ["--gate"]):
                    process = stack.enter_context(licet(*words, *part))
                    process.stdout.readline()
                url = f"http://localhost:{port}"
                for path in PAGES:
                    get(url + path)
                for readers in (0, READERS):
                    line = asyncio.run(watch(url, told["keys"]["premium"], process.pid, readers, said.seconds))
                    print(f"{shape:14} {readers} readers {line}", flush=True)
    print(f"load average {os.getloadavg()[0]:.1f}; the goal: no beat over 10 ms but for the scheduler's own")


if __name__ == "__main__":
    main()
