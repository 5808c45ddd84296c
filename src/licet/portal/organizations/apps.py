"""Where does Django hear of organizations?"""

from __future__ import annotations

from django.apps import AppConfig


class Organizations(AppConfig):
    name = "licet.portal.organizations"
    label = "organizations"
    verbose_name = "Organizations"
