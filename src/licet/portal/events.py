"""What is written down of every act that matters for security? One row, in the act's own transaction."""

from __future__ import annotations

from dataclasses import dataclass

from licet.portal import clock
from licet.portal.masking import looks_secret
from licet.portal.models import Event, Holder

WHAT = frozenset((
    "account.made", "account.confirmed", "account.suspended", "account.unsuspended", "account.deleted",
    "account.operator",
    "login.passed", "login.failed", "login.ended", "password.set", "password.changed", "password.reset",
    "email.changed", "factor.added", "factor.removed", "factor.reset", "factor.failed",
    "key.made", "key.rotated", "key.revoked", "key.imported",
    "tier.given", "tier.moved", "tier.requested", "tier.approved", "tier.rejected", "tier.withdrawn",
    "grant.made", "grant.revoked", "acceptance.made", "document.published", "operator.link",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a holder's id, "command" for the operator's shell, "licet" for Licet itself; and from which address."""

    who: str
    address: str = ""
    operator: bool = False


COMMAND = By("command", operator=True)
LICET = By("licet", operator=True)


def record(what: str, by: By, holder: Holder | None = None, release: str = "", **detail: object) -> Event:
    """Add a row. ValueError for an act that is not in the list, or a detail that looks like a secret: both are our
    slips.
    """
    if what not in WHAT:
        raise ValueError(f"`{what}` is not an event")
    if looks_secret(repr(detail)):
        raise ValueError(f"`{what}` was about to write a secret down")
    return Event.objects.create(
        at_s=clock.now_s(), what=what, holder=holder, by=by.who, release=release, detail=detail, address=by.address
    )
