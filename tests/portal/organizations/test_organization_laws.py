"""Whatever members do in whatever order: somebody owns it, seats hold, nobody gets what its giver lacks, the gate knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

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
from tests.portal.organizations.conftest import Lab

from licet.access.role import ACTS, OWNS
from licet.errors import LicetError
from licet.portal.config import PortalConfig
from licet.portal.directory import SqliteDirectory

SEATS = {"free": 2, "premium": 3, "vip": 99}  # the last says nothing of seats
SEATED = LICET.replace(b'name = "free"\n', b'name = "free"\nseats = 2\n').replace(
    b'name = "premium"\n', b'name = "premium"\nseats = 3\n'
)
NAMES = ["ada", "bob", "cyd", "dan", "eve"]
WHO = st.sampled_from(NAMES[:4])
GUESTS = st.sampled_from(["dan", "eve", "dan", "eve", "bob", "cyd"])
ROLES = st.sampled_from(["Owner", "Admin", "Billing", "Member", "Viewer", "Custom"])
SOME = st.sets(st.sampled_from(sorted(ACTS)), min_size=1, max_size=4)


class Members(RuleBasedStateMachine):
    config: PortalConfig
    hands: Hands

    @initialize()
    def begin(self) -> None:
        from django.db import connection

        from licet.portal import documents, events

        connection.close()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.config.portal_file}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.config.data / "empty.sqlite3", self.config.portal_file)
        documents.publish(SEATED, events.COMMAND)
        self.lab = Lab()
        self.people = {name: self.lab.person(name) for name in NAMES}
        self.directory = SqliteDirectory(self.config.portal_file, clock=lambda: self.hands.at_s)
        self.keys: list[Any] = []
        self.sent: list[tuple[str, str]] = []
        # From the middle of a life: an owner, two who may much but not all, and their keys.
        from licet.portal import tiers
        from licet.portal.organizations import roles

        tiers.give(self.lab.made.holder, "sana", "premium", events.COMMAND)
        roles.make(self.lab.actor(), "Custom", ["manage:members", "manage:roles", "make:keys", "call:features"])
        self.lab.joins("bob", "Admin")
        self.lab.joins("cyd", "Custom")
        self.keys = [(name, self.lab.key(name)) for name in ("ada", "bob", "cyd")]

    def teardown(self) -> None:
        if hasattr(self, "directory"):
            self.directory.close()

    # --- what is looked at

    def acts(self) -> dict[str, frozenset[str]]:
        living = self.lab.made.memberships.filter(ended_s=None).select_related("role")
        return {row.pk: frozenset(row.role.acts) for row in living}

    def verdicts(self, without: str = "") -> dict[str, Any]:
        """What the gate reads of everybody, and of every key but those of one person."""
        told: dict[str, Any] = {name: self.directory.standing(one.pk, "sana") for name, one in self.people.items()}
        told["lab"] = self.directory.standing(self.lab.made.pk, "sana")
        told |= {k.key.pk: self.directory.credential(k.secret.digest) for who, k in self.keys if who != without}
        return told

    def does(self, name: str, act: Callable[[Any], object]) -> None:
        """Somebody tries. Whatever came of it, nobody got an act that he who did it had not."""
        before = self.acts()
        row = self.lab.made.memberships.filter(person=self.people[name], ended_s=None).first()
        try:
            act(self.lab.actor(name) if row else None)
        except (LicetError, self.missing):
            assert self.acts() == before, "what was refused changed something"
            return
        mine = before[row.pk] if row else frozenset()
        for who, has in self.acts().items():
            assert has - before.get(who, frozenset()) <= mine, (name, has)

    @property
    def missing(self) -> type[Exception]:
        from django.core.exceptions import ObjectDoesNotExist

        return ObjectDoesNotExist

    # --- what they do

    @rule(by=WHO, who=GUESTS, role=ROLES)
    def somebody_is_invited(self, by: str, who: str, role: str) -> None:
        from licet.portal.organizations import invitations

        def act(actor: Any) -> None:
            if actor is not None:
                sent = invitations.invite(actor, f"{who}@example.org", self.lab.role(role))
                self.sent.append((who, sent.link.reveal().rpartition("/")[2]))

        self.does(by, act)

    @precondition(lambda self: hasattr(self, "sent") and self.sent)
    @rule(back=st.integers(1, 3))
    def an_invitation_is_accepted(self, back: int) -> None:
        from licet.portal.organizations import invitations, seats
        from licet.portal.tiers import current

        who, word = self.sent[-min(back, len(self.sent))]
        before, count = self.acts(), seats.taken(self.lab.made)
        found, person = invitations.good(word), self.people[who]
        try:
            row = invitations.accept(word, person.account, self.lab.by(person))
        except LicetError:
            assert self.acts() == before
            return
        assert found is not None and found.invited_by is not None
        assert frozenset(row.role.acts) <= before[found.invited_by_id], "whoever invited could not act in this role now"
        assert count < SEATS[current(self.lab.made.holder, "sana").tier]
        assert invitations.good(word) is None, "it worked, and would work again"

    @rule(by=WHO, who=WHO, role=ROLES)
    def a_role_is_given(self, by: str, who: str, role: str) -> None:
        from licet.portal.organizations import people

        self.does(by, lambda actor: actor and people.change_role(actor, self.lab.row(who), self.lab.role(role)))

    @rule(by=WHO, who=WHO)
    def a_member_is_removed(self, by: str, who: str) -> None:
        from licet.portal.organizations import people

        self.does(by, lambda actor: actor and people.remove(actor, self.lab.row(who)))

    @rule(who=WHO)
    def a_member_leaves(self, who: str) -> None:
        from licet.portal.organizations import people

        self.does(who, lambda _: people.leave(self.lab.row(who), self.lab.by(self.people[who])))

    @rule(by=WHO, who=WHO)
    def it_is_handed_over(self, by: str, who: str) -> None:
        from licet.portal.organizations import people

        self.does(by, lambda actor: actor and people.hand_over(actor, self.lab.row(who)))

    @rule(by=WHO, acts=SOME)
    def a_custom_role_is_made_or_changed(self, by: str, acts: set[str]) -> None:
        from licet.portal.organizations import roles

        def act(actor: Any) -> None:
            if actor is None:
                return
            mine = frozenset(actor.membership().role.acts)
            known = self.lab.made.roles.filter(removed_s=None).first()
            made = roles.change(actor, known, "Custom", acts) if known else roles.make(actor, "Custom", acts)
            assert frozenset(made.acts) <= mine

        self.does(by, act)

    @rule(who=WHO)
    def a_key_is_made(self, who: str) -> None:
        try:
            self.keys.append((who, self.lab.key(who)))
        except (LicetError, self.missing):
            return

    @rule(who=WHO)
    def a_suspension_comes_and_goes(self, who: str) -> None:
        from licet.portal import accounts, events

        before = self.verdicts()
        accounts.suspend(self.people[who], "odd", events.COMMAND)
        accounts.unsuspend(self.people[who], events.COMMAND)
        assert self.verdicts() == before

    @rule(tier=st.sampled_from(sorted(SEATS)))
    def the_operator_gives_a_tier(self, tier: str) -> None:
        from licet.portal import events, tiers

        tiers.give(self.lab.made.holder, "sana", tier, events.COMMAND)

    @rule(role=st.sampled_from(["Admin", "Member", "Viewer"]))
    def a_membership_comes_and_goes(self, role: str) -> None:
        """Taken away, it leaves exactly the verdict from before it: for the person, for the organization, for others."""
        from licet.portal import events, tiers
        from licet.portal.organizations import owned, people
        from licet.portal.organizations.acting import member

        owner = owned.owners(self.lab.made).select_related("organization", "person").first()
        name = next(n for n, one in self.people.items() if one.pk == owner.person_id)
        guest = self.lab.person("gus")
        tiers.give(self.lab.made.holder, "sana", "vip", events.COMMAND)
        before = (self.verdicts(), self.directory.standing(guest.pk, "sana"))
        row = self.lab.joins("gus", role, by=name)
        people.remove(member(owner, self.lab.by(owner.person)), row)
        assert (self.verdicts(), self.directory.standing(guest.pk, "sana")) == before

    # --- what always holds

    @precondition(lambda self: hasattr(self, "lab"))
    @invariant()
    def somebody_owns_it(self) -> None:
        people = self.lab.made.memberships.filter(ended_s=None, person__isnull=False).select_related("role")
        assert any(OWNS in row.role.acts for row in people)

    @precondition(lambda self: hasattr(self, "lab"))
    @invariant()
    def the_gate_reads_the_role_that_is_had_and_no_key_of_a_member_gone_works(self) -> None:
        from licet.access.role import terms
        from licet.portal.organizations.acting import role_of
        from licet.portal.organizations.models import Membership

        for _, made in self.keys:
            read = self.directory.credential(made.secret.digest)
            row = Membership.objects.select_related("role", "organization", "person").get(keys__key=made.key)
            assert read is not None
            assert read.role == terms(role_of(row)) or row.ended_s is not None
            assert (read.revoked_s is not None) == (row.ended_s is not None)


def test_whatever_members_do_somebody_owns_it_and_nobody_gets_what_its_giver_lacks(
    config: PortalConfig, hands: Hands, portal: PortalConfig
) -> None:
    Members.config, Members.hands = config, hands
    run_state_machine_as_test(
        Members,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
