"""Which addresses are those of signing in through an organization? Beside allauth's, under /accounts/."""

from __future__ import annotations

from django.urls import path

from licet.portal.config import current
from licet.portal.sso import door

urlpatterns = [
    path("login/", door.Door.as_view(), name="account_login"),
    path("sso/connect", door.connect, name="sign_on_connect"),
    path("sso/<str:connection_id>/", door.lead, name="sign_on"),
    path("sso/<str:connection_id>/callback", door.callback, name="sign_on_callback"),
    path("domains/<str:word>", door.domain, name="domain_confirm"),
]

if current().social:
    from licet.portal.sso import social

    urlpatterns += [
        path(f"{name}/login/", social.begin(name, url), name=f"{name}_login") for name, _, _, url in current().social
    ]
