"""Who gets a certificate, and who loses one? Issued, taken back, signed anew, forgotten. Each is one transaction.

Issuing the same again gives the first one: whoever calls may call twice. A certificate does not reach the gate: it speaks
of released actions, and the gate serves others.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Q

from licet.certificate import Certificate, License, Revocations, sealed
from licet.certificate import Holder as Named
from licet.errors import LicetError, closest
from licet.licenses.expression import normalized
from licet.portal import clock, documents, events
from licet.portal.certificates import notices, signing
from licet.portal.certificates.models import CertificateRow
from licet.portal.config import current as config
from licet.portal.events import By
from licet.portal.models import Holder, LicenseText
from licet.release.certify import promised

OPERATOR = "operator"
LIST_DAYS = 7  # how long a list of revocations may be believed
_DAY_S = 86_400


@transaction.atomic
def issue(
    holder: Holder,
    release: str,
    component: str,
    license: str,
    by: By,
    *,
    document: str = "",
    from_s: int | None = None,
    until_s: int | None = None,
    source: str = OPERATOR,
    basis: str = OPERATOR,
) -> CertificateRow:
    """Promise the holder a license for a component, from a moment (now) until another (None: without end).

    `document` is the one whose version and words are promised (the newest). `source` names what it rests on: the same
    promise for the same source again gives the first. LicetError for a component that is not there or not licensed.
    """
    now = clock.now_s()
    at = documents.read(document) if document else documents.in_force(release)
    part = at.component(component)
    if at.name != release or part is None:
        names = [c.name for c in at.components]
        raise LicetError(f"no component `{component}` in `{release}`", mend=closest(component, names))
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    license, begin_s = normalized(license), now if from_s is None else from_s
    if until_s is not None and until_s <= begin_s:
        raise LicetError("a certificate cannot end before it begins", mend="give a moment to come")
    same = CertificateRow.objects.filter(
        holder=holder, release=release, component=component, license=license, document=at.sha256, source=source,
        until_s=until_s, revoked_s=None,
    )  # fmt: skip
    if source == OPERATOR and from_s is not None:
        same = same.filter(from_s=from_s)
    if found := same.order_by("issued_s", "id").first():
        return found
    text = LicenseText.objects.filter(document=at.sha256, component=component, license=license).first()
    row = CertificateRow(
        holder=holder, issuer=config().url, release=release, version=at.version, document=at.sha256,
        component=component, license=license, text_sha256=text.sha256 if text else "", basis=basis, source=source,
        from_s=begin_s, until_s=until_s, issued_s=now, by=by.who,
    )  # fmt: skip
    promise = Certificate(
        id=row.pk, issuer=config().url, licensor=at.licensor, holder=named(holder), release=release, version=at.version,
        document=at.sha256, component=component, license=License(license, row.text_sha256),
        terms=promised(at, license), from_s=begin_s, until_s=until_s, issued_s=now, by=basis,
    )  # fmt: skip
    _signed(row, _statement(promise))
    row.save(force_insert=True)
    events.record("certificate.issued", by, holder, release, certificate=row.pk, license=license, document=at.sha256,
                  components=[component], from_s=begin_s, until_s=until_s)  # fmt: skip
    transaction.on_commit(partial(notices.issued, row.pk))
    return row


@transaction.atomic
def issue_for(
    holder: Holder, release: str, tier: str, document: str, from_s: int, until_s: int | None, by: By, *, source: str
) -> tuple[CertificateRow, ...]:
    """What a tier carries at its document: a certificate for each component of its `licenses`, for exactly this time."""
    found = documents.read(document).tier(tier)
    if found is None:
        return ()
    return tuple(
        issue(holder, release, component, license, by, document=document, from_s=from_s, until_s=until_s,
              source=source, basis=f"tier {tier}")
        for component, license in found.licenses.items()
    )  # fmt: skip


@transaction.atomic
def revoke(row: CertificateRow, by: By, why: str = "") -> None:
    """Take a promise back: it stands on the list of revocations from now on, and its holder gets a mail."""
    fresh = CertificateRow.objects.select_for_update().get(pk=row.pk)
    if fresh.revoked_s is not None:
        return
    row.revoked_s, row.revoked_why = clock.now_s(), why.strip()[:500]
    row.save(update_fields=["revoked_s", "revoked_why"])
    events.record("certificate.revoked", by, row.holder, row.release, certificate=row.pk, license=row.license,
                  why=row.revoked_why)  # fmt: skip
    transaction.on_commit(partial(notices.revoked, row.pk))


@transaction.atomic
def revoke_source(holder: Holder, source: str, by: By, why: str = "") -> int:
    """Take back every promise that rests on something; how many."""
    rows = list(CertificateRow.objects.filter(holder=holder, source=source, revoked_s=None))
    for row in rows:
        revoke(row, by, why)
    return len(rows)


def file(row: CertificateRow) -> bytes:
    """The certificate as its holder keeps it. LicetError for one whose account was deleted."""
    if not row.statement:
        raise LicetError("what was signed went with the account", where=row.pk)
    return sealed("certificate", json.loads(row.statement), row.signature)


def read(row: CertificateRow) -> Certificate:
    """The value that was signed."""
    return Certificate.read(json.loads(row.statement))


def revocations() -> bytes:
    """The signed list. LicetError where the key that signs is lost."""
    told = known().statement()
    return sealed("revocations", told, signing.sign("revocations", told)[1])


def known() -> Revocations:
    """What was taken back and would hold otherwise, as of now."""
    now = clock.now_s()
    rows = CertificateRow.objects.exclude(revoked_s=None).filter(Q(until_s=None) | Q(until_s__gt=now - _DAY_S))
    taken = {id: at_s for id, at_s in rows.values_list("id", "revoked_s") if at_s is not None}
    issuers = {config().url, *CertificateRow.objects.values_list("issuer", flat=True).distinct()}
    return Revocations(tuple(sorted(issuers)), now, now + LIST_DAYS * _DAY_S, taken)


def sign_anew(row: CertificateRow) -> bool:
    """The same promise by the key that signs now."""
    _signed(row, json.loads(row.statement))
    row.save(update_fields=["statement", "kid", "signature"])
    return True


def forget(holder: Holder) -> None:
    """The account was deleted: what names its holder goes. The file that the holder has stays good."""
    CertificateRow.objects.filter(holder=holder).update(statement="", signature="", revoked_why="")


def named(holder: Holder) -> Named:
    return Named(holder.pk, holder.kind, str(holder))


def _statement(promise: Certificate) -> dict[str, Any]:
    """What is signed: only what every reader reads back as it was meant."""
    try:
        told = promise.statement()
        if Certificate.read(told) == promise:
            return told
    except ValueError:
        pass
    raise LicetError(
        f"the terms of {promise.license.id} are more than a certificate can carry", mend="write it shorter"
    )


def _signed(row: CertificateRow, statement: Mapping[str, Any]) -> None:
    row.statement = json.dumps(statement, ensure_ascii=False)  # in the order in which people read it
    row.kid, row.signature = signing.sign("certificate", dict(statement))
