"""How do I leave, and what do I take with me?

The account goes, its keys end at once; what was used stays counted under an id without a name.
"""

from __future__ import annotations

import io

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from licet.errors import LicetError
from licet.portal import accounts, origin, subject
from licet.portal.my.forms import LeaveForm


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    form = LeaveForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        holder, by = origin.holder(request), origin.by(request)
        try:
            accounts.delete(holder, by)
        except LicetError as wrong:  # the last owner of an organization
            form.add_error(None, str(wrong))
        else:
            logout(request)
            messages.success(request, _("Your account is deleted. Its keys are refused from now on."))
            return redirect("/")
    return render(request, "portal/delete.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def export(request: HttpRequest) -> HttpResponse:
    """GET says what is in it; POST gives the file. Asked for the password again: it is all in one place."""
    if request.method != "POST":
        return render(request, "portal/export.html")
    holder = origin.holder(request)
    told = io.StringIO()
    subject.write(subject.export(holder, origin.by(request)), told)
    answer = HttpResponse(told.getvalue(), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="{holder.pk}.json"'
    return answer
