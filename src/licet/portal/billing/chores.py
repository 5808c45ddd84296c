"""What does billing do by itself? Looks at the ledger, tells who passed a mark, writes and empties the outbox, bills."""

from __future__ import annotations

from licet.portal.billing import invoices, meters, notices


def look() -> None:
    notices.look()
    meters.gather()


def send() -> None:
    meters.send()


def issue() -> None:
    invoices.issue()
