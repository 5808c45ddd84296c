"""Forward-auth with a real nginx: Licet decides and counts, nginx carries the bytes to a server that knows neither."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
import time
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
import uvicorn
from gate_world import World
from scripted import Asked, Scripted, whole

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
pytestmark = pytest.mark.skipif(NGINX is None, reason="LEFT OUT: no nginx here (Debian: apt-get install nginx-light)")

# The part between the marks stands in docs/forward-auth.md too; `test_the_page_shows_what_was_tested` holds them together.
SITE = """
location /model/ {
    auth_request /_licet;
    auth_request_set $licet_holder $upstream_http_x_licet_holder;
    auth_request_set $licet_tier $upstream_http_x_licet_tier;
    auth_request_set $licet_problem $upstream_http_x_licet_problem;
    error_page 401 403 = @refused;

    proxy_set_header X-Licet-Holder $licet_holder;
    proxy_set_header X-Licet-Tier $licet_tier;
    proxy_set_header Authorization "";
    proxy_pass http://127.0.0.1:9000/;
}
location = /_licet {
    internal;
    proxy_pass http://127.0.0.1:8000/v1/forward/echo?nginx;
    proxy_pass_request_body off;
    proxy_set_header Content-Length "";
    proxy_set_header X-Forwarded-For $remote_addr;
}
location @refused {
    internal;
    default_type application/problem+json;
    return 403 $licet_problem;
}
""".strip()

CONFIG = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
access_log off;
client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
server {{
listen 127.0.0.1:{port};
{site}
}}
}}
"""


@pytest.fixture
async def gate_port(world: World) -> AsyncIterator[int]:
    config = uvicorn.Config(
        world.gate, port=0, log_level="warning", access_log=False, loop="none", ws="none", lifespan="off",
        proxy_headers=False,
    )  # fmt: skip
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1]
    server.should_exit = True
    await serving


@pytest.fixture
async def nginx(gate_port: int, upstream: Scripted, tmp_path: Path) -> AsyncIterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    site = SITE.replace("127.0.0.1:8000", f"127.0.0.1:{gate_port}").replace(
        "127.0.0.1:9000", f"127.0.0.1:{upstream.port}"
    )
    conf = tmp_path / "nginx.conf"
    conf.write_text(CONFIG.format(folder=tmp_path, port=port, site=site))
    errors = tmp_path / "error.log"
    process = subprocess.Popen([str(NGINX), "-e", str(errors), "-c", str(conf)], stderr=subprocess.DEVNULL)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        await asyncio.sleep(0.05)
    else:
        raise AssertionError(errors.read_text())
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(10)


async def test_nginx_carries_what_licet_lets_through_and_tells_the_server_who_calls(
    world: World, upstream: Scripted, nginx: str
) -> None:
    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(200, b"carried " + asked.body, "text/plain"))

    upstream.then = then
    key = world.rights.give("free")
    async with httpx2.AsyncClient(base_url=nginx, trust_env=False) as http:
        answer = await http.post("/model/x", content=b"bytes", headers={"authorization": f"Bearer {key.reveal()}"})
        assert (answer.status_code, answer.content) == (200, b"carried bytes")
        heard = upstream.asked[0]
        assert heard.headers["x-licet-holder"] == world.rights.credentials[key.digest].holder_id
        assert heard.headers["x-licet-tier"] == "free"
        assert "authorization" not in heard.headers
        assert world.used(key) == (1, 0)


async def test_nginx_tells_a_refusal_in_licets_words_and_carries_nothing(
    world: World, upstream: Scripted, nginx: str
) -> None:
    headers = {"authorization": f"Bearer {world.rights.give('split').reveal()}"}
    async with httpx2.AsyncClient(base_url=nginx, trust_env=False) as http:
        refused = await http.post("/model/x", content=b"bytes", headers=headers)
        assert refused.status_code == 403
        assert refused.json()["code"] == "feature_not_in_tier"
        assert "not available in split tier" in refused.json()["detail"]
        strangers = [await http.get("/model/x") for _ in range(4)]
        assert [a.status_code for a in strangers] == [200, 200, 200, 403]
        assert strangers[-1].json()["code"] == "quota_exhausted"
        wrong = await http.get("/model/x", headers={"authorization": "Bearer lic_test_wrong"})
        assert wrong.json()["code"] == "not_authenticated"
        hidden = await http.get("/_licet")
        assert hidden.status_code == 404
    assert len(upstream.asked) == 3


def test_the_page_shows_what_was_tested() -> None:
    page = (Path(__file__).parents[3] / "docs" / "forward-auth.md").read_text()
    assert SITE.replace("/v1/forward/echo", "/v1/forward/my_model") in page
