"""account AND role AND the key's scopes AND (the organization's tier OR any of its grants): at a real gate, next call."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.gate.gate_world import Answer, ask
from tests.portal.conftest import LICET
from tests.portal.organizations.conftest import Lab

from licet.gate.app import Gate
from licet.gate.config import GateConfig
from licet.ledger.sqlite import SqliteLedger
from licet.ledger.turn import Turns
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

CALLABLE = LICET.replace(b"demo.features:basic", b"whales:count").replace(b"demo.features:advanced", b"whales:count")


class Running:
    """A gate in a loop that stands still between calls: Django is asked in between, in this very thread."""

    def __init__(self, made: Gate, runner: asyncio.Runner) -> None:
        self.made, self.runner = made, runner

    def answer(self, made: Any, feature: str = "basic") -> Answer:
        return self.runner.run(ask(self.made, "POST", f"/v1/features/{feature}", {"data": [1, 2]}, key=made.secret))

    def call(self, made: Any, feature: str = "basic") -> tuple[int, str]:
        answer = self.answer(made, feature)
        return answer.status, "" if answer.status == 200 else answer.code


@pytest.fixture
def gate(portal: PortalConfig, tmp_path: Path) -> Iterator[Running]:
    from licet.portal import documents, events

    (tmp_path / "whales.py").write_text(
        "async def count(data: list[int]) -> dict[str, int]:\n    return {'n': len(data)}\n"
    )
    documents.publish(CALLABLE, events.COMMAND)
    directory, ledger = SqliteDirectory(portal.portal_file), SqliteLedger(tmp_path / "ledger.sqlite3", process_id="g")
    with asyncio.Runner() as runner:
        made = Gate(
            directory, Turns(ledger), ["sana"], clock=time.time_ns, dice=secrets.token_bytes,
            config=GateConfig(url_key=b"k" * 32, url="http://licet.test", folder=tmp_path),
        )  # fmt: skip
        runner.run(made.start())
        yield Running(made, runner)
        runner.run(made.stop())
    ledger.close()
    directory.close()


@pytest.fixture
def lab(gate: Running) -> Lab:
    return Lab()


def test_whatever_is_taken_from_a_member_is_refused_at_the_next_call(gate: Running, lab: Lab) -> None:
    from licet.portal import accounts, events, grants, tiers
    from licet.portal.organizations import people, roles

    lab.joins("bob", "Member")
    key = lab.key("bob")
    role = roles.make(lab.actor(), "Caller", ["call:features", "make:keys", "read:tier"])
    assert gate.call(key) == (200, "")

    steps: list[tuple[Any, tuple[int, str]]] = [
        # the role
        (lambda: people.change_role(lab.actor(), lab.row("bob"), lab.role("Viewer")), (403, "role_forbids")),
        (lambda: people.change_role(lab.actor(), lab.row("bob"), role), (200, "")),
        (lambda: roles.change(lab.actor(), role, "Caller", ["make:keys"]), (403, "role_forbids")),
        (lambda: roles.change(lab.actor(), role, "Caller", ["make:keys", "call:features"]), (200, "")),
        # the person's account, and the organization
        (lambda: accounts.suspend(lab.person("bob"), "odd", events.COMMAND), (403, "suspended")),
        (lambda: accounts.unsuspend(lab.person("bob"), events.COMMAND), (200, "")),
        (lambda: accounts.suspend(lab.made.holder, "unpaid", events.COMMAND), (403, "suspended")),
        (lambda: accounts.unsuspend(lab.made.holder, events.COMMAND), (200, "")),
        # the membership
        (lambda: people.remove(lab.actor(), lab.row("bob")), (401, "key_revoked")),
    ]
    for act, then in steps:
        act()
        assert gate.call(key) == then

    # the organization's tier, or a grant of it; and what another member's role keeps shut no grant opens
    lab.joins("cyd", "Caller")
    adas, cyds = lab.key("ada"), lab.key("cyd")
    assert gate.call(adas, "advanced") == (403, "feature_not_in_tier")
    row = grants.grant(lab.made.holder, "sana", ["advanced"], events.COMMAND, reason="a talk")
    assert gate.call(adas, "advanced") == (200, "")
    assert gate.call(cyds, "advanced") == (200, "")
    roles.change(lab.actor(), role, "Caller", ["make:keys"])
    assert gate.call(cyds, "advanced") == (403, "role_forbids")
    grants.revoke(row, events.COMMAND)
    assert gate.call(adas, "advanced") == (403, "feature_not_in_tier")
    tiers.give(lab.made.holder, "sana", "premium", events.COMMAND)
    assert gate.call(adas, "advanced") == (200, "")


def test_a_refusal_by_the_role_says_so_and_offers_nothing_that_would_not_help(gate: Running, lab: Lab) -> None:
    from licet.portal.organizations import people

    lab.joins("bob", "Member")
    key = lab.key("bob")
    people.change_role(lab.actor(), lab.row("bob"), lab.role("Viewer"))
    for feature in ("basic", "advanced"):  # the second is in a tier that the organization could move to
        answer = gate.answer(key, feature)
        assert (answer.status, answer.code) == (403, "role_forbids")
        assert "role: Viewer of Whale Lab" in {one["cite"] for one in answer.json["because"]}
        assert not answer.json.get("would_allow")


def test_a_key_is_never_more_than_its_owner_whatever_it_was_made_with(gate: Running, lab: Lab) -> None:
    from licet.portal.organizations import roles

    roles.make(lab.actor(), "Maker", ["make:keys"])
    lab.joins("bob", "Maker")
    assert gate.call(lab.key("bob", features=["basic", "advanced"])) == (403, "role_forbids")


def test_organization_and_person_are_counted_apart(gate: Running, lab: Lab) -> None:
    from licet.portal import events, keys

    mine = keys.make(lab.ada, "mine", events.COMMAND, declared={"commercial": False})
    ours = lab.key("ada")
    for _ in range(10):
        assert gate.call(ours) == (200, "")
    assert gate.call(ours) == (429, "quota_exhausted")
    assert gate.call(mine) == (200, "")


def test_a_service_account_calls_on_when_its_maker_has_left(gate: Running, lab: Lab) -> None:
    from licet.portal.organizations import member_keys, people, service_accounts

    lab.joins("bob", "Admin")
    row = service_accounts.make(lab.actor("bob"), "nightly", lab.role("Member"))
    made = member_keys.make(lab.actor("bob"), row, "pipeline", declared={"commercial": False})
    people.leave(lab.row("bob"), lab.by(lab.person("bob")))
    assert gate.call(made) == (200, "")
    people.remove(lab.actor(), row)
    assert gate.call(made) == (401, "key_revoked")
