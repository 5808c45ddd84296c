"""What may somebody do for an organization? A role: a set of acts, each a `verb:resource` of one closed list, as Terms.

The same terms answer a page ("may I `manage:members` here?") and, lent to a feature by `release/policy.py`, the gate. A
role is a gatekeeper: it opens nothing by itself; what an organization may is its tier's and its grants' to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from licet.release.policy import CALLS, FETCHES
from licet.terms import Ask, Clause, Says, Terms, Verdict, may

OWNS = "own:organization"

ACTS: Mapping[str, str] = {
    CALLS: "call features with a key of the organization",
    FETCHES: "download components with a key of the organization",
    "make:keys": "make keys of one's own for the organization",
    "manage:keys": "see and revoke every key of the organization",
    "manage:service-accounts": "make service accounts, their keys, and end them",
    "read:usage": "see what was used",
    "read:tier": "see tiers, grants and requests",
    "manage:tier": "change the tier, or ask for one",
    "accept:licenses": "accept license texts in the organization's name",
    "read:members": "see who is a member, in which role",
    "manage:members": "invite people, change their roles, remove them",
    "manage:roles": "make, change and remove custom roles",
    "read:events": "see what happened",
    "manage:organization": "rename the organization",
    OWNS: "hand the organization over, or delete it",
}
"""The closed vocabulary: an act and what it opens. Whoever asks for another act is answered no."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role as somebody has it: `of` is the organization's name, `suspended` whether the person's account is."""

    name: str
    of: str
    acts: frozenset[str]
    suspended: bool = False


def terms(role: Role) -> Terms:
    """What the role says: *can* each of its acts, *cannot* the others, and nothing at all while suspended."""
    cite = f"role: {role.name} of {role.of}"
    has, lacks = role.acts & ACTS.keys(), ACTS.keys() - role.acts
    clauses = [Clause(Says.CAN, frozenset(has), code="role_forbids", cite=cite)] if has else []
    if lacks:
        clauses.append(Clause(Says.CANNOT, frozenset(lacks), code="role_forbids", cite=cite))
    if role.suspended:
        clauses.append(Clause(Says.CANNOT, code="suspended", cite="account: suspended by the operator"))
    return Terms("role", tuple(clauses))


def asked(role: Terms, act: str) -> Verdict:
    """May whoever has this role do this act? Never DEPENDS: a role knows no facts."""
    return may(role, Ask(act, "", frozenset(), {}))


def unknown(acts: Iterable[str]) -> list[str]:
    """Those that are not in the vocabulary, sorted."""
    return sorted(set(acts) - ACTS.keys())


__all__ = ["ACTS", "CALLS", "FETCHES", "OWNS", "Role", "asked", "terms", "unknown"]
