"""How does the first operator come to be? By a link that is printed once, works once, and for fifteen minutes."""

from __future__ import annotations

from django.db import transaction

from licet.access.key import Secret, base62, digest
from licet.errors import LicetError
from licet.portal import clock, events
from licet.portal.events import By
from licet.portal.models import Account, OperatorLink

LINK_S = 15 * 60


def any_operator() -> bool:
    return Account.objects.filter(is_operator=True, is_active=True).exists()


@transaction.atomic
def link(url: str, by: By) -> Secret:
    """An address under `url` that makes whoever is logged in and opens it an operator: `reveal()` it once."""
    word = base62(int.from_bytes(clock.dice(24)), 33)
    OperatorLink.objects.filter(expires_s__lte=clock.now_s()).delete()
    OperatorLink.objects.create(digest=digest(word), expires_s=clock.now_s() + LINK_S)
    events.record("operator.link", by)
    return Secret(f"{url.rstrip('/')}/accounts/operator/{word}/")


def good(word: str) -> bool:
    """Would this link still work?"""
    return OperatorLink.objects.filter(digest=digest(word), used_s=None, expires_s__gt=clock.now_s()).exists()


@transaction.atomic
def use(word: str, account: Account, by: By) -> None:
    """Make the account an operator. LicetError for a link that was used or has run out; both sound alike."""
    took = OperatorLink.objects.filter(digest=digest(word), used_s=None, expires_s__gt=clock.now_s()).update(
        used_s=clock.now_s(), used_by=by.who
    )
    if not took:
        raise LicetError("this link does not work (any more)", mend="`licet account operator` prints a new one")
    appoint(account, by)


@transaction.atomic
def appoint(account: Account, by: By) -> None:
    """The account may use the console from now on."""
    account.is_operator = True
    account.save(update_fields=["is_operator"])
    events.record("account.operator", by, account.holder, before="account", after="operator")
