"""Which roles are there, what may each, and how is one made, changed and removed?"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from licet.access import role as access
from licet.access.role import ACTS, asked
from licet.errors import LicetError
from licet.portal.organizations import roles
from licet.portal.organizations.desk.enter import Desk, page
from licet.portal.organizations.desk.forms import RoleForm
from licet.portal.organizations.desk.members import over
from licet.portal.organizations.models import Role
from licet.portal.pages.words import CATALOGUE
from licet.portal.whatif import changes, told
from licet.portal.whatif.told import Line
from licet.terms import Answer


@dataclass(frozen=True, slots=True)
class Column:
    """One role, and the answer of its own terms to each act of the vocabulary, in order."""

    role: Role
    answers: tuple[bool, ...]
    mine: bool  # may this reader change it?


@require_http_methods(["GET", "HEAD", "POST"])
@page("read:members")
def table(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Roles beside acts; POST makes a custom role."""
    form = RoleForm(request.POST if request.method == "POST" else None, acts=_acts(desk))
    if request.method == "POST":
        desk.actor.need("manage:roles")
        if form.is_valid():
            try:
                made = roles.make(desk.actor, form.cleaned_data["name"], form.cleaned_data["acts"])
            except LicetError as wrong:
                form.add_error("name", str(wrong))
            else:
                messages.success(request, _("The role %(name)s is made.") % {"name": made})
                return redirect("organization_roles", org_id=desk.organization.pk)
    columns = [_column(desk, role) for role in roles.of(desk.organization)]
    rows = [(act, opens, [c.answers[n] for c in columns]) for n, (act, opens) in enumerate(ACTS.items())]
    context = {"desk": desk, "columns": columns, "rows": rows, "form": form}
    return render(request, "organizations/roles.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("manage:roles", back="organization_roles")
def change(request: HttpRequest, desk: Desk, role_id: str) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id, organization=desk.organization, removed_s=None)
    desk.actor.need_over(role.acts)
    first = {"name": role.name, "acts": role.acts}
    form = RoleForm(request.POST if request.method == "POST" else None, acts=_acts(desk), initial=first)
    if request.method == "POST" and form.is_valid():
        if "sure" not in request.POST and (turns := _turns(role, form.cleaned_data["acts"])) is not None:
            desk.actor.need_over(form.cleaned_data["acts"])
            context = {"desk": desk, "role": role, "wanted": form.cleaned_data, "turns": turns}
            return render(request, "organizations/role_sure.html", context)
        roles.change(desk.actor, role, form.cleaned_data["name"], form.cleaned_data["acts"])
        messages.success(request, _("The role is changed, for everybody who has it."))
        return redirect("organization_roles", org_id=desk.organization.pk)
    context = {"desk": desk, "role": role, "form": form}
    return render(request, "organizations/role.html", context, status=422 if form.errors else 200)


@require_POST
@page("manage:roles", back="organization_roles")
def remove(request: HttpRequest, desk: Desk, role_id: str) -> HttpResponse:
    role = get_object_or_404(Role, pk=role_id, organization=desk.organization, removed_s=None)
    roles.remove(desk.actor, role)
    messages.success(request, _("The role is removed."))
    return redirect("organization_roles", org_id=desk.organization.pk)


@dataclass(frozen=True, slots=True)
class Turns:
    """What a change would do to those who have the role: acts taken and given, and what their keys could (not) call."""

    people: int
    taken: tuple[str, ...]
    given: tuple[str, ...]
    lines: tuple[Line, ...]


def _turns(role: Role, acts: list[str]) -> Turns | None:
    """None where nobody has the role, or no act turns: then there is nothing to be sure of."""
    people = role.memberships.filter(ended_s=None).count()
    taken, given = (tuple(a for a in ACTS if a in one and a not in other) for one, other in
                    ((role.acts, acts), (acts, role.acts)))  # fmt: skip
    if not people or not (taken or given):
        return None
    return Turns(people, taken, given, tuple(told.lines(changes.role(role, acts), CATALOGUE)))


def _acts(desk: Desk) -> list[str]:
    return [act for act in ACTS if asked(desk.terms, act).answer is Answer.YES]


def _column(desk: Desk, role: Role) -> Column:
    terms = access.terms(access.Role(role.name, desk.organization.name, frozenset(role.acts)))
    answers = tuple(asked(terms, act).answer is Answer.YES for act in ACTS)
    return Column(role, answers, role.organization_id is not None and over(desk, role))
