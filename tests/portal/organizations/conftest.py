"""One organization and the people of a story."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


class Lab:
    """`ada` owns it; others join in a role."""

    def __init__(self) -> None:
        from licet.portal.organizations import founding

        self.ada = self.person("ada")
        self.made = founding.found(self.ada, "Whale Lab", self.by(self.ada))

    def person(self, name: str) -> Any:
        from licet.portal import accounts, events
        from licet.portal.models import Account

        address = f"{name}@example.org"
        known = Account.objects.by_email(address)
        return known.holder if known else accounts.create(address, "correct horse battery", events.COMMAND)

    def by(self, person: Any) -> Any:
        from licet.portal.events import By

        return By(person.pk)

    def row(self, name: str) -> Any:
        """The living membership of a person by name."""
        return self.made.memberships.get(person=self.person(name), ended_s=None)

    def actor(self, name: str = "ada") -> Any:
        from licet.portal.organizations.acting import member

        return member(self.row(name), self.by(self.person(name)))

    def role(self, word: str) -> Any:
        from licet.portal.organizations import roles

        return roles.find(self.made, word)

    def joins(self, name: str, role: str, by: str = "ada") -> Any:
        """Invited and accepted."""
        from licet.portal.organizations import invitations

        who = self.person(name)
        sent = invitations.invite(self.actor(by), who.account.email, self.role(role))
        return invitations.accept(sent.link.reveal().rpartition("/")[2], who.account, self.by(who))

    def key(self, name: str, **more: Any) -> Any:
        from licet.portal.organizations import member_keys

        more.setdefault("declared", {"commercial": False})
        return member_keys.make(self.actor(name), self.row(name), f"{name}'s key", **more)


@pytest.fixture
def lab(release: Path) -> Lab:
    return Lab()
