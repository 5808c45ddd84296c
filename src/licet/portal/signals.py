"""Which acts at the door of an account are written down? Those of allauth, as events of ours."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account
from allauth.mfa import signals as mfa
from django.contrib.auth.signals import user_logged_out, user_login_failed
from django.db import transaction
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from licet.portal import accounts, events, origin, readmodel
from licet.portal.events import By
from licet.portal.models import Account, Holder


def _by(request: HttpRequest | None, who: Account | None) -> By:
    place = origin.address(request) if request is not None else ""
    return By(who.holder.pk if who else "anonymous", place)


def _note(what: str, request: HttpRequest | None, who: Account | None, **detail: object) -> None:
    events.record(what, _by(request, who), who.holder if who else None, "", **detail)


@receiver(account.user_signed_up)
def signed_up(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("account.made", request, user, how="page")


@receiver(account.email_confirmed)
def confirmed(request: HttpRequest, email_address: Any, **_: Any) -> None:
    _note("account.confirmed", request, email_address.user)
    accounts.welcome(email_address.user.holder, _by(request, email_address.user))


@receiver(account.user_logged_in)
def logged_in(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("login.passed", request, user)
    accounts.welcome(user.holder, _by(request, user))


@receiver(user_login_failed)
def login_failed(request: HttpRequest | None = None, credentials: dict[str, Any] | None = None, **_: Any) -> None:
    # The address that was typed is not kept for unknown accounts: people type passwords into it.
    _note("login.failed", request, Account.objects.by_email(str((credentials or {}).get("email") or "")))


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: Account | None, **_: Any) -> None:
    if isinstance(user, Account) and Account.objects.filter(pk=user.pk).exists():
        _note("login.ended", request, user)


@receiver(account.password_set)
def password_set(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("password.set", request, user)


@receiver(account.password_changed)
def password_changed(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("password.changed", request, user)


@receiver(account.password_reset)
def password_reset(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("password.reset", request, user)


@receiver(account.email_changed)
def email_changed(request: HttpRequest, user: Account, from_email_address: Any = None, **_: Any) -> None:
    if from_email_address is not None:  # the first address of a new account changes nothing
        _note("email.changed", request, user)


@receiver(post_save, sender="account.EmailAddress")
@receiver(post_delete, sender="account.EmailAddress")
def address_changed(instance: Any, **_: Any) -> None:
    """Grants for a mail domain follow the confirmed address: gone with it, before the next call."""
    holder = Holder.objects.filter(account_id=instance.user_id).first()
    if holder is not None:
        with transaction.atomic():
            readmodel.restate(holder)


@receiver(mfa.authenticator_added)
def factor_added(request: HttpRequest, user: Account, authenticator: Any, **_: Any) -> None:
    _note("factor.added", request, user, kind=authenticator.type)


@receiver(mfa.authenticator_removed)
def factor_removed(request: HttpRequest, user: Account, authenticator: Any, **_: Any) -> None:
    _note("factor.removed", request, user, kind=authenticator.type)


@receiver(mfa.authenticator_reset)
def factor_reset(request: HttpRequest, user: Account, authenticator: Any, **_: Any) -> None:
    _note("factor.reset", request, user, kind=authenticator.type)


@receiver(mfa.authentication_failed)
def factor_failed(request: HttpRequest, user: Account, **_: Any) -> None:
    _note("factor.failed", request, user)
