"""Weights in an S3-compatible store: had by range, hashed once, never another's bytes under a known name."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from hub_store import SECRET, STORED, Bucket, bucket, world
from hub_world import FILES, HubWorld, api, at, fetch

from licet.gate import files_store

MODEL = "weights/model.safetensors"
CONTENT = bytes(range(251)) * 20_000  # 5 MB: some pieces, where a piece is small


@pytest.fixture(scope="module")
def store() -> Iterator[Bucket]:
    with bucket() as made:
        yield made


@pytest.fixture(autouse=True)
def laid_in(store: Bucket) -> None:
    store.put("sana/v1/model.safetensors", CONTENT)
    store.put("sana/v1/deep/config.json", b"{}")
    store.put("sana/v1/LICENSE", b"read me first\n")
    for key in (".hidden", "back%5Cslash.bin", "__pycache__/x.bin"):
        store.put(f"sana/v1/{key}", b"canary")
    store.put("sana/v10/other.bin", b"canary")  # beside the prefix, not below it


@pytest.fixture
def hub(tmp_path: Path, store: Bucket) -> Iterator[HubWorld]:
    made = world(tmp_path, store)
    yield made
    made.close()


async def test_what_lies_in_the_store_is_listed_under_its_path_and_nothing_beside_it(hub: HubWorld) -> None:
    told = (await fetch(hub.gate, api())).json
    names = [s["rfilename"] for s in told["siblings"]]
    assert [n for n in names if n.startswith("weights/")] == ["weights/LICENSE", "weights/deep/config.json", MODEL]
    sizes = {s["rfilename"]: s["lfs"]["sha256"] for s in told["siblings"]}
    assert sizes[MODEL] == sha256(CONTENT).hexdigest()
    for name in names:
        assert b"canary" not in (await fetch(hub.gate, at(name), hub.accepting("premium"))).body


async def test_a_key_that_no_folder_could_have_is_told_by_its_kind(
    hub: HubWorld, store: Bucket, caplog: pytest.LogCaptureFixture
) -> None:
    store.put("sana/v1/a//b.bin", b"canary")
    assert (await fetch(hub.gate, api())).status == 503
    assert "a key that no path can have" in caplog.text
    store.drop("sana/v1/a//b.bin")
    assert (await fetch(hub.gate, api())).status == 200


async def test_what_speaks_of_the_whole_release_is_never_taken_from_a_store(tmp_path: Path, store: Bucket) -> None:
    store.put("sana/v1/README.md", b"canary")
    store.put("sana/v1/LICENSES/X.txt", b"canary")
    store.put("sana/v1/src/model.py", b"canary")
    hub = world(tmp_path, store, STORED.replace('path = "weights/"', 'path = "."'))
    names = [s["rfilename"] for s in (await fetch(hub.gate, api())).json["siblings"]]
    assert "model.safetensors" in names
    assert "LICENSES/X.txt" not in names
    assert (await fetch(hub.gate, at("README.md"))).body.startswith(b"---")
    assert (await fetch(hub.gate, at("src/model.py"))).body == FILES["src/model.py"]
    for key in ("README.md", "LICENSES/X.txt", "src/model.py"):
        store.drop(f"sana/v1/{key}")
    hub.close()


async def test_a_file_of_the_store_is_decided_counted_and_sent_like_any_other(hub: HubWorld) -> None:
    stranger = await fetch(hub.gate, at(MODEL))
    assert (stranger.status, stranger.error) == (401, "GatedRepo")
    key = hub.accepting("premium")
    head = await fetch(hub.gate, at(MODEL), key, method="HEAD")
    assert (head.status, head.headers["content-length"]) == (200, str(len(CONTENT)))
    assert head.headers["etag"] == f'"{sha256(CONTENT).hexdigest()}"'
    for _ in range(2):
        whole = await fetch(hub.gate, at(MODEL), key)
        assert (whole.status, whole.body) == (200, CONTENT)
    assert hub.used(key, "downloads/month") == (1, 0)
    assert hub.used(key, "bytes/month") == (len(CONTENT), 0)
    assert (await fetch(hub.gate, at("weights/LICENSE"))).body == b"read me first\n"
    assert (await fetch(hub.gate, at("src/model.py"))).body == FILES["src/model.py"]


@pytest.mark.parametrize(
    ("asked", "start", "stop"),
    [("bytes=0-0", 0, 1), ("bytes=1000000-3000000", 1_000_000, 3_000_001), ("bytes=-7", -7, None),
     ("bytes=5019999-", 5_019_999, None)],
)  # fmt: skip
async def test_ranges_of_an_object_are_exact_over_its_pieces(
    hub: HubWorld, monkeypatch: pytest.MonkeyPatch, asked: str, start: int, stop: int | None
) -> None:
    monkeypatch.setattr(files_store, "PIECE", 700_001)
    monkeypatch.setattr(files_store, "CHUNK", 100_000)
    part = await fetch(hub.gate, at(MODEL), hub.accepting("premium"), range=asked)
    assert (part.status, part.body) == (206, CONTENT[start:stop])
    assert (await fetch(hub.gate, at(MODEL), hub.accepting("premium"), range="bytes=9999999-")).status == 416


async def test_digests_outlive_a_restart_and_nothing_is_read_twice(
    tmp_path: Path, store: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = world(tmp_path, store)
    told = (await fetch(first.gate, api())).json
    first.close()
    kept = json.loads((first.home / "src/data/objects.json").read_text())
    assert kept["s3://licet/sana/v1/model.safetensors"][1:] == [len(CONTENT), sha256(CONTENT).hexdigest()]
    import obstore

    monkeypatch.setattr(obstore, "get", lambda *a, **k: pytest.fail("it is read again"))
    again = world(tmp_path / "again", store)
    (again.home / "src/data/objects.json").write_text(json.dumps(kept))
    again.gate.hub.manifests.stores._known = files_store._read(again.home / "src/data/objects.json")
    assert (await fetch(again.gate, api())).json["sha"] == told["sha"]
    again.close()


async def test_another_content_is_never_sent_under_the_old_name(hub: HubWorld, store: Bucket) -> None:
    key = hub.accepting("premium")
    old = (await fetch(hub.gate, api())).json["sha"]
    store.put("sana/v1/model.safetensors", b"x" * len(CONTENT))
    late = await fetch(hub.gate, at(MODEL, old), key)
    assert late.status == 503
    new = (await fetch(hub.gate, api())).json["sha"]
    assert new != old
    assert (await fetch(hub.gate, at(MODEL, old), key)).error == "RevisionNotFound"
    assert (await fetch(hub.gate, at(MODEL, new), key)).body == b"x" * len(CONTENT)


async def test_an_object_replaced_while_it_is_sent_breaks_off_instead_of_mixing_two(
    hub: HubWorld, store: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files_store, "PIECE", 1 << 20)
    (await fetch(hub.gate, api()))
    manifests = hub.gate.hub.manifests
    assert manifests is not None
    lies = next(iter(manifests._kept.values()))[2].files[MODEL].lies
    assert lies is not None
    got = b""
    with pytest.raises(files_store.LicetError, match="changed just now"):
        async for part in manifests.stores.parts(lies, 0, lies.size):
            got += part
            store.put("sana/v1/model.safetensors", b"y" * len(CONTENT))
    assert got == CONTENT[: 1 << 20]


async def test_a_store_that_is_down_is_told_as_that_and_what_is_known_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with bucket() as own:
        own.put("sana/v1/model.safetensors", CONTENT[:1000])
        made = world(tmp_path, own)
        key = made.accepting("premium")
        known = (await fetch(made.gate, api())).json["sha"]
        away = own.variables
    manifests = made.gate.hub.manifests
    assert manifests is not None
    key_, _, manifest = manifests._kept["sample"]
    manifests._kept["sample"] = (key_, 0.0, manifest)  # its look is over
    manifests.stores._open.clear()
    with caplog.at_level(logging.ERROR):
        assert (await fetch(made.gate, api())).json["sha"] == known
        gone = await fetch(made.gate, at(MODEL), key)
    assert gone.status == 503
    assert SECRET not in caplog.text
    assert away["AWS_ACCESS_KEY_ID"] not in caplog.text
    assert (await fetch(made.gate, at("src/model.py"))).body == FILES["src/model.py"]
    made.close()


# --- links


async def test_the_store_gives_the_bytes_itself_by_a_link_that_holds_for_minutes(tmp_path: Path, store: Bucket) -> None:
    hub = world(tmp_path, store, store_links=True)
    assert (await fetch(hub.gate, at(MODEL))).status == 401
    key = hub.accepting("premium")
    head = await fetch(hub.gate, at(MODEL), key, method="HEAD")
    assert (head.status, head.headers.get("location")) == (200, None)
    assert hub.used(key, "downloads/month") == (0, 0)
    led = await fetch(hub.gate, at(MODEL), key)
    assert led.status == 302
    assert led.headers["x-linked-etag"] == head.headers["etag"]
    assert led.headers["x-linked-size"] == str(len(CONTENT))
    assert led.headers["x-repo-commit"] == head.headers["x-repo-commit"]
    assert hub.used(key, "downloads/month") == (1, 0)
    link = led.headers["location"]
    assert link.startswith(store.variables["AWS_ENDPOINT_URL"])
    assert "X-Amz-Expires=300" in link
    assert SECRET not in link
    import urllib.request

    def get() -> bytes:
        with urllib.request.urlopen(link, timeout=10) as answer:
            return bytes(answer.read())

    assert await asyncio.to_thread(get) == CONTENT
    assert (await fetch(hub.gate, at("README.md"))).status == 200  # written here: not worth the way
    store.put("sana/v1/model.safetensors", b"z" * len(CONTENT))
    assert (await fetch(hub.gate, at(MODEL), key)).status == 503  # the store would give something else
    hub.close()


async def test_a_store_without_its_library_is_told_with_the_command_that_brings_it(
    tmp_path: Path, store: Bucket, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "obstore", None)
    hub = world(tmp_path, store)
    assert (await fetch(hub.gate, api())).status == 503
    assert "pip install 'licet[objects]'" in caplog.text
    hub.close()
