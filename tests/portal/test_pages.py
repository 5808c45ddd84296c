"""What the public pages say is what `may` answers, and every cite on them opens the line it names."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest

from licet.access.standing import Standing
from licet.access.table import Table
from licet.errors import Findings
from licet.portal.config import PortalConfig
from licet.release import policy
from licet.release.document import read
from licet.terms import Ask, fact, may
from licet.terms.action import ACTIONS, SUGAR, unsugared

RICH = b"""\
[release]
name = "rich"
version = "2.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
why = \"\"\"
First words of ours.
They wrap here.

- one reason
- another
\"\"\"
declare = ["commercial"]

[[component]]
name = "code"
kind = "code"
license = "MIT"
path = "src/"

[[component]]
name = "weights"
kind = "weights"
license = "CC-BY-NC-4.0"
path = "weights/"
accept = true
change_date = 2099-01-01
change_license = "Apache-2.0"

[[component]]
name = "trainer"
kind = "code"
proprietary = true
path = "private/"

[[feature]]
name = "basic"
call = "demo.features:basic"
serves = ["code"]

[[feature]]
name = "advanced"
call = "demo.features:advanced"
serves = ["code"]

[anonymous]
features = ["basic"]
quota = ["20 calls / day"]

[[tier]]
name = "free"
features = ["basic"]
quota = ["10 calls / month"]
rate = "60 / minute"
concurrency = 2

[[tier]]
name = "research"
features = ["*"]
requires = "approval"

[[tier]]
name = "premium"
features = ["*"]
price = "9.00 EUR / month"
"""


ELSEWHERE = re.compile(r"/(accounts|admin|my|terms\.json|licenses/\w+/accept)|.*raw=1")


@pytest.fixture
def rich(portal: PortalConfig, tmp_path: Path) -> Path:
    return publish(RICH, tmp_path)


def publish(body: bytes, folder: Path) -> Path:
    from licet.portal import documents, events

    documents.publish(body, events.COMMAND, folder=folder)
    return folder


def get(path: str, status: int = 200) -> str:
    from django.test import Client

    answer = Client(headers={"host": "localhost"}).get(path)
    assert answer.status_code == status, (path, answer.status_code)
    return answer.content.decode()


class Page(HTMLParser):
    """Links, ids and executable things of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.unsafe: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a" and given.get("href"):
            self.links.append(str(given["href"]))
        if given.get("id"):
            assert given["id"] not in self.ids, f"two things are called {given['id']}"
            self.ids.add(str(given["id"]))
        data = given.get("type") == "application/json"
        if (tag == "script" and not given.get("src") and not data) or tag == "style":
            self.unsafe.append(tag)
        self.unsafe += [name for name in given if name == "style" or name.startswith("on")]


def crawl(start: str) -> Iterator[tuple[str, Page]]:
    """Every page that can be reached from the start without an account and outside allauth and the console."""
    pages: dict[str, Page] = {}
    wanted = [start]
    while wanted:
        url, fragment = urldefrag(wanted.pop())
        known = pages.get(url)
        if known is None:
            known = pages[url] = Page(get(url))
            inside = (urljoin(url, link) for link in known.links if not urlsplit(link).scheme)
            wanted += [
                x
                for x in inside
                if not re.match(
                    r"/(accounts|admin|terms\.json|my|licenses/\w+/accept|licenses/known/(?!MIT$)|questions/(ask|.+/report))|.*raw=1",
                    x,
                )
            ]
            yield url, known
        assert not fragment or fragment in known.ids, f"nothing on {url} is called {fragment}"


def test_every_link_and_every_cite_on_the_pages_leads_to_a_place_that_exists(rich: Path) -> None:
    found = dict(crawl("/"))
    assert len(found) > 20
    assert any(url.startswith("/documents/") for url in found)


def test_no_page_carries_a_script_or_a_style_between_its_tags(rich: Path) -> None:
    paths = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/signup/passkey/"]
    for path in paths:
        assert Page(get(path)).unsafe == [], path
    assert [url for url, page in crawl("/") if page.unsafe] == []


def test_the_licensors_own_words_come_first_and_their_wrapping_is_not_kept(rich: Path) -> None:
    text = get("/")
    assert "First words of ours. They wrap here." in text
    assert "- one reason\n- another" in text
    assert text.index("First words of ours") < text.index("May I") + len(text) // 2
    assert text.index('class="why"') < text.index('id="may"') < text.index('id="parts"') < text.index('id="tiers"')


