"""Who writes? The account that is signed in, or whoever typed the code that was mailed to an address."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.http import HttpRequest
from django.utils.translation import gettext as _

from licet.errors import LicetError
from licet.portal import clock
from licet.portal.community import limits, mails, text
from licet.portal.community.models import Answer, Code, Question, Subscription, Writer
from licet.portal.models import Account, Holder
from licet.portal.models.account import fold

SEAT = "community_writer"  # the session's key: the writer who typed a code
CODE_S = 15 * 60
TRIES = 5
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that is taken for another


def of(request: HttpRequest) -> Writer | None:
    """The writer behind a request; None for a reader. Makes the row of an account at its first need."""
    if isinstance(request.user, Account):
        return of_holder(request.user.holder)
    seat = request.session.get(SEAT)
    return Writer.objects.filter(pk=seat, deleted_s=None, holder=None).first() if seat else None


@transaction.atomic
def of_holder(holder: Holder) -> Writer:
    """The writer of an account. What was written by code from the account's confirmed address becomes its own."""
    writer = Writer.objects.filter(holder=holder).first()
    if writer is not None:
        return writer
    known = holder.account and Writer.objects.filter(email_folded=fold(holder.account.email), holder=None).first()
    if known and known.deleted_s is None and _confirmed(holder):
        known.holder, known.email, known.email_folded = holder, "", None
        known.save()
        return known
    return Writer.objects.create(holder=holder)


def _confirmed(holder: Holder) -> bool:
    from allauth.account.models import EmailAddress

    account = holder.account
    return (
        account is not None and EmailAddress.objects.filter(user=account, email=account.email, verified=True).exists()
    )


def operator(request: HttpRequest) -> bool:
    """May this person speak for the licensor?"""
    return isinstance(request.user, Account) and request.user.is_staff


@transaction.atomic
def send_code(typed: str, address: str) -> tuple[str, str]:
    """(where to mail it, the code). LicetError for what is no address, TooMany past the limits.

    A look-alike of an address that is known gets nothing: the code goes to the address that was confirmed.
    """
    email = typed.strip().lower()[:254]
    try:
        validate_email(email)
    except ValidationError as wrong:
        raise LicetError(_("this is not an e-mail address"), mend=_("write it like ada@example.org")) from wrong
    folded, place = fold(email), limits.origin(address)
    limits.check_codes(folded, place)
    known = Writer.objects.filter(email_folded=folded).first()
    to = known.email if known and known.email else email
    value = int.from_bytes(clock.dice(8))
    code = "".join(_LETTERS[value // len(_LETTERS) ** n % len(_LETTERS)] for n in range(8))
    Code.objects.filter(made_s__lt=clock.now_s() - limits.DAY_S).delete()
    Code.objects.create(email=to, email_folded=folded, digest=limits.digest(folded, code), origin=place)
    return to, f"{code[:4]}-{code[4:]}"


@transaction.atomic
def enter(typed: str, code: str) -> Writer | None:
    """The writer of the address if the code is its newest, fresh and unused; None otherwise. Five tries a code."""
    folded = fold(typed.strip().lower()[:254])
    sent = Code.objects.filter(email_folded=folded, made_s__gt=clock.now_s() - CODE_S).order_by("-id").first()
    if sent is None or sent.used_s is not None or sent.tries >= TRIES:
        return None
    if sent.digest != limits.digest(folded, code[:40]):
        sent.tries += 1
        sent.save(update_fields=["tries"])
        return None
    sent.used_s = clock.now_s()
    sent.save(update_fields=["used_s"])
    writer, _made = Writer.objects.get_or_create(email_folded=folded, defaults={"email": sent.email})
    return writer


def rename(writer: Writer, name: str, licensor: str) -> None:
    """LicetError for a name that looks like the licensor's or like a role here."""
    name = text.line(name, 40)
    taken = {text.drawn(n) for n in (licensor, "licensor", "operator", "moderator", "admin", "administrator", "licet")}
    if name and (not text.drawn(name) or any(t and t in text.drawn(name) for t in taken)):
        raise LicetError(_("this name could be taken for the licensor's"), mend=_("choose another, or none"))
    writer.name = name
    writer.save(update_fields=["name"])


@transaction.atomic
def forget_holder(holder: Holder) -> None:
    if writer := Writer.objects.filter(holder=holder, deleted_s=None).first():
        forget(writer)


@transaction.atomic
def forget(writer: Writer) -> None:
    """Name and address go, private questions lose their words, mails end. What was said in public stays, unnamed."""
    now = clock.now_s()
    mine = Question.objects.filter(writer=writer, private=True)
    Answer.objects.filter(writer=writer, question__in=mine).update(body="", withdrawn_s=now)
    mine.update(title="", body="", words="", asked="", withdrawn_s=now)
    mails.unsaid(*mine.values_list("pk", flat=True))
    mails.end(Subscription.objects.filter(writer=writer))
    mails.left(writer.email)
    if writer.email_folded:
        Code.objects.filter(email_folded=writer.email_folded).delete()
    # A blocked address stays known by its fold, so that leaving is no way back in.
    writer.name, writer.email, writer.deleted_s = "", "", now
    writer.email_folded = writer.email_folded if writer.blocked_s is not None else None
    writer.save()
