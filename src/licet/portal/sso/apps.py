"""Where does Django hear of single sign-on?"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class SingleSignOn(AppConfig):
    name = "licet.portal.sso"
    label = "sso"
    verbose_name = "Single sign-on"

    def ready(self) -> None:
        from licet.portal.sso import signals  # noqa: F401  (connects allauth's signals)

        post_save.connect(_deleted, sender="portal.Holder", dispatch_uid="sso.deleted")


def _deleted(instance: Any, **_: Any) -> None:
    """In the transaction that deletes an account or an organization, what connects it with a sign-in goes as well."""
    if instance.deleted_s is not None:
        from licet.portal.sso import connecting

        connecting.forget(instance)
