"""Who is told by mail of a certificate or of a receipt? Its holder, with the file. Sent after the commit."""

from __future__ import annotations

from licet.portal import config, mail
from licet.portal.models import Acceptance, Holder
from licet.portal.notices import of
from licet.terms.reason import moment


def issued(id: str) -> None:
    from licet.portal.certificates import issuing
    from licet.portal.certificates.models import CertificateRow

    row = CertificateRow.objects.select_related("holder__account").filter(pk=id).first()
    if row is None or not row.statement:
        return
    subject = f"Your certificate: {row.license} for {row.component} of {row.release}"
    attached = (f"{row.pk}.json", issuing.file(row))
    mail.send(subject, "certificate", of(row.holder), {"row": row, "url": _url(row.pk)}, attached=attached)


def revoked(id: str) -> None:
    from licet.portal.certificates.models import CertificateRow

    row = CertificateRow.objects.select_related("holder__account").get(pk=id)
    subject = f"A certificate was taken back: {row.license} for {row.component} of {row.release}"
    mail.send(subject, "certificate_revoked", of(row.holder), {"row": row, "url": _url(row.pk)})


def accepted(id: int) -> None:
    """The receipt of a promise, to whoever gave it."""
    from licet.portal.certificates import receipts

    row = Acceptance.objects.select_related("holder__account").filter(pk=id).first()
    if row is None or not row.receipt:
        return
    subject = f"Your receipt: {row.license} of {row.release} was accepted"
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
    mail.send(f"Accept anew until {until}: the terms of {release} changed", "asked_anew", of(holder), context)


def _url(id: str) -> str:
    return f"{config.current().url}/my/certificates/{id}"
