"""Which certificates in force has somebody of a release? For the pages that tell what was bought."""

from __future__ import annotations

from django import template

from licet.portal.certificates import reading
from licet.portal.certificates.models import CertificateRow
from licet.portal.models import Holder

register = template.Library()


@register.simple_tag
def certificates_of(holder: Holder, release: str) -> list[CertificateRow]:
    return [
        row
        for row in CertificateRow.objects.filter(holder=holder, release=release, revoked_s=None).order_by("-from_s")
        if reading.state(row) == "in force"
    ]
