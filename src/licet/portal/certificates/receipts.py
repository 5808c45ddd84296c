"""What does somebody have in hand who accepted a license? A receipt: what was promised, when and how, signed by us.

It says neither the address nor the browser that the promise came from: those fade, a receipt does not.
"""

from __future__ import annotations

import json

from licet.certificate import sealed
from licet.errors import LicetError
from licet.portal import clock, documents
from licet.portal.certificates import signing
from licet.portal.certificates.issuing import named
from licet.portal.config import current as config
from licet.portal.models import Acceptance

FORMAT = "licet-receipt/1"


def sign(row: Acceptance) -> None:
    """Write the receipt into the row, which has its number already. Inside the transaction of the promise."""
    who = named(row.holder)
    told: dict[str, object] = {
        "format": FORMAT,
        "id": f"{row.release}/{row.pk}",
        "issuer": config().url,
        "licensor": documents.read(row.document).licensor,
        "holder": {"id": who.id, "kind": who.kind, "name": who.name},
        "release": row.release,
        "version": row.version,
        "document": row.document,
        "component": row.component,
        "license": {"id": row.license, "sha256": row.sha256},
        "summary_sha256": row.summary_sha256 or None,
        "accepted": clock.rfc3339(row.at_s),
        "how": row.how,
        "words": row.words,
        "by": row.by,
        "authority": row.authority,
        "answers": row.answers,
    }
    row.receipt_kid, row.receipt_signature = signing.sign("receipt", told)
    row.receipt = json.dumps(told, ensure_ascii=False)
    row.save(update_fields=["receipt", "receipt_kid", "receipt_signature"])


def sign_missing() -> int:
    """Sign what could not be signed when it was promised, for want of a key; how many."""
    rows = list(Acceptance.objects.filter(receipt="", holder__deleted_s=None).exclude(version=""))
    for row in rows:
        sign(row)
    return len(rows)


def file(row: Acceptance) -> bytes:
    """The receipt as a file. LicetError for a promise without one (older than receipts, or of a deleted account)."""
    if not row.receipt:
        raise LicetError("there is no receipt of this acceptance")
    return sealed("receipt", json.loads(row.receipt), row.receipt_signature)


def name(row: Acceptance) -> str:
    return f"receipt-{row.release}-{row.pk}.json"


def sign_anew(kids: set[str]) -> int:
    """The same receipts by the key that signs now; how many."""
    rows = list(Acceptance.objects.filter(receipt_kid__in=kids).exclude(receipt=""))
    for row in rows:
        row.receipt_kid, row.receipt_signature = signing.sign("receipt", json.loads(row.receipt))
        row.save(update_fields=["receipt_kid", "receipt_signature"])
    return len(rows)