def test_the_page_answers_what_may_answers_for_every_action_and_component(rich: Path) -> None:
    release = read(RICH)
    for action in (*ACTIONS, *SUGAR):
        for component in release.components:
            bare, implied = unsugared(action)
            tree = policy.released(release, bare, component.name)
            ask = Ask(bare, component.name, frozenset({policy.ANONYMOUS}), {"now_s": 1_800_000_000, **implied})
            wanted = may(tree, fact.bind(tree, ask)).answer.name.lower()
            assert answer_on(get(f"/?do={action}&with={component.name}")) == wanted, (action, component.name)


def test_the_page_answers_what_the_gates_table_answers_for_every_tier_and_feature(rich: Path) -> None:
    release = read(RICH)
    for tier in release.tiers:
        facts = {
            f"approved:{tier.name}": True,
            f"paid:{tier.name}": True,
            "commercial": False,
            "declared:commercial": True,
        }
        standing = Standing("hol_x", "rich", tier.name, release.sha256, frozenset({"account", f"tier:{tier.name}"}))
        table = Table(release, release, standing, facts, None)
        for feature in release.features:
            slot = table.slot(feature.name, feature.serves[0], 1_800_000_000)
            wanted = "yes" if slot.ways else "no"
            assert answer_on(get(f"/?who={tier.name}&do={feature.name}&commercial=false")) == wanted


def answer_on(text: str) -> str:
    found = re.search(r'<article class="answer (\w+)"', text)
    assert found, "no answer on the page"
    return found[1]


def test_a_question_that_depends_is_settled_by_one_click_without_a_script(rich: Path) -> None:
    text = get("/?do=modify&with=weights")
    assert answer_on(text) == "depends"
    replies = re.findall(r'class="button quiet" href="([^"]+)">(Yes|No)<', text)
    assert [word for _, word in replies] == ["Yes", "No"]
    yes, no = (html.unescape(url) for url, _ in replies)
    assert answer_on(get(yes)) == "no", "commercial changes of a non-commercial license"
    assert answer_on(get(no)) == "yes"


def test_a_refusal_names_the_ways_to_a_yes_and_where_they_are_taken(rich: Path) -> None:
    text = get("/?who=free&do=advanced&commercial=false")
    assert answer_on(text) == "no"
    assert "Feature not available in free tier" in text
    assert re.search(r'href="[^"]*/my/tier\?tier=research"', text)
    assert re.search(r"premium</code>, 9\.00 EUR / month", text)


def test_a_license_that_opens_later_is_told_as_a_way_only_where_it_then_says_yes(rich: Path) -> None:
    assert "Wait until 1 January 2099: then weights is under Apache-2.0" in get("/?do=commercial-use&with=weights")
    assert "Wait until" not in get("/?do=commercial-use&with=trainer")
    assert "Wait until" not in get("/?do=commercial-use"), "the trainer stays closed on that day"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("who=premum&do=basic", "did you mean <code>premium</code>?"),
        ("do=basc", "did you mean <code>basic</code>?"),
        ("do=use&with=wieghts", "did you mean <code>weights</code>?"),
        ("do=use&commercial=perhaps", "is true or false"),
        ("do=use&monthly_active_users=-3", "is a whole number"),
        ("do=use&country=Germany", "two-letter"),
        ("do=use&purpose=world+domination", "is one of"),
    ],
)
def test_a_question_that_makes_no_sense_gets_400_and_what_would(rich: Path, query: str, words: str) -> None:
    text = get(f"/?{query}", 400)
    assert words in text
    assert 'class="answer ' not in text


def test_an_empty_form_and_unknown_fields_are_no_mistake(rich: Path) -> None:
    assert 'class="answer ' not in get("/?who=&do=&with=&utm_source=x")


def test_a_published_document_is_kept_byte_for_byte_under_any_prefix_of_its_digest(rich: Path) -> None:
    from django.test import Client

    release = read(RICH)
    for length in (6, 12, 64):
        text = get(f"/documents/{release.sha256[:length]}")
        assert text.count('<li id="L') == len(RICH.splitlines())
    raw = Client(headers={"host": "localhost"}).get(f"/documents/{release.sha256}?raw=1")
    assert raw.content == RICH
    for nothing in ("abcde", "ffffff", "g" * 12, "..%2f..%2f", "A" * 64, "0" * 65):
        get(f"/documents/{nothing}", 404)


