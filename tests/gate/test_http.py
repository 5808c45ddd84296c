"""The gate behind a real server and a real socket: what no client library would send, and what a server must survive."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from gate_world import World

from licet.access.key import Secret

DATA = {"data": [1, 2, 3, 4, 5]}


class Served:
    """A world behind uvicorn in a thread of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.started = threading.Event()
        self.thread = threading.Thread(target=lambda: asyncio.run(self._serve()))
        self.thread.start()
        assert self.started.wait(20)

    async def _serve(self) -> None:
        self.world = World(self.folder)
        self.world.gate.clock = self.world.gate.door.clock = time.time_ns  # type: ignore[assignment]
        config = uvicorn.Config(
            self.world.gate, port=0, log_level="info", access_log=False, http="httptools", loop="none", ws="none",
            proxy_headers=False,
        )  # fmt: skip
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
        serving = asyncio.create_task(self.server.serve())
        while not self.server.started:
            await asyncio.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]
        self.loop = asyncio.get_running_loop()
        self.started.set()
        await serving
        self.world.close()

    def stop(self) -> None:
        self.server.should_exit = True
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    made = Served(tmp_path)
    yield made
    made.stop()


def client(served: Served, key: Secret | None = None) -> httpx2.Client:
    headers = {"authorization": f"Bearer {key.reveal()}"} if key else {}
    return httpx2.Client(base_url=f"http://127.0.0.1:{served.port}", headers=headers, timeout=30, trust_env=False)


def raw(served: Served, data: bytes, *more: bytes, wait_s: float = 10) -> bytes:
    """Everything that comes back for these bytes until the server has answered or closed."""
    with socket.create_connection(("127.0.0.1", served.port), wait_s) as sock:
        sock.sendall(data)
        try:
            for part in more:
                sock.sendall(part)
        except (BrokenPipeError, ConnectionResetError):
            pass
        answer = b""
        try:
            while part := sock.recv(65536):
                answer += part
                head, found, body = answer.partition(b"\r\n\r\n")
                if found and b"content-length:" in head.lower():
                    length = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
                    if len(body) >= length:
                        break
        except TimeoutError:
            pass
        return answer


def request(key: Secret, body: bytes, *headers: str, path: str = "/v1/features/mean", length: bool = True) -> bytes:
    told = [f"POST {path} HTTP/1.1", "host: x", f"authorization: Bearer {key.reveal()}", *headers]
    if length:
        told.append(f"content-length: {len(body)}")
    return "\r\n".join(told).encode("latin-1") + b"\r\n\r\n" + body


def test_a_call_over_http_gives_the_result_as_json(served: Served) -> None:
    key = served.world.rights.give("free")
    with client(served, key) as http:
        answer = http.post("/v1/features/mean", json=DATA)
        assert (answer.status_code, answer.json()) == (200, {"mean": 3.0})
        assert answer.headers["content-type"] == "application/json"
        assert http.get("/v1/me").json()["usage"] == {"calls": 1}
        refused = http.post("/v1/features/premium_only", json=DATA)
        assert refused.status_code == 403
        assert refused.json()["would_allow"]


def test_what_is_broken_on_the_wire_is_4xx_and_costs_nothing(served: Served) -> None:
    key = served.world.rights.give("free")
    cases = {
        request(key, b"not json"): b"400",
        request(key, b'{"data": "\xff"}'): b"400",
        request(key, b'{"data": [NaN]}'): b"400",
        request(key, b""): b"400",
        request(key, b'{"data": [1]}', "content-type: text/plain"): b"415",
        request(key, b'{"data": [1]}', "content-encoding: gzip"): b"415",
        b"GET /v1/features/mean HTTP/1.1\r\nhost: x\r\n\r\n": b"405",
        b"BREW /v1/features/mean HTTP/1.1\r\nhost: x\r\n\r\n": b"40",
        b"POST /v1/features/mean%2fx HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n": b"404",
        b"\x16\x03\x01 this is no HTTP\r\n\r\n": b"400",
        request(key, b"x", "content-length: 5", "content-length: 6", length=False): b"400",
        request(key, b"zz\r\n", "transfer-encoding: chunked", length=False): b"400",
    }
    for data, status in cases.items():
        answer = raw(served, data)
        assert answer.startswith(b"HTTP/1.1 " + status), (data[:80], answer[:200])
    assert served.world.used(key) == (0, 0)
    with client(served, key) as http:
        assert http.post("/v1/features/mean", json=DATA).status_code == 200


def test_a_body_of_100_mb_is_refused_without_being_kept(served: Served) -> None:
    key = served.world.rights.give("free")
    before = _resident_kib()
    with client(served, key) as http:
        answer = http.post(
            "/v1/features/mean", content=b"x" * 100_000_000, headers={"content-type": "application/json"}
        )
        assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
        assert http.post("/v1/features/mean", json=DATA).status_code == 200
    assert _resident_kib() - before < 150_000, "the client's own copy is 100 MB"
    assert served.world.used(key) == (1, 0)


