"""Which addresses are about bills and caps?"""

from __future__ import annotations

from django.urls import path

from licet.portal.billing import api, pages

urlpatterns = [
    path("my/invoices", pages.mine, name="invoices"),
    path("my/invoices/<str:release>/<int:from_s>", pages.one_of_mine, name="invoice"),
    path("my/cap", pages.my_cap, name="cap"),
    path("my/organizations/<str:org_id>/invoices", pages.ours, name="organization_invoices"),
    path(
        "my/organizations/<str:org_id>/invoices/<str:release>/<int:from_s>", pages.one_of_ours,
        name="organization_invoice",
    ),
    path("my/organizations/<str:org_id>/cap", pages.our_cap, name="organization_cap"),
    path("v1/cap", api.cap, name="api_cap"),
]  # fmt: skip
