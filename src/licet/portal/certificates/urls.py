"""Which addresses are the certificates'? Those that programs look for, the holder's pages, and the page that checks."""

from __future__ import annotations

from django.urls import path

from licet.certificate.keys import WHERE as JWKS
from licet.certificate.revocations import WHERE as REVOCATIONS
from licet.portal.certificates import views
from licet.portal.my import acceptances

urlpatterns = [
    path(JWKS.removeprefix("/"), views.jwks, name="jwks"),
    path(REVOCATIONS.removeprefix("/"), views.revocations, name="revocations"),
    path("my/certificates", views.mine, name="certificates"),
    path("my/certificates/<str:id>.json", views.download, name="certificate_file"),
    path("my/certificates/<str:id>", views.one, name="certificate"),
    path("my/receipts/<int:number>", acceptances.receipt, name="receipt"),
    path("verify", views.verify, name="verify"),
]
