"""Which addresses are the public pages'?"""

from __future__ import annotations

from django.urls import include, path

from licet.portal.pages import badge, licensed, privacy, views

urlpatterns = [
    path("", views.release, name="release"),
    path("terms.json", views.terms, name="terms"),
    path("terms/<str:prefix>.json", views.older_terms, name="older_terms_json"),
    path("terms/<str:prefix>", views.older, name="older_terms"),
    path("terms/<str:prefix>/licenses/<str:component>", licensed.older, name="older_license"),
    path("odrl.jsonld", views.odrl, name="odrl"),
    path("privacy", privacy.page, name="privacy"),
    path("documents/", views.documents, name="documents"),
    path("documents/<str:sha256>", views.document, name="document"),
    path("badge.svg", badge.release, name="badge"),
    path("favicon.ico", views.icon, name="icon"),
    path("licenses/<str:component>/badge.svg", badge.component, name="component_badge"),
    path("", include("licet.portal.pages.known.urls")),
    path("licenses/<str:component>", licensed.license, name="license"),
]
