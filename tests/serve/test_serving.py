"""One file, one command: does it come up, admit real callers, survive its end, and take a changed file fairly?"""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest
from tests.serve.served import call, licet, release, running
from tests.serve.test_two_processes import free_port


@pytest.mark.slow
def test_the_demo_comes_up_and_answers_its_three_tiers(tmp_path: Path) -> None:
    with running("demo", "--json", "--port", "0", "--dir", str(tmp_path / "d")) as demo:
        ready = json.loads(demo.wait_for("{"))
        url, keys = ready["url"], ready["keys"]
        assert set(keys) == {"free", "research", "premium"}
        assert set(ready["operator"]) == {"email", "password"}
        numbers = {"data": [1, 2, 3, 4, 5]}
        status, body, _ = call(f"{url}/v1/features/basic_analysis", keys["free"], numbers)
        assert (status, body["mean"]) == (200, 3.0)
        status, body, headers = call(f"{url}/v1/features/advanced_modelling", keys["free"], numbers)
        assert (status, body["code"]) == (403, "feature_not_in_tier")
        assert body["detail"].startswith("Feature not available in free tier")
        assert {o["offer"] for o in body["would_allow"]} == {"tier:research", "tier:premium", "program:research"}
        assert headers["x-should-retry"] == "false"
        assert call(f"{url}/v1/features/advanced_modelling", keys["premium"], numbers)[0] == 200
        assert call(f"{url}/v1/features/advanced_modelling", keys["research"], numbers)[0] == 200
        assert call(f"{url}/v1/features/basic_analysis", "", numbers)[0] == 401
        _, me, _ = call(f"{url}/v1/me", keys["free"])
        assert (me["tier"], me["quotas"][0]["used"], me["quotas"][0]["remaining"]) == ("free", 1, 999)
        first = keys["free"]
    with running("demo", "--json", "--port", "0", "--dir", str(tmp_path / "d")) as demo:
        ready = json.loads(demo.wait_for("{"))
        status, body, _ = call(f"{ready['url']}/v1/features/basic_analysis", first, numbers)
        assert (status, body["code"]) == (401, "key_revoked"), "the keys of an earlier start are ended"
        _, me, _ = call(f"{ready['url']}/v1/me", ready["keys"]["free"])
        assert me["quotas"][0]["used"] == 1, "a restart loses no usage"


@pytest.mark.slow
@pytest.mark.parametrize("parts", [("",), ("--portal", "--gate")])
def test_every_answer_says_that_only_https_is_spoken_here(tmp_path: Path, parts: tuple[str, ...]) -> None:
    folder = release(tmp_path / "voice")
    names = ("/", "/v1/me", "/healthz", "/v1/features/shout", "/accounts/login/", "/nothing/here/at/all", "/metrics")
    for url, said in (("https://models.example.org", ["max-age=31536000"]), ("http://models.example.org", [])):
        port = free_port()
        words = ("serve", str(folder), "--port", str(port))
        with ExitStack() as stack:
            for part in parts:
                at = stack.enter_context(running(*words, *filter(None, [part]), env={"LICET_URL": url}))
                at.wait_for("the gate of voice is at" if part == "--gate" else "is served at")
            for name in names:
                wire = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
                wire.request("GET", name, headers={"Host": "models.example.org"})
                with wire.getresponse() as answer:
                    answer.read()
                    told = answer.headers.get_all("strict-transport-security") or []
                wire.close()
                assert told == said, (name, answer.status, told)


