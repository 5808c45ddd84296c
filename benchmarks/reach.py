"""How long until a change of rights holds in every process? `python benchmarks/reach.py`: the demo's release, three ways.

One data folder is served by one process, by two (`--portal`, `--gate`), and by two whole servers side by side. The change is
made in yet another process, as a worker that applies a payment makes it: a tier is given, then taken back to the first one, in
turn. As soon as its commit has returned, a call is sent to the gate, and again without pause until the gate answers by the
change. Told is how many changes the first call already met, and how long after the commit the first right answer was there: the
call itself, a model that is computed, is in it (of two servers the second is timed from when it is asked). Goal: 0 s where it is
one process, 1 s elsewhere. No test asserts a time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from _harness import free_port

POINTS = json.dumps({"data": {"x": [1, 2, 3, 4, 5, 6, 7, 8], "y": [2, 4, 6, 8, 11, 12, 14, 17]}, "target": "y"})
SHAPES = {"one process": ([],), "portal, gate": (["--portal"], ["--gate"]), "two servers": ([], [])}
WHO, TIERS = "free@demo.localhost", ("premium", "free")
CHANGES = """
import sys, time
from pathlib import Path
from licet.portal import start
from licet.portal.config import PortalConfig
start.configure(PortalConfig(Path(sys.argv[1]), url="http://localhost:8000"))
from licet.portal import accounts, events, tiers
holder = accounts.find(sys.argv[2])
for line in sys.stdin:
    tiers.give(holder, "demo", line.strip(), events.COMMAND)
    print(time.monotonic(), flush=True)
"""


@contextmanager
def ran(*words: str) -> Iterator[Any]:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("LICET_")} | {"LICET_LOG": "warning"}
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, *words], stdin=pipe, stdout=pipe, text=True, env=clean) as one:
        try:
            yield one
        finally:
            one.terminate()


def allowed(wire: http.client.HTTPConnection, key: str) -> bool:
    head = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    wire.request("POST", "/v1/features/advanced_modelling", POINTS, head)
    answer = wire.getresponse()
    answer.read()
    assert answer.status in (200, 403), answer.status
    return answer.status == 200


def measured(ports: list[int], key: str, changes: Any, rounds: int) -> list[tuple[int, float]]:
    """For each change and server: the calls until the first right answer, and the milliseconds from the commit to it."""
    found, wires = [], [http.client.HTTPConnection("127.0.0.1", port) for port in ports]
    for n in range(rounds):
        for wire in wires:  # each has what was before in its memory
            allowed(wire, key)
        changes.stdin.write(f"{TIERS[n % 2]}\n")
        changes.stdin.flush()
        begun = float(changes.stdout.readline())
        for wire in wires if n % 4 < 2 else reversed(wires):  # now the one is asked first, now the other
            calls = 1
            while allowed(wire, key) is not (TIERS[n % 2] == "premium"):
                calls += 1
            found.append((calls, (time.monotonic() - begun) * 1e3))
            begun = time.monotonic()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as name:
        with ran("-m", "licet", "demo", "--json", "--port", "0", "--dir", name) as demo:
            key = json.loads(demo.stdout.readline())["keys"]["free"]
        for shape, parts in SHAPES.items():
            port, ports = free_port(), []
            with ExitStack() as stack:
                for part in parts:
                    port = free_port() if shape == "two servers" else port
                    process = stack.enter_context(ran("-m", "licet", "serve", name, "--port", str(port), *part))
                    process.stdout.readline()
                    ports.append(port)
                changes = stack.enter_context(ran("-c", CHANGES, str(Path(name) / ".licet"), WHO))
                found = measured(sorted(set(ports)), key, changes, rounds)
            first = sum(calls == 1 for calls, _ in found)
            times = [ms for _, ms in found]
            print(
                f"{shape:14} {len(found)} changes looked at; the first call was right {first} times; right answer after"
                f" {statistics.median(times):5.1f} ms, at most {max(times):6.1f}",
                flush=True,
            )
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
