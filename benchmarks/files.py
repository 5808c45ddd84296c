"""What does the gate add to a download? One command, ratios inside one interleaved run: `python benchmarks/files.py`.

One file in the page cache, one client on one connection, over loopback, without TLS. `nginx` sends it by sendfile and asks
nobody; `bare` is uvicorn (httptools, uvloop) sending the same file by reads of 1 MiB, asking nobody; `gate` looks the key
up, decides, counts the download in the ledger (SQLite, WAL) and sends. nginx is left out, aloud, where it is not installed.
The figure to trust is CPU time a GB (of the server's processes, by /proc); MB/s depend on the neighbours.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

KEY = "lic_bench_0000000000000000000000_0000000000000000000000000000000000000000"
PATH = "/bench/files/resolve/main/weights/model.safetensors"
CHUNK = 1 << 20
DOCUMENT = """
[release]
name = "bench"
version = "1.0.0"
licensor = "Bench"
contact = "bench@example.org"
repository = "bench/files"
why = "Because figures are needed."
[[component]]
name = "weights"
kind = "weights"
path = "weights/"
license = "Apache-2.0"
[[feature]]
name = "get_weights"
download = "weights"
[[tier]]
name = "premium"
features = ["*"]
quota = ["1000000 downloads / month"]
"""
NGINX = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{ access_log off; sendfile on; tcp_nopush on; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port}; location /bench/files/resolve/main/ {{ alias {folder}/; }} }} }}
"""


async def bare(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        return
    path = Path(os.environ["BENCH_FOLDER"]) / "weights/model.safetensors"
    fd = os.open(path, os.O_RDONLY)
    size = os.fstat(fd).st_size
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"%d" % size)]})
    for at in range(0, size, CHUNK):
        chunk = os.pread(fd, CHUNK, at)
        await send({"type": "http.response.body", "body": chunk, "more_body": at + CHUNK < size})
    os.close(fd)


class Rights:
    """A directory with one key."""

    def __init__(self, folder: Path) -> None:
        self.file = sqlite3.connect(folder / "rights.sqlite3", isolation_level=None)
        self.sha256 = hashlib.sha256(DOCUMENT.encode()).hexdigest()

    def credential(self, digest: bytes) -> Any:
        from licet.access.standing import Credential

        return Credential("key_1", "hol_1") if digest == hashlib.sha256(KEY.encode()).digest() else None

    def key(self, key_id: str) -> Any:
        return None

    def standing(self, holder_id: str, release: str) -> Any:
        from licet.access.standing import Standing

        claims = frozenset({"account", "tier:premium"})
        return Standing(holder_id, release, "premium", self.sha256, claims, anchor_s=1)

    def document(self, sha256: str) -> bytes:
        return DOCUMENT.encode()

    def newest(self, release: str, now_s: int) -> str:
        return self.sha256

    def version(self) -> int:
        return int(self.file.execute("PRAGMA data_version").fetchone()[0])

    def changes(self, after: int) -> Sequence[Any]:
        return ()

    def last_change(self) -> int:
        return 0


def gate_app(folder: Path) -> Any:
    from licet.gate.app import Gate
    from licet.gate.config import GateConfig
    from licet.ledger.sqlite import SqliteLedger
    from licet.ledger.turn import Turns

    ledger = SqliteLedger(folder / "ledger.sqlite3", process_id="bench")
    ledger.start()
    (folder / ".data").mkdir(exist_ok=True)
    config = GateConfig(url_key=b"k" * 32, folder=folder, data=folder / ".data", url="http://bench.test")
    return Gate(Rights(folder), Turns(ledger), ["bench"], clock=time.time_ns, dice=secrets.token_bytes, config=config)


def serve(name: str, port: int, folder: Path) -> None:
    import uvicorn

    os.environ["BENCH_FOLDER"] = str(folder)
    app = bare if name == "bare" else gate_app(folder)
    config = uvicorn.Config(
        app, port=port, log_level="warning", access_log=False, loop="uvloop", http="httptools",
        proxy_headers=False, server_header=False, ws="none", lifespan="auto" if name == "gate" else "off",
    )  # fmt: skip
    with suppress(KeyboardInterrupt):  # how the run ends it
        uvicorn.Server(config).run()


