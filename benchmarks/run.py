"""Run benchmarks: `python benchmarks/run.py` all of them, or those named: `python benchmarks/run.py holds gate`.

Each prints its own command, what the figures include, and ratios against a peer in the same run. Absolute figures are of the
machine they were taken on; only ratios carry over.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(names: list[str]) -> int:
    known = sorted(p.stem for p in HERE.glob("*.py") if p.stem != "run" and not p.stem.startswith("_"))
    if wrong := [n for n in names if n not in known]:
        print(f"no benchmark {', '.join(wrong)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    failed = []
    for name in names or known:
        print(f"\n## {name}\n$ python benchmarks/{name}.py", flush=True)
        if subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode:
            failed.append(name)
    if failed:
        print(f"\nfailed: {', '.join(failed)}", file=sys.stderr)
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
