"""How does somebody come in? By a word sent to an address: it works once, for that address only, for a week.

Whoever invites learns nothing of who has an account here; whoever has the word learns nothing without the mailbox.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from licet.access.key import Secret, base62, digest
from licet.access.role import asked
from licet.errors import LicetError
from licet.portal import clock, config, events, mail
from licet.portal.events import By
from licet.portal.models import Account
from licet.portal.models.account import fold
from licet.portal.organizations import people, roles, seats
from licet.portal.organizations.acting import Actor, Refused, member
from licet.portal.organizations.models import Invitation, Membership, Role
from licet.terms import Answer

LASTS_S = 7 * 24 * 3600
A_DAY = 50  # invitations of one organization: nobody sends mass mail through us
_OVER = "this invitation does not work (any more)"


@dataclass(frozen=True, slots=True)
class Sent:
    """An invitation and its link, which the mail carries: `link.reveal()`."""

    invitation: Invitation
    link: Secret


@transaction.atomic
def invite(actor: Actor, email: str, role: Role) -> Sent:
    """A mail with a link goes out. An open invitation to the same address is withdrawn by it. Refused without a seat."""
    made, now = actor.organization, clock.now_s()
    actor.need("manage:members")
    role = roles.find(made, role.pk)
    actor.need_over(role.acts)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as wrong:
        raise LicetError(f"`{address[:80]}` is not an e-mail address", mend="write it like ada@example.org") from wrong
    folded = fold(address)
    if Membership.objects.filter(organization=made, ended_s=None, person__account__email_folded=folded).exists():
        raise LicetError(f"{address} is a member already")
    if Invitation.objects.filter(organization=made, made_s__gt=now - 24 * 3600).count() >= A_DAY:
        raise LicetError(f"{A_DAY} invitations were sent within a day", mend="go on tomorrow")
    before = Invitation.objects.filter(organization=made, email_folded=folded, accepted_s=None, withdrawn_s=None)
    before.update(withdrawn_s=now)
    verdict = seats.asked(seats.taken(made) + seats.awaited(made) + 1, seats.limits(made))
    if verdict is not None and verdict.answer is not Answer.YES:
        raise Refused(seats.TAKE, verdict)
    word = base62(int.from_bytes(clock.dice(24)), 33)
    row = Invitation.objects.create(
        organization=made, email=address, email_folded=folded, role=role, digest=digest(word),
        invited_by_id=actor.membership_id, made_s=now, expires_s=now + LASTS_S,
    )  # fmt: skip
    events.record("member.invited", actor.by, made.holder, role=role.pk, invitation=row.pk, email=address)
    link = Secret(f"{config.current().url}/my/organizations/join/{word}")
    transaction.on_commit(partial(_mail, row, link))
    return Sent(row, link)


@transaction.atomic
def withdraw(actor: Actor, invitation: Invitation) -> None:
    """The link does not work any more."""
    actor.need("manage:members")
    open_ = Invitation.objects.filter(
        pk=invitation.pk, organization=actor.organization, accepted_s=None, withdrawn_s=None
    )
    if not open_.update(withdrawn_s=clock.now_s()):
        raise LicetError("this invitation is not open any more")
    events.record("invitation.withdrawn", actor.by, actor.organization.holder, invitation=invitation.pk)


def good(word: str) -> Invitation | None:
    """The invitation of a word that still works; None for one forged, used, withdrawn, run out or overtaken."""
    found = Invitation.objects.filter(
        digest=digest(word), accepted_s=None, withdrawn_s=None, expires_s__gt=clock.now_s(),
        organization__holder__deleted_s=None, role__removed_s=None,
    ).select_related("organization__holder", "role", "invited_by__role", "invited_by__person").first()  # fmt: skip
    return found if found is not None and _still_meant(found) else None


def meant_for(invitation: Invitation, account: Account) -> bool:
    """Is the account's confirmed address the one that was invited?"""
    confirmed = EmailAddress.objects.filter(user=account, verified=True).values_list("email", flat=True)
    return invitation.email_folded in {fold(one) for one in confirmed}


@transaction.atomic
def accept(word: str, account: Account, by: By) -> Membership:
    """The account is a member. LicetError for a word that does not work, or for another address than was invited."""
    row = good(word)
    if row is None:
        raise LicetError(_OVER, mend="ask for a new one")
    if not meant_for(row, account):
        raise LicetError("this invitation is for another address", mend="sign in with the account of that address")
    if account.holder.suspended_s is not None:
        raise LicetError("your account is suspended", mend="ask the operator")
    if Membership.objects.filter(organization=row.organization, person=account.holder, ended_s=None).exists():
        raise LicetError(f"you are a member of {row.organization} already")
    if not Invitation.objects.filter(pk=row.pk, accepted_s=None).update(accepted_s=clock.now_s()):
        raise LicetError(_OVER, mend="ask for a new one")
    return people.join(row.organization, account.holder, row.role, by)


def _still_meant(row: Invitation) -> bool:
    """Could whoever invited still invite in this role? A role taken from an inviter takes his open invitations along."""
    inviter = row.invited_by
    if inviter is None:
        return True
    if inviter.ended_s is not None:
        return False
    terms = member(inviter, By(inviter.person_id or "")).terms()
    return all(asked(terms, act).answer is Answer.YES for act in ("manage:members", *row.role.acts))


def _mail(row: Invitation, link: Secret) -> None:
    subject = _("Invitation to %s") % row.organization
    mail.send(subject, "organizations/invited", [row.email], {"invitation": row, "url": link.reveal()})
