"""`licet accept`: what it shows, what it sends, and what it refuses to do. Against a server that answers as told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from licet.cli import main

TEXT = b"The text, as it is.\n"
ASKED = {"release": "sana", "component": "weights", "license": "MIT", "sha256": sha256(TEXT).hexdigest()}


class Portal:
    """Answers by path; `sent` is what came."""

    def __init__(self) -> None:
        self.asked: list[dict[str, str]] = [ASKED]
        self.accepted: list[dict[str, str]] = []
        self.without_text: list[dict[str, str]] = []
        self.text, self.status, self.location = TEXT, 200, ""
        self.sent: list[tuple[str, str, str | None, Any]] = []
        portal = self

        class Answers(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._told(None)

            def do_POST(self) -> None:
                self._told(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def _told(self, body: Any) -> None:
                portal.sent.append((self.command, self.path, self.headers["Authorization"], body))
                told: Any = {"accepted": portal.accepted, "asked": portal.asked, "without_text": portal.without_text}
                if body is not None:
                    told = {"license": body["license"], "accepted_at": "2026-11-23T04:37:00Z", "receipt": {"receipt": {}},
                            "sha256": body["sha256"]}  # fmt: skip
                answer = portal.text if "/text" in self.path else json.dumps(told).encode()
                if "/summary" in self.path:
                    answer = b"You may run and use it. (MIT)\n"
                if portal.status != 200:
                    answer = b'{"detail": "This key was revoked."}'
                self.send_response(portal.status)
                if portal.location:
                    self.send_header("Location", portal.location)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def portal() -> Iterator[Portal]:
    made = Portal()
    Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def accept(portal: Portal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*words: str, key: str = "lic_live_canary") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(key + "\n"))
        code = main(["accept", "--url", portal.url, *words])
        told = capsys.readouterr()
        return code, told.out, told.err

    return run


def test_it_shows_the_reading_and_the_text_and_then_accepts_that_very_text(portal: Portal, accept: Any) -> None:
    code, out, _ = accept("weights", "--key", "-", "--yes")
    assert code == 0
    assert "MIT, asked for weights of sana" in out
    assert "You may" in out
    assert TEXT.decode() in out
    assert "Accepted MIT at 2026-11-23T04:37:00Z." in out
    *_, posted = portal.sent
    assert posted[:2] == ("POST", "/v1/acceptances")
    promise = {k: ASKED[k] for k in ("release", "license", "sha256")}
    assert posted[3] == {**promise, "how": "command", "words": "licet accept weights --yes"}
    assert all(bearer in ("Bearer lic_live_canary", None) for _, _, bearer, _ in portal.sent)
    assert "canary" not in out


def test_a_text_that_is_another_than_the_one_asked_about_is_never_accepted(portal: Portal, accept: Any) -> None:
    portal.text = b"Something else.\n"
    code, _, err = accept("--key", "-", "--yes")
    assert code != 0
    assert "not the one that is asked about" in err
    assert not [s for s in portal.sent if s[0] == "POST"]


def test_a_piped_key_needs_a_spoken_yes_and_nobody_is_asked(portal: Portal, accept: Any) -> None:
    for words in ([], ["--key", "-"]):
        code, _, err = accept(*words)
        assert code != 0
        assert "mend" in err or "--yes" in err or "--key -" in err
    assert portal.sent == []


def test_what_is_not_asked_for_is_said_so(portal: Portal, accept: Any) -> None:
    code, _, err = accept("weihgts", "--key", "-", "--yes")
    assert code != 0, "a slip of the pen must not look like an acceptance"
    assert "nothing named `weihgts` is asked for" in err and "did you mean `weights`?" in err
    assert "known: `MIT`, `weights`" in accept("nope", "--key", "-", "--yes")[2]
    portal.asked = []
    assert accept("nope", "--key", "-", "--yes")[:2] == (0, "Nothing named `nope` is asked for.\n")
    portal.accepted = [{"license": "MIT", "component": "weights", "accepted_at": "2026-11-01T00:00:00Z"}]
    for what in ("weights", "MIT"):
        assert accept(what, "--key", "-", "--yes")[:2] == (0, "MIT was accepted at 2026-11-01T00:00:00Z.\n")
    portal.accepted = []
    assert "Nothing is asked for." in accept("--key", "-", "--yes")[1]


def test_a_text_that_the_server_does_not_have_is_told_and_is_no_acceptance(portal: Portal, accept: Any) -> None:
    portal.asked, portal.without_text = [], [{"release": "sana", "component": "weights", "license": "CC-BY-NC-4.0"}]
    for words in (["weights"], ["CC-BY-NC-4.0"], []):
        code, _, err = accept(*words, "--key", "-", "--yes")
        assert (code, "carries no text of it" in err) == (1, True)
    assert accept("nope", "--key", "-", "--yes")[0] == 0


def test_a_refusal_is_told_in_the_servers_words_and_a_redirect_is_not_followed(portal: Portal, accept: Any) -> None:
    portal.status = 401
    code, _, err = accept("--key", "-", "--yes")
    assert (code != 0, "This key was revoked." in err) == (True, True)
    portal.status, portal.location = 302, "http://127.0.0.1:9/"
    code, _, err = accept("--key", "-", "--yes")
    assert code != 0
    assert "127.0.0.1:9" not in err


@pytest.mark.parametrize("url", ["ftp://x", "file:///etc/passwd", "http://127.0.0.1:1"])
def test_an_address_that_is_none_is_refused(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("lic_x\n"))
    assert main(["accept", "--url", url, "--key", "-", "--yes"]) != 0
    assert url in capsys.readouterr().err


def test_what_is_asked_besides_is_answered_and_an_organization_is_signed_for(
    portal: Portal, accept: Any, tmp_path: Path
) -> None:
    portal.asked = [{**ASKED, "ask": ["Your affiliation"]}]  # type: ignore[dict-item]
    code, _, err = accept("weights", "--key", "-", "--yes")
    assert (code, "not answered: “Your affiliation”" in err) == (1, True)
    assert [method for method, *_ in portal.sent if method == "POST"] == []
    code, _, err = accept("weights", "--key", "-", "--yes", "--answer", "whales")
    assert (code, "QUESTION=ANSWER" in err) == (1, True)
    words = ["--answer", "Your affiliation=Whale Watch", "--capacity", "managing director"]
    code, out, _ = accept("weights", "--key", "-", "--yes", *words, "--receipts", str(tmp_path / "r"))
    assert code == 0
    told = portal.sent[-1][3]
    assert (told["answers"], told["authority"]) == ({"Your affiliation": "Whale Watch"}, "managing director")
    (file,) = (tmp_path / "r").iterdir()
    assert json.loads(file.read_text()) == {"receipt": {}}
    assert str(file) in out
