"""Does a program beside a gate let in exactly whom the gate would? Against a real server, and against files."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from tests.certificates.certified import FROM_S, KEY, OTHER, SAMPLE, UNTIL_S, file
from tests.serve.served import running

from licet.certificate import Revocations, sealed
from licet.certificate.keys import jwk
from licet.certificate.seal import signature
from licet.client import Certificates, Gate, NotAllowed, requires
from licet.errors import LicetError


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    data = tmp_path_factory.mktemp("client")
    with running("demo", "--port", "0", "--json", "--dir", str(data / "d")) as process:
        yield json.loads(process.wait_for("{"))


def test_a_running_gate_says_who_may_and_why_not(demo: dict[str, Any]) -> None:
    gate = Gate(demo["url"])
    assert gate.may("advanced_modelling", key=demo["keys"]["premium"]).allowed
    no = gate.may("advanced_modelling", key=demo["keys"]["free"])
    assert (no.answer, no.code) == ("no", "feature_not_in_tier")
    assert "Feature not available in free tier" in no.detail
    assert no.because and no.would_allow
    assert gate.may("basic_analysis", key="lic_demo_nothing").code == "not_authenticated"
    assert gate.may("basic_analysis", key="").code == "not_authenticated"
    assert gate.may("basic_analysis", key="lic\r\nX: y").code == "not_authenticated"
    assert gate.me(key=demo["keys"]["free"])["tier"] == "free"
    with pytest.raises(NotAllowed):
        gate.me(key="lic_demo_nothing")


def test_about_others_only_a_key_that_may_decide_is_answered(demo: dict[str, Any]) -> None:
    told = Gate(demo["url"], key=demo["keys"]["free"]).may("chat", tier="premium")
    assert (told.answer, told.code) == ("no", "not_allowed")
    with pytest.raises(LicetError, match="several subjects"):
        Gate(demo["url"]).may("chat", tier="premium", account="hol_1")


def test_asking_is_free_and_spending_counts_one_call(demo: dict[str, Any]) -> None:
    gate, key = Gate(demo["url"], key=demo["keys"]["research"]), demo["keys"]["research"]

    def used() -> int:
        return int(gate.me().get("usage", {}).get("calls", 0))

    before = used()
    assert gate.may("basic_analysis").allowed
    assert used() == before
    assert gate.spend("basic_analysis", key=key).allowed
    assert used() == before + 1
    assert not gate.spend("advanced_modelling", key=demo["keys"]["free"]).allowed


def test_a_decorated_function_is_reached_by_those_who_may_and_by_nobody_else(demo: dict[str, Any]) -> None:
    gate = Gate(demo["url"], key=demo["keys"]["premium"])
    reached: list[str] = []

    @requires("advanced_modelling", gate, key="api_key")
    def model(table: str, api_key: str = "") -> str:
        reached.append(table)
        return table.upper()

    assert model("whales", demo["keys"]["premium"]) == "WHALES"
    assert model.__name__ == "model"
    with pytest.raises(NotAllowed) as no:
        model("seals", api_key=demo["keys"]["free"])
    assert no.value.told.code == "feature_not_in_tier"
    with pytest.raises(NotAllowed):  # a caller without a key is nobody, and not the program itself
        model("seals")
    assert reached == ["whales"]


async def test_coroutines_and_streams_are_guarded_before_their_first_step(demo: dict[str, Any]) -> None:
    gate = Gate(demo["url"], key=demo["keys"]["premium"])  # the program's own, with which no caller is asked about
    reached: list[str] = []

    @requires("advanced_modelling", gate, key=lambda request: request["key"], counted=True)
    async def model(request: dict[str, str]) -> int:
        reached.append("model")
        await asyncio.sleep(0)
        return 7

    @requires("advanced_modelling", gate, key=lambda request: request.get("key"))
    async def stream(request: dict[str, str]) -> AsyncIterator[int]:
        reached.append("stream")
        for n in range(3):
            yield n

    assert await model({"key": demo["keys"]["premium"]}) == 7
    assert [n async for n in stream({"key": demo["keys"]["premium"]})] == [0, 1, 2]
    for call in (model({"key": demo["keys"]["free"]}), anext(aiter(stream({})))):
        with pytest.raises(NotAllowed):
            await call
    assert reached == ["model", "stream"]


def test_what_cannot_work_is_said_when_it_is_written() -> None:
    with pytest.raises(LicetError, match="no argument `kye`"):
        requires("chat", Gate("http://localhost:1"), key="kye")(lambda key: key)
    with pytest.raises(LicetError, match="for a component"):
        requires("use", Certificates([], keys="none"))
    with pytest.raises(LicetError, match="http address"):
        Gate("file:///etc/passwd")
    assert "canary" not in repr(Gate("http://localhost:1", key="lic_live_canary"))


class Odd(BaseHTTPRequestHandler):
    """A server that is no gate."""

    status, body, location, keys = 200, b"{}", "", []

    def do_POST(self) -> None:
        Odd.keys.append(self.headers["Authorization"])
        self.send_response(Odd.status)
        if Odd.location:
            self.send_header("Location", Odd.location)
        self.end_headers()
        self.wfile.write(Odd.body)

    do_GET = do_POST

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def odd() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Odd)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    Odd.keys.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b"{}"), (200, b"[]"), (200, b"<html>"), (200, b'{"decision": "yes", "context": {}}'), (500, b""),
     (200, b'{"decision": true}'), (403, b""), (404, b'{"code": "not_found"}'), (204, b"")],
)  # fmt: skip
def test_an_answer_that_is_none_lets_nobody_in(odd: str, status: int, body: bytes) -> None:
    Odd.status, Odd.body, Odd.location = status, body, ""
    with pytest.raises(LicetError) as wrong:
        requires("chat", Gate(odd), key=lambda: "lic_live_canary")(lambda: pytest.fail("reached"))()
    assert "canary" not in str(wrong.value)


@pytest.mark.parametrize(
    ("status", "known"), [(401, True), (402, True), (403, True), (429, True), (404, False), (500, False)]
)
def test_a_refusal_to_spend_is_told_with_its_code_and_an_error_is_none(odd: str, status: int, known: bool) -> None:
    Odd.status, Odd.body, Odd.location = status, b'{"code": "budget_exhausted", "detail": "No."}', ""
    if known:
        told = Gate(odd).spend("chat", key="lic_live_canary")
        assert (told.answer, told.code, told.detail) == ("no", "budget_exhausted", "No.")
        return
    with pytest.raises(LicetError) as wrong:
        Gate(odd).spend("chat", key="lic_live_canary")
    assert not isinstance(wrong.value, NotAllowed)


def test_a_key_follows_no_redirect(odd: str) -> None:
    Odd.status, Odd.body, Odd.location = 302, b"", "http://127.0.0.1:1/elsewhere"
    with pytest.raises(LicetError, match="it answers 302"):
        Gate(odd).may("chat", key="lic_live_canary")
    assert Odd.keys == ["Bearer lic_live_canary"]


def test_a_gate_that_is_gone_lets_nobody_in() -> None:
    with pytest.raises(LicetError, match="cannot be reached"):
        Gate("http://127.0.0.1:1", timeout_s=1).may("chat", key="x")


# --- offline ---------------------------------------------------------------------------------------------------------


class Files:
    """A folder as a customer has it: the certificate, the issuer's keys, its list of revocations."""

    def __init__(self, folder: Path) -> None:
        self.certificate, self.keys, self.list = (folder / n for n in ("c.json", "jwks.json", "list.json"))
        self.now_s = FROM_S + 5
        self.certificate.write_bytes(file())
        self.keys.write_text(json.dumps({"keys": [jwk(KEY.public)]}))
        self.revoke()

    def revoke(self, *ids: str, expires_s: int = UNTIL_S) -> None:
        told = Revocations((SAMPLE.issuer,), FROM_S, expires_s, dict.fromkeys(ids, FROM_S + 1)).statement()
        self.list.write_bytes(sealed("revocations", told, signature("revocations", told, KEY)))

    def of(self, **more: Any) -> Certificates:
        return Certificates(
            [self.certificate], keys=self.keys, revocations=self.list, clock=lambda: self.now_s, **more
        )  # fmt: skip


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_a_certificate_is_asked_without_any_network(files: Files) -> None:
    yes = files.of().may("commercial-use", "weights")
    assert yes.allowed
    assert yes.because[0]["cite"] == "certificate cert_1"
    assert not files.of().may("sublicense", "weights").allowed
    assert not files.of().may("use", "code").allowed

    @requires("use", files.of(release="sana", version="1.2.0"), component="weights", facts={"commercial": True})
    def run() -> str:
        return "ran"

    assert run() == "ran"
    files.now_s = UNTIL_S
    with pytest.raises(NotAllowed, match="It ended at"):
        run()
    assert files.of().may("use", "weights").because[0]["cite"] == str(files.certificate)


def test_what_was_taken_back_is_noticed_at_the_next_question(files: Files) -> None:
    held = files.of()
    assert held.may("use", "weights").allowed
    files.revoke("cert_1")
    assert "taken back" in held.may("use", "weights").detail
    files.revoke(expires_s=files.now_s)
    assert "get a newer one" in held.may("use", "weights").detail


def test_a_file_that_was_changed_opens_nothing(files: Files) -> None:
    files.certificate.write_bytes(file().replace(b"Whale Watch", b"Whale Catch"))
    assert "something in it was changed" in files.of().may("use", "weights").detail
    files.certificate.write_bytes(file(key=OTHER))
    assert "not among those given" in files.of().may("use", "weights").detail
    assert not files.of(version="1.3.0").may("use", "weights").allowed
    files.certificate.unlink()
    with pytest.raises(LicetError, match="cannot be read"):
        files.of().may("use", "weights")


def test_a_list_of_revocations_that_was_changed_is_an_error_and_no_yes(files: Files) -> None:
    files.revoke("cert_1")
    files.list.write_bytes(files.list.read_bytes().replace(b"cert_1", b"cert_2"))
    with pytest.raises(LicetError, match="something in it was changed"):
        files.of().may("use", "weights")
