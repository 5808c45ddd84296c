"""What use past a quota costs is said before anybody buys, and what a call weighs is said as the gate weighs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from licet.ledger.ports import Call, Take
from licet.ledger.sqlite import SqliteLedger
from licet.portal.config import PortalConfig

TERMS = b"""
[release]
name = "sana"
version = "1.0.0"
licensor = "Example Lab"
contact = "licenses@example.org"
currency = "EUR"

[[component]]
name = "code"
kind = "code"
path = "src/"
license = "MIT"

[[feature]]
name = "model"
call = "demo.features:model"
serves = ["code"]
cost = 10

[[tier]]
name = "hard"
features = ["*"]
quota = ["100 units / month"]

[[tier]]
name = "soft"
features = ["*"]
quota = ["100 units / month"]
overage = ["0.20 EUR / 10 units"]
price = "9.00 EUR / month"
"""


@pytest.fixture
def ada(portal: PortalConfig, tmp_path: Path) -> Iterator[Any]:
    from django.test import override_settings

    from licet.portal import accounts, documents, events

    documents.publish(TERMS, events.COMMAND, folder=tmp_path)
    with override_settings(LICET=replace(portal, payments="sandbox")):
        yield accounts.create("ada@example.org", None, events.COMMAND)
    for suffix in ("", "-wal", "-shm"):
        Path(f"{portal.ledger_file}{suffix}").unlink(missing_ok=True)


def page(holder: Any, path: str) -> str:
    from django.test import Client

    client = Client(HTTP_HOST="localhost:8000")
    client.force_login(holder.account, backend="licet.portal.adapter.ByEmail")
    answer = client.get(path)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.mark.parametrize("path", ["/my/buy?tier=soft", "/my/tier", "/my/payments", "/"])
def test_every_page_that_offers_a_tier_says_what_is_billed_past_its_quota(ada: Any, path: str) -> None:
    assert "0.20 EUR / 10 units" in page(ada, path)


@pytest.mark.parametrize("used, may", [(90, True), (91, False), (95, False)])
def test_my_tier_weighs_a_call_as_the_gate_does(
    ada: Any, portal: PortalConfig, hands: Any, used: int, may: bool
) -> None:
    from licet.access import quota
    from licet.portal import tiers

    held = tiers.current(ada, "sana")
    assert held is not None
    month = quota.window("month", hands.at_s, held.anchor_s)
    ledger = SqliteLedger(portal.ledger_file, process_id="test")
    take = Take(ada.pk, "sana", "units/month", month.start_s, month.end_s, used, None)
    ledger.hold(Call("call_heavy", ada.pk, "sana", "model", "key_1", hands.at_s, "{}"), [take], hands.at_s, 60)
    ledger.settle("call_heavy", None, hands.at_s)
    ledger.close()
    assert ("Access granted" in page(ada, "/my/tier")) is may
