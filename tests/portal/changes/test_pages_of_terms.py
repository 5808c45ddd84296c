"""A text beside its reading, pictures, alarms: linked both ways, well formed for any words, whole for odd releases."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.portal.community.asking import nobody
from tests.portal.conftest import LICET
from tests.portal.test_pages import RICH, Page, publish

from licet.licenses import shelf
from licet.licenses.shelf import known
from licet.portal.config import PortalConfig
from licet.portal.pages.drawings import ladder, pen, timeline, web

SVG = "{http://www.w3.org/2000/svg}"


def text(path: str) -> str:
    answer = nobody().get(path)
    assert answer.status_code == 200, path
    return answer.content.decode()


def made_of_pins(id: str) -> str:
    """A text in which every clause that the shelf pins is found: the pins alone, as no license text may lie here."""
    sheet = shelf.sheet(id)
    assert sheet
    return "\n\n".join(dict.fromkeys(reading.pin for reading in sheet.readings.values() if reading.pin)) + "\n"


@pytest.fixture
def pinned(portal: PortalConfig, tmp_path: Path) -> Path:
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_text(made_of_pins("CC-BY-NC-4.0"))
    return publish(LICET, tmp_path)


def test_each_sentence_leads_to_its_place_in_the_text_and_back(pinned: Path) -> None:
    page = text("/licenses/weights")
    there, back = re.findall(r'href="#(t-[^"]+)"', page), re.findall(r'href="#(c-[^"]+)"', page)
    ids = Counter(re.findall(r' id="([^"]+)"', page))
    assert len(there) > 15 and len(back) == len(there)
    assert all(ids[anchor] == 1 for anchor in (*there, *back))
    assert {a[2:] for a in there} == {a[2:] for a in back}
    assert max(ids.values()) == 1


@given(st.text(st.sampled_from("ab1.)(- \n\t\r\u0627"), max_size=400) | st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_lines_that_are_set_anew_keep_every_word_in_its_order(portal: PortalConfig, words: str) -> None:
    from licet.portal.pages import beside

    assert beside.reflowed(words).split() == words.split()


def test_a_wrapped_paragraph_becomes_one_line_and_a_list_stays_one(portal: PortalConfig) -> None:
    from licet.portal.pages import beside

    wrapped = (
        "   1. Definitions that go on for longer than a half\n   line and further.\n\n      (a) one\n      (b) two\n"
    )
    assert (
        beside.reflowed(wrapped)
        == "1. Definitions that go on for longer than a half line and further.\n\n(a) one\n(b) two\n"
    )


def test_a_cite_opens_the_text_at_its_place_where_the_text_is_at_hand(pinned: Path) -> None:
    page = text("/?do=commercial-use&with=weights")
    leads = set(re.findall(r'href="(/licenses/weights#[^"]+)"', page))
    assert "/licenses/weights#t-CC-BY-NC-4.0-commercial_use" in leads
    anchors = set(re.findall(r' id="([^"]+)"', text("/licenses/weights")))
    assert all(lead.partition("#")[2] in anchors for lead in leads)


def test_without_a_text_a_cite_opens_the_sentence(portal: PortalConfig, tmp_path: Path) -> None:
    publish(LICET, tmp_path)
    leads = set(re.findall(r'href="(/licenses/weights#[^"]+)"', text("/?do=commercial-use&with=weights")))
    assert "/licenses/weights#c-CC-BY-NC-4.0-commercial_use" in leads
    assert 'id="c-CC-BY-NC-4.0-commercial_use"' in text("/licenses/weights")


@pytest.mark.parametrize(
    "words",
    [
        "<script>alert(1)</script>" * 3,
        "\u202e" * 40 + "evil",
        "\u0627" * 900,
        "x" * 1_200_000,
        "\x00\x07bell",
        "\ud7ff\n" * 9,
    ],
    ids=["script", "turned", "right-to-left", "giant", "control", "odd"],
)
def test_any_text_of_a_license_is_shown_as_words(portal: PortalConfig, tmp_path: Path, words: str) -> None:
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_text(words)
    publish(LICET, tmp_path)
    page = text("/licenses/weights")
    assert Page(page).unsafe == []
    assert len(page) < 1_100_000


def test_a_text_that_is_not_utf_8_is_shown_as_far_as_it_can_be(portal: PortalConfig, tmp_path: Path) -> None:
    (tmp_path / "LICENSES").mkdir()
    (tmp_path / "LICENSES" / "CC-BY-NC-4.0.txt").write_bytes(b"before \xff\xfe after")
    publish(LICET, tmp_path)
    assert "before \ufffd\ufffd after" in text("/licenses/weights")


def test_alarms_are_told_once_a_kind_with_their_case_and_lead_to_the_clause(pinned: Path) -> None:
    page = text("/")
    assert "Clauses that people stumble over" in page and "No judgement of this release" in page
    assert page.count("<h3>Non commercial</h3>") == 1
    assert "https://github.com/NVlabs/Sana/issues/81" in page
    assert 'href="/licenses/weights#c-CC-BY-NC-4.0-commercial_use"' in page


def test_a_release_of_free_licenses_has_no_alarms(portal: PortalConfig, tmp_path: Path) -> None:
    publish(LICET.replace(b"CC-BY-NC-4.0", b"MIT"), tmp_path)
    assert "stumble" not in text("/")


def test_two_hundred_components_under_forty_licenses_are_drawn_and_told_within_reason(
    portal: PortalConfig, tmp_path: Path
) -> None:
    ids = sorted(known())[:40]
    parts = "".join(
        f'[[component]]\nname = "part{n}"\nkind = "data"\npath = "p{n}/"\nlicense = "{ids[n % 40]}"\n'
        for n in range(200)
    )
    tiers = "".join(f'[[tier]]\nname = "tier{n}"\nfeatures = ["f"]\n' for n in range(30))
    feature = '[[feature]]\nname = "f"\nhttp = "http://127.0.0.1:9"\nserves = ["part0"]\n'
    publish(f'[release]\nname = "big"\nversion = "1"\nlicensor = "Lab"\n{parts}{feature}{tiers}'.encode(), tmp_path)
    page = text("/")
    assert "and 186 more" in page and "and 18 more" in page
    assert Page(page).unsafe == []


def test_a_license_that_nobody_read_says_so(portal: PortalConfig, tmp_path: Path) -> None:
    publish(LICET.replace(b"CC-BY-NC-4.0", b"LicenseRef-Ours"), tmp_path)
    assert "Nobody has read this license yet" in text("/licenses/weights")
    assert "LicenseRef-Ours" in text("/")


def test_a_release_without_tiers_features_or_history_has_no_empty_picture(portal: PortalConfig, tmp_path: Path) -> None:
    bare = b'[release]\nname = "bare"\nversion = "1"\nlicensor = "Lab"\n'
    bare += b'[[component]]\nname = "data"\nkind = "data"\nproprietary = true\n'
    publish(bare, tmp_path)
    page = text("/")
    assert page.count("<svg") == 1 and "Nothing is served here" in page
    assert "Kept" in page and "stumble" not in page
    assert "first published" in text("/changes/")


def test_downloads_and_calls_are_told_for_what_somebody_may_call(portal: PortalConfig, tmp_path: Path) -> None:
    publish(RICH, tmp_path)
    page = text("/")
    assert "/v1/features/" in page


# --- the pen ---------------------------------------------------------------------------------------------------------

kinds = st.sampled_from(tuple(timeline.SIGNS))
xml = st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")


def drawn(svg: str) -> ElementTree.Element:
    root = ElementTree.fromstring(svg)
    named = {one.get("id") for one in root}
    assert root.get("role") == "img" and set((root.get("aria-labelledby") or "").split()) <= named
    assert root.find(f"{SVG}title") is not None and root.find(f"{SVG}desc") is not None
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg",
        "title",
        "desc",
        "text",
        "rect",
        "path",
        "circle",
    }
    assert not [
        name for one in root.iter() for name in one.attrib if name.startswith("on") or name in ("style", "href")
    ]
    return root


@given(st.lists(st.tuples(st.text(xml, max_size=40), st.text(xml, max_size=40), kinds, st.booleans()), max_size=30))
def test_any_history_is_drawn_well_formed(rows: list[tuple[str, str, str, bool]]) -> None:
    svg = timeline.timeline([timeline.Mark(*row) for row in rows], title="t", words="w", more="and {n} earlier")
    assert svg == "" if not rows else drawn(svg) is not None


@given(
    st.lists(
        st.tuples(st.text(xml, min_size=1, max_size=40), st.text(xml, max_size=60), st.text(xml, max_size=60),
                  st.sampled_from(("yes", "no", "depends", "kept"))), max_size=30, unique_by=lambda row: row[0],
    )
)  # fmt: skip
def test_any_components_are_drawn_well_formed(rows: list[tuple[str, str, str, str]]) -> None:
    svg = web.web([web.Thread(*row) for row in rows], title="t", words="w", kept="kept", more="and {n} more")
    assert svg == "" if not rows else drawn(svg) is not None


@given(
    st.lists(st.tuples(st.text(xml, max_size=40), st.text(xml, max_size=40), st.integers(0, 5)), max_size=30),
    st.integers(0, 9),
)
def test_any_tiers_are_drawn_well_formed_and_inside(rows: list[tuple[str, str, int]], features: int) -> None:
    rungs = [ladder.Rung(name, price, min(yes, features), 0) for name, price, yes in rows]
    svg = ladder.ladder(rungs, features, title="t", words="w", of="{yes} of {all}", more="and {n} more")
    if not rows or not features:
        assert svg == ""
        return
    for box in drawn(svg).iter(f"{SVG}rect"):
        assert float(box.get("x", 0)) + float(box.get("width", 0)) <= pen.WIDE


@given(st.text(xml, max_size=80), st.integers(0, 400))
def test_a_cut_line_fits_and_one_that_fits_is_whole(line: str, most: int) -> None:
    cut = pen.fitted(line, most)
    assert pen.width(cut) <= max(most, pen.width("…"))
    assert cut == line or pen.width(line) > most
