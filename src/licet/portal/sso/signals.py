"""After which acts at the door of an account is something to do here? A log-in that is whole; a factor that came or went."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in
from allauth.mfa.signals import authenticator_added, authenticator_removed
from django.dispatch import receiver
from django.http import HttpRequest

from licet.portal.models import Account
from licet.portal.organizations import people
from licet.portal.sso import joining


@receiver(user_logged_in)
def logged_in(request: HttpRequest, user: Account, **_: Any) -> None:
    joining.arrived(request, user)


@receiver([authenticator_added, authenticator_removed])
def factor_changed(user: Account, **_: Any) -> None:
    people.restate(user.holder)
