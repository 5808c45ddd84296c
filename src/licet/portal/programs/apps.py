"""Where does Django hear of programs?"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class Programs(AppConfig):
    name = "licet.portal.programs"
    label = "programs"
    verbose_name = "Programs"

    def ready(self) -> None:
        post_save.connect(_deleted, sender="portal.Holder", dispatch_uid="programs.deleted")


def _deleted(instance: Any, **_: Any) -> None:
    """In the transaction that deletes an account what it wrote in applications goes as well."""
    if instance.deleted_s is not None:
        from licet.portal.programs import applications

        applications.forget(instance)
