"""Where does allauth ask us? For the address somebody means, and from where they come."""

from __future__ import annotations

import logging
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from licet.portal import limits, origin
from licet.portal.models import Account

log = logging.getLogger("licet.mail")


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def clean_email(self, email: str) -> str:
        """The address of the account that this one falls together with, else the address itself.

        So a look-alike of an address in use is that address: sign-up answers as for a taken one, a code to reset a
        password goes to the mailbox that was confirmed, never to the look-alike (the hole that Django closed in 2019).
        """
        email = super().clean_email(email)
        account = Account.objects.by_email(email)
        return account.email if account else email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down keeps nobody from the page: it is logged, and the page offers to send again."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError:  # smtplib's errors are OSErrors
            log.exception("a mail could not be sent: %s", template_prefix)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if limits.too_many():
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        limits.failed()

    def get_client_ip(self, request: HttpRequest) -> str:
        return origin.address(request)


class ByEmail(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, under our name: the only backend, so that no other way in is tried."""
