"""Where does Django hear of payments?"""

from __future__ import annotations

from django.apps import AppConfig


class Payments(AppConfig):
    name = "licet.portal.payments"
    label = "payments"
    verbose_name = "Payments"
