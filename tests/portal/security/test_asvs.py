"""docs/security/asvs.md names tests and settings: each is there, each requirement once, none of the two levels left out."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from licet.portal.config import PortalConfig

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| (V\d+\.\d+\.\d+) \| ([12]) \| (met|partly|not met|n/a|operator) \| (.+) \|$", re.M)
OF = {"V1": 27, "V2": 11, "V3": 19, "V4": 10, "V5": 9, "V6": 35, "V7": 18, "V8": 7, "V9": 7, "V10": 29, "V11": 14,
      "V12": 9, "V13": 13, "V14": 9, "V15": 13, "V16": 16, "V17": 7}  # fmt: skip
"""How many requirements of levels 1 and 2 each chapter of ASVS 5.0.0 has: 70 and 183 together."""


def rows() -> list[tuple[str, str, str, str]]:
    return ROW.findall((ROOT / "docs/security/asvs.md").read_text())


def test_every_requirement_of_levels_one_and_two_has_its_row_once() -> None:
    names = [name for name, *_ in rows()]
    assert len(names) == len(set(names))
    assert Counter(level for _, level, *_ in rows()) == {"1": 70, "2": 183}
    assert Counter(name.partition(".")[0] for name in names) == OF


@pytest.mark.parametrize("page", ["asvs.md", "threat-model.md", "signing-in.md"])
def test_every_test_that_a_page_on_security_names_exists(page: str) -> None:
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"def (test_\w+)\(", path.read_text())
    }
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "docs/security" / page).read_text()))
    assert named, page
    assert named - known == set()


def test_every_page_and_setting_that_is_named_exists(portal: PortalConfig) -> None:
    from django.conf import settings

    from licet.settings import NAMES

    for page in (ROOT / "docs/security").glob("*.md"):
        text = page.read_text()
        for name in re.findall(r"\b(LICET_[A-Z_]+)\b", text):
            assert name in NAMES, (page.name, name)
        for name in re.findall(r"`([A-Z]+_[A-Z_]+)`", text):
            assert hasattr(settings, name), (page.name, name)
        for path in re.findall(r"\b(docs/[\w/.-]+\.md)\b", text):
            assert (ROOT / path).exists(), (page.name, path)


def test_what_is_not_met_says_what_is_missing() -> None:
    for name, _, state, why in rows():
        assert state not in ("partly", "not met") or len(why) > 20, name


def test_cookies_belong_to_this_host_alone_where_there_is_tls(portal: PortalConfig) -> None:
    from licet.portal import django_settings

    told: dict[str, Any] = django_settings.settings(replace(portal, url="https://models.example.org"))
    for kind in ("SESSION", "CSRF"):
        assert told[f"{kind}_COOKIE_NAME"].startswith("__Host-")
        assert told[f"{kind}_COOKIE_SECURE"] is True and told[f"{kind}_COOKIE_SAMESITE"] == "Lax"
        assert f"{kind}_COOKIE_DOMAIN" not in told and f"{kind}_COOKIE_PATH" not in told  # as the prefix asks
    assert told["SESSION_COOKIE_HTTPONLY"] is True
