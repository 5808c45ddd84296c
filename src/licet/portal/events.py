"""What is written down of every act that changes rights, terms or data? One row, in the act's own transaction.

Each row carries the digest of the row before it (`chain.py`), so there must be one last row at any moment. There is:
SQLite lets one transaction write at a time, and ours are IMMEDIATE: they take the write lock before they read. Of two
processes that record at once the second waits until the first has committed, and reads its row as the last.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from licet.portal import chain, clock
from licet.portal.masking import looks_secret, masked
from licet.portal.models import Event, Holder

WHAT = frozenset((
    "account.made", "account.confirmed", "account.suspended", "account.unsuspended", "account.deleted",
    "account.operator", "account.signed_out",
    "login.passed", "login.failed", "login.ended", "password.set", "password.changed", "password.reset",
    "email.changed", "factor.added", "factor.removed", "factor.reset", "factor.failed",
    "key.made", "key.rotated", "key.revoked", "key.imported",
    "tier.given", "tier.moved", "tier.requested", "tier.approved", "tier.rejected", "tier.withdrawn",
    "organization.founded", "organization.renamed", "organization.handed", "organization.deleted",
    "member.invited", "invitation.withdrawn", "member.joined", "member.made", "member.moved", "member.removed",
    "member.left", "role.made", "role.changed", "role.removed",
    "signon.rule", "signon.connected", "signon.changed", "signon.ended", "signon.linked", "signon.passed",
    "signon.refused", "signon.glass", "domain.asked", "domain.verified", "domain.ended",
    "order.made", "order.left", "subscription.begun", "subscription.changed", "subscription.ended",
    "subscription.surplus", "payment.paid", "payment.failed", "payment.refunded", "payment.disputed",
    "cap.set", "cap.removed", "quota.reached", "invoice.issued", "tier.ended", "key.leaked",
    "endpoint.made", "endpoint.changed", "endpoint.rotated", "endpoint.failing", "endpoint.works", "endpoint.removed",
    "question.settled", "post.hidden", "post.shown", "writer.blocked", "writer.unblocked",
    "certificate.issued", "certificate.revoked", "certificate.key",
    "grant.made", "grant.revoked", "grant.reminded", "application.sent", "application.back", "application.replied",
    "application.approved", "application.rejected", "application.withdrawn", "acceptance.made", "document.published",
    "operator.link",
    "notice.given", "consultation.opened", "consultation.decided",
    "account.exported", "audit.exported", "audit.trimmed", "audit.faded", "audit.erased",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class By:
    """Who acts: a holder's id, "command" for the operator's shell, "licet" for Licet itself; and from which address.

    `signed` are the connections of organizations through which this session signed in; None is no session at all.
    """

    who: str
    address: str = ""
    operator: bool = False
    signed: frozenset[str] | None = None


COMMAND = By("command", operator=True)
LICET = By("licet", operator=True)


@transaction.atomic
def record(what: str, by: By, holder: Holder | None = None, release: str = "", **detail: object) -> Event:
    """Add a row. What of `detail` is not among `chain.CHAINED` counts as personal and is erased with the holder.

    A secret that somebody pasted among his words is masked. ValueError for an act that is not in the list, or a secret
    anywhere else: both are our slips.
    """
    if what not in WHAT:
        raise ValueError(f"`{what}` is not an event")
    ours, said = chain.split(detail)
    if looks_secret(repr(ours)):
        raise ValueError(f"`{what}` was about to write a secret down")
    said = {name: masked(value) if isinstance(value, str) else value for name, value in said.items()}
    if looks_secret(repr(said)):
        raise ValueError(f"`{what}` was about to write a secret down")
    salts, sealed = chain.seals(by.address, said, clock.dice)
    last = Event.objects.order_by("-id").values_list("digest", flat=True).first()
    row = Event.objects.create(
        at_s=clock.now_s(), what=what, holder=holder, by=by.who, release=release, detail=ours, address=by.address,
        said=said, salts=salts, sealed=sealed,
    )  # fmt: skip
    row.digest = chain.link(row.row(), last or chain.FIRST)  # its number is in the digest, and SQLite gives the number
    row.save(update_fields=["digest"])
    from licet.portal.outgoing import outbox

    outbox.heard(row)  # in the same transaction: what is told to others happened, and what happened is told
    return row
