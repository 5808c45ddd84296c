"""Where does Django hear of webhooks?"""

from __future__ import annotations

from django.apps import AppConfig


class Outgoing(AppConfig):
    name = "licet.portal.outgoing"
    label = "outgoing"
    verbose_name = "Webhooks"
