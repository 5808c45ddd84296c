"""Did this person show of late who it is? Asked before acts of an operator, and before a key is made or rotated.

A session lasts two weeks, and a laptop is left open. Signing in counts, and confirming it again; within the hour. What was
about to be sent is kept meanwhile and goes on by itself. Acts that cannot be undone ask more: within five minutes, and
not just by having signed in (allauth's `reauthentication_required`).
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.flows.reauthentication import get_reauthentication_flows, suspend_request
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from licet.portal.models import Account

WITHIN_S, SINCE = 3600, "signed_in_at"


def proven(request: HttpRequest) -> bool:
    """True within the hour, and for accounts that have nothing to confirm by: they sign in through an organization."""
    account = request.user
    if not isinstance(account, Account):
        return False
    shown = [one["at"] for one in get_authentication_records(request, account) if one.get("reauthenticated")]
    last: float = max([request.session.get(SINCE, 0), *shown])
    # A clock that was set back makes nothing fresh that was done by another time.
    return abs(time.time() - last) < WITHIN_S or not get_reauthentication_flows(account)


@receiver(user_logged_in)
def signed_in(request: HttpRequest, **_: Any) -> None:
    """By whatever way: the moment stays with the session."""
    request.session[SINCE] = time.time()


def asked_of_posts(view: Callable[..., Any]) -> Callable[..., Any]:
    """The view; a POST of somebody signed in long ago first leads to the page that asks who it is."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **more: Any) -> HttpResponse:
        if request.method == "POST" and request.user.is_authenticated and not proven(request):
            answer: HttpResponse = suspend_request(request, reverse("account_reauthenticate"))
            return answer
        found: HttpResponse = view(request, *args, **more)
        return found

    return inner
