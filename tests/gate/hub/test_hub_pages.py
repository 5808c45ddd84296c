"""Names of a version, and long lists in pages: what the Hub's clients ask beside the first page."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hub_world import GATED, OPEN, REPOSITORY, HubWorld, api, at, fetch

from licet.gate.app import Gate

ALL = sorted(OPEN + GATED)


@pytest.mark.parametrize("digits", [7, 12, 39])
async def test_the_first_digits_of_a_commit_name_it(hub: HubWorld, digits: int) -> None:
    sha = (await fetch(hub.gate, api())).json["sha"]
    short = await fetch(hub.gate, api(f"/revision/{sha[:digits]}"))
    assert (short.status, short.json["sha"]) == (200, sha)
    assert (await fetch(hub.gate, at("README.md", sha[:digits]))).headers["x-repo-commit"] == sha


async def test_a_name_of_no_version_is_told_as_that_wherever_it_stands(hub: HubWorld) -> None:
    sha = (await fetch(hub.gate, api())).json["sha"]
    for revision in (sha[:6], sha[:-1] + ("0" if sha[-1] != "0" else "1"), sha + "0", "v9", "Main", "1.2", "0" * 40):
        for path in (api(f"/revision/{revision}"), api(f"/tree/{revision}"), at("README.md", revision)):
            answer = await fetch(hub.gate, path)
            assert (answer.status, answer.error) == (404, "RevisionNotFound"), path
            assert sha in answer.why
        asked = await fetch(hub.gate, api(f"/paths-info/{revision}"), method="POST", raw=b"paths=README.md")
        assert asked.error == "RevisionNotFound"


async def test_what_is_not_in_a_version_is_told_with_the_version(hub: HubWorld) -> None:
    sha = (await fetch(hub.gate, api())).json["sha"]
    for path in (at("nope.bin"), at("src"), at("weights/"), api("/tree/main/nope"), api(f"/tree/{sha}/README.md")):
        answer = await fetch(hub.gate, path)
        assert (answer.status, answer.error, answer.headers["x-repo-commit"]) == (404, "EntryNotFound", sha), path


async def test_branch_and_tags_lead_to_the_one_commit(hub: HubWorld) -> None:
    told = (await fetch(hub.gate, api("/refs"))).json
    sha = (await fetch(hub.gate, api())).json["sha"]
    assert [(b["name"], b["targetCommit"]) for b in told["branches"]] == [("main", sha)]
    assert [(t["name"], t["targetCommit"]) for t in told["tags"]] == [("1.2.0", sha), ("v1.2.0", sha)]


@pytest.mark.parametrize("most", [1, 2, 5, 1000])
async def test_the_pages_of_a_tree_are_together_the_whole_of_it(hub: HubWorld, most: int) -> None:
    whole = (await fetch(hub.gate, api("/tree/main"), query="recursive=true")).json
    path, query, seen = api("/tree/main"), f"recursive=true&limit={most}", []
    for _ in range(len(whole) + 1):
        page = await fetch(hub.gate, path, query=query)
        assert 0 < len(page.json) <= most
        seen += page.json
        found = re.fullmatch(r'<http://[^/]+(/\S+)\?(\S+)>; rel="next"', page.headers.get("link", ""))
        if found is None:
            break
        path, query = unquote(found[1]), found[2]
    assert seen == whole
    assert [e["path"] for e in whole if e["type"] == "file"] == ALL


async def test_a_limit_that_is_none_gives_a_whole_page(hub: HubWorld) -> None:
    for query in ("limit=0", "limit=-1", "limit=x", "limit=99999999999999999999"):
        answer = await fetch(hub.gate, api("/tree/main"), query=query + "&recursive=1")
        assert len([e for e in answer.json if e["type"] == "file"]) == len(ALL)
        assert "link" not in answer.headers


async def test_what_a_client_wants_expanded_is_told_and_nothing_else_of_the_page(hub: HubWorld) -> None:
    some = (await fetch(hub.gate, api(), query="expand=sha&expand=gated&expand=downloads")).json
    assert sorted(some) == ["_id", "gated", "id", "sha"]
    sha = some["sha"]
    entries = (await fetch(hub.gate, api("/tree/main"), query="expand=True")).json
    assert {e["lastCommit"]["id"] for e in entries} == {sha}
    form = b"paths=README.md&paths=weights&expand=true"
    asked = (await fetch(hub.gate, api("/paths-info/main"), method="POST", raw=form)).json
    assert [e["lastCommit"]["id"] for e in asked] == [sha, sha]
    body = b'{"paths": ["README.md"], "expand": false}'
    plain = await fetch(hub.gate, api("/paths-info/main"), method="POST", raw=body, content_type="application/json")
    assert "lastCommit" not in plain.json[0]


async def test_another_repository_is_not_there(hub: HubWorld) -> None:
    for path in ("/api/models/lab/other", "/api/models/lab/other/refs", f"/{REPOSITORY}x/resolve/main/README.md"):
        answer = await fetch(hub.gate, path)
        assert (answer.status, answer.error) == (404, "RepoNotFound")
        assert "location" not in answer.headers


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/gpt2/resolve/main/config.json", "gpt2"),
        ("/api/models/gpt2", "gpt2"),
        ("/datasets/lab/other/resolve/main/a.csv", "datasets/lab/other"),
        ("/datasets/squad/resolve/main/a.csv", "datasets/squad"),
        ("/spaces/lab/other/resolve/main/app.py", "spaces/lab/other"),
        ("/api/datasets/lab/other", "datasets/lab/other"),
        ("/api/datasets/lab/other/revision/main", "datasets/lab/other"),
        ("/api/datasets/squad/revision/main", "datasets/squad"),
        ("/api/spaces/lab/other/tree/main", "spaces/lab/other"),
    ],
)
async def test_what_can_be_no_release_is_not_there_in_the_words_that_clients_read(
    hub: HubWorld, path: str, named: str
) -> None:
    assert Gate.owns(path)
    for method in ("HEAD", "GET"):
        answer = await fetch(hub.gate, path, method=method)
        assert (answer.status, answer.error) == (404, "RepoNotFound")
        assert answer.why == f"There is no repository `{named}` here."
        assert "location" not in answer.headers


async def test_what_only_looks_like_a_repository_is_none(hub: HubWorld) -> None:
    answer = await fetch(hub.gate, "/v1/resolve/main/x")
    assert (answer.status, answer.error) == (404, "")
    assert [p for p in ("/resolve/x", "/datasets", "/accounts/resolve/x", "/texts/resolve") if Gate.owns(p)] == []
