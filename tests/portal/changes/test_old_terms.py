"""What was published stays readable for ever, as a page and for machines, and cites open it at the line."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tests.portal.changes.world import LOOSER, STRICTER, holder, in_days, publish
from tests.portal.community.asking import nobody
from tests.portal.conftest import LICET, Hands
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig


def text(path: str, code: int = 200) -> str:
    answer = nobody().get(path)
    assert answer.status_code == code, (path, answer.status_code)
    return answer.content.decode()


def both(release: Path) -> tuple[str, str]:
    """The old and the new document."""
    from licet.portal import documents

    old = documents.newest("sana")
    publish(release, LOOSER.replace(b"CC-BY-NC-4.0", b"CC-BY-4.0"))
    new = documents.newest("sana")
    assert old and new and old.sha256 != new.sha256
    return old.sha256, new.sha256


def test_old_terms_answer_as_they_did(release: Path) -> None:
    old, _new = both(release)
    was, now = text(f"/terms/{old}?do=commercial-use&with=weights"), text("/?do=commercial-use&with=weights")
    assert "These are not the terms in force" in was
    assert 'class="word" id="answer-word">No<' in was and 'class="word" id="answer-word">Yes<' in now
    assert f'action="/terms/{old[:12]}#answer"' in was
    assert f"licet.toml@{old[:6]}:" in text(f"/terms/{old[:12]}?who=premium&do=advanced")
    assert "10 calls / month" in was and "20 calls / month" in now


def test_old_terms_are_read_by_machines_at_the_same_address(release: Path) -> None:
    old, new = both(release)
    told = json.loads(text(f"/terms/{old}.json"))
    assert told["document"]["sha256"] == old
    assert told["components"][1]["license"] == "CC-BY-NC-4.0"
    assert json.loads(text("/terms.json"))["document"]["sha256"] == new
    assert text(f"/terms/{old}.json") == text(f"/terms/{old[:12]}.json")


def test_every_link_of_an_old_page_opens(release: Path) -> None:
    old, _new = both(release)
    page = text(f"/terms/{old[:12]}?do=commercial-use&with=weights")
    links = {link.partition("#")[0] for link in re.findall(r'href="(/[^"]*)"', page)}
    assert f"/terms/{old[:12]}/licenses/weights" in links
    ours = {link for link in links if not link.startswith(("/static/", "/accounts/"))}
    for link in sorted(ours):
        asks = link.startswith("/questions/ask")  # whoever asks comes in first
        assert nobody().get(link.replace("&amp;", "&")).status_code == (302 if asks else 200), link


def test_the_text_beside_an_old_document_stays_when_another_comes(release: Path) -> None:
    from licet.portal import documents, events
    from licet.portal.models import LicenseText

    first = LicenseText.objects.get().sha256
    (release / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("Another text.\n")
    documents.publish(LICET, events.COMMAND, folder=release)
    assert "The text of the license, &lt;b&gt;as it is&lt;/b&gt;." in text(f"/texts/{first}")
    assert nobody().get(f"/texts/{first}?raw=1").content == b"The text of the license, <b>as it is</b>.\n"
    assert "Another text." in text(f"/texts/{LicenseText.objects.get().sha256}")


def test_what_is_no_document_and_no_text_is_not_there(release: Path) -> None:
    never = "0" * 64
    terms = ("/terms/zzzzzz", "/terms/abcde", f"/terms/{never}", f"/terms/{never}.json", "/terms/000000/licenses/code")
    for path in (*terms, "/texts/0", f"/texts/{never}", "/changes/999999", "/changes/consultations/con_x"):
        text(path, 404)


def test_the_history_says_what_each_publication_did(release: Path, hands: Hands) -> None:
    from licet.portal.changes import history

    hands.forward(10)
    publish(release, LOOSER)
    hands.forward(10)
    publish(release, LOOSER + b"# a word\n")
    holder()
    publish(release, STRICTER, from_s=in_days(hands, 31))
    publish(release, LOOSER + b"# a word\n", from_s=in_days(hands, 31))
    steps = history.steps("sana")
    told = [("same", False), ("stricter", True), ("same", False), ("looser", False), ("first", False)]
    assert [(s.way, s.void) for s in steps] == told
    page = text("/changes/")
    assert "first published" in page and "1 term looser" in page and "withdrawn before its day came" in page
    for step in steps:
        text(f"/changes/{step.n}")
    assert history.upcoming("sana", hands.at_s)[0].way == "same"


def test_a_long_history_is_told_a_page_at_a_time(release: Path, hands: Hands) -> None:
    from django.test.utils import CaptureQueriesContext

    from licet.portal import documents, events

    for n in range(60):
        hands.forward(10)
        documents.publish(LICET + f"# {n}\n".encode(), events.COMMAND)
    from django.db import connection

    with CaptureQueriesContext(connection) as asked:
        page = text("/changes/")
    assert "and 49 earlier" in page and page.count('class="title"') == 20
    assert len(asked) < 60, "what nobody sees is not worked out"
    assert text("/changes/?from=60").count('class="title"') == 1
    assert text("/changes/?from=99999999").count('class="title"') == 20


def test_who_is_touched_reads_it_on_every_page_and_others_on_the_release(
    release: Path, portal: PortalConfig, hands: Hands
) -> None:
    holder("ada")
    holder("bea", "premium")
    ada, bea = client("ada@example.org"), client("bea@example.org")
    assert "become stricter" not in ada.get("/my/keys").content.decode()
    publish(release, STRICTER, from_s=in_days(hands, 31))
    assert "your tier free become stricter" in ada.get("/my/keys").content.decode()
    assert "The terms change." in bea.get("/my/keys").content.decode()
    assert "1 term stricter" in text("/")
    assert "1 term stricter" not in text("/licenses/")
    hands.forward(32 * 86_400)
    assert "become stricter" not in ada.get("/my/keys").content.decode()


def test_a_holder_takes_the_newer_terms_by_its_own_will(release: Path, portal: PortalConfig) -> None:
    from licet.portal import documents

    made = holder("ada")
    publish(release, LOOSER)
    ada = client("ada@example.org")
    assert "Take the terms in force" in ada.get("/my/tier").content.decode()
    assert ada.post("/changes/take").status_code == 302
    now = documents.newest("sana")
    assert now and made.held.get(ended_s=None).document == now.sha256
    assert ada.post("/changes/take").status_code == 404
    assert "Take the terms in force" not in ada.get("/my/tier").content.decode()


def test_a_dearer_tier_is_bought_and_not_taken(release: Path, portal: PortalConfig, hands: Hands) -> None:
    holder("bea", "premium")
    publish(release, LICET.replace(b"9.00 EUR", b"19.00 EUR"), at_once="costs")
    bea = client("bea@example.org")
    assert bea.post("/changes/take").status_code == 404
