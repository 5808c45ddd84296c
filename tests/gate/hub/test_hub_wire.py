"""What the Hub's wire tells, whom it refuses in which words, and what it counts: straight into the app."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from hub_world import DOCUMENT, FILES, GATED, OPEN, REPOSITORY, WEIGHTS, HubWorld, api, at, fetch

from licet.access.grant import Granted, grant
from licet.access.key import Secret
from licet.access.standing import Budget, Narrow
from licet.gate.app import Gate
from licet.gate.hub import ROUTES

MODEL = "weights/model.safetensors"


def test_the_routes_of_the_hub_wire_are_these_and_all_the_gates() -> None:
    assert ROUTES == (
        "GET /api/whoami-v2",
        "GET /api/models/{ns}/{name}",
        "GET /api/models/{ns}/{name}/revision/{rev}",
        "GET /api/models/{ns}/{name}/tree/{rev}[/{path}]",
        "POST /api/models/{ns}/{name}/paths-info/{rev}",
        "GET /api/models/{ns}/{name}/refs",
        "GET /api/models/{ns}/{name}/auth-check",
        "GET /{ns}/{name}/resolve/{rev}/{path}",
        "GET /cdn/{ns}/{name}/{sha256}/{path}",
    )
    assert all(Gate.owns(route.split()[1]) for route in ROUTES)


# --- what is told


async def test_a_repository_lists_what_goes_out_and_nothing_else(hub: HubWorld) -> None:
    info = (await fetch(hub.gate, api())).json
    assert [s["rfilename"] for s in info["siblings"]] == sorted(OPEN + GATED)
    assert (info["id"], info["gated"], info["private"]) == (REPOSITORY, "auto", False)
    assert len(info["sha"]) == 40
    tree = await fetch(hub.gate, api("/tree/main"), query="recursive=true&expand=False")
    assert [e["path"] for e in tree.json if e["type"] == "file"] == sorted(OPEN + GATED)
    for name in sorted(OPEN + GATED):
        assert "canary" not in (await fetch(hub.gate, at(name), hub.accepting("premium"))).body.decode("latin-1")


@pytest.mark.parametrize("revision", ["main", "1.2.0", "v1.2.0", "HEAD"])
async def test_a_version_has_a_tag_and_a_commit(hub: HubWorld, revision: str) -> None:
    info = (await fetch(hub.gate, api(f"/revision/{revision}"))).json
    same = await fetch(hub.gate, api(f"/revision/{info['sha']}"))
    assert (same.status, same.json["sha"]) == (200, info["sha"])
    assert (await fetch(hub.gate, at("src/model.py", info["sha"]))).body == FILES["src/model.py"]


async def test_a_change_of_content_or_of_license_makes_another_commit(hub: HubWorld) -> None:
    first = (await fetch(hub.gate, api())).json["sha"]
    model = hub.home / MODEL
    told = model.stat()
    model.write_bytes(bytes(reversed(WEIGHTS)))
    os.utime(model, ns=(told.st_atime_ns, told.st_mtime_ns))  # the same size and the same time
    hub.gate.hub.manifests.forget()  # type: ignore[union-attr]
    second = (await fetch(hub.gate, api())).json["sha"]
    hub.rights.publish((hub.home / "licet.toml").read_text().replace('license = "MIT"', 'license = "Apache-2.0"'))
    hub.clock.forward(1)
    third = (await fetch(hub.gate, api())).json["sha"]
    assert len({first, second, third}) == 3
    gone = await fetch(hub.gate, api(f"/revision/{first}"))
    assert (gone.status, gone.error) == (404, "RevisionNotFound")


async def test_a_file_that_was_replaced_since_is_never_sent_as_what_it_was(hub: HubWorld) -> None:
    key = hub.accepting()
    await fetch(hub.gate, api())
    (hub.home / MODEL).write_bytes(b"other")
    answer = await fetch(hub.gate, at(MODEL), key)
    assert answer.status == 503
    assert hub.used(key, "downloads/month") == (0, 0)
    after = await fetch(hub.gate, at(MODEL), key)
    assert (after.body, after.headers["etag"]) == (b"other", f'"{sha256(b"other").hexdigest()}"')


async def test_digests_are_kept_over_a_restart(hub: HubWorld) -> None:
    sha = (await fetch(hub.gate, api())).json["sha"]
    kept = json.loads((hub.home / "src/data/files.json").read_text())
    assert kept[MODEL][-1] == sha256(WEIGHTS).hexdigest()
    from licet.gate.files_digest import Digests

    again = Digests(hub.home, hub.home / "src/data/files.json")
    again._hashed = lambda path: pytest.fail(path)  # type: ignore[method-assign]
    from licet.gate.files_digest import stamp_of

    assert again.of(MODEL, stamp_of((hub.home / MODEL).stat()))[1] == sha256(WEIGHTS).hexdigest()
    assert sha


async def test_a_tree_has_folders_and_paths_info_tells_what_is_there(hub: HubWorld) -> None:
    top = (await fetch(hub.gate, api("/tree/main"), query="recursive=False")).json
    assert {e["path"]: e["type"] for e in top}["weights"] == "directory"
    below = (await fetch(hub.gate, api("/tree/main/weights%2Fdeep"), query="recursive=true")).json
    assert [e["path"] for e in below] == ["weights/deep/er", "weights/deep/er/config.json"]
    assert (await fetch(hub.gate, api("/tree/main/nowhere"))).error == "EntryNotFound"
    form = {"content_type": "application/x-www-form-urlencoded"}
    raw = b"paths=src%2Fmodel.py&paths=weights&paths=nope&paths=src%2Fclosed%2Fsecret.py&expand=False"
    told = (await fetch(hub.gate, api("/paths-info/main"), method="POST", raw=raw, **form)).json
    assert [e["path"] for e in told] == ["src/model.py", "weights"]
    assert told[0]["lfs"]["oid"] == sha256(FILES["src/model.py"]).hexdigest()
    as_json = {"content_type": "application/json"}
    same = await fetch(hub.gate, api("/paths-info/main"), method="POST", raw=b'{"paths": ["src/model.py"]}', **as_json)
    assert same.json == told[:1]


async def test_card_texts_terms_and_document_are_read_before_anything_is_accepted(hub: HubWorld) -> None:
    card = (await fetch(hub.gate, at("README.md"))).body.decode()
    assert card.startswith("---\nlicense: [")
    assert "Our own words." in card
    assert "| `code` | open to everybody, without an account |" in card
    assert "accept CC-BY-NC-4.0 at http://licet.test/licenses/weights/accept" in card
    assert "2030-01-01" in card
    assert "closed" not in card
    assert "unsent" not in card
    assert (await fetch(hub.gate, at("LICENSES/CC-BY-NC-4.0.txt"))).body == FILES["LICENSES/CC-BY-NC-4.0.txt"]
    assert (await fetch(hub.gate, at("weights/LICENSE"))).body == FILES["weights/LICENSE"]
    assert (await fetch(hub.gate, at("licet.toml"))).body == (hub.home / "licet.toml").read_bytes()
    terms = (await fetch(hub.gate, at("terms.json"))).json
    assert terms["components"][1]["license"] == "CC-BY-NC-4.0"
    assert terms["document"]["sha256"] == hub.rights.documents[0][1]


async def test_changes_of_license_and_of_terms_are_announced(hub: HubWorld) -> None:
    begins_s = hub.clock.now_s + 40 * 86_400 + 7
    hub.rights.publish(hub.home.joinpath("licet.toml").read_text() + "\n", from_s=begins_s)
    answer = await fetch(hub.gate, at("src/model.py"), method="HEAD")
    warnings = [v for k, v in answer.all if k == "x-hf-warning"]
    assert warnings == [
        "license-of-weights; `weights` is under CC-BY-NC-4.0 until 2030-01-01, and under Apache-2.0 from then on.",
        "terms-of-sample; New terms of lab/sana are in force from 2026-12-28T11:06:47Z on: http://licet.test/changes/",
    ]
    assert [v for k, v in (await fetch(hub.gate, api())).all if k == "x-hf-warning"] == warnings


async def test_what_will_be_offered_no_more_is_announced(hub: HubWorld) -> None:
    coming = hub.home.joinpath("licet.toml").read_text().replace('download = "extra"', 'download = "unsent"')
    hub.rights.publish(coming, from_s=hub.clock.now_s + 40 * 86_400)
    answer = await fetch(hub.gate, at("src/model.py"), method="HEAD")
    warnings = [v for k, v in answer.all if k == "x-hf-warning"]
    assert warnings[2:] == [
        "sunset-of-extra; `extra` is offered until 2026-12-28T11:06:40Z, and no more from then on: "
        "http://licet.test/changes/"
    ]


# --- refusals


async def test_every_refusal_is_401_or_403_gated_with_one_line_that_says_why_and_where(hub: HubWorld) -> None:
    cases: list[tuple[Secret | None, str, int, str, str]] = [
        (None, MODEL, 401, "Sign in first", "http://licet.test/accounts/signup/"),
        (hub.rights.give("free"), MODEL, 403, "Accept CC-BY-NC-4.0 first", "http://licet.test/licenses/weights/accept"),
        (hub.accepting(), "extra/more.bin", 403, "Feature not available in free tier", "tier=premium"),
        (hub.accepting(narrow=Narrow(features=frozenset({"get_code"}))), MODEL, 403, "", "http://licet.test/my/keys"),
        (hub.accepting(narrow=Narrow(releases=frozenset({"other"}))), MODEL, 403, "", "http://licet.test/my/keys"),
        (hub.accepting(expires_s=hub.clock.now_s - 1), MODEL, 401, "", "http://licet.test/my/keys"),
        (Secret("lic_test_wrong"), MODEL, 401, "not known here", "http://licet.test/my/keys"),
    ]
    suspended = hub.accepting()
    hub.rights.hold(hub.rights.credentials[suspended.digest].holder_id, "free", "suspended")
    cases.append((suspended, MODEL, 403, "suspended", "http://licet.test/"))
    for key, path, status, reason, link in cases:
        for method in ("HEAD", "GET"):
            answer = await fetch(hub.gate, at(path), key, method=method)
            assert (answer.status, answer.error) == (status, "GatedRepo"), answer.why
            assert reason in answer.why
            assert link in answer.why
            assert "\n" not in answer.why
            assert "retry-after" not in answer.headers
            assert "x-should-retry" not in answer.headers


async def test_words_that_no_header_can_hold_are_made_to_fit() -> None:
    from licet.gate.hub_say import line

    said = line("a\r\nset-cookie: x\u2028y — ü\x00 " + "z" * 2000)
    assert said.startswith(b"a set-cookie: x y ? \xfc z")
    assert len(said) <= 900
    assert not any(c < 32 for c in said)


async def test_a_token_of_hugging_face_is_refused_and_goes_nowhere(
    hub: HubWorld, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    for path in (at("src/model.py"), api(), "/api/whoami-v2", at(MODEL)):
        answer = await fetch(hub.gate, path, authorization="Bearer hf_canaryCanary")
        assert (answer.status, answer.error) == (401, "GatedRepo")
        assert "http://licet.test/my/keys" in answer.why
        assert "canary" not in answer.why + answer.body.decode() + caplog.text
    assert hub.rights.loads == 0
    hub.turns.flush()
    assert b"canary" not in hub.path.read_bytes()


async def test_what_is_not_here_is_404_in_the_clients_words_and_never_a_redirect(hub: HubWorld) -> None:
    cases = {
        "/api/models/lab/nothing": "RepoNotFound",
        "/api/models/lab": "RepoNotFound",
        "/lab/nothing/resolve/main/x": "RepoNotFound",
        api("/revision/v9"): "RevisionNotFound",
        at("src/model.py", "0" * 40): "RevisionNotFound",
        at("src/nope.py"): "EntryNotFound",
    }
    for path, error in cases.items():
        answer = await fetch(hub.gate, path)
        assert (answer.status, answer.error) == (404, error), path
        assert "location" not in answer.headers
    commit = (await fetch(hub.gate, api())).json["sha"]
    assert (await fetch(hub.gate, at("src/nope.py"))).headers["x-repo-commit"] == commit
    assert (await fetch(hub.gate, api("/settings"), method="PUT")).status == 405
    assert (await fetch(hub.gate, at("src/model.py"), method="PUT")).status == 405
    assert (await fetch(hub.gate, api("/discussions"))).status == 404


@pytest.mark.parametrize(
    "path",
    [
        "src/closed/secret.py", "src/.env", "src/link.py", "src/linked/outside.txt", "unsent/draft.txt", "stray.txt",
        "data/secrets/url.key", "src/data/portal.sqlite3", "dist/bundle.zip", "src/__pycache__/x.pyc",
        "../outside.txt", "src/../../outside.txt", "src/../stray.txt", "src//model.py", "./src/model.py",
        "src%2Fmodel.py", "src%2fmodel.py", "src%5Cmodel.py", "..%2F..%2Foutside.txt", "%2e%2e/outside.txt",
        "src/model.py%00", "src/model.py/", "/src/model.py", "src", "",
    ],
)  # fmt: skip
async def test_no_path_leads_to_what_does_not_go_out(hub: HubWorld, path: str) -> None:
    for key in (None, hub.accepting("premium")):
        answer = await fetch(hub.gate, at(path), key)
        assert answer.status == 404, path
        assert b"canary" not in answer.body


async def test_a_link_that_takes_the_place_of_a_file_is_not_followed(hub: HubWorld) -> None:
    await fetch(hub.gate, api())
    (hub.home / "src/model.py").unlink()
    (hub.home / "src/model.py").symlink_to(hub.home.parent / "outside.txt")
    answer = await fetch(hub.gate, at("src/model.py"))
    assert answer.status == 503
    assert b"canary" not in answer.body
    assert (await fetch(hub.gate, at("src/model.py"))).status == 404


async def test_a_closed_component_stays_in_even_where_the_gate_only_watches(hub: HubWorld) -> None:
    object.__setattr__(hub.gate.config, "shadow", True)
    assert (await fetch(hub.gate, at("src/closed/secret.py"))).status == 404
    watched = await fetch(hub.gate, at(MODEL))
    assert (watched.status, watched.body) == (200, WEIGHTS)
    key = hub.accepting()
    for path in (MODEL, "weights/deep/er/config.json", "src/model.py", "extra/more.bin"):
        assert (await fetch(hub.gate, at(path), key)).status == 200
    assert hub.used(key, "downloads/month") == (4, 0)  # past its 3, noted and let through


# --- who am I


async def test_whoami_and_auth_check(hub: HubWorld) -> None:
    key = hub.accepting("premium")
    me = (await fetch(hub.gate, "/api/whoami-v2", key)).json
    assert me["name"] == hub.rights.credentials[key.digest].holder_id
    assert me["auth"]["accessToken"] == {"displayName": hub.rights.id_of(key), "role": "read"}
    nobody = await fetch(hub.gate, "/api/whoami-v2")
    assert (nobody.status, nobody.error) == (401, "")
    assert (await fetch(hub.gate, api("/auth-check"), key)).status == 200
    refused = await fetch(hub.gate, api("/auth-check"), hub.rights.give("free"))
    assert (refused.status, refused.error) == (403, "GatedRepo")
    assert "Accept CC-BY-NC-4.0 first" in refused.why
    assert (await fetch(hub.gate, api("/auth-check/write"), key)).status == 403


# --- bytes


@pytest.mark.parametrize(
    ("asked", "status", "part", "told"),
    [
        ("bytes=0-", 206, slice(0, 1024), "bytes 0-1023/1024"),
        ("bytes=10-19", 206, slice(10, 20), "bytes 10-19/1024"),
        ("bytes=1000-9999", 206, slice(1000, 1024), "bytes 1000-1023/1024"),
        ("bytes=-24", 206, slice(1000, 1024), "bytes 1000-1023/1024"),
        ("bytes=-9999", 206, slice(0, 1024), "bytes 0-1023/1024"),
        ("bytes=1024-", 416, slice(0, 0), "bytes */1024"),
        ("bytes=-0", 416, slice(0, 0), "bytes */1024"),
        ("bytes=5-4", 200, slice(0, 1024), ""),
        ("bytes=1-2,4-5", 200, slice(0, 1024), ""),
        ("lines=1-2", 200, slice(0, 1024), ""),
        ("bytes=-", 200, slice(0, 1024), ""),
    ],
)
async def test_ranges_are_exact(hub: HubWorld, asked: str, status: int, part: slice, told: str) -> None:
    key = hub.accepting()
    answer = await fetch(hub.gate, at(MODEL), key, range=asked)
    assert (answer.status, answer.headers.get("content-range", "")) == (status, told)
    assert answer.body == WEIGHTS[part]
    assert answer.headers["content-length"] == str(len(answer.body))
    head = await fetch(hub.gate, at(MODEL), key, method="HEAD", range=asked)
    assert (head.status, head.headers["content-length"], head.body) == (200, "1024", b"")


async def test_a_range_of_another_content_gets_the_whole_file(hub: HubWorld) -> None:
    key = hub.accepting()
    etag = (await fetch(hub.gate, at(MODEL), key, method="HEAD")).headers["etag"]
    same = await fetch(hub.gate, at(MODEL), key, range="bytes=1-2", if_range=etag)
    other = await fetch(hub.gate, at(MODEL), key, range="bytes=1-2", if_range='"0"')
    assert (same.status, other.status, other.body) == (206, 200, WEIGHTS)


async def test_a_file_has_its_digest_its_version_and_no_way_to_run(hub: HubWorld) -> None:
    (hub.home / "src/page.html").write_text("<script>alert(1)</script>")
    answer = await fetch(hub.gate, at("src/page.html"))
    assert answer.headers["etag"] == f'"{sha256(answer.body).hexdigest()}"'
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert len(answer.headers["x-repo-commit"]) == 40
    empty = await fetch(hub.gate, at("src/empty.py"))
    assert (empty.status, empty.body, empty.headers["content-length"]) == (200, b"", "0")


async def test_a_large_file_comes_by_the_mebibyte_and_stops_when_its_client_leaves(hub: HubWorld) -> None:
    big = os.urandom((5 << 20) + 17)
    (hub.home / "src/big.bin").write_bytes(big)
    whole = await fetch(hub.gate, at("src/big.bin"))
    assert (whole.body == big, whole.parts) == (True, 6)
    cut = await fetch(hub.gate, at("src/big.bin"), leaves_after=1 << 20)
    assert len(cut.body) < len(big)
    rest = await fetch(hub.gate, at("src/big.bin"), range=f"bytes={len(cut.body)}-")
    assert cut.body + rest.body == big


# --- what is counted


async def test_a_download_is_counted_once_for_a_holder_a_content_and_a_month(hub: HubWorld) -> None:
    key = hub.accepting()
    for _ in range(3):
        await fetch(hub.gate, at(MODEL), key, method="HEAD")
    assert hub.used(key, "downloads/month") == (0, 0)
    for how in ({}, {}, {"range": "bytes=5-"}):
        assert (await fetch(hub.gate, at(MODEL), key, **how)).status in (200, 206)
    assert hub.used(key, "downloads/month") == (1, 0)
    assert hub.used(key, "bytes/month") == (1024, 0)
    assert hub.used(key, "calls/month") == (1, 0)
    hub.clock.forward(32 * 86_400)
    await fetch(hub.gate, at(MODEL), key)
    assert hub.used(key, "downloads/month") == (1, 0)  # of the new month
    for name in OPEN:
        if not name.startswith("src/"):
            await fetch(hub.gate, at(name), key)
    assert hub.used(key, "downloads/month") == (1, 0)  # what has to be read before is free


@pytest.mark.parametrize(("period", "after_a_day"), [("month", (1, 0)), ("day", (0, 0))])
async def test_what_was_fetched_is_counted_again_when_its_quota_begins_anew(
    tmp_path: Path, period: str, after_a_day: tuple[int, int]
) -> None:
    hub = HubWorld(tmp_path, DOCUMENT.replace("3 downloads / month", f"3 downloads / {period}"))
    key, meter = hub.accepting(), f"downloads/{period}"
    for _ in range(2):
        await fetch(hub.gate, at(MODEL), key)
    assert hub.used(key, meter) == (1, 0)
    hub.clock.forward(86_400)
    assert hub.used(key, meter) == after_a_day
    for _ in range(2):
        await fetch(hub.gate, at(MODEL), key)
    assert hub.used(key, meter) == (1, 0)
    hub.close()


async def test_what_a_grant_lets_in_spends_nothing_of_the_tiers_own_quota(hub: HubWorld) -> None:
    key = hub.accepting(holder_id="hol_1")
    hub.rights.hold("hol_1", "free", "holder:hol_1")
    given = Granted("grant_1", "holder:hol_1", ("download extra",), quotas=(Budget(1, "downloads", "month"),))
    known = hub.rights.standings["hol_1", "sample"]
    hub.rights.standings["hol_1", "sample"] = replace(known, grants=(grant(given),))
    for _ in range(2):
        assert (await fetch(hub.gate, at("extra/more.bin"), key)).status == 200
    assert hub.used(key, "downloads/month@grant:grant_1") == (1, 0)
    assert hub.used(key, "downloads/month") == hub.used(key, "bytes/month") == (0, 0)
    assert (await fetch(hub.gate, at("src/model.py"), key)).status == 200
    assert hub.used(key, "downloads/month") == (1, 0)


async def test_a_quota_ends_with_a_refusal_that_says_when_it_begins_anew(hub: HubWorld) -> None:
    key = hub.accepting()
    paths = [MODEL, "weights/deep/er/config.json", "src/model.py"]
    for path in paths:
        assert (await fetch(hub.gate, at(path), key)).status == 200
    no = await fetch(hub.gate, at("src/empty.py"), key)
    assert (no.status, no.error) == (403, "GatedRepo")
    assert "It begins anew at 2026-12-" in no.why
    assert "tier=premium" in no.why
    assert (await fetch(hub.gate, at("src/empty.py"), key, method="HEAD")).status == 200
    for path in paths:  # counted already: fetched again, cut or whole
        assert (await fetch(hub.gate, at(path), key)).status == 200
    assert hub.used(key, "downloads/month") == (3, 0)


async def test_bytes_are_held_before_they_are_sent(hub: HubWorld) -> None:
    key = hub.accepting()
    (hub.home / "weights/model.safetensors").write_bytes(b"x" * 4001)
    no = await fetch(hub.gate, at(MODEL), key)
    assert (no.status, no.error) == (403, "GatedRepo")
    assert hub.used(key, "bytes/month") == (0, 0)


async def test_many_at_once_count_one_and_never_go_past_the_quota(hub: HubWorld) -> None:
    import asyncio

    key = hub.accepting()
    answers = await asyncio.gather(*(fetch(hub.gate, at(MODEL), key, range=f"bytes={n}-") for n in range(20)))
    assert {a.status for a in answers} == {206}
    assert hub.used(key, "downloads/month") == (1, 0)
    for n in range(6):
        (hub.home / f"src/{n}.py").write_text(f"print({n})")
    hub.gate.hub.manifests.forget()  # type: ignore[union-attr]
    answers = await asyncio.gather(*(fetch(hub.gate, at(f"src/{n}.py"), key) for n in range(6)))
    assert sorted(a.status for a in answers) == [200, 200, 403, 403, 403, 403]
    assert hub.used(key, "downloads/month") == (3, 0)


async def test_strangers_fetch_what_is_open_and_are_counted_by_the_day(hub: HubWorld) -> None:
    for n in range(8):
        (hub.home / f"src/{n}.py").write_text(f"print({n})")
    answers = [await fetch(hub.gate, at(f"src/{n}.py")) for n in range(8)]
    assert [a.status for a in answers] == [200] * 5 + [401] * 3 or [a.status for a in answers][5:] == [403] * 3
    hub.clock.forward(86_400)
    assert (await fetch(hub.gate, at("src/7.py"))).status == 200


async def test_a_key_that_was_revoked_fetches_nothing_from_the_next_request_on(hub: HubWorld) -> None:
    key = hub.accepting()
    assert (await fetch(hub.gate, at(MODEL), key)).status == 200
    hub.rights.revoke(key, hub.clock.now_s)
    answer = await fetch(hub.gate, at(MODEL), key)
    assert (answer.status, answer.error) == (401, "GatedRepo")


async def test_a_download_the_ledger_cannot_record_is_not_sent(hub: HubWorld) -> None:
    from licet.errors import LicetError

    def broken(ops: object) -> None:
        raise LicetError("the disk is full")

    key = hub.accepting()
    kept, hub.ledger.turn = hub.ledger.turn, broken  # type: ignore[method-assign, assignment]
    answer = await fetch(hub.gate, at(MODEL), key)
    hub.ledger.turn = kept  # type: ignore[method-assign]
    assert (answer.status, answer.code) == (503, "unavailable")
    assert WEIGHTS not in answer.body


async def test_past_the_change_date_nothing_has_to_be_accepted(hub: HubWorld) -> None:
    key = hub.rights.give("free")
    before = (await fetch(hub.gate, api())).json["sha"]
    hub.clock.forward(1_893_456_000 - hub.clock.now_s)  # 2030-01-01
    answer = await fetch(hub.gate, at(MODEL), key)
    assert (answer.status, answer.body) == (200, WEIGHTS)
    assert (await fetch(hub.gate, api())).json["sha"] != before
    assert "licet accept" not in (await fetch(hub.gate, at("README.md"))).body.decode()


async def test_a_component_that_came_with_a_later_document_is_refused_with_the_way_to_it(hub: HubWorld) -> None:
    key = hub.accepting("premium")
    holder = hub.rights.credentials[key.digest].holder_id
    text = (hub.home / "licet.toml").read_text()
    later = (
        text.replace('name = "unsent"', 'name = "fresh"') + '\n[[feature]]\nname = "get_fresh"\ndownload = "fresh"\n'
    )
    (hub.home / "licet.toml").write_text(later)
    hub.rights.publish(later)
    hub.clock.forward(1)
    answer = await fetch(hub.gate, at("unsent/draft.txt"), key)
    assert (answer.status, answer.error) == (403, "GatedRepo")
    assert "tier=premium" in answer.why
    standing = hub.rights.standings[holder, "sample"]
    hub.rights.standings[holder, "sample"] = replace(standing, document=hub.rights.documents[-1][1])
    hub.rights._changed("standing", holder)
    assert (await fetch(hub.gate, at("unsent/draft.txt"), key)).status == 200


async def test_a_download_that_is_called_like_a_feature_says_where_its_files_are(hub: HubWorld) -> None:
    answer = await fetch(hub.gate, "/v1/features/get_code", hub.accepting(), method="POST", raw=b"{}")
    assert (answer.status, answer.code) == (404, "not_found")
    assert "hf download" in answer.json["detail"]


async def test_a_key_that_is_revoked_while_the_files_are_read_for_the_first_time_fetches_nothing(hub: HubWorld) -> None:
    import asyncio
    import threading

    key, begun, go_on = hub.accepting(), threading.Event(), threading.Event()
    made = hub.gate.hub.manifests.made  # type: ignore[union-attr]

    def slow(*asked: Any) -> Any:
        begun.set()
        go_on.wait(5)
        return made(*asked)

    hub.gate.hub.manifests.made = slow  # type: ignore[union-attr, method-assign]
    asked = asyncio.create_task(fetch(hub.gate, at(MODEL), key))
    await asyncio.to_thread(begun.wait, 5)
    hub.rights.revoke(key, hub.clock.now_s)
    go_on.set()
    answer = await asked
    assert (answer.status, answer.error) == (401, "GatedRepo")


async def test_the_list_of_features_says_where_a_download_is(hub: HubWorld) -> None:
    listed = (await fetch(hub.gate, "/v1/features", hub.accepting())).json["features"]
    assert listed
    for one in listed:
        assert (one["url"].partition("://")[2].partition("/")[2], one["available"]) == (REPOSITORY, True)
