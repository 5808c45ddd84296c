"""Which addresses are those of known licenses? They stand before `licenses/<component>`, which has one segment less."""

from __future__ import annotations

from django.urls import path

from licet.portal.pages.known import views

urlpatterns = [
    path("licenses/", views.index, name="known"),
    path("licenses/known/", views.to_index),
    path("licenses/known/<str:name>", views.one, name="known_license"),
]
