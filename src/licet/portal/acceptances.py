"""Who promised what about which exact text? A row a promise, by the text's SHA-256; it opens, and stays."""

from __future__ import annotations

from typing import Literal

from django.db import transaction

from licet.errors import LicetError
from licet.portal import clock, documents, events, readmodel, tiers
from licet.portal.events import By
from licet.portal.models import Acceptance, Holder, LicenseText


def text(release: str, component: str, holder: Holder | None = None) -> LicenseText | None:
    """The text to accept for a component: as it stands in the document its tier is held at, else in the newest."""
    held = tiers.current(holder, release) if holder is not None else None
    newest = documents.newest(release)
    for document in (held.document if held else "", newest.sha256 if newest else ""):
        if found := LicenseText.objects.filter(document=document, component=component).first():
            return found
    return None


@transaction.atomic
def accept(
    holder: Holder, release: str, license: str, sha256: str, by: By, *, how: Literal["page", "api"]
) -> Acceptance:
    """Keep the promise; the same promise again gives the first row. LicetError for a text that is not the release's."""
    known = LicenseText.objects.filter(release=release, license=license)
    if not known.exists():
        raise LicetError(f"the release has no text of `{license}` to accept", mend="its pages name the licenses")
    found = known.filter(sha256=sha256).order_by("-id").first()
    if found is None:
        raise LicetError(
            f"this is not the SHA-256 of the text of `{license}`",
            mend="read the text that is in force, and send its own",
        )
    if holder.deleted_s is not None:
        raise LicetError("the account was deleted", where=holder.pk)
    row, new = Acceptance.objects.get_or_create(
        holder=holder, release=release, license=license, sha256=sha256,
        defaults={"document": found.document, "at_s": clock.now_s(), "how": how, "by": by.who},
    )  # fmt: skip
    if new:
        events.record("acceptance.made", by, holder, release, license=license, sha256=sha256, how=how)
        readmodel.restate(holder, release)
    return row
