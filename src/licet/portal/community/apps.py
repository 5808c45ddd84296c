"""Where does Django hear of the community?"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class Community(AppConfig):
    name = "licet.portal.community"
    label = "community"
    verbose_name = "Questions"

    def ready(self) -> None:
        post_save.connect(_deleted, sender="portal.Holder", dispatch_uid="community.deleted")


def _deleted(instance: Any, **_: Any) -> None:
    """In the transaction that deletes an account its name and private words go as well."""
    if instance.deleted_s is not None:
        from licet.portal.community import people

        people.forget_holder(instance)
