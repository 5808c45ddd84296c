"""How does somebody sign in through an organization? The address first; then to its server, back, and in.

The page that leads there names the server and has one button: nobody is sent to another site by surprise, and the
page's policy lets its form lead to that one server and nowhere else.
"""

from __future__ import annotations

import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

from allauth.account.adapter import get_adapter
from allauth.account.views import LoginView
from allauth.decorators import rate_limit
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from licet.errors import LicetError
from licet.portal import events, origin
from licet.portal.doors import LogIn
from licet.portal.pages.headers import POLICY
from licet.portal.sso import discovery, domains, flow, joining
from licet.portal.sso.forms import First
from licet.portal.sso.id_token import NotBelieved
from licet.portal.sso.models import Connection

log = logging.getLogger("licet.sso")
ANYBODY = (
    "state",
    "declined",
)  # what anybody can bring about by calling the address: logged, and no event of anybody's


class Door(LoginView):  # type: ignore[misc]
    """allauth's page. Where some organization signs its people in, it asks for the address before the password."""

    def get_form_class(self) -> Any:
        return First if self._first() else super().get_form_class()

    def form_valid(self, form: Any) -> HttpResponse:
        if not isinstance(form, First):
            answer: HttpResponse = super().form_valid(form)
            return answer
        address = form.cleaned_data["login"]
        connection = domains.connection_for(address)
        if connection is not None:
            there = urlencode({"next": self.request.POST.get("next", "")})
            return redirect(f"{reverse('sign_on', args=[connection.pk])}?{there}")
        second = LogIn(request=self.request, initial={"login": address})
        shown: HttpResponse = self.render_to_response(self.get_context_data(form=second))
        return shown

    def _first(self) -> bool:
        told = self.request.POST if self.request.method == "POST" else self.request.GET
        if "password" in told:
            return False
        return self.request.method == "POST" or Connection.objects.filter(removed_s=None).exists()


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@rate_limit(action="login")  # type: ignore[untyped-decorator]
def lead(request: HttpRequest, connection_id: str) -> HttpResponse:
    """GET names the server that signs in here; POST goes there."""
    connection = _living(connection_id)
    next_path = _safe(request.POST.get("next") or request.GET.get("next") or "")
    try:
        server = discovery.read(connection.issuer)
        if request.method == "POST":
            return redirect(flow.begin(request, connection, next_path))
    except LicetError as wrong:
        return _failed(request, connection, wrong)
    there = urlsplit(server.authorize)
    context = {"connection": connection, "host": there.netloc, "next": next_path, "password": _password(next_path)}
    answer = render(request, "sso/lead.html", context)
    target = f"{there.scheme}://{there.netloc}"  # the form's answer leads on to there
    answer["Content-Security-Policy"] = POLICY.replace("form-action 'self'", f"form-action 'self' {target}")
    return answer


@never_cache
@require_GET
def callback(request: HttpRequest, connection_id: str) -> HttpResponse:
    """Back from the server: in, or to the page that says why not."""
    connection = _living(connection_id)
    try:
        arrival = flow.finish(request, connection)
        account = joining.account_of(connection, arrival, origin.address(request))
    except LicetError as wrong:
        return _failed(request, connection, wrong)
    if account is not None:
        return joining.come_in(request, connection, arrival, account)
    known = request.user.is_authenticated and domains.of(arrival.email) and _is_mine(request, arrival.email)
    if request.user.is_authenticated and not known:
        get_adapter().logout(request)
    joining.wait(request, connection, arrival)
    if known:
        return redirect("sign_on_connect")
    messages.info(request, _("There is an account with this address. Sign in to it once as you did so far."))
    return redirect(_password(reverse("sign_on_connect")))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: HttpRequest) -> HttpResponse:
    """Is this account mine, and shall the organization's server open it from now on? Asked, never assumed."""
    found = joining.waiting(request)
    if found is None:
        messages.warning(request, _("There is nothing to connect, or it took too long. Begin the sign-in anew."))
        return redirect("organizations")
    connection, told = found
    if request.method == "POST":
        try:
            joining.linked(request, connection, told)
        except LicetError as wrong:
            messages.error(request, str(wrong))
            return redirect("organizations")
        messages.success(request, _("Connected."))
        return redirect(_safe(told["next"]) or "organizations")
    return render(request, "sso/connect.html", {"connection": connection, "email": told["link"]})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def domain(request: HttpRequest, word: str) -> HttpResponse:
    """For whoever reads the domain's mail: GET asks (mail scanners follow links), POST confirms."""
    row = domains.good(word)
    if row is None:
        raise Http404
    context: dict[str, object] = {"domain": row}
    if request.method == "POST":
        try:
            context["done"] = domains.confirm(word, origin.by(request))
        except LicetError as wrong:
            context["wrong"] = str(wrong)
    return render(request, "sso/domain.html", context, status=422 if "wrong" in context else 200)


def _living(connection_id: str) -> Connection:
    found = Connection.objects.filter(removed_s=None, organization__holder__deleted_s=None)
    return get_object_or_404(found.select_related("organization__holder"), pk=connection_id)


def _failed(request: HttpRequest, connection: Connection, wrong: LicetError) -> HttpResponse:
    """403 with the reason in words; the owners read it among the organization's events."""
    if isinstance(wrong, NotBelieved) and wrong.why not in ANYBODY:
        events.record("signon.refused", origin.by(request), connection.organization.holder, why=wrong.why)
    log.warning("sign-in refused at %s: %s", connection.pk, wrong.what)
    return render(request, "sso/failed.html", {"wrong": wrong, "connection": connection}, status=403)


def _safe(path: str) -> str:
    """Where to go on: a path of this server, or nowhere."""
    return path if path.startswith("/") and get_adapter().is_safe_url(path) else ""


def _password(next_path: str) -> str:
    return f"{reverse('account_login')}?{urlencode({'password': '', **({'next': next_path} if next_path else {})})}"


def _is_mine(request: HttpRequest, email: str) -> bool:
    from licet.portal.models import Account
    from licet.portal.models.account import fold

    return isinstance(request.user, Account) and request.user.email_folded == fold(email)