def test_a_chunked_body_is_cut_where_it_is_too_long(served: Served) -> None:
    key = served.world.rights.give("free")
    chunk = b"8000\r\n" + b"x" * 0x8000 + b"\r\n"
    answer = raw(served, request(key, b"", "transfer-encoding: chunked", length=False), *[chunk] * 40)
    assert answer.startswith(b"HTTP/1.1 413")
    fits = [b"8\r\n" + b'{"data":' + b"\r\n", b"4\r\n[2]}\r\n", b"0\r\n\r\n"]
    answer = raw(served, request(key, b"", "transfer-encoding: chunked", length=False), *fits)
    assert answer.startswith(b"HTTP/1.1 200")
    assert served.world.used(key) == (1, 0)


def test_a_client_that_leaves_in_the_middle_of_its_body_costs_nothing(served: Served) -> None:
    key = served.world.rights.give("brisk")
    with socket.create_connection(("127.0.0.1", served.port)) as sock:
        sock.sendall(request(key, b"", "content-length: 100", length=False) + b'{"data"')
        time.sleep(0.1)
    with client(served, key) as http:
        assert http.post("/v1/features/mean", json=DATA).status_code == 200
    assert served.world.used(key) == (1, 0)


def test_concurrency_is_given_back_when_a_client_leaves(served: Served) -> None:
    key = served.world.rights.give("brisk")
    with socket.create_connection(("127.0.0.1", served.port)) as sock:
        sock.sendall(request(key, b'{"seconds": 1.5}', path="/v1/features/nap"))
        time.sleep(0.1)
        with client(served, key) as http:
            assert http.post("/v1/features/echo", json={}).json()["code"] == "concurrency"
    with client(served, key) as http:
        for _ in range(100):
            if (answer := http.post("/v1/features/echo", json={})).status_code == 200:
                break
            assert answer.json()["code"] == "concurrency"
            time.sleep(0.05)
        assert answer.status_code == 200


def test_pipelined_requests_are_answered_in_order(served: Served) -> None:
    key = served.world.rights.give("premium")
    bodies = [json.dumps({"text": str(n)}).encode() for n in range(5)]
    with socket.create_connection(("127.0.0.1", served.port), 10) as sock:
        sock.sendall(b"".join(request(key, b, path="/v1/features/echo") for b in bodies))
        answer = b""
        while answer.count(b'{"text":') < 5:
            answer += sock.recv(65536)
    assert [answer.index(b'{"text":"%d"}' % n) for n in range(5)] == sorted(
        answer.index(b'{"text":"%d"}' % n) for n in range(5)
    )


def test_a_worker_that_is_killed_in_the_middle_of_a_call_ends_that_call_only(served: Served) -> None:
    key = served.world.rights.give("premium")
    ended: dict[str, Any] = {}

    def sleep() -> None:
        with client(served, key) as http:
            ended["slow"] = http.post("/v1/features/sleep", json={"seconds": 1.9})

    thread = threading.Thread(target=sleep)
    with client(served, key) as http:
        pid = http.post("/v1/features/where", json={}).json()
        thread.start()
        time.sleep(0.3)
        assert http.post("/v1/features/mean", json=DATA).status_code == 200, "not delayed by the slow one"
        assert thread.is_alive()
        killed = served.world.gate.features.pool.pids
        for worker in killed:
            os.kill(worker, signal.SIGKILL)
        thread.join(10)
        while killed & served.world.gate.features.pool.pids:
            time.sleep(0.01)
        assert (ended["slow"].status_code, ended["slow"].json()["code"]) == (500, "feature_failed")
        assert http.post("/v1/features/where", json={}).json() != pid
    assert served.world.used(key)[0] == 3


def test_a_key_is_found_in_no_answer_log_metric_or_file(served: Served, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    key = served.world.rights.give("free")
    wrong = Secret(key.reveal()[:-1] + ("a" if key.reveal()[-1] != "a" else "b"))
    said = b""
    for one in (key, wrong, Secret("hf_" + key.reveal())):
        with client(served, one) as http:
            for answer in (
                http.post("/v1/features/mean", json=DATA),
                http.post("/v1/features/premium_only", json=DATA),
                http.post("/v1/features/fail", json={"how": "raise"}),
                http.post("/v1/features/nope", json={}),
                http.post("/v1/features/mean", content=b"{"),
                http.get("/v1/me"),
                http.get("/v1/features"),
                http.get("/metrics"),
                http.post("/access/v1/evaluation", json={"subject": {"type": "key", "id": one.reveal()}}),
            ):
                said += str(answer.headers).encode() + answer.content
    files = b"".join(p.read_bytes() for p in served.folder.iterdir() if p.is_file())
    for secret in (key.reveal(), wrong.reveal(), key.reveal()[-45:]):
        assert secret.encode() not in said
        assert secret not in caplog.text
        assert secret.encode() not in files
    assert served.world.rights.id_of(key).encode() in files, "the key's id is there: the search would have found it"


def _resident_kib() -> int:
    text = Path("/proc/self/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0])
