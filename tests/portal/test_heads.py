"""A page's title says whose it is, and a link that is shared shows title, words and picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from tests.portal.conftest import LICET
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig


def meta(page: str, name: str) -> str:
    found = re.search(rf'<meta (?:name|property)="{re.escape(name)}" content="([^"]*)">', page)
    return found[1] if found else ""


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "sana 1.0.0 · What you may do with it, and why"),
        ("/my/keys", "My keys · sana"),
        ("/licenses/weights", "CC-BY-NC-4.0 · weights · sana"),
        ("/accounts/email/", "Email Address · sana"),
        ("/?do=basic&who=free", "Yes: May somebody with tier free call basic? · sana"),
    ],
)
def test_the_title_names_the_page_and_the_release(release: Path, path: str, title: str) -> None:
    page = client("ada@example.org").get(path).content.decode()
    found = re.search(r"<title>(.*?)</title>", page)
    assert found is not None
    assert found[1] == title
    assert meta(page, "og:title") == title


def test_a_shared_link_has_words_and_a_picture_that_is_there(release: Path) -> None:
    page = client().get("/").content.decode()
    assert meta(page, "description") == meta(page, "og:description") != ""
    picture = meta(page, "og:image")
    assert picture.startswith("http://localhost:8000/static/licet/icon.png")
    from importlib.resources import files

    assert files("licet.portal").joinpath("static/licet/icon.png").read_bytes().startswith(b"\x89PNG")


def test_a_page_without_words_of_its_own_has_no_empty_description(release: Path) -> None:
    assert 'name="description"' not in client("ada@example.org").get("/my/keys").content.decode()


def test_what_has_no_head_has_a_picture_too(release: Path) -> None:
    answer = client().get("/favicon.ico")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/static/licet/icon.png")


def test_signing_up_says_what_an_account_has_and_stands_where_nothing_was_published(
    portal: PortalConfig, tmp_path: Path
) -> None:
    assert client().get("/accounts/signup/").status_code == 200
    from licet.portal import documents, events

    (tmp_path / "licet.toml").write_bytes(LICET)
    documents.publish(LICET, events.COMMAND, folder=tmp_path)
    page = client().get("/accounts/signup/").content.decode()
    assert "An account has tier free of sana at once, without a price: 10 calls / month." in page
