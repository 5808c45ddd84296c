"""Whatever stands in a `licet.toml` or in a URL, a page shows it as text and keeps its shape."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portal.test_pages import RICH, Page, get, publish

from licet.portal.config import PortalConfig
from licet.terms.fact import askable

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"><img src=x onerror=alert(1)>'`{{ 7*7 }}{% load x %}"
FIELDS = ("who", "do", "with", *askable())


def hostile(words: str) -> bytes:
    """The rich release with these words in every field that takes free text."""
    told = "'''" + words + "'''"
    text = RICH.decode()
    text = text.replace('licensor = "Example Lab"', f"licensor = {told}")
    text = text.replace('contact = "licenses@example.org"', f"contact = {told}")
    text = text.replace('version = "2.0.0"', f"version = {told[:60]}" if len(told) < 60 else 'version = "2.0.0"')
    text = re.sub(r'why = """.*?"""', lambda _: f"why = {told}", text, flags=re.S)
    text = re.sub(r'(kind = "[a-z]+")', lambda m: f"{m[1]}\ndescription = {told}", text)
    text = re.sub(r'(call = "[a-z.:]+")', lambda m: f"{m[1]}\ndescription = {told}", text)
    return re.sub(r'(features = \["\*"\])', lambda m: f"{m[1]}\ndescription = {told}", text).encode()


@pytest.mark.parametrize("words", [SCRIPT, BREAKOUT.replace("'", "")])
def test_markup_in_any_field_of_the_document_is_shown_as_text(portal: PortalConfig, tmp_path: Path, words: str) -> None:
    publish(hostile(words), tmp_path)
    for path in ("/", "/?who=free&do=advanced", "/documents/", "/licenses/code"):
        text = get(path)
        assert Page(text).unsafe == [], path
        assert "<img src=x" not in text
        assert SCRIPT not in text
        assert ">49<" not in text
    assert "&lt;" in get("/")


def test_a_contact_becomes_a_link_only_where_it_is_an_address(portal: PortalConfig, tmp_path: Path) -> None:
    for contact in ("javascript:alert(1)", "https://x y", "a@b/../c", "data:text/html,x"):
        publish(RICH.replace(b"licenses@example.org", contact.encode()), tmp_path)
        links = Page(get("/")).links
        assert not [x for x in links if x.startswith(("javascript:", "data:"))]
        assert not [x for x in links if x.startswith("mailto:") and "/" in x]


@pytest.mark.parametrize("field", FIELDS)
def test_markup_in_any_field_of_the_question_is_shown_as_text(portal: PortalConfig, tmp_path: Path, field: str) -> None:
    publish(RICH, tmp_path)
    for words in (SCRIPT, BREAKOUT, "\u202eevil", "a\x00b", "x" * 20_000):
        query = urlencode({"do": "use", field: words})
        answer = asked(f"/?{query}")
        text = answer.content.decode()
        assert answer.status_code in (200, 400)
        assert Page(text).unsafe == []
        assert "<img src=x" not in text
        assert len(text) < 150_000, "a long word is not repeated at full length"


def asked(path: str):  # type: ignore[no-untyped-def]
    from django.test import Client

    return Client(headers={"host": "localhost"}, raise_request_exception=True).get(path)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=40), max_size=5))
def test_no_question_however_odd_breaks_the_page(one: None, query: dict[str, str]) -> None:
    answer = asked("/?" + urlencode(query))
    assert answer.status_code in (200, 400)
    assert Page(answer.content.decode()).unsafe == []


@pytest.fixture
def one(portal: PortalConfig, tmp_path: Path) -> None:
    publish(RICH, tmp_path)


def test_words_that_run_from_right_to_left_are_kept_apart(portal: PortalConfig, tmp_path: Path) -> None:
    publish(hostile("שלום עולם, רישיון לשימוש לא מסחרי"), tmp_path)
    text = get("/")
    assert '<p dir="auto">שלום' in text
    assert "<bdi>שלום" in text


def test_a_release_without_tiers_or_features_has_a_whole_page(portal: PortalConfig, tmp_path: Path) -> None:
    component = '[[component]]\nname = "code"\nkind = "code"\nlicense = "MIT"\n'
    publish(f'[release]\nname = "bare"\nversion = "1"\nlicensor = "Lab"\n\n{component}'.encode(), tmp_path)
    text = get("/")
    assert "This release has no tiers" in text
    assert "Nothing is served here" in text
    assert 'class="answer yes"' in get("/?do=commercial-use")


def test_two_hundred_components_and_forty_licenses_are_shown_a_dozen_at_first(
    portal: PortalConfig, tmp_path: Path
) -> None:
    licenses = ("MIT", "Apache-2.0", "CC-BY-4.0", "CC-BY-NC-4.0", "GPL-3.0-only", "MPL-2.0")
    parts = [
        f'[[component]]\nname = "part{n}"\nkind = "data"\npath = "p{n}/"\nlicense = "{licenses[n % len(licenses)]}"\n'
        for n in range(200)
    ]
    publish(('[release]\nname = "big"\nversion = "1"\nlicensor = "Lab"\n' + "\n".join(parts)).encode(), tmp_path)
    text = get("/")
    assert text.index('id="part-part11"') < text.index("188 more components") < text.index('id="part-part12"')
    answer = get("/?do=commercial-use")
    assert 'class="answer no"' in answer
    assert answer.count('href="/?do=commercial-use&amp;with=part') >= 200


def test_the_longest_why_that_is_read_is_shown_whole(portal: PortalConfig, tmp_path: Path) -> None:
    long = "word " * 3_900
    body = re.sub(rb'why = """.*?"""', b'why = "' + long.strip().encode() + b'"', RICH, flags=re.S)
    publish(body, tmp_path)
    assert get("/").count("word ") >= 3_800
