"""Signed links to bytes: what they open, for how long, and that nothing else is opened by them."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hub_world import FILES, WEIGHTS, HubWorld, at, fetch
from hypothesis import given
from hypothesis import strategies as st

from licet.gate.hub_link import LASTS_S, Link, Links

FILES_URL = "https://files.example.org"
MODEL = "weights/model.safetensors"
LINKS = Links(b"k" * 32)
LINK = Link("lab/sana", "0" * 64, MODEL, 1000, "call_1")


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubWorld]:
    made = HubWorld(tmp_path, files_url=FILES_URL)
    yield made
    made.close()


async def link(hub: HubWorld) -> tuple[str, str]:
    """Path and query of a link to the model."""
    led = await fetch(hub.gate, at(MODEL), hub.accepting("premium"))
    assert led.status == 302
    parts = urlsplit(led.headers["location"])
    assert f"{parts.scheme}://{parts.netloc}" == FILES_URL
    return parts.path, parts.query


async def test_a_download_is_counted_here_and_its_bytes_are_had_by_the_link_without_a_key(hub: HubWorld) -> None:
    key = hub.accepting("premium")
    for _ in range(3):
        led = await fetch(hub.gate, at(MODEL), key)
        assert (led.status, led.body) == (302, b"")
        assert led.headers["x-linked-etag"] == f'"{sha256(WEIGHTS).hexdigest()}"'
        assert "etag" not in led.headers
        assert led.headers["cache-control"] == "no-store"
    assert hub.used(key, "downloads/month") == (1, 0)
    path, query = await link(hub)
    whole = await fetch(hub.gate, path, query=query)
    assert (whole.status, whole.body) == (200, WEIGHTS)
    part = await fetch(hub.gate, path, query=query, range="bytes=1000-")
    assert (part.status, part.body) == (206, WEIGHTS[1000:])
    head = await fetch(hub.gate, path, query=query, method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "1024")
    assert (await fetch(hub.gate, path, query=query, method="POST")).status == 405


async def test_a_refusal_and_a_head_lead_nowhere(hub: HubWorld) -> None:
    for answer in (
        await fetch(hub.gate, at(MODEL)),
        await fetch(hub.gate, at(MODEL), hub.rights.give("free")),
        await fetch(hub.gate, at(MODEL), hub.accepting("premium"), method="HEAD"),
    ):
        assert answer.status in (200, 401, 403)
        assert "location" not in answer.headers


async def test_a_link_holds_for_five_minutes_and_for_its_content_alone(hub: HubWorld) -> None:
    path, query = await link(hub)
    hub.clock.forward(LASTS_S - 1)
    assert (await fetch(hub.gate, path, query=query)).status == 200
    hub.clock.forward(1)
    late = await fetch(hub.gate, path, query=query)
    assert (late.status, late.json["code"]) == (403, "link_invalid")
    path, query = await link(hub)
    (hub.home / MODEL).write_bytes(b"another")
    hub.gate.hub.manifests.forget()  # type: ignore[union-attr]
    assert (await fetch(hub.gate, path, query=query)).status == 404


async def test_no_other_file_is_opened_by_a_link(hub: HubWorld) -> None:
    path, query = await link(hub)
    for other in (
        path.replace("model.safetensors", "deep/er/config.json"),
        path.replace("weights/model.safetensors", "src/model.py"),
        path.replace(sha256(WEIGHTS).hexdigest(), sha256(FILES["src/model.py"]).hexdigest()),
        path.replace("/lab/sana/", "/lab/other/"),
        path.replace("/weights/", "/weights%2F"),
        path.replace("/weights/", "/x/../weights/"),
    ):
        assert (await fetch(hub.gate, other, query=query)).status == 403, other
    until = int(query.split("&")[0].removeprefix("until="))
    for wrong in (
        "",
        query.replace(str(until), str(until + 1)),
        query.replace("call_", "call_x"),
        query[:-1],
        query[:-1] + ("0" if query[-1] != "0" else "1"),
        query + "&sign=" + "0" * 64,
        query.upper(),
    ):
        assert (await fetch(hub.gate, path, query=wrong)).status == 403, wrong


async def test_a_link_of_another_server_or_purpose_does_not_hold(hub: HubWorld) -> None:
    await link(hub)
    made = Link("lab/sana", sha256(WEIGHTS).hexdigest(), MODEL, hub.clock.now_s + 60, "call_1")
    foreign = urlsplit(Links(b"x" * 32).made(made))
    assert (await fetch(hub.gate, foreign.path, query=foreign.query)).status == 403
    own = urlsplit(Links(hub.gate.config.url_key).made(made))
    assert (await fetch(hub.gate, own.path, query=own.query)).body == WEIGHTS


@given(at=st.integers(0, 5), text=st.text("abc0/.", min_size=1, max_size=8))
def test_whatever_is_changed_in_a_link_it_holds_no_more(at: int, text: str) -> None:
    parts = urlsplit(LINKS.made(LINK))
    assert LINKS.read(parts.path, parts.query.encode(), 999) == LINK
    assert LINKS.read(parts.path, parts.query.encode(), 1000) is None
    whole = f"{parts.path}?{parts.query}"
    place = at * len(whole) // 6
    changed = whole[:place] + text + whole[place + len(text) :]
    path, _, query = changed.partition("?")
    if changed != whole:
        assert LINKS.read(path, query.encode(), 999) is None


@given(
    st.builds(
        Link, st.just("lab/sana"), st.text("0123456789abcdef", min_size=64, max_size=64),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
        .filter(lambda p: "\n" not in p and "\r" not in p),
        st.integers(1, 1 << 36), st.just("call_2"),
    )
)  # fmt: skip
def test_every_link_that_is_made_is_read_back(link: Link) -> None:
    from urllib.parse import unquote

    path, _, query = LINKS.made(link).partition("?")
    assert LINKS.read(unquote(path), query.encode(), 0) == link