@pytest.mark.slow
def test_a_release_of_ones_own_is_served_and_a_changed_file_is_taken_fairly(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice", limit=2)
    with running("serve", str(folder), "--port", "0") as server:
        url = server.wait_for("is served at").split()[-1]
        link = server.wait_for("/accounts/operator/")
        assert re.search(r"/accounts/operator/\w+/", link)
        data = ["--data", str(folder / ".licet")]
        assert licet("account", "create", "ada@example.org", *data).returncode == 0
        made = json.loads(licet("key", "make", "ada@example.org", "--json", *data).stdout)
        shout = f"{url}/v1/features/shout"
        assert call(shout, made["secret"], {"text": "hey"})[1] == {"text": "HEY"}
        assert call(shout, made["secret"], {"text": 1})[0] == 422, "what makes no sense costs nothing"
        assert call(shout, made["secret"], {"text": "hey"})[0] == 200
        status, body, headers = call(shout, made["secret"], {"text": "hey"})
        assert (status, body["code"]) == (429, "quota_exhausted")
        assert headers["x-should-retry"] == "false"

        release(folder, limit=1)  # a stricter file beside a running server changes nothing by itself
        assert call(f"{url}/v1/me", made["secret"])[1]["quotas"][0]["limit"] == 2
        release(folder, limit=9)
        said = licet("publish", str(folder), "--move", "free")
        assert said.returncode == 0, said.stderr
        assert "moved 1 holder to it" in said.stdout
        assert call(shout, made["secret"], {"text": "hey"})[0] == 200, (
            "the running server took it from the next call on"
        )

        assert licet("key", "revoke", made["key"], *data).returncode == 0
        assert call(shout, made["secret"], {"text": "hey"})[1]["code"] == "key_revoked"

    release(folder, limit=3)
    refused = licet("serve", str(folder), "--port", "0")
    assert refused.returncode == 1
    assert "1 holder of `free` would lose" in refused.stderr
    assert "licet publish" in refused.stderr
    assert "Traceback" not in refused.stderr
    with running("serve", str(folder), "--port", "0", "--dev") as server:
        server.wait_for("is served at")


@pytest.mark.slow
def test_kill_dash_nine_in_the_middle_of_a_call_leaves_a_ledger_that_verifies_and_a_free_port(tmp_path: Path) -> None:
    """The worker of the call hangs: it must not outlive the server, and never hold its port."""
    folder = release(tmp_path / "voice", extra=HANGS)
    data, begun = ("--data", str(folder / ".licet")), folder / "begun"
    (folder / "hangs.py").write_text(
        f"import pathlib, time\n\ndef on():\n    pathlib.Path({str(begun)!r}).touch()\n    time.sleep(600)\n"
    )
    with running("serve", str(folder), "--port", "0") as server:
        url = server.wait_for("is served at").split()[-1]
        assert licet("account", "create", "ada@example.org", *data).returncode == 0
        assert licet("tier", "give", "ada@example.org", "all", *data).returncode == 0
        key = json.loads(licet("key", "make", "ada@example.org", "--json", *data).stdout)["secret"]
        cut = threading.Thread(target=_cut_off, args=(f"{url}/v1/features/on", key))
        cut.start()
        while not begun.exists():
            time.sleep(0.01)
        os.kill(server.popen.pid, signal.SIGKILL)
        server.popen.wait()
        cut.join()
    assert licet("ledger", "verify", *data).returncode == 0
    with running("serve", str(folder), "--port", url.rpartition(":")[2]) as server:
        server.wait_for("is served at")
        _, me, _ = call(f"{url}/v1/me", key)
        assert not any(me["usage"].values()), "the call that a crash of ours cut off is at our cost"


HANGS = """
[[feature]]
name = "on"
call = "hangs:on"
serves = ["code"]
"""


def _cut_off(url: str, key: str) -> None:
    with pytest.raises(OSError):
        call(url, key, {})


def test_a_file_with_findings_starts_nothing_and_names_them_all(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice", features='["shuot"]', extra='qouta = ["3 calls / month"]\n')
    said = licet("serve", str(folder))
    assert said.returncode == 1
    assert "did you mean `shout`?" in said.stderr
    assert "did you mean `quota`?" in said.stderr
    assert not (folder / ".licet").exists()


def test_what_this_version_does_not_serve_is_refused_with_a_clear_word(tmp_path: Path) -> None:
    two = 'overage = ["0.40 EUR / 1000 calls"]\nquota = ["3 calls / day", "9 calls / month"]\n'
    folder = release(tmp_path / "voice", extra=two)
    said = licet("serve", str(folder))
    assert said.returncode == 1
    assert "licet.toml:32" in said.stderr
    assert "one price for calls and 2 quotas of it" in said.stderr
    assert not (folder / ".licet").exists()


def test_a_taken_port_is_said_before_anything_is_started(tmp_path: Path) -> None:
    import socket

    folder = release(tmp_path / "voice")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        said = licet("serve", str(folder), "--port", str(taken.getsockname()[1]))
    assert said.returncode == 1
    assert "cannot listen" in said.stderr
    assert not (folder / ".licet").exists()


@pytest.mark.slow
def test_why_tells_the_verdict_of_a_call_as_it_was_even_after_everything_changed(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice")
    data = ["--data", str(folder / ".licet")]
    with running("serve", str(folder), "--port", "0") as server:
        url = server.wait_for("is served at").split()[-1]
        assert licet("account", "create", "ada@example.org", *data).returncode == 0
        secret = json.loads(licet("key", "make", "ada@example.org", "--json", *data).stdout)["secret"]
        _, body, headers = call(f"{url}/v1/features/whisper", secret, {"text": "HEY"})
        assert body["request_id"] == headers["x-request-id"]
        assert licet("tier", "give", "ada@example.org", "all", *data).returncode == 0
        assert call(f"{url}/v1/features/whisper", secret, {"text": "HEY"})[1] == {"text": "hey"}, (
            "a given tier is approved"
        )
    assert (folder / ".licet" / "url").read_text().strip() == url, "commands name it in their mails"
    said = licet("why", headers["x-request-id"], *data)
    assert "Feature not available in free tier" in said.stdout
    assert "tier `all` has `whisper`" in said.stdout
    assert secret not in said.stdout


@pytest.mark.slow
def test_shadow_lets_everybody_in_and_logs_every_no(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice")
    with running("serve", str(folder), "--port", "0", "--shadow") as server:
        url = server.wait_for("is served at").split()[-1]
        assert call(f"{url}/v1/features/whisper", "", {"text": "HEY"})[1] == {"text": "hey"}
        stranger = http.client.HTTPConnection(url.removeprefix("http://"))
        stranger.request("GET", "/accounts/login/", headers={"Host": "else.example"})
        assert stranger.getresponse().status == 400
        stranger.close()
    told = [line for line in server.errors if "else.example" in line]
    assert len(told) == 1 and not any("Traceback" in line for line in server.errors)
    assert any("not_authenticated" in line and "shadow" in line for line in server.errors)


@pytest.mark.slow
def test_the_ledgers_log_is_written_back_while_serving_and_nothing_is_left_open_at_the_end(tmp_path: Path) -> None:
    folder = release(tmp_path / "voice", limit=100_000)
    data = folder / ".licet"
    with running("serve", str(folder), "--port", "0") as server:
        url = server.wait_for("is served at").split()[-1]
        assert licet("account", "create", "ada@example.org", "--data", str(data)).returncode == 0
        made = licet("key", "make", "ada@example.org", "--json", "--data", str(data))
        secret = json.loads(made.stdout)["secret"]
        for _ in range(20):
            assert call(f"{url}/v1/features/shout", secret, {"text": "hey"})[0] == 200
    wal = data / "ledger.sqlite3-wal"
    assert not wal.exists() or wal.stat().st_size == 0, "a clean end leaves no log behind"
    assert licet("ledger", "verify", "--data", str(data)).returncode == 0
