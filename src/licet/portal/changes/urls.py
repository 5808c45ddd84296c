"""Which addresses are those of changes?"""

from __future__ import annotations

from django.urls import path

from licet.portal.changes.views import consultation, history

urlpatterns = [
    path("changes/", history.index, name="changes"),
    path("changes/feed.atom", history.feed, name="changes_feed"),
    path("changes/take", history.take, name="changes_take"),
    path("changes/<int:n>", history.one, name="change"),
    path("changes/consultations/<str:id>", consultation.one, name="consultation"),
    path("changes/consultations/<str:id>/drop", consultation.drop, name="consultation_drop"),
    path("texts/<str:sha256>", history.text, name="text"),
]
