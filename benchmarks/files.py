"""What does the gate add to a download? One command, ratios inside one interleaved run: `python benchmarks/files.py`.

One file in the page cache, one client on one connection, over loopback, without TLS. `nginx` sends it by sendfile and asks
nobody; `bare` is uvicorn (httptools, uvloop) sending the same file by reads of 1 MiB, asking nobody; `gate` looks the key
up, decides, counts the download in the ledger (SQLite, WAL) and sends. nginx is left out, aloud, where it is not installed.
The figure to trust is CPU time a GB (of the server's processes, by /proc); MB/s depend on the neighbours.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import socket
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from _harness import Server, again, cpu_s, free_port, gate_app, hidden, key_of, serve

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


def serving(name: str, port: int, folder: Path) -> None:
    os.environ["BENCH_FOLDER"] = str(folder)
    if name == "bare":
        serve(bare, port, lifespan="off")
        return
    (folder / ".data").mkdir(exist_ok=True)
    serve(gate_app(folder, 1, DOCUMENT, data=folder / ".data", url="http://bench.test"), port)


class Sender(Server):
    """A server of files: MB/s, and CPU seconds a GB."""

    def __init__(self, name: str, folder: Path) -> None:
        port = free_port()
        command = again(__file__, name, port, folder)
        if name == "nginx":
            conf = folder / "nginx.conf"
            conf.write_text(NGINX.format(folder=folder, port=port))
            command = [str(shutil.which("nginx")), "-p", str(folder), "-c", str(conf)]
        super().__init__(name, command, port)
        self.mb_s: list[float] = []
        self.cpu_s_gb: list[float] = []

    def fetch(self, size: int) -> float:
        """Seconds for one download, all of its bytes counted."""
        ask = f"GET {PATH} HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {key_of(0)}\r\nConnection: close\r\n\r\n"
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

    def downloads(self, size: int) -> None:
        before = cpu_s(self.process.pid)
        took = self.fetch(size)
        self.mb_s.append(size / took / 1e6)
        self.cpu_s_gb.append((cpu_s(self.process.pid) - before) / size * 1e9)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--mib", type=int, default=512)
    hidden(parser)
    said = parser.parse_args()
    if said.serve:
        serving(said.serve, said.port, said.folder)
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
    servers = {name: Sender(name, folder) for name in names}
    try:
        for server in servers.values():
            server.fetch(size)  # the first one opens, hashes, imports
        for _ in range(rounds):
            for server in servers.values():
                server.downloads(size)
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
