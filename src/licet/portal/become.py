"""How does somebody become an operator? By opening the one-time link while logged in, and saying so."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from licet.errors import LicetError
from licet.portal import operators, origin
from licet.portal.models import Account


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def operator(request: HttpRequest, word: str) -> HttpResponse:
    """GET asks (so that no mail scanner uses the link up), POST does. A link that is over is 404, whatever it was."""
    if not operators.good(word):
        raise Http404
    if request.method == "POST":
        assert isinstance(request.user, Account)
        try:
            operators.use(word, request.user, origin.by(request))
        except LicetError as wrong:
            raise Http404 from wrong
        messages.success(request, _("You are an operator of this server."))
        return redirect("admin:index")
    return render(request, "portal/operator.html", {"word": word})
