"""Where does Django hear of changes?"""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_save


class Changes(AppConfig):
    name = "licet.portal.changes"
    label = "changes"
    verbose_name = "Changes of terms"

    def ready(self) -> None:
        post_save.connect(_stored, sender="portal.LicenseText", dispatch_uid="changes.text")


def _stored(instance: Any, **_: Any) -> None:
    """A license text is kept for ever by its digest, in the transaction that puts it beside a document."""
    from licet.portal.changes import texts

    texts.keep(instance)
