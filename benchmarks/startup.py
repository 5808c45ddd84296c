"""What does a start cost? `licet may` against `python -c pass`; `licet serve`: until ready, and resident before any log-in.

Goals: `licet may` and `licet explain` <= 8 x `python -c pass`; ready <= 3 s on an existing data folder, <= 6 s on a new one;
<= 150 MB resident (server and worker together).

Bytecode is as an installed package has it (pip compiles on install, Python on the first run): each command runs once before it
is timed, without PYTHONDONTWRITEBYTECODE, which would have every start compile whatever was edited since.
"""

from __future__ import annotations

import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

LICET = [str(Path(sys.executable).with_name("licet"))]  # as people call it
WRITES = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
DEMO = ["--release", str(Path(__file__).parents[1] / "src/licet/demo/release")]


def wall(command: list[str], rounds: int = 1) -> float:
    took = []
    for _ in range(rounds):
        begun = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, env=WRITES, check=True)
        took.append(time.perf_counter() - begun)
    return statistics.median(took)


def commands() -> None:
    asks = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "licet may sell MIT": [*LICET, "may", "sell", "MIT"],
        "licet may commercial-use CC-BY-NC-4.0": [*LICET, "may", "commercial-use", "CC-BY-NC-4.0"],
        "licet may basic_analysis --tier free (release)": [*LICET, "may", "basic_analysis", "--tier", "free", *DEMO],
        "licet explain MIT": [*LICET, "explain", "MIT"],
    }
    took: dict[str, list[float]] = {name: [] for name in asks}
    for command in asks.values():
        wall(command)
    for _ in range(11):  # interleaved, so that what else the machine does falls on all alike
        for name, command in asks.items():
            took[name].append(wall(command))
    floor = statistics.median(took["python -c pass"])
    for name, times in took.items():
        median = statistics.median(times)
        print(f"{name:<48} {median * 1000:7.1f} ms   {median / floor:5.1f} x")


def resident_mb(pid: int) -> float:
    """Of a process and all its children (proportional set size: what they share counts once)."""
    total = 0.0
    for one in [pid, *children(pid)]:
        try:
            rollup = Path(f"/proc/{one}/smaps_rollup").read_text()
        except (FileNotFoundError, ProcessLookupError):  # it has ended since it was counted
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.M)
        total += int(found[1]) / 1024 if found else 0
    return total


def children(pid: int) -> list[int]:
    out: list[int] = []
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            out += [int(child), *children(int(child))]
    return out


def serve() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for what in ("new data folder", "existing data folder", "existing data folder"):
            begun = time.perf_counter()
            server = subprocess.Popen(
                [*LICET, "demo", "--json", "--port", "0", "--dir", folder],
                stdout=subprocess.PIPE,
                text=True,
                env=WRITES,
            )
            assert server.stdout is not None
            server.stdout.readline()
            ready = time.perf_counter() - begun
            time.sleep(1)
            print(f"licet demo, {what:<22} ready in {ready:4.2f} s, {resident_mb(server.pid):4.0f} MB")
            server.send_signal(signal.SIGINT)
            server.wait(20)


if __name__ == "__main__":
    commands()
    if Path("/proc/self/smaps_rollup").exists():
        serve()
