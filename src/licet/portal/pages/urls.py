"""Which addresses are the public pages'?"""

from __future__ import annotations

from django.urls import path

from licet.portal.pages import views

urlpatterns = [
    path("", views.release, name="release"),
    path("terms.json", views.terms, name="terms"),
    path("documents/", views.documents, name="documents"),
    path("documents/<str:sha256>", views.document, name="document"),
    path("licenses/<str:component>", views.license, name="license"),
]
