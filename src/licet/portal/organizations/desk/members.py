"""Who is a member, who is invited, and in which roles? Invite, change, remove; and the page where an invited one joins."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from licet.access.role import asked
from licet.errors import LicetError
from licet.portal import clock, origin
from licet.portal.models import Account
from licet.portal.organizations import invitations, people, roles
from licet.portal.organizations.acting import Refused
from licet.portal.organizations.desk.enter import Desk, page, spoken
from licet.portal.organizations.desk.forms import InviteForm, RoleChoice
from licet.portal.organizations.models import Invitation, Membership, Role
from licet.terms import Answer


@require_http_methods(["GET", "HEAD", "POST"])
@page("read:members")
def members(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The people and the open invitations; POST invites."""
    form = InviteForm(request.POST if request.method == "POST" else None, roles=givable(desk))
    if request.method == "POST":
        desk.actor.need("manage:members")
        if form.is_valid():
            try:
                sent = invitations.invite(desk.actor, form.cleaned_data["email"], form.chosen())
            except Refused as no:
                form.add_error(None, f"{no} {', '.join(c.cite for c in no.verdict.because)}")
            except LicetError as wrong:
                form.add_error("email", str(wrong))
            else:
                messages.success(request, _("A mail went to %(email)s.") % {"email": sent.invitation.email})
                return redirect("organization_members", org_id=desk.organization.pk)
    rows = Membership.objects.filter(organization=desk.organization, ended_s=None, person__isnull=False)
    open_ = Invitation.objects.filter(
        organization=desk.organization, accepted_s=None, withdrawn_s=None, expires_s__gt=clock.now_s()
    )
    choices = givable(desk)
    people_here = rows.select_related("person__account", "person__organization", "role").order_by("made_s", "id")
    context = {
        "desk": desk,
        "rows": [(row, _choice(row, choices) if over(desk, row.role) else None) for row in people_here],
        "open": open_.select_related("role").order_by("made_s"),
        "form": form,
    }
    return render(request, "organizations/members.html", context, status=422 if form.errors else 200)


@require_POST
@page("manage:members", back="organization_members")
def change_role(request: HttpRequest, desk: Desk, membership_id: str) -> HttpResponse:
    row, form = person(desk, membership_id), RoleChoice(request.POST, roles=roles.of(desk.organization))
    if form.is_valid():
        people.change_role(desk.actor, row, form.chosen())
        messages.success(request, _("%(who)s has the role %(role)s now.") % {"who": row, "role": form.chosen()})
    else:
        messages.error(request, _("Choose one of the organization's roles."))
    return redirect("organization_members", org_id=desk.organization.pk)


@require_POST
@page("manage:members", back="organization_members")
def remove(request: HttpRequest, desk: Desk, membership_id: str) -> HttpResponse:
    row = person(desk, membership_id)
    people.remove(desk.actor, row)
    messages.success(request, _("%(who)s is no longer a member; the keys have ended.") % {"who": row})
    return redirect("organization_members", org_id=desk.organization.pk)


@require_POST
@page("manage:members", back="organization_members")
def withdraw(request: HttpRequest, desk: Desk, invitation_id: str) -> HttpResponse:
    row = get_object_or_404(Invitation, pk=invitation_id, organization=desk.organization)
    invitations.withdraw(desk.actor, row)
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("organization_members", org_id=desk.organization.pk)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest, word: str) -> HttpResponse:
    """GET asks (so that no mail scanner uses the link up), POST joins. A link that is over is 404, whatever it was."""
    found = invitations.good(word)
    if found is None:
        raise Http404
    account = request.user if isinstance(request.user, Account) else None
    context = {"invitation": found, "meant": account is not None and invitations.meant_for(found, account)}
    if request.method != "POST" or account is None:
        return render(request, "organizations/join.html", context)
    try:
        row = invitations.accept(word, account, origin.by(request))
    except Refused as no:
        context["wrong"] = spoken(no.act, no.verdict).detail
    except LicetError as wrong:
        context["wrong"] = str(wrong)
    else:
        messages.success(request, _("You are a member of %(name)s.") % {"name": row.organization})
        return redirect("organization", org_id=row.organization_id)
    return render(request, "organizations/join.html", context, status=422)


def _choice(row: Membership, choices: list[Role]) -> RoleChoice:
    return RoleChoice(roles=choices, initial={"role": row.role_id}, auto_id=f"id_{row.pk}_%s")


def givable(desk: Desk) -> list[Role]:
    """The roles that go no further than one's own: the others cannot be given away."""
    return [role for role in roles.of(desk.organization) if over(desk, role)]


def over(desk: Desk, role: Role) -> bool:
    return all(asked(desk.terms, act).answer is Answer.YES for act in role.acts)


def person(desk: Desk, membership_id: str) -> Membership:
    return get_object_or_404(
        Membership, pk=membership_id, organization=desk.organization, ended_s=None, person__isnull=False
    )
