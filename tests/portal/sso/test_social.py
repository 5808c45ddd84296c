"""Signing in with an account elsewhere: off unless set, and never into an account by its address alone.

In a process of its own, for Django is set up once; GitHub is a server on loopback, of the kind that companies run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from tests.portal.test_pages_of_mine import client

from licet.errors import Findings
from licet.settings import read

STORY = """
import json, re, sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from licet.portal import start
from licet.portal.config import PortalConfig
folder, url = sys.argv[1:]
start.configure(PortalConfig(Path(folder), social=(("github", "id", "canary-of-an-app", url),)))
start.migrate()
from django.test import Client
from licet.portal import accounts, events, stored, subject
from licet.portal.models import Account
told = {"page": Client(SERVER_NAME="localhost").get("/accounts/login/").content.decode()}

def comes(code, browser=None):
    browser = browser or Client(SERVER_NAME="localhost")
    begun = browser.post("/accounts/github/login/")
    state = parse_qs(urlsplit(begun["Location"]).query)
    told["begun"] = begun["Location"]
    answer = browser.get("/accounts/github/login/callback/", {"code": code, "state": state["state"][0]})
    return browser, answer, browser.get("/my/keys").status_code

told["lead"] = Client(SERVER_NAME="localhost").get("/accounts/github/login/")["Content-Security-Policy"]
ada = accounts.create("ada@example.org", "correct horse battery", events.COMMAND)
told["taken"] = comes("ada")[2]
told["look_alike"] = comes("look_alike")[2]
told["unverified"] = comes("unverified")[2]
told["new"], told["again"] = comes("ann")[2], comes("ann")[2]
told["accounts"] = sorted(Account.objects.values_list("email", flat=True))
browser, answer, status = comes("ann")
forged = Client(SERVER_NAME="localhost").get("/accounts/github/login/callback/", {"code": "ann", "state": "x"})
told["forged"] = "/my/" in forged.get("Location", "")
export = subject.export(accounts.find("ann@example.org"), events.COMMAND)["portal"]
told["exported"] = [row["uid"] for row in export["socialaccount.SocialAccount"]]
from django.apps import apps
lines = stored.tables()
told["missing"] = [f"{m._meta.label}.{f.column}" for m in apps.get_app_config("socialaccount").get_models()
                   for f in m._meta.local_fields
                   if m._meta.label not in lines or f.column not in (lines[m._meta.label].fields or {f.column})]
told["in_the_database"] = b"canary-of-an-app" in b"".join(p.read_bytes() for p in Path(folder).glob("portal.sqlite3*"))
print(json.dumps(told))
"""
PEOPLE = {
    "ada": ("ada@example.org", True), "look_alike": ("ada@\uff45xample.org", True), "unverified": ("eve@example.org", False),
    "ann": ("ann@example.org", True),
}  # fmt: skip


class _GitHub(BaseHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass

    def _json(self, told: Any) -> None:
        raw = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self._json({"access_token": form["code"][0], "token_type": "bearer"})

    def do_GET(self) -> None:
        who = self.headers.get("Authorization", "").partition(" ")[2]
        email, verified = PEOPLE[who]
        if self.path.endswith("/emails"):
            return self._json([{"email": email, "primary": True, "verified": verified}])
        return self._json({"id": sorted(PEOPLE).index(who), "login": who, "email": email})


@pytest.fixture
def github() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _GitHub)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join(5)


def test_an_account_elsewhere_signs_in_but_takes_over_nothing(tmp_path: Path, github: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", STORY, str(tmp_path / "data"), github], capture_output=True, text=True, timeout=180
    )
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert "GitHub" in told["page"]
    assert f"form-action 'self' {github};" in told["lead"]
    assert told["begun"].startswith(f"{github}/login/oauth/authorize?") and "code_challenge=" in told["begun"]
    assert (told["taken"], told["look_alike"], told["unverified"]) == (302, 302, 302)
    assert (told["new"], told["again"]) == (200, 200)
    assert told["accounts"] == ["ada@example.org", "ann@example.org"]
    assert not told["forged"]
    assert told["exported"] == ["1"] and told["missing"] == []
    assert not told["in_the_database"]


def test_without_the_setting_there_is_no_such_way_in(portal: Any) -> None:
    assert "GitHub" not in client().get("/accounts/login/").content.decode()
    for path in ("/accounts/github/login/", "/accounts/google/login/callback/", "/accounts/3rdparty/"):
        assert client().get(path).status_code == 404


@pytest.mark.parametrize("value", ["id", "id:", ":secret", ":"])
def test_half_a_setting_is_a_finding_that_repeats_nothing(value: str) -> None:
    with pytest.raises(Findings) as wrong:
        read({"LICET_SOCIAL_GITHUB": value.replace("secret", "canary")})
    assert "CLIENT_ID:SECRET" in str(wrong.value) and "canary" not in str(wrong.value)
    assert "canary" not in repr(read({"LICET_SOCIAL_GOOGLE": "id:canary"}))
