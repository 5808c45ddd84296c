"""The console's pages of questions: the gate's own answer, branch by branch, and what a change would turn."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.portal.conftest import Hands
from tests.portal.test_pages_of_mine import client, holder
from tests.programs.conftest import WITH_PROGRAMS


@pytest.fixture
def operator(release: Path) -> Any:
    from licet.portal import events, operators

    browser = client("op@example.org")
    operators.appoint(holder("op@example.org").account, events.COMMAND)
    client("ada@example.org")
    return browser


def asked(browser: Any, who: str = "ada@example.org", **more: str) -> str:
    answer = browser.get("/admin/why/", {"who": who, "release": "sana", "action": "advanced", **more})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def test_a_question_has_an_answer_with_its_places(operator: Any, hands: Hands) -> None:
    from licet.portal import events, grants

    page = asked(operator)
    assert "Feature not available in free tier" in page and "licet.toml:" in page
    assert "apply to the program Research" in page
    row = grants.grant(
        holder("ada@example.org"), "sana", ["advanced"], events.COMMAND, reason="x", until_s=hands.at_s + 9
    )
    page = asked(operator)
    assert "Access granted" in page and row.pk in page
    hands.forward(20)
    page = asked(operator)
    assert "Feature not available in free tier" in page and row.pk in page  # why not any more: the grant has ended


def test_a_key_is_asked_about_with_its_role_and_narrowing(operator: Any) -> None:
    from tests.portal.organizations.conftest import Lab

    from licet.portal import events, keys

    made = keys.make(holder("ada@example.org"), "k", events.COMMAND, features=["basic"], declared={"commercial": False})
    page = asked(operator, made.key.pk)
    assert "narrowed by its owner" in page and made.secret.reveal() not in page
    lab = Lab()
    lab.joins("bob", "Viewer")
    page = asked(operator, "Whale Lab", action="basic")
    assert "Access granted" in page


@pytest.mark.parametrize(
    ("who", "says"),
    [
        ("nobody@example.org", "no account"),
        ("key_nothing", "no key"),
        ("hol_x", "no account"),
        ("Wale Lab", "no organization"),
    ],
)
def test_nobody_is_no_question(operator: Any, who: str, says: str) -> None:
    answer = operator.get("/admin/why/", {"who": who, "release": "sana", "action": "basic"})
    assert answer.status_code == 422 and says in answer.content.decode().lower()


@pytest.mark.parametrize(
    ("change", "told", "says"),
    [
        ("tier", {"who": "ada@example.org", "release": "sana", "tier": "vip"}, "1 holder gains, 0 lose"),
        ("tier", {"who": "ada@example.org", "release": "sana", "tier": "vpi"}, "did you mean"),
        ("grant", {"who": "@example.org", "release": "sana", "action": ["advanced"]}, "2 holders gain, 0 lose"),
        ("grant", {"who": "ada@example.org", "release": "sana", "action": ["advanced"], "quota": "5 coals / day"}, "coals"),
        ("revoke", {"grant": "grant_x"}, "no grant"),
        ("document", {"toml": WITH_PROGRAMS.decode().replace("10 calls", "9 calls")}, "0 holders gain, 2 lose"),
        ("document", {"toml": WITH_PROGRAMS.decode().replace("10 calls", "9 calls"), "move": "vip"}, "Nothing turns"),
        ("document", {"toml": "[release]\nname = 3"}, "is text, not"),
        ("document", {"toml": WITH_PROGRAMS.decode().replace('"sana"', '"other"')}, "not served here"),
    ],
)  # fmt: skip
def test_what_a_change_would_turn_is_told_and_nothing_is_written(
    operator: Any, change: str, told: dict[str, Any], says: str
) -> None:
    from django.apps import apps

    def everything() -> list[Any]:
        kept = [m for m in apps.get_models() if m._meta.app_label != "sessions"]
        return [row for model in kept for row in model._default_manager.order_by("pk").values_list()]

    before = everything()
    answer = operator.post("/admin/whatif/", {"change": change, **told})
    assert says in answer.content.decode(), answer.content.decode()
    assert answer.status_code == (200 if says[0].isdigit() or says.startswith("Nothing") else 422)
    assert everything() == before


def test_every_form_stands_and_leads_from_the_first_page(operator: Any) -> None:
    from licet.portal.whatif.views import CHANGES

    first = operator.get("/admin/").content.decode()
    assert "/admin/why/" in first and "/admin/whatif/" in first
    for change in CHANGES:
        assert operator.get("/admin/whatif/", {"change": change}).status_code == 200
    assert "sana" in operator.get("/admin/whatif/").content.decode()
    assert (
        "why can she" in operator.get(f"/admin/portal/holder/{holder('ada@example.org').pk}/change/").content.decode()
    )


@pytest.mark.parametrize("path", ["/admin/why/", "/admin/whatif/"])
def test_nobody_but_operators_asks(operator: Any, path: str) -> None:
    for browser in (client(), client("ada@example.org")):
        assert browser.get(path, {"who": "op@example.org", "release": "sana", "action": "basic"}).status_code in (
            302,
            403,
        )
        assert browser.post(path, {"change": "tier"}).status_code in (302, 403, 405)
