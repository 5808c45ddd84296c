"""Which organizations am I in, what may I there, and how do I found, rename, leave, hand over or end one?"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.access.role import ACTS, OWNS, asked
from licet.errors import LicetError
from licet.portal import accounts, origin
from licet.portal.organizations import founding, people, seats
from licet.portal.organizations.desk.enter import Desk, page, spoken
from licet.portal.organizations.desk.forms import DeleteForm, HandOverForm, NameForm
from licet.portal.organizations.models import Membership
from licet.terms import Answer
from licet.terms.plain import Spoken


@dataclass(frozen=True, slots=True)
class Allowed:
    """One act of the vocabulary: what it opens, whether it is mine, and the verdict in words."""

    act: str
    opens: str
    yes: bool
    spoken: Spoken


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The organizations I am in; POST founds another."""
    person, form = origin.holder(request), NameForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = founding.found(person, form.cleaned_data["name"], origin.by(request))
        except LicetError as wrong:
            form.add_error("name", str(wrong))
        else:
            messages.success(request, _("%(name)s is founded.") % {"name": made.name})
            return redirect("organization", org_id=made.pk)
    rows = Membership.objects.filter(person=person, ended_s=None).select_related("organization", "role")
    context = {"rows": rows.order_by("organization__name"), "form": form}
    return render(request, "organizations/mine.html", context, status=422 if form.errors else 200)


@require_safe
@page(back="organizations")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What this organization is, and each act with the answer for me."""
    accounts.welcome(desk.organization.holder, desk.actor.by)  # a release that was published since
    limit = seats.limits(desk.organization)
    context = {
        "desk": desk,
        "allowed": allowed(desk),
        "taken": seats.taken(desk.organization),
        "awaited": seats.awaited(desk.organization),
        "limits": [(f.value, c.cite) for terms in limit for c in terms.clauses for f in c.when],
        "name": NameForm(initial={"name": desk.organization.name}),
        "hand_over": HandOverForm(people=_others(desk)),
        "delete": DeleteForm(),
    }
    return render(request, "organizations/home.html", context)


def allowed(desk: Desk) -> list[Allowed]:
    found = []
    for act, opens in ACTS.items():
        verdict = asked(desk.terms, act)
        found.append(Allowed(act, opens, verdict.answer is Answer.YES, spoken(act, verdict)))
    return found


@require_POST
@page("manage:organization")
def rename(request: HttpRequest, desk: Desk) -> HttpResponse:
    founding.rename(desk.actor, request.POST.get("name", ""))
    messages.success(request, _("The name is changed."))
    return redirect("organization", org_id=desk.organization.pk)


@require_POST
@page()
def leave(request: HttpRequest, desk: Desk) -> HttpResponse:
    people.leave(desk.membership, desk.actor.by)
    messages.success(request, _("You have left %(name)s.") % {"name": desk.organization.name})
    return redirect("organizations")


@require_http_methods(["GET", "HEAD", "POST"])  # re-authentication comes back with GET
@page(OWNS)
def hand_over(request: HttpRequest, desk: Desk) -> HttpResponse:
    answer: HttpResponse = _sure(request, desk)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _sure(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = HandOverForm(request.POST if request.method == "POST" else None, people=_others(desk))
    if request.method == "POST" and form.is_valid():
        people.hand_over(desk.actor, form.chosen())
        messages.success(request, _("%(name)s is theirs now.") % {"name": desk.organization.name})
        return redirect("organization", org_id=desk.organization.pk)
    context = {"desk": desk, "form": form, "what": "hand_over"}
    return render(request, "organizations/sure.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page(OWNS)
def delete(request: HttpRequest, desk: Desk) -> HttpResponse:
    answer: HttpResponse = _end(request, desk)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _end(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = DeleteForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        founding.delete(desk.actor)
        messages.success(request, _("The organization is deleted. Its keys are refused from now on."))
        return redirect("organizations")
    context = {"desk": desk, "form": form, "what": "delete"}
    return render(request, "organizations/sure.html", context, status=422 if form.errors else 200)


def _others(desk: Desk) -> list[Membership]:
    rows = Membership.objects.filter(organization=desk.organization, ended_s=None, person__isnull=False)
    return list(rows.exclude(pk=desk.membership.pk).select_related("person__account").order_by("made_s"))
