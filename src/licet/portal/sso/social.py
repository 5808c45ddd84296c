"""May somebody sign in with an account elsewhere (GitHub, Google)? By setting; and never into an account by its address alone.

allauth does it; here is what it would take more lightly: an address that is not verified there makes no account, and one
that an account here has connects nothing. Imported only where the setting names a provider.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from licet.portal.models import Account
from licet.portal.pages.headers import POLICY

WHERE = {"github": "https://github.com", "google": "https://accounts.google.com"}


class Social(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Somebody new comes in with a verified address that nobody here has, or not at all."""
        if sociallogin.is_existing or sociallogin.state.get("process") == "connect":
            return
        verified = [one for one in sociallogin.email_addresses if one.verified]
        if not verified:
            self._no(request, _("There, no address of yours is verified: verify one, or sign up here."))
        first = next((one for one in verified if one.primary), verified[0])
        sociallogin.email_addresses = [first]
        sociallogin.user.email = first.email
        if Account.objects.by_email(first.email) is not None:
            self._no(
                request, _("An account has this address. Sign in to it as you did so far, then connect the other.")
            )

    @staticmethod
    def _no(request: HttpRequest, words: str) -> None:
        messages.warning(request, words)
        raise ImmediateHttpResponse(redirect("/accounts/login/?password="))


def begin(provider: str, url: str) -> Callable[[HttpRequest], HttpResponse]:
    """allauth's page before one goes there; its form may lead on to that one server."""
    view = import_module(f"allauth.socialaccount.providers.{provider}.views").oauth2_login

    def page(request: HttpRequest) -> HttpResponse:
        answer: HttpResponse = view(request)
        there = url or WHERE[provider]
        answer["Content-Security-Policy"] = POLICY.replace("form-action 'self'", f"form-action 'self' {there}")
        return answer

    return page
