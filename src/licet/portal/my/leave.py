"""How do I leave? The account goes, its keys end at once; what was used stays counted under an id without a name."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from licet.portal import accounts, origin
from licet.portal.my.forms import LeaveForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        holder, by = origin.holder(request), origin.by(request)
        logout(request)
        accounts.delete(holder, by)
        messages.success(request, _("Your account is deleted. Its keys are refused from now on."))
        return redirect("/")
    return render(request, "portal/delete.html", {"form": form}, status=422 if form.errors else 200)
