"""Which keys call for the organization, and whose are they? And the service accounts, which no person's leaving ends."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from licet.errors import LicetError
from licet.portal import clock, ledger_reading
from licet.portal.models import Key
from licet.portal.my.forms import KeyForm
from licet.portal.my.keys import releases, shown
from licet.portal.organizations import member_keys, people, service_accounts
from licet.portal.organizations.desk.enter import Desk, page
from licet.portal.organizations.desk.forms import RoleChoice, ServiceAccountForm
from licet.portal.organizations.desk.members import givable, over
from licet.portal.organizations.models import Membership


@require_safe
@page("manage:keys")
def keys(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Every key of the organization, with whose it is."""
    rows = list(
        Key.objects.filter(of__membership__organization=desk.organization)
        .select_related("of__membership__person__account", "of__membership__role")
        .order_by("revoked_s", "-made_s")
    )
    used = ledger_reading.last_use(desk.organization.pk, {key.pk for key in rows})
    for key in rows:
        key.used_s = used.get(key.pk)
    return render(request, "organizations/keys.html", {"desk": desk, "keys": rows, "now_s": clock.now_s()})


@require_POST
@page(back="organization")
def revoke(request: HttpRequest, desk: Desk, key_id: str) -> HttpResponse:
    key = get_object_or_404(Key, pk=key_id, of__membership__organization=desk.organization)
    member_keys.revoke(desk.actor, key)
    messages.success(request, _("The key %(name)s is refused from now on.") % {"name": key.name})
    back = "organization_keys" if desk.may["manage_keys"] else "organization_programs"
    return redirect(back, org_id=desk.organization.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@page("manage:service-accounts")
def programs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The service accounts and their keys; POST makes one."""
    form = ServiceAccountForm(request.POST if request.method == "POST" else None, roles=givable(desk))
    if request.method == "POST" and form.is_valid():
        try:
            row = service_accounts.make(desk.actor, form.cleaned_data["name"], form.chosen())
        except LicetError as wrong:
            form.add_error("name", str(wrong))
        else:
            messages.success(request, _("%(name)s is made. It needs a key to call with.") % {"name": row})
            return redirect("organization_programs", org_id=desk.organization.pk)
    rows = Membership.objects.filter(organization=desk.organization, ended_s=None, person=None)
    context = {"desk": desk, "form": form, "rows": [
        (row, member_keys.of(row).filter(revoked_s=None).order_by("-made_s"), over(desk, row.role))
        for row in rows.select_related("role").order_by("made_s", "id")
    ]}  # fmt: skip
    return render(request, "organizations/programs.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page("manage:service-accounts", back="organization_programs")
def program(request: HttpRequest, desk: Desk, membership_id: str) -> HttpResponse:
    """One service account: another role, an end, and the form for a key; POST makes the key, shown once."""
    row = _program(desk, membership_id)
    form = KeyForm(request.POST if request.method == "POST" else None, releases=releases(), operator=False)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = member_keys.make(
                desk.actor, row, told["name"], features=told.get("features") or None,
                releases=told.get("releases") or None, declared=form.declared(), expires_s=form.expires_s(),
                nonce=told["nonce"],
            )  # fmt: skip
        except LicetError as wrong:
            form.add_error(None, str(wrong))
        else:
            return shown(request, made, _("The new key of %(name)s") % {"name": row})
    context = {"desk": desk, "row": row, "form": form, "keys": member_keys.of(row).order_by("revoked_s", "-made_s"),
               "role": RoleChoice(roles=givable(desk), initial={"role": row.role_id}), "over": over(desk, row.role)}  # fmt: skip
    return render(request, "organizations/program.html", context, status=422 if form.errors else 200)


@require_POST
@page("manage:service-accounts", back="organization_programs")
def move(request: HttpRequest, desk: Desk, membership_id: str) -> HttpResponse:
    row, form = _program(desk, membership_id), RoleChoice(request.POST, roles=givable(desk))
    if form.is_valid():
        people.change_role(desk.actor, row, form.chosen())
        messages.success(request, _("%(who)s has the role %(role)s now.") % {"who": row, "role": form.chosen()})
    else:
        messages.error(request, _("Choose a role that you could act in yourself."))
    return redirect("organization_program", org_id=desk.organization.pk, membership_id=row.pk)


@require_POST
@page("manage:service-accounts", back="organization_programs")
def end(request: HttpRequest, desk: Desk, membership_id: str) -> HttpResponse:
    row = _program(desk, membership_id)
    people.remove(desk.actor, row)
    messages.success(request, _("%(who)s has ended, and its keys with it.") % {"who": row})
    return redirect("organization_programs", org_id=desk.organization.pk)


def _program(desk: Desk, membership_id: str) -> Membership:
    return get_object_or_404(
        Membership.objects.select_related("role"), pk=membership_id, organization=desk.organization, ended_s=None,
        person=None,
    )  # fmt: skip
