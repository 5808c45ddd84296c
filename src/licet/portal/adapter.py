"""Where does allauth ask us? For the address somebody means, from where they come, and how a mail reaches them."""

from __future__ import annotations

from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.core import context as allauth_context
from django.contrib import messages
from django.contrib.sites.shortcuts import get_current_site
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.http import HttpRequest
from django.utils.translation import gettext as _

from licet.portal import clock, limits, mail, origin, postponed
from licet.portal.config import current
from licet.portal.models import Account
from licet.portal.models.account import hides

SENT = frozenset(f"account/messages/{name}_sent.txt" for name in ("email_confirmation", "login_code"))
LATE = "licet.mail_waits"


class Adapter(DefaultAccountAdapter):  # type: ignore[misc]
    def clean_email(self, email: str) -> str:
        """The address of the account that this one falls together with, else the address itself.

        So a look-alike of an address in use is that address: sign-up answers as for a taken one, a code to reset a
        password goes to the mailbox that was confirmed, never to the look-alike (the hole that Django closed in 2019).
        """
        email = super().clean_email(email)
        if hides(email):
            raise ValidationError(EmailValidator.message, code="invalid")
        account = Account.objects.by_email(email)
        return account.email if account else email

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that is down keeps nobody from the page: the mail waits, a code as long as it works, and what is
        asked for anew replaces what waits. The page says so, the same to everybody.
        """
        request = allauth_context.request
        told = {"request": request, "email": email, "current_site": get_current_site(request), **context}
        message = self.render_mail(template_prefix, email, told)
        for_s = _works_s(template_prefix.rpartition("/")[2])
        until_s = None if for_s is None else clock.now_s() + for_s
        about = "" if for_s is None else template_prefix
        if about:
            postponed.forget(current().mail_dir, email, {about})
        one = postponed.written(email, message.subject, message.body, until_s=until_s, about=about)
        kept = mail.deliver([one])
        if request is not None and about and (not kept or postponed.waits(one)):
            messages.warning(
                request, _("The mail server does not answer now, so the mail comes later. Wait, or try again.")
            )
            request.META[LATE] = True  # an adapter lives for one question

    def add_message(
        self, request: HttpRequest, level: int, message_template: str | None = None, *more: Any, **told: Any
    ) -> None:
        """What allauth has to say, but not "sent" of a mail that waits."""
        if not (message_template in SENT and request.META.get(LATE)):
            super().add_message(request, level, message_template, *more, **told)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        if limits.too_many():
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        limits.failed()

    def get_client_ip(self, request: HttpRequest) -> str:
        return origin.address(request)


def _works_s(kind: str) -> int | None:
    """How long what a mail brings is of use: a code, and what is written in place of one to those who get none. None: as
    long as it takes.
    """
    mails: dict[str, int] = {
        "email_confirmation": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
        "email_confirmation_signup": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
        "account_already_exists": app_settings.EMAIL_VERIFICATION_BY_CODE_TIMEOUT,
        "login_code": app_settings.LOGIN_BY_CODE_TIMEOUT,
        "password_reset_code": app_settings.PASSWORD_RESET_BY_CODE_TIMEOUT,
        "unknown_account": app_settings.LOGIN_BY_CODE_TIMEOUT,
    }
    return mails.get(kind)


class ByEmail(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, under our name: the only backend, so that no other way in is tried."""
