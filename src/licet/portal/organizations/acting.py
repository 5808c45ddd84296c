"""Who acts for an organization, and may they? One question, asked of the role's terms; a no carries its verdict."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from licet.access import role as roles
from licet.access.role import ACTS, Role
from licet.errors import LicetError
from licet.portal.events import By
from licet.portal.models import Key
from licet.portal.organizations.models import KeyOf, Membership, Organization
from licet.portal.sso import rules
from licet.terms import Answer, Terms, Verdict
from licet.terms.plain import say


class Refused(LicetError):
    """An act that the role does not allow. `verdict` says why, with its cites."""

    def __init__(self, act: str, verdict: Verdict) -> None:
        super().__init__(say(verdict, action=act).detail)
        self.act, self.verdict = act, verdict


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts, as a member; `membership_id` None is an operator, at a shell or in the console."""

    by: By
    organization: Organization
    membership_id: str | None

    def terms(self) -> Terms:
        """What the actor may now: read anew, so that a role that was taken away a moment ago is gone."""
        if self.membership_id is None:
            return roles.terms(Role("operator", str(self.organization), frozenset(ACTS)))
        return roles.terms(role_of(self.membership(), self.by.signed))

    def membership(self) -> Membership:
        """The actor's own row. LicetError for somebody who is no longer a member."""
        found = (
            Membership.objects.filter(pk=self.membership_id, organization=self.organization, ended_s=None)
            .select_related("role", "organization__sign_in", "person")
            .first()
        )
        if found is None:
            raise LicetError("you are not a member (any more)")
        return found

    def need(self, *acts: str) -> None:
        """Refused unless the actor may do each of these acts, now."""
        terms = self.terms()
        for act in acts:
            verdict = roles.asked(terms, act)
            if verdict.answer is not Answer.YES:
                raise Refused(act, verdict)

    def need_over(self, *acts: Iterable[str]) -> None:
        """Refused unless the actor has every one of these acts himself: nobody gives, takes or outranks beyond them."""
        self.need(*sorted({act for some in acts for act in some}))


def operator(organization: Organization, by: By) -> Actor:
    if not by.operator:
        raise LicetError("only an operator acts from outside", mend="join the organization")
    return Actor(by, organization, None)


def member(membership: Membership, by: By) -> Actor:
    return Actor(by, membership.organization, membership.pk)


def role_of(membership: Membership, signed: frozenset[str] | None = None) -> Role:
    """The role as `access` knows it; `signed` as in `By`: without a session what the account has done counts."""
    person, row = membership.person, membership.role
    stopped = person is not None and person.suspended_s is not None
    asked = rules.asked_of(membership, signed)
    acts = frozenset(row.acts)
    return Role(row.name, membership.organization.name, acts, stopped, asked.lacks, asked.until_s)


def told_of(key: Key) -> dict[str, Any] | None:
    """The role in which a key calls, for the gate's read model; None for a key that is a person's own."""
    found = KeyOf.objects.filter(key_id=key.pk).select_related(
        "membership__role", "membership__organization__sign_in", "membership__person"
    ).first()  # fmt: skip
    if found is None:
        return None
    role = role_of(found.membership)
    told = {"name": role.name, "of": role.of, "acts": sorted(role.acts), "suspended": role.suspended}
    if role.lacks:
        told["lacks"] = sorted(role.lacks)
    return told if role.until_s is None else {**told, "until_s": role.until_s}
