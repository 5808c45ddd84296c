"""Which addresses are about webhooks?"""

from __future__ import annotations

from django.urls import path

from licet.portal.outgoing import pages

ORG = "my/organizations/<str:org_id>/webhooks"

urlpatterns = [
    path("my/webhooks", pages.mine, name="webhooks"),
    path("my/webhooks/<str:endpoint_id>", pages.one_of_mine, name="webhook"),
    path("my/webhooks/<str:endpoint_id>/do", pages.act_on_mine, name="webhook_do"),
    path(ORG, pages.ours, name="organization_webhooks"),
    path(f"{ORG}/<str:endpoint_id>", pages.one_of_ours, name="organization_webhook"),
    path(f"{ORG}/<str:endpoint_id>/do", pages.act_on_ours, name="organization_webhook_do"),
]
