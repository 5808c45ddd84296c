"""Where does Django hear of billing?"""

from __future__ import annotations

from django.apps import AppConfig


class Billing(AppConfig):
    name = "licet.portal.billing"
    label = "billing"
    verbose_name = "Usage that is billed"
