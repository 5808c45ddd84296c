"""The pages of known licenses say what the shelf says, fit in 100 kB, and take any input calmly."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portal.test_pages import Page, get, publish

from licet.licenses import shelf
from licet.licenses.ask import may_license
from licet.licenses.compare import compare
from licet.licenses.explain import explain
from licet.licenses.kinds import KINDS
from licet.licenses.personas import PERSONAS
from licet.portal.config import PortalConfig
from licet.terms.action import SUGAR

LONG = "LicenseRef-ltx-2-community-2026-08-11"
LLAMA = "LicenseRef-scancode-llama-3.1-license-2024"
NASTY = [  # script, giant, nothing, right to left, look-alikes, a zero byte
    "<script>alert(1)</script>",
    "x" * 5_000,
    "",
    " ",
    "\u202egnol",
    "\u041cI\u0422",
    "\u0645\u062b\u0627\u0644",
    "a\x00b",
    "{{ 7 }}",
    "%0d%0a",
    "' OR 1=1",
]


def answer(path: str) -> Any:
    from django.test import Client

    return Client(headers={"host": "localhost"}).get(path)


def ids(page: str) -> list[str]:
    return re.findall(r'<li><a href="/licenses/known/([^"?]+)', page)


def test_every_known_license_has_a_page_under_100_kb_with_every_clause_once(portal: PortalConfig) -> None:
    for id in shelf.known():
        page = get(
            f"/licenses/known/{id}?" + urlencode({"with": LONG, "who": "large company", "do": "host-as-service"})
        )
        assert len(page.encode()) < 100_000, id
        assert sorted(re.findall(r'id="c-([a-z_]+)"', page)) == sorted(KINDS), id
        assert Page(page).unsafe == [], id
        said = html.unescape(page)
        assert all(told.sentence in said for told in explain(id).clauses), id
        assert all(alarm.case in said and alarm.source in said for alarm in explain(id).alarms), id


def test_the_list_names_every_license_once_and_fits_in_100_kb(portal: PortalConfig) -> None:
    page = get("/licenses/")
    assert sorted(ids(page)) == sorted(shelf.known())
    assert len(page.encode()) < 100_000


@pytest.mark.parametrize(
    ("box", "fits", "fits_not"),
    [
        ("no-threshold", "MIT", LLAMA),
        ("no-barred-uses", "Apache-2.0", "LicenseRef-scancode-bigscience-open-rail-m"),
        ("outputs-free", "MIT", LLAMA),
        ("may-host", "Apache-2.0", "Elastic-2.0"),
        ("commercial", "CC-BY-4.0", "CC-BY-NC-4.0"),
        ("no-same-license", "MIT", "AGPL-3.0-only"),
        ("no-places", "MIT", "LicenseRef-tencent-hunyuan-community-2024-12-03"),
        ("patents", "Apache-2.0", "CC-BY-4.0"),
        ("stays", "CC-BY-4.0", "LicenseRef-scancode-flux-1-nc"),
        ("no-branding", "MIT", LLAMA),
        ("no-passing-on", "MIT", "LicenseRef-scancode-gemma-tou-2024-04-01"),
        ("may-share-changed", "MIT", "CC-BY-ND-4.0"),
    ],
)
def test_a_box_keeps_what_fits_and_drops_what_does_not(
    portal: PortalConfig, box: str, fits: str, fits_not: str
) -> None:
    found = ids(get(f"/licenses/?only={box}"))
    assert fits in found
    assert fits_not not in found


def test_what_nobody_has_read_fits_no_box(portal: PortalConfig) -> None:
    from licet.portal.pages.known.filters import FILTERS

    unread = shelf.unread("LicenseRef-nobody")
    read_of_sheet = [
        one for name, one in FILTERS.items() if name not in ("commercial", "may-host", "may-share-changed")
    ]
    assert not any(one.holds(unread) for one in read_of_sheet)


def test_boxes_together_keep_only_what_fits_each(portal: PortalConfig) -> None:
    one, other = (set(ids(get(f"/licenses/?only={box}"))) for box in ("patents", "no-threshold"))
    assert set(ids(get("/licenses/?only=patents&only=no-threshold"))) == one & other


def test_the_list_for_a_person_holds_exactly_the_licenses_that_say_yes(portal: PortalConfig) -> None:
    facts = {k: v for k, v in PERSONAS["startup"].facts.items() if k != "commercial"}
    yes = {id for id in shelf.known() if may_license("sell", id, facts=facts).answer.name == "YES"}
    assert set(ids(get("/licenses/?who=startup&do=sell"))) == yes
    assert 0 < len(yes) < len(shelf.known())


def test_a_license_is_found_by_name_maker_and_model(portal: PortalConfig) -> None:
    assert LLAMA in ids(get("/licenses/?q=llama+3.1"))
    assert ids(get("/licenses/?q=cc+by+nc+4.0"))[0].startswith("CC-BY-NC")
    assert "Apache-2.0" in ids(get("/licenses/?q=%EF%BC%A1pache"))  # a full-width A
    assert ids(get("/licenses/?q=nothing+is+called+so")) == []


@pytest.mark.parametrize("who", PERSONAS)
def test_the_table_shows_what_may_answers(portal: PortalConfig, who: str) -> None:
    page = get(f"/licenses/known/{LLAMA}")
    for do in PERSONAS[who].actions:
        verdict = may_license(do, LLAMA, facts=PERSONAS[who].facts)
        cell = re.search(
            rf'<td class="(\w*)"><a href="\?{urlencode({"who": who}).replace("+", "%20")}&amp;do={do}#', page
        )
        assert cell, (who, do)
        assert cell[1] == verdict.answer.name.lower()


@pytest.mark.parametrize("do", ["use", "host-as-service", *SUGAR])
def test_a_question_is_answered_with_its_places_at_a_url_of_its_own(portal: PortalConfig, do: str) -> None:
    page = html.unescape(get(f"/licenses/known/CC-BY-NC-4.0?who=startup&do={do}"))
    facts = {k: v for k, v in PERSONAS["startup"].facts.items() if do not in SUGAR or k != "commercial"}
    verdict = may_license(do, "CC-BY-NC-4.0", facts=facts)
    assert f'<article class="answer {verdict.answer.name.lower()}" id="answer"' in page
    assert all(clause.cite in page for clause in verdict.because)


def test_two_licenses_are_compared_as_on_the_command_line(portal: PortalConfig) -> None:
    page = html.unescape(get(f"/licenses/known/LicenseRef-llama-3-2024?with={LLAMA}"))
    told = compare("LicenseRef-llama-3-2024", LLAMA)
    assert told.changes
    for change in told.changes:
        assert f'<th scope="row">{change.kind.replace("_", " ")}</th>' in page
    assert ", ".join(told.who_gains) in page
    assert "No clause differs" in get("/licenses/known/MIT?with=MIT")


def test_any_name_leads_to_the_page_and_keeps_the_question(portal: PortalConfig) -> None:
    found = answer("/licenses/known/llama3.1?who=startup&do=sell")
    assert (found.status_code, found["Location"]) == (302, f"/licenses/known/{LLAMA}?who=startup&do=sell")
    assert answer("/licenses/known/mit")["Location"] == "/licenses/known/MIT"
    assert answer("/licenses/known/")["Location"] == "/licenses/"


def test_a_name_of_several_texts_or_of_none_says_the_way_on(portal: PortalConfig) -> None:
    assert "LicenseRef-scancode-gemma-tou-2024-04-01" in get("/licenses/known/gemma", 404)
    assert "Apache-2.0" in get("/licenses/known/Apache-2.O", 404)
    assert "Nobody has read" in get("/licenses/known/Xnet", 404)


@pytest.mark.parametrize("word", NASTY)
def test_nonsense_in_any_field_is_shown_calmly(portal: PortalConfig, word: str) -> None:
    for field in ("q", "only", "class", "for", "who", "do"):
        found = answer("/licenses/?" + urlencode({field: word}))
        assert found.status_code in (200, 400), field
        assert Page(found.content.decode()).unsafe == []
        assert len(found.content) < 100_000
    for field in ("who", "do", "with"):
        found = answer("/licenses/known/MIT?" + urlencode({field: word}))
        assert found.status_code == (400 if word.strip() else 200), field
        assert Page(found.content.decode()).unsafe == []
        assert len(found.content) < 100_000
    found = answer("/licenses/known/" + quote(word.replace("/", "")))
    assert found.status_code in (301, 404)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(["q", "only", "class", "for", "who", "do"]), st.text(max_size=20)))
def test_no_search_whatever_breaks_the_list(portal: PortalConfig, query: dict[str, str]) -> None:
    assert answer("/licenses/?" + urlencode(query)).status_code in (200, 400)


def test_a_component_called_known_keeps_its_own_pages(portal: PortalConfig, tmp_path: Path) -> None:
    body = (
        b'[release]\nname = "odd"\nversion = "1"\nlicensor = "Lab"\n'
        b'[[component]]\nname = "known"\nkind = "code"\nlicense = "MIT"\npath = "src/"\n'
    )
    publish(body, tmp_path)
    assert "The license of" in get("/licenses/known")
    assert "known" in get("/licenses/known/badge.svg")
    assert 'href="/licenses/known"' in get("/licenses/")
    assert 'href="/licenses/known"' in get("/licenses/known/MIT")
