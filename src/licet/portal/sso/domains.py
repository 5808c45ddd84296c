"""Whose is a domain of mail addresses? Confirmed by a TXT record, by whoever reads its postmaster's mail, or by the operator.

The record is a word of the organization's and the domain's own: nobody else's record confirms it for him. A mail is a
proof of the same kind, to one of the few names that a domain keeps for whoever runs it: nobody gets `postmaster@` of a
domain that is not his; it serves where the server is in a closed network and no name server answers it.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable
from functools import partial

from django.core.cache import cache
from django.db import IntegrityError, transaction

from licet.access.key import base62, digest
from licet.access.role import SETS_SIGN_IN
from licet.errors import LicetError
from licet.portal import clock, config, data_folder, events, mail
from licet.portal.events import By
from licet.portal.models.account import fold
from licet.portal.organizations.acting import Actor
from licet.portal.sso import txt
from licet.portal.sso.models import Connection, Domain

MAILBOXES = ("postmaster", "hostmaster", "admin", "administrator", "webmaster")
BY_RECORD, LABEL, SAYS = "dns", "_licet", "licet-domain="
LASTS_S, MOST, A_DAY, LOOKS_AN_HOUR = 3 * 24 * 3600, 20, 10, 30
_NAME = re.compile(r"(?=.{4,253}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]\Z")


def spelt(text: str) -> str:
    """A domain as it is compared: in ASCII, in lower case. LicetError for what is none."""
    try:
        name = fold(text).rstrip(".").encode("idna").decode()
    except UnicodeError:
        name = ""
    if not _NAME.match(name):
        raise LicetError(f"`{text[:80]}` is not a domain", mend="write it like example.org")
    return name


def of(email: str) -> str:
    """The domain of an address, as it is compared; "" for no address."""
    local, at, domain = fold(email).rpartition("@")
    try:
        return spelt(domain) if at and local else ""
    except LicetError:
        return ""


def connection_for(email: str) -> Connection | None:
    """The living connection of the organization that the address's domain was confirmed for."""
    found = Connection.objects.filter(
        removed_s=None, organization__holder__deleted_s=None, organization__domains__name=of(email),
        organization__domains__verified_s__isnull=False,
    )  # fmt: skip
    return found.select_related("organization__sign_in").first()


def covers(connection: Connection, email: str) -> bool:
    name = of(email)
    return bool(name) and connection.organization.domains.filter(name=name, verified_s__isnull=False).exists()


@transaction.atomic
def ask(actor: Actor, text: str, mailbox: str) -> Domain:
    """A mail with a link goes to `mailbox` of the domain; whoever follows it confirms. LicetError says what is wrong.

    `BY_RECORD` in its place sends nothing: the record of `record` is looked for, when `look` is called.
    """
    actor.need(SETS_SIGN_IN)
    made, now, name = actor.organization, clock.now_s(), spelt(text)
    if mailbox != BY_RECORD and mailbox not in MAILBOXES:
        raise LicetError("the mail goes to a name that each domain keeps", mend="one of " + ", ".join(MAILBOXES))
    row = Domain.objects.filter(organization=made, name=name).first()
    if row is not None and row.verified_s is not None:
        raise LicetError(f"{name} is confirmed already")
    if row is None and Domain.objects.filter(organization=made).count() >= MOST:
        raise LicetError(f"there are {MOST} domains already", mend="take one out that is not used")
    sent = made.holder.events.filter(what="domain.asked", at_s__gt=now - 24 * 3600).count()
    if sent >= A_DAY:
        raise LicetError(f"{A_DAY} domains were asked about within a day", mend="go on tomorrow")
    if mailbox == BY_RECORD:
        row = row or Domain.objects.create(organization=made, name=name, made_s=now)
        events.record("domain.asked", actor.by, made.holder, domain=name, mailbox="")
        return row
    word = base62(int.from_bytes(clock.dice(24)), 33)
    row = row or Domain(organization=made, name=name, made_s=now)
    row.digest, row.expires_s = digest(word), now + LASTS_S
    row.save()
    events.record("domain.asked", actor.by, made.holder, domain=name, mailbox=mailbox)
    url = f"{config.current().url}/accounts/domains/{word}"
    context = {"domain": row, "organization": made, "url": url}
    transaction.on_commit(partial(mail.send, f"Is {name} yours?", "sso/domain", [f"{mailbox}@{name}"], context))
    return row


def good(word: str) -> Domain | None:
    """The domain that a word would confirm; None for one forged, used, or run out."""
    found = Domain.objects.filter(
        digest=digest(word), verified_s=None, expires_s__gt=clock.now_s(), organization__holder__deleted_s=None
    )
    return found.select_related("organization__holder").first()


@transaction.atomic
def confirm(word: str, by: By) -> Domain:
    """By whoever reads the domain's mail. LicetError for a word that does not work, or a domain that is another's."""
    row = good(word)
    if row is None:
        raise LicetError("this link does not work (any more)", mend="ask for a new one")
    return _verified(row, by, "mail")


def record(row: Domain) -> tuple[str, str]:
    """The TXT record that confirms it: its name, and what it says. The same each time; it is no secret."""
    key = data_folder.secret(config.current().data, "url.key").encode()
    word = hmac.digest(key, f"domain {row.organization_id} {row.name}".encode(), "sha256")
    return f"{LABEL}.{row.name}", SAYS + base62(int.from_bytes(word[:20]), 27)


def look(actor: Actor, row: Domain, texts: Callable[[str], frozenset[str]] = txt.texts) -> Domain:
    """Is the record there? Then the domain is confirmed. LicetError where it is not, or is another's.

    Asked outside of any transaction: a slow name server holds up nobody. `texts` gives the TXT records of a name.
    """
    actor.need(SETS_SIGN_IN)
    if row.organization_id != actor.organization.pk:
        raise LicetError("this is not a domain of the organization")
    if row.verified_s is not None:
        raise LicetError(f"{row.name} is confirmed already")
    hour = f"looked:{row.organization_id}:{clock.now_s() // 3600}"
    cache.add(hour, 0, 3600)
    if cache.incr(hour) > LOOKS_AN_HOUR:
        raise LicetError(f"it was looked for {LOOKS_AN_HOUR} times within an hour", mend="go on later")
    name, says = record(row)
    if says not in texts(name):
        raise LicetError(
            f"there is no such TXT record at {name}", mend="new records may take an hour to be seen everywhere"
        )
    with transaction.atomic():
        return _verified(Domain.objects.select_related("organization__holder").get(pk=row.pk), actor.by, BY_RECORD)


@transaction.atomic
def vouch(row: Domain, by: By) -> Domain:
    """By an operator, who knows it otherwise."""
    if not by.operator:
        raise LicetError("only an operator vouches for a domain", mend="send the mail")
    return _verified(row, by, "operator")


@transaction.atomic
def remove(actor: Actor, row: Domain) -> None:
    """Addresses of the domain sign in here no more through the organization."""
    actor.need(SETS_SIGN_IN)
    if row.organization_id != actor.organization.pk:
        raise LicetError("this is not a domain of the organization")
    events.record("domain.ended", actor.by, actor.organization.holder, domain=row.name)
    row.delete()


def _verified(row: Domain, by: By, how: str) -> Domain:
    row.verified_s, row.verified_how, row.digest, row.expires_s = clock.now_s(), how, None, None
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise LicetError(f"{row.name} was confirmed for another organization", mend="ask the operator") from None
    events.record("domain.verified", by, row.organization.holder, domain=row.name, how=how)
    return row
