"""What a new key shows first can be copied as it stands: a call that the key may make, with an input that is known."""

from __future__ import annotations

import html
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import LICET
from tests.portal.test_pages_of_mine import client, make, the_key

from licet.portal.config import PortalConfig

CALL = b'call = "demo.features:basic"'
DEMO = LICET.replace(CALL, CALL + b"""\nexample = '{"data": [1, 2, 3, 4, 5]}'""")
OPENAI = (
    b'\n[[feature]]\nname = "chat"\nopenai = "http://127.0.0.1:9/v1"\nmodel = "small"\nserves = ["code"]\n\n[[tier]]'
)


def published(folder: Path, document: bytes) -> Any:
    from licet.portal import documents, events

    (folder / "licet.toml").write_bytes(document)
    documents.publish(document, events.COMMAND, folder=folder)
    return client("ada@example.org")


def shown(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def test_it_names_the_key_and_the_first_feature_of_its_tier(portal: PortalConfig, tmp_path: Path) -> None:
    page = shown(make(published(tmp_path, DEMO)))
    assert f"export LICET_KEY={the_key(page)}" in page
    assert "/v1/features/basic \\" in page
    assert """-d '{"data": [1, 2, 3, 4, 5]}'""" in page


def test_a_feature_that_the_tier_lacks_is_not_shown_even_if_it_is_written_first(
    portal: PortalConfig, tmp_path: Path
) -> None:
    first, second = b'name = "basic"', b'name = "advanced"'
    turned = DEMO.replace(first, b"@").replace(second, first).replace(b"@", second)
    page = shown(make(published(tmp_path, turned)))
    assert "/v1/features/basic \\" in page
    assert "/v1/features/advanced" not in page


def test_an_example_is_one_word_of_the_shell_whatever_it_holds(portal: PortalConfig, tmp_path: Path) -> None:
    example = json.dumps("""{"say": "it's $HOME"}""").encode()  # a text of JSON is one of TOML too
    document = LICET.replace(CALL, CALL + b"\nexample = " + example)
    page = shown(make(published(tmp_path, document)))
    line = next(line for line in page.splitlines() if line.startswith("  -d "))
    assert shlex.split(line.removesuffix("</code></pre>"))[1] == """{"say": "it's $HOME"}"""


def test_of_an_input_that_nobody_knows_the_page_says_where_it_is_told(portal: PortalConfig, tmp_path: Path) -> None:
    page = shown(make(published(tmp_path, LICET)))
    assert "-d @input.json" in page
    assert "http://localhost:8000/v1/features\n" in page


def test_a_key_that_is_narrowed_shows_what_it_may_call(portal: PortalConfig, tmp_path: Path) -> None:
    document = DEMO.replace(b"\n[[tier]]", OPENAI, 1).replace(b'features = ["basic"]', b'features = ["basic", "chat"]')
    browser = published(tmp_path, document)
    page = shown(make(browser, features="chat"))
    assert "/v1/chat/completions" in page
    assert '"model": "chat"' in page
    assert "/v1/features/basic" not in page


@pytest.mark.parametrize("field", ["networks", "budgets"])
def test_a_mistake_in_what_is_folded_away_unfolds_it(release: Path, field: str) -> None:
    browser = client("ada@example.org")
    assert "<details>" in shown(browser.get("/my/keys"))
    answer = make(browser, **{field: "no such thing"})
    assert answer.status_code == 422
    assert "<details open>" in shown(answer)
