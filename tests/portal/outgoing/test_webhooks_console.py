"""What operators and organizations see of webhooks and of use that is billed."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from tests.portal.organizations.conftest import Lab
from tests.portal.test_console import operator
from tests.portal.test_pages_of_mine import client

from licet.portal.config import PortalConfig


@pytest.fixture
def everything(release: Path) -> dict[str, Any]:
    """One row of each kind."""
    from licet.portal import accounts, events
    from licet.portal.billing.models import Cap, Invoice, MeterEvent, Told
    from licet.portal.outgoing import endpoints

    ada = accounts.create("ada@example.org", None, events.COMMAND)
    here = {"holder": ada, "release": "sana"}
    row = endpoints.make(ada, "https://hooks.example.org/<b>", events.COMMAND)
    endpoints.test(row)
    return {
        "billing/cap": Cap.objects.create(**here, nanos=10**9, currency="JPY", by="x"),
        "billing/invoice": Invoice.objects.create(**here, from_s=0, until_s=1, totals={"JPY": 900, "EUR": 5}),
        "billing/meterevent": MeterEvent.objects.create(
            **here, identifier="call_1-ab", counter="calls/month", window_s=0, call="call_1", units=1, at_s=0,
            state="refused", error="<script>",
        ),
        "billing/told": Told.objects.create(**here, about="calls/month", window_s=0, percent=80),
        "outgoing/endpoint": row,
        "outgoing/delivery": row.deliveries.get(),
    }  # fmt: skip


def test_every_list_and_row_can_be_looked_at_and_searched(everything: dict[str, Any]) -> None:
    browser = operator()
    for path, row in everything.items():
        for where in ("", "?q=ada", f"{row.pk}/change/"):
            page = browser.get(f"/admin/{path}/{where}")
            assert page.status_code == 200, (path, where)
            assert b'<script>"' not in page.content and b"org/<b>" not in page.content
    assert "900 JPY" in browser.get("/admin/billing/invoice/").content.decode()
    assert "0.05 EUR" in browser.get("/admin/billing/invoice/").content.decode()
    first = browser.get("/admin/").content.decode()
    assert "use that the provider refused" in first
    assert "webhooks failing" not in first


def test_use_that_was_refused_is_told_again_from_the_console(everything: dict[str, Any]) -> None:
    row = everything["billing/meterevent"]
    told = {"action": "again", "_selected_action": [row.pk]}
    assert operator().post("/admin/billing/meterevent/", told, follow=True).status_code == 200
    row.refresh_from_db()
    assert (row.state, row.error) == ("waits", "")


def test_an_operator_sets_up_an_endpoint_whose_secret_is_shown_once(release: Path) -> None:
    from licet.portal import clock
    from licet.portal.models import Event
    from licet.portal.outgoing import endpoints
    from licet.portal.outgoing.models import Endpoint

    browser = operator()
    form = {"url": "https://hooks.example.org/licet", "name": "ops", "types": ["key.leaked"]}
    said = browser.post("/admin/outgoing/endpoint/add/", form, follow=True).content.decode()
    (row,) = Endpoint.objects.all()
    assert (row.holder, row.types) == (None, ["key.leaked"])
    shown = re.search(r"whsec_[\w+/=]+", said)
    assert shown is not None and shown[0] == endpoints.secrets(row, clock.now_s())[0].reveal()
    assert "whsec_" not in browser.get(f"/admin/outgoing/endpoint/{row.pk}/change/").content.decode()
    assert Event.objects.filter(what="endpoint.made").count() == 1
    wrong = browser.post("/admin/outgoing/endpoint/add/", {"url": "http://hooks.example.org/"})
    assert b"does not begin with https://" in wrong.content
    assert Endpoint.objects.count() == 1


@pytest.mark.parametrize("action", ["rotate", "pause", "go_on", "send_a_test", "send_again", "remove"])
def test_the_acts_of_the_console_work_on_an_operators_endpoint(release: Path, action: str) -> None:
    from licet.portal import events
    from licet.portal.outgoing import endpoints

    row = endpoints.make(None, "https://hooks.example.org/licet", events.COMMAND)
    told = {"action": action, "_selected_action": [row.pk]}
    assert operator().post("/admin/outgoing/endpoint/", told, follow=True).status_code == 200
    row.refresh_from_db()
    wanted = {"rotate": row.secret_n == 2, "pause": bool(row.paused_s), "remove": bool(row.removed_s)}
    assert wanted.get(action, True)


def test_an_operator_never_sees_the_secret_of_somebody_elses_endpoint(everything: dict[str, Any]) -> None:
    row = everything["outgoing/endpoint"]
    told = {"action": "rotate", "_selected_action": [row.pk]}
    said = operator().post("/admin/outgoing/endpoint/", told, follow=True).content.decode()
    row.refresh_from_db()
    assert row.secret_n == 1 and "whsec_" not in said


def test_a_form_that_is_sent_twice_sets_up_one_endpoint(release: Path) -> None:
    from licet.portal.outgoing.models import Endpoint

    browser = client("ada@example.org")
    form = {"url": "https://hooks.example.org/licet", "name": "x"}
    secrets = {re.search(r"whsec_[\w+/=&#;]+", browser.post("/my/webhooks", form).content.decode())[0] for _ in "12"}  # type: ignore[index]
    assert len(secrets) == 1
    assert Endpoint.objects.count() == 1


def test_an_organizations_webhooks_cap_and_bills_are_for_those_whose_role_allows_it(release: Path) -> None:
    from licet.portal import events, tiers
    from licet.portal.billing.models import Cap
    from licet.portal.outgoing.models import Endpoint

    lab = Lab()
    lab.joins("bob", "member")
    tiers.give(lab.made.holder, "sana", "free", events.COMMAND)
    at = f"/my/organizations/{lab.made.pk}"
    ada, bob, eve = client("ada@example.org"), client("bob@example.org"), client("eve@example.org")
    assert ada.get(f"{at}/webhooks").status_code == 200
    assert b"whsec_" in ada.post(f"{at}/webhooks", {"url": "https://hooks.example.org/"}).content
    (row,) = Endpoint.objects.all()
    assert row.holder == lab.made.holder
    assert ada.get(f"{at}/webhooks/{row.pk}").status_code == 200
    assert ada.post(f"{at}/webhooks/{row.pk}/do", {"do": "pause"}).status_code == 302
    for path in ("webhooks", f"webhooks/{row.pk}"):
        assert bob.get(f"{at}/{path}").status_code == 403
        assert eve.get(f"{at}/{path}").status_code == 404
    assert ada.get(f"/my/webhooks/{row.pk}").status_code == 404  # it is the organization's, not hers
    assert bob.post(f"{at}/cap", {"release": "sana", "amount": "5"}).status_code == 403
    assert ada.post(f"{at}/cap", {"release": "sana", "amount": "5"}).status_code == 302
    assert Cap.objects.get().holder == lab.made.holder
    assert "Cap: 5.00 EUR a month" in ada.get(f"{at}/usage").content.decode()
    assert ada.get(f"{at}/invoices").status_code == 200
    assert eve.get(f"{at}/invoices").status_code == 404


def test_a_key_that_was_found_lying_about_is_told_as_leaked(release: Path, portal: PortalConfig) -> None:
    from licet.portal import accounts, events, keys
    from licet.portal.outgoing import endpoints
    from licet.portal.outgoing.models import Message

    endpoints.make(None, "https://hooks.example.org/licet", events.COMMAND)
    ada = accounts.create("ada@example.org", None, events.COMMAND)
    key = keys.make(ada, "k", events.COMMAND, declared={"commercial": False}).key
    events.record("key.leaked", events.COMMAND, ada, key=key.pk, why="found")
    told = json.loads(Message.objects.get(type="key.leaked").body)
    assert told["data"] == {"holder": ada.pk, "release": None, "key": key.pk}
