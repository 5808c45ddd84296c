"""One story outside in: use past a quota is answered, capped by its owner, billed on a page, told to another server."""

from __future__ import annotations

import json
import re
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from served import licet, running
from standardwebhooks.webhooks import Webhook

RELEASE = """
[release]
name = "voice"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
why = "Because a test needs one."

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"

[[feature]]
name = "shout"
call = "voice:shout"
serves = ["code"]

[[tier]]
name = "elastic"
features = ["*"]
quota = ["2 calls / month"]
overage = ["0.50 EUR / 1 calls"]
"""


@pytest.mark.slow
def test_use_past_a_quota_is_capped_from_the_next_call_on_and_told_to_another_server(tmp_path: Path) -> None:
    folder = tmp_path / "voice"
    folder.mkdir()
    (folder / "licet.toml").write_text(RELEASE)
    (folder / "voice.py").write_text("def shout(text: str = '') -> str:\n    return text.upper()\n")
    heard: list[tuple[dict[str, str], bytes]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            heard.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            pass

    receiver = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    env = {"LICET_WEBHOOK_NETWORKS": "127.0.0.0/8"}
    here = ("--data", str(folder / ".licet"))
    try:
        with running("serve", str(folder), "--port", "0", env=env) as server:
            found = re.search(r"http://[\w.:]+\d", server.wait_for("http://"))
            assert found is not None
            url = found[0]
            licet("account", "create", "ada@example.org", *here, env=env)
            made = re.search(r"lic_\w+", licet("key", "make", "ada@example.org", *here, env=env).stdout)
            secret = re.search(
                r"whsec_\S+",
                licet("webhooks", "add", f"http://127.0.0.1:{receiver.server_address[1]}/hook", *here, env=env).stdout,
            )
            assert made is not None and secret is not None

            def ask(path: str, body: Any = None) -> tuple[int, dict[str, str], Any]:
                head = {"Authorization": f"Bearer {made[0]}", "Content-Type": "application/json"}
                data = None if body is None else json.dumps(body).encode()
                try:
                    with urllib.request.urlopen(urllib.request.Request(url + path, data, head), timeout=30) as answer:
                        return answer.status, dict(answer.headers), json.loads(answer.read())
                except urllib.error.HTTPError as no:
                    with no:
                        return no.code, dict(no.headers), json.loads(no.read())

            def call() -> tuple[int, str]:
                status, headers, _ = ask("/v1/features/shout", {"text": "hi"})
                return status, headers.get("x-licet-duty", "").split(" (")[0]

            assert [call() for _ in range(3)] == [(200, ""), (200, ""), (200, "pay 0.50 EUR / call")]
            assert ask("/v1/cap", {"amount": "1.00 EUR"})[2]["spent"] == "0.50 EUR"
            assert [call()[0] for _ in range(3)] == [200, 402, 402]
            assert ask("/v1/features/shout", {"text": "hi"})[2]["code"] == "budget_exhausted"
            assert ask("/v1/cap", {"amount": ""})[0] == 403  # with a key it is made lower, never higher
            spending = ask("/v1/me")[2]["spending"]
            assert (spending["spent_nanos"], spending["cap_nanos"]) == (1_000_000_000, 1_000_000_000)

            deadline = time.monotonic() + 60
            while len(heard) < 2 and time.monotonic() < deadline:
                time.sleep(0.2)
            told = [Webhook(secret[0]).verify(body, headers) for headers, body in heard]
            assert [one["type"] for one in told[:2]] == ["quota.80", "quota.100"]
            assert told[0]["data"]["about"] == "calls/month"
            assert "works" in licet("webhooks", "list", *here, env=env).stdout
    finally:
        receiver.shutdown()
        receiver.server_close()
