"""Who can log in? An account: one e-mail address, a password or a passkey, and the holder that owns what it has."""

from __future__ import annotations

import unicodedata
import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models, transaction

from licet.access import key
from licet.portal import clock


def hides(email: str) -> bool:
    """Does it hold signs that nobody sees, or that turn what stands around them? Django's check lets them into a domain."""
    return any(unicodedata.category(sign) in ("Cc", "Cf") for sign in email)


def fold(email: str) -> str:
    """The form in which addresses are compared: look-alikes (a long s, a Kelvin sign, full-width letters) fall together.

    Folded until nothing changes any more, so that folding what is folded changes nothing.
    """
    before, after = "", email
    while after != before:
        before, after = after, unicodedata.normalize("NFKC", after).casefold().strip()
    return after


def new_uuid() -> uuid.UUID:
    return uuid.UUID(int=key.uuid7(clock.now_ms(), clock.dice(10)))


class Accounts(BaseUserManager["Account"]):
    """`create_user` is Django's own name: its test client and commands look for it."""

    def create_user(self, email: str, password: str | None = None, **more: Any) -> Account:
        account = self.model(email=email.strip().lower(), **more)
        account.set_password(password)
        account.save()
        return account

    def by_email(self, email: str) -> Account | None:
        """The account whose address falls together with this one."""
        return self.filter(email_folded=fold(email)).first()

    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(email_folded=fold(username or ""))


class Account(AbstractBaseUser):
    """`email` is as it was typed, in lower case: mail goes there. `email_folded` is unique: it tells accounts apart."""

    id = models.UUIDField(primary_key=True, default=new_uuid, editable=False)
    email = models.EmailField("e-mail", max_length=254, unique=True)
    email_folded = models.CharField(max_length=300, unique=True, editable=False)
    is_operator = models.BooleanField("operator", default=False, help_text="May use the console and decide requests.")
    is_active = models.BooleanField("may log in", default=True)
    made_s = models.BigIntegerField(default=clock.now_s, editable=False)

    objects: ClassVar[Accounts] = Accounts()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "account"
        indexes = [models.Index(fields=["-made_s"], name="account_newest")]

    def save(self, **kwargs: Any) -> None:
        self.email_folded = fold(self.email)
        if (fields := kwargs.get("update_fields")) is not None and "email" in fields:
            kwargs["update_fields"] = {*fields, "email_folded"}
        with transaction.atomic():
            super().save(**kwargs)
            self._its_holder()

    def _its_holder(self) -> None:
        from licet.portal.models.holder import Holder

        # Whatever way an account is made (page, passkey, console, command), it has its holder from then on.
        Holder.objects.get_or_create(account=self, defaults={"kind": Holder.Kind.ACCOUNT})

    # What Django's admin asks of an account. There are operators and others, nothing in between yet.
    @property
    def is_staff(self) -> bool:
        return self.is_operator and self.is_active

    @property
    def is_superuser(self) -> bool:
        return self.is_staff

    def has_perm(self, perm: str, obj: object = None) -> bool:
        return self.is_staff

    def has_perms(self, perms: Any, obj: object = None) -> bool:
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    def get_all_permissions(self, obj: object = None) -> set[str]:
        return set()
