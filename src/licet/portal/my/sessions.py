"""Where am I signed in, and how do I end one of these? The list is allauth's page; ending one is ours, ending all others its."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from licet.portal import origin


@login_required
@require_POST
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    """That browser is signed out from its next page on. One's own ends by signing out. 404 for what is another's."""
    row = get_object_or_404(UserSession, pk=session_id, user=origin.holder(request).account)
    if row.is_current():
        messages.warning(request, _("This is the browser you are using: sign out instead."))
    else:
        row.end()
        messages.success(request, _("That browser is signed out."))
    return redirect("usersessions_list")
