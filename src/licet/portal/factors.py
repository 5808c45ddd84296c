"""Does a second factor count once, and only from the device it was given to? Where allauth's answer is not ours.

A code counts once for good: allauth forgets it after 30 seconds, and takes it for 90. A passkey counts its uses: one
that counts backwards was copied. What codes are worked out from is sealed.
"""

from __future__ import annotations

from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.adapter import get_adapter as factors
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from allauth.mfa.webauthn.forms import AuthenticateWebAuthnForm, LoginWebAuthnForm, ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from django.db import transaction

from licet.portal import events, sealed
from licet.portal.events import By

_SEALED, _ABOUT = "sealed:", "factor"


class Factors(DefaultMFAAdapter):  # type: ignore[misc]
    def encrypt(self, text: str) -> str:
        return _SEALED + sealed.seal(text, _ABOUT).hex()

    def decrypt(self, encrypted_text: str) -> str:
        """What was kept before there was a seal is read as it stands."""
        if not encrypted_text.startswith(_SEALED):
            return encrypted_text
        return sealed.opened(bytes.fromhex(encrypted_text.removeprefix(_SEALED)), _ABOUT).reveal()


def _last(row: Authenticator, name: str, given: int) -> bool:
    """Keep the highest number that was seen; False where this one is not above it. In one transaction."""
    with transaction.atomic():
        now = Authenticator.objects.select_for_update().get(pk=row.pk)
        if given <= now.data.get(name, -1):
            return False
        now.data[name] = given
        now.save(update_fields=["data"])
        row.data = now.data
    return True


def _counter(secret: str, code: str) -> int | None:
    """Which half minute is this the code of?"""
    for counter in yield_hotp_counters_from_time():
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, counter))):
            return int(counter)
    return None


class _Once:
    """A code of an app is taken once, and none that is older than the last that was taken."""

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        row: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if row.type == Authenticator.Type.TOTP:
            counter = _counter(factors().decrypt(row.data["secret"]), code)
            if counter is None or not _last(row, "last_counter", counter):
                raise factors().validation_error("incorrect_code")
        return code


class Authenticate(_Once, AuthenticateForm):  # type: ignore[misc]
    pass


class Reauthenticate(_Once, ReauthenticateForm):  # type: ignore[misc]
    pass


class _Counts:
    """The device counts its uses; many count nothing and always say 0."""

    def clean_credential(self) -> Authenticator:
        told: Any = self.cleaned_data["credential"]  # type: ignore[attr-defined]
        row: Authenticator = super().clean_credential()  # type: ignore[misc]
        count = parse_authentication_response(told).response.authenticator_data.counter
        if (count or row.data.get("last_count", 0)) and not _last(row, "last_count", count):
            holder = row.user.holder
            events.record("factor.failed", By(holder.pk), holder, why="a copy of a passkey was used")
            raise factors().validation_error("incorrect_code")
        return row


class AuthenticatePasskey(_Counts, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class LogInByPasskey(_Counts, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ReauthenticateByPasskey(_Counts, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
