"""Where a client's links lead on the portal: the exact text of a license, the page of a repository."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from tests.portal.conftest import LICET
from tests.portal.test_pages_of_mine import client


def test_the_text_to_accept_is_given_byte_for_byte_and_an_older_one_by_its_digest(release: Path) -> None:
    from licet.portal import documents, events

    first = client().get("/licenses/weights/text")
    assert first.content == (release / "LICENSES/CC-BY-NC-4.0.txt").read_bytes()
    assert first["Content-Type"] == "text/plain; charset=utf-8"
    assert first["X-Content-Type-Options"] == "nosniff"
    old = sha256(first.content).hexdigest()
    assert first["ETag"] == f'"{old}"'
    (release / "LICENSES/CC-BY-NC-4.0.txt").write_text("Another text.\n")
    documents.publish(LICET + b"\n", events.COMMAND, folder=release)
    assert client().get("/licenses/weights/text").content == b"Another text.\n"
    assert client().get(f"/licenses/weights/text?sha256={old}").content == first.content
    for path in ("/licenses/code/text", "/licenses/nope/text", "/licenses/weights/text?sha256=0"):
        assert client().get(path).status_code == 404


def test_the_address_of_a_repository_leads_to_the_page_of_its_release(release: Path) -> None:
    from licet.portal import documents, events

    assert client().get("/lab/sana").status_code == 404
    told = LICET.replace(b'version = "1.0.0"', b'version = "1.0.0"\nrepository = "lab/sana"')
    documents.publish(told, events.COMMAND, folder=release)
    answer = client().get("/lab/sana")
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client().get("/lab/other").status_code == 404
    assert client().post("/lab/sana").status_code == 405


@pytest.mark.parametrize("path", ["/accounts/login", "/my/keys/", "/admin/login"])
def test_a_page_of_ours_is_never_taken_for_a_repository(release: Path, path: str) -> None:
    from django.urls import Resolver404, resolve

    try:
        assert resolve(path).url_name != "repository"
    except Resolver404:
        pass
