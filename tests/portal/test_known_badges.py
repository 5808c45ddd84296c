"""A badge shows the answer of the page, in one word, and is never more certain than it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from tests.portal.test_known import answer
from tests.portal.test_pages import RICH, publish

from licet.portal.config import PortalConfig


def words(found: Any) -> str:
    assert found.status_code == 200
    assert found["Content-Type"].startswith("image/svg+xml")
    return str(ElementTree.fromstring(found.content).get("aria-label"))


def component(license: str, more: str = "") -> bytes:
    return (
        f'[release]\nname = "one"\nversion = "1"\nlicensor = "Lab"\n[[component]]\nname = "weights"\nkind = "weights"\n'
        f'license = "{license}"\npath = "w/"\n{more}'
    ).encode()


@pytest.mark.parametrize(
    ("license", "word"),
    [("MIT", "yes"), ("CC-BY-NC-4.0", "no"), ("LicenseRef-scancode-llama-3.1-license-2024", "ask"), ("Xnet", "ask")],
)
def test_one_component_is_badged_as_it_is_answered(
    portal: PortalConfig, tmp_path: Path, license: str, word: str
) -> None:
    publish(component(license), tmp_path)
    assert words(answer("/licenses/weights/badge.svg")) == f"weights: commercial use: {word}"
    assert words(answer("/badge.svg")) == f"commercial use: {word}"


def test_a_license_that_a_tier_carries_turns_no_into_ask(portal: PortalConfig, tmp_path: Path) -> None:
    tier = (
        '[[feature]]\nname = "chat"\ncall = "demo.features:chat"\nserves = ["weights"]\n'
        '[[tier]]\nname = "paid"\nfeatures = ["*"]\nprice = "9.00 EUR / month"\nlicenses = { weights = "LicenseRef-Ours-1.0" }\n'
    )
    publish(component("CC-BY-NC-4.0", tier), tmp_path)
    assert words(answer("/licenses/weights/badge.svg")) == "weights: commercial use: ask"


def test_components_that_differ_are_badged_ask_and_what_is_kept_has_no_badge(
    portal: PortalConfig, tmp_path: Path
) -> None:
    publish(RICH, tmp_path)
    assert words(answer("/licenses/code/badge.svg")).endswith("yes")
    assert words(answer("/licenses/weights/badge.svg")).endswith("no")
    assert words(answer("/badge.svg")).endswith("ask")
    assert answer("/licenses/trainer/badge.svg").status_code == 404
    assert answer("/licenses/nothing/badge.svg").status_code == 404


def test_a_server_that_published_nothing_draws_unknown(portal: PortalConfig) -> None:
    assert words(answer("/badge.svg")) == "commercial use: unknown"


def test_the_words_of_a_badge_cannot_break_out_of_it() -> None:
    from licet.portal.pages.badge import Badge, svg

    drawn = ElementTree.fromstring(svg(Badge('"><script>x</script>&', "no")))
    assert {re.sub(r"\{.*\}", "", node.tag) for node in drawn.iter()} == {"svg", "title", "rect", "path", "g", "text"}


def test_a_badge_may_be_kept_for_minutes_and_read_from_anywhere(portal: PortalConfig) -> None:
    found = answer("/badge.svg")
    assert "max-age=300" in found["Cache-Control"]
    assert found["Access-Control-Allow-Origin"] == "*"
    assert "Set-Cookie" not in found