def cpu_s(pid: int) -> float:
    """CPU time of a process and of those it started."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") + sum(map(cpu_s, map(int, children)))


class Server:
    def __init__(self, name: str, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.name = name
        if name == "nginx":
            conf = folder / "nginx.conf"
            conf.write_text(NGINX.format(folder=folder, port=self.port))
            command = [str(shutil.which("nginx")), "-p", str(folder), "-c", str(conf)]
        else:
            command = [sys.executable, __file__, "--serve", name, "--port", str(self.port), "--folder", str(folder)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL if name == "nginx" else None)
        self.mb_s: list[float] = []
        self.cpu_s_gb: list[float] = []
        for _ in range(200):
            time.sleep(0.05)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
        raise SystemExit(f"{name} did not start")

    def fetch(self, size: int) -> float:
        """Seconds for one download, all of its bytes counted."""
        ask = f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {KEY}\r\nConnection: close\r\n\r\n"
        buffer, begun, got = memoryview(bytearray(CHUNK)), time.perf_counter(), 0
        with socket.create_connection(("127.0.0.1", self.port), timeout=60) as line:
            line.sendall(ask.encode())
            first = line.recv(1 << 16)
            head, _, rest = first.partition(b"\r\n\r\n")
            if b" 200 " not in head.split(b"\r\n")[0]:
                raise SystemExit(f"{self.name}: {first.decode('latin-1')}")
            got = len(rest)
            while n := line.recv_into(buffer):
                got += n
        if got != size:
            raise SystemExit(f"{self.name}: {got} of {size} bytes")
        return time.perf_counter() - begun

    def round(self, size: int) -> None:
        before = cpu_s(self.process.pid)
        took = self.fetch(size)
        self.mb_s.append(size / took / 1e6)
        self.cpu_s_gb.append((cpu_s(self.process.pid) - before) / size * 1e9)

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM if self.name == "nginx" else signal.SIGINT)
        self.process.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mib", type=int, default=512)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    said = parser.parse_args()
    if said.serve:
        serve(said.serve, said.port, said.folder)
        return
    with tempfile.TemporaryDirectory() as folder:
        compare(Path(folder), said.rounds, said.mib << 20)


def compare(folder: Path, rounds: int, size: int) -> None:
    (folder / "weights").mkdir()
    folder.chmod(0o755)  # nginx's worker may be another account
    with (folder / "weights/model.safetensors").open("wb") as file:
        for _ in range(size // CHUNK):
            file.write(secrets.token_bytes(CHUNK))
    names = ["nginx", "bare", "gate"]
    if shutil.which("nginx") is None:
        names.remove("nginx")
        print("nginx is not installed: it is left out")
    servers = {name: Server(name, folder) for name in names}
    try:
        for server in servers.values():
            server.fetch(size)  # the first one opens, hashes, imports
        for _ in range(rounds):
            for server in servers.values():
                server.round(size)
    finally:
        for server in servers.values():
            server.stop()
    print(f"{size >> 20} MiB, {rounds} rounds interleaved, median; load average {os.getloadavg()[0]:.1f}")
    first = servers[names[0]]
    print(f"{'':<8}{'MB/s':>8}{'x ' + names[0]:>10}{'CPU s/GB':>10}{'x ' + names[0]:>10}")
    for name, server in servers.items():
        mb_s, cpu = statistics.median(server.mb_s), statistics.median(server.cpu_s_gb)
        of_mb, of_cpu = mb_s / statistics.median(first.mb_s), cpu / max(1e-9, statistics.median(first.cpu_s_gb))
        print(f"{name:<8}{mb_s:>8.0f}{of_mb:>10.2f}{cpu:>10.2f}{of_cpu:>10.2f}")


if __name__ == "__main__":
    main()
