"""Which addresses are a holder's own?"""

from __future__ import annotations

from django.urls import path
from django.views.generic import RedirectView

from licet.portal.my import acceptances, events, keys, leave, tier, usage

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="keys"), name="my"),
    path("keys", keys.all_of_mine, name="keys"),
    path("keys/<str:key_id>", keys.one, name="key"),
    path("keys/<str:key_id>/rotate", keys.rotate, name="key_rotate"),
    path("keys/<str:key_id>/revoke", keys.revoke, name="key_revoke"),
    path("usage", usage.usage, name="usage"),
    path("tier", tier.tier, name="tier"),
    path("tier/request", tier.request, name="tier_request"),
    path("tier/take", tier.take, name="tier_take"),
    path("requests/<str:request_id>/withdraw", tier.withdraw, name="request_withdraw"),
    path("acceptances", acceptances.mine, name="acceptances"),
    path("events", events.mine, name="events"),
    path("export", leave.export, name="account_export"),
    path("delete", leave.delete, name="account_delete"),
]
