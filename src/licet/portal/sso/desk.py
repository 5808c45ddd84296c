"""On which page does an organization say how its members sign in? Its server, domains, groups, and what is asked."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.account.internal.flows.reauthentication import is_reauthentication_required
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from licet.access.role import OWNS, SETS_SIGN_IN
from licet.errors import LicetError
from licet.portal.organizations import roles
from licet.portal.organizations.desk.enter import Desk, page
from licet.portal.organizations.models import Role
from licet.portal.sso import connecting, domains, flow, rules
from licet.portal.sso.forms import ConnectionForm, DomainForm, GroupForm, RuleForm, of_connection
from licet.portal.sso.models import Domain, GroupRole

Act = Callable[..., str]
BACK = "organization_sign_in"
FINDS: dict[str, Callable[[Desk, str], Any]] = {
    "domain_id": lambda desk, pk: get_object_or_404(Domain, pk=pk, organization=desk.organization),
    "group_id": lambda desk, pk: get_object_or_404(GroupRole, pk=pk, connection__organization=desk.organization),
}


@require_safe
@page("manage:sign-in")
def sign_in(request: HttpRequest, desk: Desk) -> HttpResponse:
    answer: HttpResponse = _shown(request, desk)
    return answer


@reauthentication_required  # type: ignore[untyped-decorator]
def _shown(request: HttpRequest, desk: Desk) -> HttpResponse:
    made = desk.organization
    connection, rule = rules.connection_of(made), rules.rule_of(made)
    known = {"sso": rule.sso, "days": rule.days, "factor": rule.factor} if rule is not None else {"factor": ""}
    context = {
        "desk": desk, "connection": connection, "rule": rule,
        "callback": flow.callback(connection) if connection else "",
        "connect": ConnectionForm(roles=_roles(desk), initial=of_connection(connection)),
        "domains": [(one, domains.record(one)) for one in made.domains.order_by("name")], "name": DomainForm(),
        "groups": connection.groups.select_related("role").order_by("id") if connection else (),
        "group": GroupForm(roles=_roles(desk)), "asks": RuleForm(initial=known),
    }  # fmt: skip
    return render(request, "sso/desk.html", context)


def act(view: Act) -> Callable[..., HttpResponse]:
    """A POST of that page. Whoever has not entered his password of late goes back to it, and enters everything anew:
    what is on these forms is kept nowhere meanwhile."""

    @require_POST
    @page("manage:sign-in", back=BACK)
    @sensitive_post_parameters("secret")
    @wraps(view)
    def inner(request: HttpRequest, desk: Desk, **ids: str) -> HttpResponse:
        named = [FINDS[name](desk, pk) for name, pk in ids.items()]  # 404 first: of another's there is nothing to say
        if is_reauthentication_required(request, app="account"):
            messages.warning(request, _("That took a while: enter it once more."))
        else:
            messages.success(request, view(request, desk, *named))
        return redirect(BACK, org_id=desk.organization.pk)

    return inner


@act
def connect(request: HttpRequest, desk: Desk) -> str:
    form = ConnectionForm(request.POST, roles=_roles(desk))
    told = _told(form)
    connecting.connect(
        desk.actor,
        told["issuer"],
        told["client_id"],
        told["secret"],
        groups_claim=told["groups_claim"],
        role=told["role"],
    )
    return _("The server is connected: it answered, and is what it says.")


@act
def disconnect(request: HttpRequest, desk: Desk) -> str:
    connecting.disconnect(desk.actor)
    return _("The server is asked no more.")


@act
def rule(request: HttpRequest, desk: Desk) -> str:
    told = _told(RuleForm(request.POST))
    connecting.set_rule(desk.actor, sso=told["sso"], factor=told["factor"], days=told["days"])
    return _("From now on that is asked of every member.")


@act
def domain(request: HttpRequest, desk: Desk) -> str:
    told = _told(DomainForm(request.POST))
    row = domains.ask(desk.actor, told["name"], told["mailbox"])
    if told["mailbox"] == domains.BY_RECORD:
        return _("Set the record that stands beside %(name)s, then have it looked for.") % {"name": row.name}
    return _("A mail went to %(mailbox)s@%(name)s.") % {"mailbox": told["mailbox"], "name": row.name}


@act
def domain_look(request: HttpRequest, desk: Desk, row: Domain) -> str:
    domains.look(desk.actor, row)
    return _("The record is there: %(name)s is confirmed.") % {"name": row.name}


@act
def domain_end(request: HttpRequest, desk: Desk, row: Domain) -> str:
    domains.remove(desk.actor, row)
    return _("The domain is taken out.")


@act
def group(request: HttpRequest, desk: Desk) -> str:
    told = _told(GroupForm(request.POST, roles=_roles(desk)))
    row = connecting.map_group(desk.actor, told["group"], told["role"])
    return _("Whoever is in %(group)s gets the role %(role)s.") % {"group": row.group, "role": row.role}


@act
def group_end(request: HttpRequest, desk: Desk, row: GroupRole) -> str:
    connecting.unmap(desk.actor, row)
    return _("The group gives no role any more.")


def _roles(desk: Desk) -> list[Role]:
    """Those that a server may give: none that owns."""
    mine = frozenset(desk.membership.role.acts)
    found = roles.of(desk.organization)
    return [one for one in found if frozenset(one.acts) <= mine - {OWNS, SETS_SIGN_IN}]


def _told(form: ConnectionForm | DomainForm | GroupForm | RuleForm) -> dict[str, Any]:
    """What was entered. LicetError names what does not fit, but never a value: one of them is a secret."""
    if not form.is_valid():
        first = next(iter(form.errors))
        raise LicetError(f"{form.fields[first].label}: {form.errors[first][0]}" if first in form.fields else str(first))
    return form.cleaned_data
