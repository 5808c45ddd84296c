"""Where does Django hear of certificates?"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class Certificates(AppConfig):
    name = "licet.portal.certificates"
    label = "certificates"
    verbose_name = "Certificates"

    def ready(self) -> None:
        post_save.connect(_deleted, sender="portal.Holder", dispatch_uid="certificates.deleted")


def _deleted(instance: Any, **_: Any) -> None:
    """In the transaction that deletes an account, what names somebody goes from its certificates as well."""
    from licet.portal.certificates import issuing

    if instance.deleted_s is not None:
        issuing.forget(instance)
