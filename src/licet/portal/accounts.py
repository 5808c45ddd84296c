"""Who is there? Accounts made, found, suspended and deleted. Each function is one transaction and writes its event."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from licet.errors import LicetError
from licet.portal import audit, clock, events, mailbox, postponed, readmodel, tiers
from licet.portal.config import current
from licet.portal.events import By
from licet.portal.models import Acceptance, Account, CredentialRow, GrantRow, Held, Holder, Key, Request
from licet.portal.models.account import hides
from licet.release.reader.spelling import harmless


def find(who: str) -> Holder:
    """The holder of an e-mail address or of a `hol_…` id. LicetError for nobody."""
    found = Holder.objects.filter(pk=who).first() if who.startswith("hol_") else None
    if found is None and (account := Account.objects.by_email(who)):
        found = account.holder
    if found is None:
        raise LicetError(f"there is no account `{who}`", mend="`licet account list` names them")
    return found


@transaction.atomic
def create(email: str, password: str | None, by: By, *, operator: bool = False) -> Holder:
    """A new account whose address counts as confirmed, with the first tier of each release. LicetError if it is taken.

    Without a password its owner sets one through "forgotten password".
    """
    from allauth.account.models import EmailAddress

    address = email.strip().lower()
    try:
        validate_email(address)
        good = not hides(address)
    except ValidationError:
        good = False
    if not good:
        raise LicetError(f"`{harmless(address)}` is not an e-mail address", mend="write it like ada@example.org")
    if Account.objects.by_email(address):
        raise LicetError(f"there is an account `{address}` already", mend="choose another address")
    account = Account.objects.create_user(address, password, is_operator=operator)
    EmailAddress.objects.create(user=account, email=account.email, verified=True, primary=True)
    events.record("account.made", by, account.holder, how=by.who if by.who == "command" else "operator")
    if operator:
        events.record("account.operator", by, account.holder)
    welcome(account.holder, by)
    return account.holder


@transaction.atomic
def welcome(holder: Holder, by: By) -> None:
    """The first tier of each release in which the holder has none: at the confirmed address, and at each log-in."""
    from licet.portal import documents

    if holder.deleted_s is not None:
        return
    for release in documents.releases():
        if tiers.current(holder, release) is None and (first := documents.first_tier(release)):
            tiers.give(holder, release, first[0], by, why="signed up")


@transaction.atomic
def suspend(holder: Holder, why: str, by: By) -> None:
    """Every call of the holder is refused from the next one on, and says so. The account may still log in and read
    why.
    """
    if holder.suspended_s is not None:
        return
    holder.suspended_s, holder.suspended_why = clock.now_s(), why.strip()[:500]
    holder.save(update_fields=["suspended_s", "suspended_why"])
    events.record("account.suspended", by, holder, before="good", after="suspended", why=holder.suspended_why)
    readmodel.restate(holder)
    _restate_memberships(holder)


@transaction.atomic
def unsuspend(holder: Holder, by: By) -> None:
    """Exactly what the holder had before is in force again."""
    if holder.suspended_s is None:
        return
    holder.suspended_s, holder.suspended_why = None, ""
    holder.save(update_fields=["suspended_s", "suspended_why"])
    events.record("account.unsuspended", by, holder, before="suspended", after="good")
    readmodel.restate(holder)
    _restate_memberships(holder)


@transaction.atomic
def delete(holder: Holder, by: By) -> None:
    """The account is gone and its keys end at once. Its holder stays as a tombstone, so the ledger's sums keep a name.

    What a person wrote or was called goes too: address, keys' names, reasons, addresses and words in events (the
    chain stays whole: `chain.py`). Acceptances stay, by the holder's id alone: they are promises about a text, and
    evidence for both sides.
    """
    if holder.deleted_s is not None:
        return
    from licet.portal.outgoing import endpoints

    _leaves_organizations(holder, by)
    now = clock.now_s()
    ended = list(CredentialRow.objects.filter(holder_id=holder.pk))
    CredentialRow.objects.filter(holder_id=holder.pk).update(narrow={})  # the networks in it may be a person's
    CredentialRow.objects.filter(holder_id=holder.pk, revoked_s=None).update(revoked_s=now)
    Key.objects.filter(holder=holder, revoked_s=None).update(revoked_s=now)
    Key.objects.filter(holder=holder).update(name="(deleted)", networks=None)
    Request.objects.filter(holder=holder, state=Request.State.PENDING).update(
        state=Request.State.WITHDRAWN, answered_s=now
    )
    Request.objects.filter(holder=holder).update(reason="(deleted)", words="(deleted)")
    holder.held.filter(ended_s=None).update(ended_s=now)
    GrantRow.objects.filter(holder=holder).update(reason="(deleted)")
    Held.objects.filter(holder=holder).update(why="")
    Acceptance.objects.filter(holder=holder).update(
        address="", agent="", authority="", answers={}, words="", receipt="", receipt_signature=""
    )
    endpoints.gone(holder, By(by.who))
    audit.erase(holder)
    events.record("account.deleted", By(by.who), holder)
    account, holder.account, holder.deleted_s = holder.account, None, now
    holder.suspended_why = ""
    holder.save()
    readmodel.restate(holder)
    readmodel.credentials_changed(ended)
    if account is not None:
        _end_sessions(account)
        account.delete()
        transaction.on_commit(partial(mailbox.forget, current().mail_dir, account.email))
        transaction.on_commit(partial(postponed.forget, current().mail_dir, account.email))


def _leaves_organizations(holder: Holder, by: By) -> None:
    """LicetError where it is the last owner of one."""
    from licet.portal.organizations import people

    people.gone(holder, by)


def _restate_memberships(holder: Holder) -> None:
    from licet.portal.organizations import people

    people.restate(holder)


@transaction.atomic
def sign_out(holder: Holder, by: By, why: str = "") -> None:
    """Every browser of the account is signed out from its next page on; keys go on. LicetError where there is no account."""
    if holder.account is None:
        raise LicetError("nobody signs in as that", where=holder.pk, mend="name an account")
    _end_sessions(holder.account)
    events.record("account.signed_out", by, holder, why=why.strip()[:500])


def _end_sessions(account: Account) -> None:
    from allauth.usersessions.models import UserSession

    for session in UserSession.objects.filter(user=account):
        session.end()
