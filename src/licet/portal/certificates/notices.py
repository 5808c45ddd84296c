"""Who is told by mail of a certificate or of a receipt? Its holder, with the file. Sent after the commit."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from licet.portal import config, mail
from licet.portal.models import Acceptance, Holder
from licet.portal.notices import of
from licet.terms.reason import moment

if TYPE_CHECKING:
    from licet.portal.certificates.models import CertificateRow


def issued(id: str) -> None:
    from licet.portal.certificates import issuing
    from licet.portal.certificates.models import CertificateRow

    row = CertificateRow.objects.select_related("holder__account").filter(pk=id).first()
    if row is None or not row.statement:
        return
    subject = _("Your certificate: %(license)s for %(component)s of %(release)s") % _names(row)
    attached = (f"{row.pk}.json", issuing.file(row))
    mail.send(subject, "certificate", of(row.holder), {"row": row, "url": _url(row.pk)}, attached=attached)


def revoked(id: str) -> None:
    from licet.portal.certificates.models import CertificateRow

    row = CertificateRow.objects.select_related("holder__account").get(pk=id)
    subject = _("A certificate was taken back: %(license)s for %(component)s of %(release)s") % _names(row)
    mail.send(subject, "certificate_revoked", of(row.holder), {"row": row, "url": _url(row.pk)})


def accepted(id: int) -> None:
    """The receipt of a promise, to whoever gave it."""
    from licet.portal.certificates import receipts

    row = Acceptance.objects.select_related("holder__account").filter(pk=id).first()
    if row is None or not row.receipt:
        return
    subject = _("Your receipt: %(license)s of %(release)s was accepted") % _names(row)
    attached = (receipts.name(row), receipts.file(row))
    context = {"row": row, "url": f"{config.current().url}/my/receipts/{row.pk}"}
    mail.send(subject, "receipt", of(row.holder), context, attached=attached)


def asked_anew(holder: Holder, release: str) -> None:
    """To whoever has to accept other words than before, and until when: nothing is sent where nothing is asked anew."""
    from licet.portal.acceptances import asked_for

    asked = [one for one in asked_for(holder) if one.text.release == release and one.until_s is not None]
    if not asked:
        return
    until = moment(min(one.until_s for one in asked if one.until_s is not None))
    whose = f"organizations/{holder.pk}/tier" if holder.account is None else "acceptances"
    context = {"asked": asked, "release": release, "until": until, "url": f"{config.current().url}/my/{whose}"}
    subject = _("Accept anew until %(until)s: the terms of %(release)s changed") % {"until": until, "release": release}
    mail.send(subject, "asked_anew", of(holder), context)


def _names(row: CertificateRow | Acceptance) -> dict[str, str]:
    return {"license": row.license, "component": row.component, "release": row.release}


def _url(id: str) -> str:
    return f"{config.current().url}/my/certificates/{id}"
