"""Behind a real nginx: the gate decides and counts, nginx sends the bytes."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from hub_line import served
from hub_world import FILES, WEIGHTS, HubWorld, at

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
CONF = """
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log; {user}
events {{ worker_connections 64; }}
http {{ access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p; fastcgi_temp_path {folder}/f;
  uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{ listen 127.0.0.1:{port};
    location / {{ proxy_pass http://127.0.0.1:{gate}; }}
    location /licet-files/ {{ internal; alias {home}/; disable_symlinks on; }} }} }}
"""


@pytest.mark.skipif(not Path(NGINX).exists(), reason="nginx is not installed here: nothing carries the files")
async def test_nginx_carries_what_the_gate_lets_out(tmp_path: Path) -> None:
    hub = HubWorld(tmp_path, accel="/licet-files/")
    key = hub.accepting()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    def get(path: str, bearer: str = "", **headers: str) -> tuple[int, bytes, dict[str, str]]:
        more = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={**more, **headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read(), {k.lower(): v for k, v in answer.headers.items()}
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read(), {k.lower(): v for k, v in refused.headers.items()}

    async with served(hub.gate) as gate:
        user = "user root;" if os.geteuid() == 0 else ""  # the worker has to read pytest's folder
        conf = tmp_path / "nginx.conf"
        conf.write_text(CONF.format(folder=tmp_path, user=user, port=port, gate=gate, home=hub.home))
        nginx = subprocess.Popen([NGINX, "-p", str(tmp_path), "-c", str(conf)], stderr=subprocess.DEVNULL)
        try:
            for _ in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                await asyncio.sleep(0.02)
            model = at("weights/model.safetensors")
            whole = await asyncio.to_thread(get, model, key.reveal())
            assert (whole[0], whole[1]) == (200, WEIGHTS)
            assert "x-accel-redirect" not in whole[2]
            part = await asyncio.to_thread(get, model, key.reveal(), Range="bytes=1000-")
            assert (part[0], part[1], part[2]["content-range"]) == (206, WEIGHTS[1000:], "bytes 1000-1023/1024")
            assert (await asyncio.to_thread(get, at("README.md")))[1].startswith(b"---")
            assert (await asyncio.to_thread(get, at("src/model.py")))[1] == FILES["src/model.py"]
            refused = await asyncio.to_thread(get, model)
            assert (refused[0], refused[2]["x-error-code"]) == (401, "GatedRepo")
            for path in ("weights/model.safetensors", "src/closed/secret.py", "data/secrets/url.key"):
                assert (await asyncio.to_thread(get, f"/licet-files/{path}", key.reveal()))[0] == 404
        finally:
            nginx.terminate()
            nginx.wait(10)
    assert hub.used(key, "downloads/month") == (1, 0)
    hub.close()