def test_old_terms_stay_at_their_address_and_say_that_they_are_not_the_newest(rich: Path) -> None:
    publish(RICH.replace(b"2.0.0", b"2.0.1"), rich)
    assert "not the newest" in get(f"/documents/{read(RICH).sha256[:6]}")
    assert get("/documents/").count('<a href="/documents/') == 3, "two publications, and the newest in the footer"


def test_the_text_of_a_license_is_shown_as_it_is_and_accepted_where_that_is_asked(release: Path) -> None:
    text = get("/licenses/weights")
    assert "The text of the license, &lt;b&gt;as it is&lt;/b&gt;." in text
    assert 'href="/licenses/weights/accept"' in text
    assert "/accept" not in get("/licenses/code")
    get("/licenses/nothing", 404)


def test_what_is_kept_has_no_license_page(rich: Path) -> None:
    get("/licenses/trainer", 404)
    assert 'href="/licenses/trainer"' not in get("/")


def test_the_machine_reads_the_same_release_and_no_secret_of_the_operator(portal: PortalConfig, tmp_path: Path) -> None:
    with_upstream = RICH.replace(
        b'call = "demo.features:advanced"', b'openai = "http://10.0.0.7:8081/v1"\nmodel = "m"\nkey_env = "CHAT_KEY"'
    )
    publish(with_upstream, tmp_path)
    text = get("/terms.json")
    told = json.loads(text)
    assert told["document"]["sha256"] == read(with_upstream).sha256
    assert [t["name"] for t in told["tiers"]] == ["free", "research", "premium"]
    assert told["tiers"][2]["price"] == {"micros": 9_000_000, "currency": "EUR", "per": 1, "unit": "month"}
    assert told["components"][1]["change_date"] == "2099-01-01T00:00:00Z"
    assert "10.0.0.7" not in text
    assert "CHAT_KEY" not in text


def test_pages_are_read_only_and_carry_their_policy(rich: Path) -> None:
    from django.test import Client

    client = Client(headers={"host": "localhost"})
    for path in ("/", "/documents/", "/terms.json", "/licenses/code"):
        assert client.post(path).status_code == 405
        assert client.head(path).status_code == 200
        answer = client.get(path)
        assert answer["Content-Security-Policy"].startswith("default-src 'self'")
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not answer.cookies, "reading needs no session"


def test_before_anything_is_published_the_page_says_so(portal: PortalConfig) -> None:
    assert "Nothing is published yet" in get("/", 503)
    assert "Nothing is published yet" in get("/documents/")
    get("/terms.json", 503)
    get("/licenses/code", 404)


def test_a_release_without_a_component_is_no_release() -> None:
    with pytest.raises(Findings):
        read(b'[release]\nname = "sana"\nversion = "1"\nlicensor = "Lab"\n')


def test_an_address_that_leads_nowhere_says_so_in_the_frame_of_the_other_pages(rich: Path) -> None:
    assert "No page has this address." in get("/no/such/page", 404)
    nothing = get("/documents/ffffff", 404)
    assert "No published document begins with these digits." in nothing
    assert "licet.css" in nothing


def test_a_form_without_its_token_is_refused_with_words_and_a_broken_page_has_its_own(rich: Path) -> None:
    from django.template.loader import render_to_string
    from django.test import Client

    refused = Client(headers={"host": "localhost"}, enforce_csrf_checks=True).post("/accounts/login/", {"login": "x"})
    assert refused.status_code == 403
    assert "Please send it again" in refused.content.decode()
    assert "Something broke on our side" in render_to_string("500.html"), "it needs no request to be drawn"


def test_the_style_sheet_stays_small() -> None:
    from importlib.resources import files

    assert len(files("licet.portal").joinpath("static/licet/licet.css").read_bytes()) < 15_000


def test_a_server_for_development_says_so_on_every_page(rich: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from django.conf import settings

    words = "Development: this server publishes its licet.toml at every start"
    assert words not in get("/")
    monkeypatch.setattr(settings, "LICET", replace(settings.LICET, dev=True))
    for path in ("/", "/documents/", "/licenses/code", "/accounts/login/"):
        assert words in get(path)
