"""Every answer of the portal, its problems and its log lines carry one id, by which they are put together."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any

from licet.portal.request_id import InEveryLine, current


def asked(path: str) -> tuple[int, dict[str, str], bytes]:
    """One GET of the whole portal, as the server asks it."""
    from licet.portal import start

    said: list[Any] = []
    scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": b"",
             "headers": [(b"host", b"localhost")], "scheme": "http", "server": ("localhost", 80),
             "client": ("127.0.0.1", 9), "http_version": "1.1", "asgi": {"version": "3.0"}}  # fmt: skip

    async def story() -> None:
        done = asyncio.Event()
        first = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Any:
            if not first:
                await done.wait()  # the caller stays until it has its answer
            return first.pop()

        async def send(message: Any) -> None:
            said.append(message)

        await start.asgi()(scope, receive, send)

    asyncio.run(story())
    heads = {name.decode().lower(): value.decode() for name, value in said[0]["headers"]}
    return said[0]["status"], heads, b"".join(m.get("body", b"") for m in said[1:])


def test_a_problem_its_header_and_its_log_line_have_the_same_id(release: Path, caplog: Any) -> None:
    caplog.handler.addFilter(one := InEveryLine())
    try:
        status, heads, body = asked("/v1/acceptances")
    finally:
        caplog.handler.removeFilter(one)
    name = heads["x-request-id"]
    assert status == 401 and name.startswith("page_") and f'"request_id": "{name}"'.encode() in body
    assert any(record.getMessage().startswith(name) for record in caplog.records)


def test_no_two_answers_share_an_id_and_outside_of_one_there_is_none(release: Path) -> None:
    names = {
        asked(path)[1]["x-request-id"]
        for path in ("/v1/acceptances", "/static/licet/licet.css", "/static/none", "/v1/requests")
    }
    assert len(names) == 4
    assert current() == ""


def test_a_line_logged_outside_of_a_request_is_left_as_it_is() -> None:
    record = logging.LogRecord("licet", logging.INFO, "", 1, "as it was", (), None)
    assert InEveryLine().filter(record) and record.getMessage() == "as it was"
