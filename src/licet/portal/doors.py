"""Which of allauth's forms ask otherwise here?

Those that take an address: what is typed stands for the address that is known. And that of a passkey: it signs in alone,
unless its owner says otherwise.
"""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, RequestLoginCodeForm, ResetPasswordForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm

from licet.portal.models import Account


class LogIn(LoginForm):  # type: ignore[misc]
    """Whoever types a look-alike of an address logs in by the address: nothing is ever sent to what was typed."""

    def clean_login(self) -> str:
        typed = str(super().clean_login())
        account = Account.objects.by_email(typed)
        return account.email if account else typed


class ResetPassword(ResetPasswordForm):  # type: ignore[misc]
    """The code goes to the address that was confirmed, never to the one that was typed: a look-alike finds the account
    (`Adapter.clean_email`), and its mailbox may be somebody else's."""

    def clean_email(self) -> str:
        return str(get_adapter().clean_email(super().clean_email()))


class RequestCode(RequestLoginCodeForm):  # type: ignore[misc]
    """As for a forgotten password: the code to sign in with goes to the address that was confirmed."""

    def clean_email(self) -> str:
        account = Account.objects.by_email(self.cleaned_data["email"])
        if account is not None:
            self.cleaned_data["email"] = account.email
        return str(super().clean_email())


class AddPasskey(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["passwordless"].initial = True
