"""Whatever is done in whatever order: what the gate reads is what the tables say, and a key has one living end."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from tests.portal.conftest import LICET, Hands

from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

TIERS = st.sampled_from(["free", "vip", "premium"])


class Rights(RuleBasedStateMachine):
    """One holder; acts and the clock in any order."""

    config: PortalConfig
    hands: Hands

    @initialize()
    def begin(self) -> None:
        from django.db import connection

        from licet.portal import accounts, documents, events

        connection.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.config.portal_file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.config.data / "empty.sqlite3", self.config.portal_file)
        folder = self.config.data / "release"
        (folder / "LICENSES").mkdir(parents=True, exist_ok=True)
        (folder / "LICENSES" / "CC-BY-NC-4.0.txt").write_text("The text.\n")
        self.folder, self.published = folder, 0
        documents.publish(LICET, events.COMMAND, folder=folder)
        self.ada = accounts.create("ada@example.org", None, events.COMMAND)
        self.directory = SqliteDirectory(self.config.portal_file, clock=lambda: self.hands.at_s)
        self.followed = self.directory.last_change()

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            self.directory.close()

    def standing(self) -> Any:
        return self.directory.standing(self.ada.pk, "sana")

    @rule(by_s=st.sampled_from([1, 50, 1000]))
    def time_passes(self, by_s: int) -> None:
        self.hands.forward(by_s)

    @rule(tier=TIERS, lasts_s=st.sampled_from([None, 10, 500]))
    def a_tier_is_given(self, tier: str, lasts_s: int | None) -> None:
        from licet.portal import events, tiers

        until_s = None if lasts_s is None else self.hands.at_s + lasts_s
        tiers.give(self.ada, "sana", tier, events.COMMAND, until_s=until_s)
        assert self.standing().tier == tier

    @rule(answer=st.sampled_from(["approve", "reject", "withdraw", "leave"]))
    def a_tier_is_asked_for(self, answer: str) -> None:
        from licet.portal import events, tiers

        before = self.standing()
        try:
            asked = tiers.request(self.ada, "sana", "vip", "whales", events.COMMAND)
        except LicetError:
            assert before.tier == "vip"
            return
        if answer == "leave":
            assert self.standing().facts["approved:vip"] is False
        elif answer == "approve":
            tiers.approve(asked, events.COMMAND)
            assert self.standing().tier == "vip"
        else:
            getattr(tiers, answer)(asked, events.COMMAND)
            assert "tier:vip" not in self.standing().claims

    @rule(lasts_s=st.sampled_from([None, 30]))
    def a_grant_comes_and_goes(self, lasts_s: int | None) -> None:
        from licet.portal import events, grants

        before, until_s = self.standing(), None if lasts_s is None else self.hands.at_s + lasts_s
        row = grants.grant(self.ada, "sana", ["advanced"], events.COMMAND, reason="a talk", until_s=until_s)
        assert len(self.standing().grants) == 1
        grants.revoke(row, events.COMMAND)
        assert self.standing() == before

    @rule()
    def a_suspension_comes_and_goes(self) -> None:
        from licet.portal import accounts, events

        before = self.standing()
        accounts.suspend(self.ada, "unpaid", events.COMMAND)
        assert self.standing().claims == before.claims | {"suspended"}
        accounts.unsuspend(self.ada, events.COMMAND)
        assert self.standing() == before

    @rule()
    def the_license_is_accepted(self) -> None:
        from licet.portal import acceptances, events

        text = acceptances.text("sana", "weights", self.ada)
        assert text is not None
        acceptances.accept(self.ada, "sana", text.license, text.sha256, events.COMMAND, how="api")
        assert self.standing().facts["accepted:CC-BY-NC-4.0"] is True

    @rule(moved=st.booleans())
    def a_document_is_published(self, moved: bool) -> None:
        from licet.portal import documents, events, tiers

        self.published += 1
        body = LICET.replace(b"1.0.0", f"1.0.{self.published}".encode())
        row = documents.publish(body, events.COMMAND, folder=self.folder)
        if moved:
            tiers.move("sana", events.COMMAND)
            assert self.standing().document == row.sha256

    @precondition(lambda self: hasattr(self, "directory"))
    @invariant()
    def what_the_gate_reads_is_what_the_tables_say(self) -> None:
        from licet.portal import readmodel, tiers

        read, held = self.standing(), tiers.current(self.ada, "sana")
        assert (read.tier, read.document, read.anchor_s) == (held.tier, held.document, held.anchor_s)
        assert self.ada.held.filter(ended_s=None).count() == 1
        readmodel.rebuild()
        assert self.standing() == read


def test_what_the_gate_reads_is_what_the_tables_say(config: PortalConfig, hands: Hands, portal: PortalConfig) -> None:
    Rights.config, Rights.hands = config, hands
    run_state_machine_as_test(
        Rights,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "seen"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),  # nobody told us to believe this one
        ("10.0.0.2", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.2", "192.0.2.1, 198.51.100.7, 10.0.0.3", "198.51.100.7"),  # what stands before it can be invented
        ("10.0.0.2", "nonsense", "127.0.0.1"),
        ("10.0.0.2", "", "10.0.0.2"),
    ],
)
def test_an_address_is_believed_from_trusted_proxies_only(
    portal: PortalConfig, monkeypatch: pytest.MonkeyPatch, peer: str, forwarded: str, seen: str
) -> None:
    from dataclasses import replace
    from ipaddress import ip_network

    from django.test import RequestFactory

    from licet.portal import origin

    trusted = replace(portal, trusted_proxies=(ip_network("10.0.0.0/8"),))
    monkeypatch.setattr(origin, "current", lambda: trusted)
    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert origin.address(request) == seen
