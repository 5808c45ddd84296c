"""Which words did somebody accept? Every license text that was ever published, by its SHA-256."""

from __future__ import annotations

from typing import TYPE_CHECKING

from licet.portal import clock
from licet.portal.changes.models import KeptText

if TYPE_CHECKING:
    from licet.portal.models import LicenseText


def keep(text: LicenseText) -> None:
    """Keep it for ever; the same text again changes nothing."""
    KeptText.objects.get_or_create(
        release=text.release, license=text.license, sha256=text.sha256,
        defaults={"file": text.file, "body": bytes(text.body), "first_s": clock.now_s()},
    )  # fmt: skip


def by_digest(sha256: str) -> KeptText | None:
    """The text with this SHA-256; None for one that was never published here."""
    return KeptText.objects.filter(sha256=sha256).order_by("id").first()


def ever(release: str) -> set[tuple[str, str]]:
    """(license, SHA-256) of every text that the release ever published."""
    return set(KeptText.objects.filter(release=release).values_list("license", "sha256"))
