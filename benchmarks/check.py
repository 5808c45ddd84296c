"""What does `licet check` cost on a large tree? Beside a plain walk that opens and reads the same files, in the same run.

Goals: 10,000 files < 5 s warm; < 200 MB resident with a weights file of 10 GB (sparse) in the tree.
The tree is made of this installation's own packages, so that its files are as long and as odd as real ones.
"""

from __future__ import annotations

import json
import os
import statistics
import struct
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

FILES = 10_000
WEIGHTS_BYTES = 10 << 30
ROUNDS = 5
DOCUMENT = """[release]
name = "large"
version = "1.0.0"
licensor = "Example Lab"
[[component]]
name = "code"
kind = "code"
license = "Apache-2.0"
[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "Apache-2.0"
[[component]]
name = "kept"
kind = "code"
path = "kept/"
proprietary = true
"""
PLAIN = """
import os, sys, time
begun = time.perf_counter()
seen = 0
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        with open(os.path.join(folder, name), "rb", buffering=0) as file:
            seen += len(file.read(2 << 20))
print(time.perf_counter() - begun)
"""
CHECK = """
import resource, sys, time
from pathlib import Path
from licet.release.check import check
begun, spent = time.perf_counter(), time.process_time()
report = check(Path(sys.argv[1]))
took = time.perf_counter() - begun
cpu = time.process_time() - spent
print(took, cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, report.files, len(report.findings))
"""


def grow(root: Path) -> int:
    """A tree of `FILES` text files and one sparse file of weights; returns the bytes of the texts."""
    texts = [
        p
        for p in sorted(Path(sysconfig.get_paths()["purelib"]).rglob("*"))
        if p.suffix in (".py", ".pyi", ".md", ".json", ".txt")
    ]
    texts = [p for p in texts if p.is_file() and 0 < p.stat().st_size < 200_000]
    total = 0
    for n in range(FILES):
        body = texts[n * 7 % len(texts)].read_bytes()
        target = (
            root / ("kept" if n % 100 == 0 else f"src/{n // 100:03d}") / f"file_{n}{texts[n * 7 % len(texts)].suffix}"
        )
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body + b"\n# %d\n" % n)  # no two alike
        total += len(body)
    (root / "licet.toml").write_text(DOCUMENT)
    header = json.dumps({"w": {"dtype": "U8", "shape": [WEIGHTS_BYTES], "data_offsets": [0, WEIGHTS_BYTES]}}).encode()
    (root / "weights").mkdir()
    with (root / "weights" / "model.safetensors").open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(WEIGHTS_BYTES)
    return total


def ask(program: str, root: Path) -> list[float]:
    done = subprocess.run([sys.executable, "-c", program, str(root)], capture_output=True, text=True, check=True)
    return [float(word) for word in done.stdout.split()]


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "tree"
        total = grow(root)
        print(f"{FILES} text files, {total / 1e6:.0f} MB, and one file of weights, {WEIGHTS_BYTES / 1e9:.1f} GB sparse")
        (root / "weights" / "model.safetensors").rename(Path(folder) / "aside")  # a plain reader would read it
        plain = statistics.median(ask(PLAIN, root)[0] for _ in range(ROUNDS))
        (Path(folder) / "aside").rename(root / "weights" / "model.safetensors")
        told = [ask(CHECK, root) for _ in range(ROUNDS)]
        took = statistics.median(one[0] for one in told)
        print(f"plain walk and read   {plain:6.2f} s")
        cpu, memory = statistics.median(one[1] for one in told), max(one[2] for one in told)
        print(
            f"licet check           {took:6.2f} s   {took / plain:5.1f} x   {cpu:.2f} s of one core, {memory:.0f} MB resident"
        )
        print(
            f"{told[0][3]:.0f} files seen, {told[0][4]:.0f} findings, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"
        )


if __name__ == "__main__":
    main()
