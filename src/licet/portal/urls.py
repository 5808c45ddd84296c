"""Which addresses are the portal's? Those of accounts, of the holder's own things, of the console, and the pages."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path

from licet.portal import api, become
from licet.portal.my import acceptances, sessions
from licet.portal.payments import webhook

urlpatterns = [
    path("accounts/operator/<str:word>/", become.operator, name="become_operator"),
    path("accounts/", include("licet.portal.sso.urls")),
    path("accounts/sessions/<int:session_id>/end", sessions.end, name="session_end"),
    path("accounts/", include("allauth.urls")),
    path("", include("licet.portal.billing.urls")),
    path("", include("licet.portal.outgoing.urls")),
    path("my/organizations/", include("licet.portal.organizations.desk.urls")),
    path("", include("licet.portal.programs.urls")),
    path("", include("licet.portal.payments.urls")),
    path("my/", include("licet.portal.my.urls")),
    path("licenses/<str:component>/accept", acceptances.accept, name="accept"),
    path("licenses/<str:component>/summary", acceptances.summary, name="summary"),
    path("", include("licet.portal.certificates.urls")),
    path("payments/webhook/stripe", webhook.stripe, name="stripe_webhook"),
    path("v1/acceptances", api.acceptances, name="api_acceptances"),
    path("v1/requests", api.requests, name="api_requests"),
    path("admin/", admin.site.urls),
    path("", include("licet.portal.changes.urls")),
    path("", include("licet.portal.community.urls")),
    path("", include("licet.portal.pages.urls")),
    path("", include("licet.portal.hub.urls")),
]
