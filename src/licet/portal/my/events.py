"""What happened to my account, when and from where? The newest events, in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as _later
from django.views.decorators.http import require_safe

from licet.portal import origin
from licet.portal.models import Event, Holder

WORDS = {
    "account.made": _later("The account was made."),
    "account.confirmed": _later("The e-mail address was confirmed."),
    "account.suspended": _later("The account was suspended."),
    "account.unsuspended": _later("The suspension was lifted."),
    "account.operator": _later("The account became an operator's."),
    "account.signed_out": _later("Every browser of the account was signed out."),
    "login.passed": _later("Signed in."),
    "login.failed": _later("A sign-in failed."),
    "login.ended": _later("Signed out."),
    "password.set": _later("A password was set."),
    "password.changed": _later("The password was changed."),
    "password.reset": _later("The password was reset."),
    "email.changed": _later("The e-mail address was changed."),
    "factor.added": _later("A second factor or passkey was added."),
    "factor.removed": _later("A second factor or passkey was removed."),
    "factor.reset": _later("Recovery codes were made anew."),
    "factor.failed": _later("A second factor was refused."),
    "key.made": _later("A key was made."),
    "key.rotated": _later("A key was rotated."),
    "key.revoked": _later("A key was revoked."),
    "key.imported": _later("A key was taken in."),
    "tier.given": _later("A tier was given."),
    "tier.moved": _later("The tier was changed."),
    "tier.requested": _later("A tier was asked for."),
    "tier.approved": _later("A request was approved."),
    "tier.rejected": _later("A request was rejected."),
    "tier.withdrawn": _later("A request was withdrawn."),
    "grant.made": _later("A grant was given."),
    "grant.revoked": _later("A grant was taken back."),
    "grant.reminded": _later("A mail told that a grant ends soon."),
    "application.sent": _later("An application to a program was sent."),
    "application.back": _later("The operator asked back about an application."),
    "application.replied": _later("A question about an application was answered."),
    "application.approved": _later("An application was approved."),
    "application.rejected": _later("An application was not approved."),
    "application.withdrawn": _later("An application was taken back."),
    "organization.founded": _later("The organization was founded."),
    "organization.renamed": _later("The organization was renamed."),
    "organization.handed": _later("The organization was handed over."),
    "organization.deleted": _later("The organization was deleted."),
    "member.invited": _later("Somebody was invited."),
    "invitation.withdrawn": _later("An invitation was withdrawn."),
    "member.joined": _later("Joined the organization."),
    "member.made": _later("A service account was made."),
    "member.moved": _later("A role in the organization was changed."),
    "member.removed": _later("Removed from the organization."),
    "member.left": _later("Left the organization."),
    "role.made": _later("A custom role was made."),
    "role.changed": _later("A custom role was changed."),
    "role.removed": _later("A custom role was removed."),
    "signon.rule": _later("What the organization asks of a sign-in was changed."),
    "signon.connected": _later("The organization's sign-in server was set."),
    "signon.changed": _later("The organization's sign-in server was set otherwise."),
    "signon.ended": _later("The organization's sign-in server was taken out."),
    "signon.linked": _later("The account was connected with an organization's sign-in."),
    "signon.passed": _later("Signed in through an organization."),
    "signon.refused": _later("A sign-in through the organization was refused."),
    "signon.glass": _later("The sign-in settings were changed without signing in through the organization."),
    "domain.asked": _later("An organization's domain was named."),
    "domain.verified": _later("An organization's domain was confirmed."),
    "domain.ended": _later("An organization's domain was taken out."),
    "acceptance.made": _later("A license was accepted."),
    "certificate.issued": _later("A certificate was issued."),
    "certificate.revoked": _later("A certificate was taken back."),
    "order.made": _later("A purchase was begun."),
    "order.left": _later("A purchase was left."),
    "subscription.begun": _later("A tier was bought."),
    "subscription.changed": _later("What was bought changed."),
    "subscription.ended": _later("What was bought ended."),
    "subscription.surplus": _later("Bought twice by mistake: the second is paid back."),
    "payment.paid": _later("A payment arrived."),
    "payment.failed": _later("A payment failed."),
    "payment.refunded": _later("A payment was given back."),
    "payment.disputed": _later("A payment was disputed."),
    "cap.set": _later("A spending cap was set."),
    "cap.removed": _later("The spending cap was taken away."),
    "quota.reached": _later("A quota or cap was used up to a mark."),
    "invoice.issued": _later("A bill of use was made."),
    "tier.ended": _later("A tier ended."),
    "key.leaked": _later("A key was seen where it does not belong."),
    "endpoint.made": _later("A webhook was set up."),
    "endpoint.changed": _later("A webhook was changed."),
    "endpoint.rotated": _later("A webhook got a new signing secret."),
    "endpoint.failing": _later("A webhook's server does not take what is sent to it."),
    "endpoint.works": _later("A webhook's server takes what is sent to it again."),
    "endpoint.removed": _later("A webhook was removed."),
    "question.settled": _later("The licensor settled a question."),
    "post.hidden": _later("A post was hidden."),
    "post.shown": _later("A post is in sight again."),
    "writer.blocked": _later("Blocked from writing questions and answers."),
    "writer.unblocked": _later("May write questions and answers again."),
    "account.exported": _later("What is kept about the account was exported."),
}
_TOLD = ("tier", "name", "license", "why", "kind", "about")


@dataclass(frozen=True, slots=True)
class Line:
    event: Event
    says: str
    about: str
    by_me: bool


@login_required
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    holder = origin.holder(request)
    page = Paginator(Event.objects.filter(holder=holder), 50).get_page(request.GET.get("page"))
    lines = [line(event, holder) for event in page.object_list]
    return render(request, "portal/events.html", {"lines": lines, "page": page})


def line(event: Event, holder: Holder) -> Line:
    """One event in words, as `holder` reads it."""
    about = ", ".join(str(event.told[name]) for name in _TOLD if event.told.get(name))
    return Line(event, _(WORDS.get(event.what, event.what)), about, event.by == holder.pk)
