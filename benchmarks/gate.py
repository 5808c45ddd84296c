"""What does the gate add to a call? One command, ratios inside one interleaved run: `python benchmarks/gate.py`.

Servers, one process each, on uvicorn (httptools, uvloop): `bare` answers the same JSON and decides nothing; `gate` does
key, standing, slot, type hints, an exact hold, settle and a usage row on SQLite (WAL, synchronous=NORMAL: exact through
kill -9, the last moments may be lost in a power cut); `worker` is the same gate with a plain function in its one worker
process, whose time counts too; `fastapi` looks a key up in a dictionary and decides nothing.
The figure to trust is CPU time a request (of the server's process, by /proc); wall-clock rates depend on the neighbours.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

from _harness import Server, again, bare, free_port, gate_app, hidden, key_of, posts, ratios, serve, table

BODY = json.dumps({"text": "x" * 200}).encode()
PATH = "/v1/features/echo"
DOCUMENT = """
[release]
name = "bench"
version = "1.0.0"
licensor = "Bench"
contact = "bench@example.org"
why = "Because figures are needed."
[[component]]
name = "code"
kind = "code"
path = "src/"
license = "Apache-2.0"
[[feature]]
name = "echo"
call = "gate:echo"
serves = ["code"]
[[feature]]
name = "echo_in_worker"
call = "gate:echo_in_worker"
serves = ["code"]
[[tier]]
name = "premium"
features = ["*"]
quota = ["1000000000 calls / month"]
"""


async def echo(text: str) -> dict[str, str]:
    return {"text": text}


def echo_in_worker(text: str) -> dict[str, str]:
    return {"text": text}


def fastapi_app(keys: int) -> Any:
    from fastapi import FastAPI, Header, HTTPException
    from pydantic import BaseModel

    class Input(BaseModel):
        text: str

    app = FastAPI()
    known = {hashlib.sha256(key_of(n).encode()).digest() for n in range(keys)}

    async def feature(given: Input, authorization: str = Header()) -> dict[str, str]:
        if hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest() not in known:
            raise HTTPException(401)
        return {"text": given.text}

    feature.__annotations__["given"] = Input
    app.post(PATH)(feature)
    return app


def app(name: str, folder: Path, keys: int) -> Any:
    if name == "bare":
        return bare(BODY)
    return fastapi_app(keys) if name == "fastapi" else gate_app(folder, keys, DOCUMENT, folder=Path(__file__).parent)


def started(name: str, folder: Path, keys: int, profiled: str = "") -> Server:
    port = free_port()
    serving = "gate" if name == "worker" else name
    (folder / name).mkdir()
    return Server(name, again(__file__, serving, port, folder / name, keys=keys, profiled=profiled), port)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--keys", type=int, default=1000)
    parser.add_argument("--profile", default="", help="write a cProfile of the gate there and measure nothing else")
    hidden(parser)
    said = parser.parse_args()
    if said.serve:
        serve(app(said.serve, said.folder, said.keys), said.port, said.profiled)
        return
    with tempfile.TemporaryDirectory() as folder:
        if said.profile:
            server = started("gate", Path(folder), said.keys, said.profile)
            server.round(posts(PATH, BODY, 32, said.keys), said.seconds)
            server.stop()
            return
        compare(Path(folder), said)


def compare(folder: Path, said: argparse.Namespace) -> None:
    import uvloop

    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    servers = [started(name, folder, said.keys) for name in ("bare", "gate", "fastapi", "worker")]
    paths = {"worker": "/v1/features/echo_in_worker"}
    try:
        for n in range(said.rounds + 1):
            for server in servers:
                server.rounds(n, posts(paths.get(server.name, PATH), BODY, 32, said.keys), said.seconds)
    finally:
        for server in servers:
            server.stop()
    table(servers)
    print(ratios(servers[1], servers[0], 3.5))
    print("gate: exact hold, settle and usage row on SQLite, WAL, synchronous=NORMAL; 32 connections, keep-alive")


if __name__ == "__main__":
    main()
