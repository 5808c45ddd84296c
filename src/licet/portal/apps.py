"""Where does Django hear of the portal?"""

from __future__ import annotations

from django.apps import AppConfig


class Portal(AppConfig):
    name = "licet.portal"
    label = "portal"
    verbose_name = "Licet"

    def ready(self) -> None:
        from licet.portal import signals  # noqa: F401  (connects allauth's signals to our events)
