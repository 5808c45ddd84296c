"""Which of allauth's forms ask otherwise here? Those that take an address: what is typed stands for the address known."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ResetPasswordForm

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
