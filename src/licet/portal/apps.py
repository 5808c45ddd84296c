"""Where does Django hear of the portal?"""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class Portal(AppConfig):
    name = "licet.portal"
    label = "portal"
    verbose_name = "Licet"

    def ready(self) -> None:
        from licet.portal import signals  # noqa: F401  (connects allauth's signals to our events)


class Console(AdminConfig):
    default_site = "licet.portal.console.site.Site"
