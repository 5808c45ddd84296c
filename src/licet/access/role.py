"""What may somebody do for an organization? A role: a set of acts, each a `verb:resource` of one closed list, as Terms.

The same terms answer a page ("may I `manage:members` here?") and, lent to a feature by `release/policy.py`, the gate. A
role is a gatekeeper: it opens nothing by itself; what an organization may is its tier's and its grants' to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from licet.release.policy import CALLS, FETCHES
from licet.terms import CLOCK, Ask, Clause, Fact, Says, Terms, Verdict, may

OWNS, SETS_SIGN_IN = "own:organization", "manage:sign-in"
LATE_S = 1 << 62

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
    SETS_SIGN_IN: "set how members sign in: single sign-on, domains, second factors",
    OWNS: "hand the organization over, or delete it",
}
"""The closed vocabulary: an act and what it opens. Whoever asks for another act is answered no."""


@dataclass(frozen=True, slots=True)
class Role:
    """A role as somebody has it: `of` is the organization's name, `suspended` whether the person's account is.

    `lacks` are the codes of what the organization asks of its members and this one has not done; `until_s` is when his
    last sign-in through the organization counts no more for his keys (None: never).
    """

    name: str
    of: str
    acts: frozenset[str]
    suspended: bool = False
    lacks: frozenset[str] = frozenset()
    until_s: int | None = None


def terms(role: Role) -> Terms:
    """What the role says: *can* each of its acts, *cannot* the others, and nothing at all while suspended."""
    cite = f"role: {role.name} of {role.of}"
    has, lacks = role.acts & ACTS.keys(), ACTS.keys() - role.acts
    clauses = [Clause(Says.CAN, frozenset(has), code="role_forbids", cite=cite)] if has else []
    if lacks:
        clauses.append(Clause(Says.CANNOT, frozenset(lacks), code="role_forbids", cite=cite))
    if role.suspended:
        clauses.append(Clause(Says.CANNOT, code="suspended", cite="account: suspended by the operator"))
    # Whoever sets how members sign in is never locked out from setting it otherwise: that page asks for his password.
    acting, asks = frozenset(ACTS) - {SETS_SIGN_IN}, f"sign-in to {role.of}"
    clauses += [Clause(Says.CANNOT, acting, code=code, cite=asks) for code in sorted(role.lacks)]
    if role.until_s is not None:
        late = (Fact(CLOCK, ">", role.until_s - 1),)
        clauses.append(Clause(Says.CANNOT, acting, when=late, code="sign_on_required", cite=asks))
    return Terms("role", tuple(clauses))


def asked(role: Terms, act: str, now_s: int = LATE_S) -> Verdict:
    """May whoever has this role do this act? Never DEPENDS: a role knows no fact but the clock.

    Without a moment whatever ends has ended: to forget the clock lets nobody in.
    """
    return may(role, Ask(act, "", frozenset(), {CLOCK: now_s}))


def unknown(acts: Iterable[str]) -> list[str]:
    """Those that are not in the vocabulary, sorted."""
    return sorted(set(acts) - ACTS.keys())


__all__ = ["ACTS", "CALLS", "FETCHES", "OWNS", "SETS_SIGN_IN", "Role", "asked", "terms", "unknown"]
