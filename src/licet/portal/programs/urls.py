"""Which addresses are those of programs?"""

from __future__ import annotations

from django.urls import path

from licet.portal.programs import views

urlpatterns = [
    path("programs/", views.index, name="programs"),
    path("programs/<str:release>/<str:name>", views.program, name="program"),
    path("my/applications", views.mine, name="applications"),
    path("my/applications/<str:application_id>", views.one, name="application"),
    path("my/applications/<str:application_id>/reply", views.reply, name="application_reply"),
    path("my/applications/<str:application_id>/withdraw", views.withdraw, name="application_withdraw"),
]
